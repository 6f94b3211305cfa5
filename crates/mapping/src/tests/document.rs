//! Documents: what a bundle says of them, and that nothing of the inside leaves by them.
#![expect(clippy::disallowed_methods, reason = "tests play the adapters, which mark what they heard")]

use super::faults::broken;
use super::properties::{CANARY, canary, config, marked, status, well_formed, word};
use super::*;
use crate::{to_internal, to_partner};
use domain::document::{Expiry, InternalEvent as E, PartnerCommand, ReviewDecided, SharedDocument};
use domain::document::{PartnerEvent, VersionAdded};
use domain::issue::{self as i, DocumentRef};
use domain::{Command as _, Fact, FileClaim, InternalEvent, Marked};
use proptest::prelude::*;
use serde_json::{Value, json};

pub(super) fn as_json(payload: &PartnerCommand) -> Value {
    match payload {
        PartnerCommand::Acknowledge(c) => json!(c),
        PartnerCommand::SetStatus(c) => json!(c),
        PartnerCommand::PostComment(c) => json!(c),
        PartnerCommand::Decide(c) => json!(c),
        PartnerCommand::RejectFile(c) => json!(c),
        PartnerCommand::RequestRenewal(c) => json!(c),
        PartnerCommand::Publish(c) => json!(c),
        PartnerCommand::PublishVersion(c) => json!(c),
    }
}

/// What a case system says of a document. A decision is granted by the bundle, so it holds no canary unless it is
/// restricted.
pub(super) fn internal() -> impl Strategy<Value = E> {
    let said =
        ["version=1 decision=APPROVED", "version=2 decision=CORRECT reason=A\nterm=BT-13 value=1", "", "nonsense"];
    let decision = (prop::sample::select(said.to_vec()), any::<bool>()).prop_map(|(text, restricted)| {
        let text = if restricted { canary() } else { text.to_owned() };
        Marked::new(text, if restricted { Visibility::Restricted } else { Visibility::Host })
    });
    let inside = || Marked::new(canary(), Visibility::Host);
    prop_oneof![
        4 => decision.prop_map(|decision| E::ReviewDecided(ReviewDecided { decision })),
        2 => super::outward::shared().prop_map(E::SharedOutward),
        3 => (status(), status(), marked()).prop_map(|(from, to, reason)| {
            E::StatusChanged(i::StatusChanged { from, to, reason, expected_resolution_at: None })
        }),
        2 => marked().prop_map(|text| {
            let (format, files) = ("plain".to_owned(), Vec::new());
            E::PublicCommentAdded(i::PublicCommentAdded { note_id: canary(), author: canary(), text, format, files })
        }),
        2 => marked().prop_map(|question| {
            E::InformationRequired(i::InformationRequired { question, due_at: None, status: canary() })
        }),
        1 => (0_i64..3).prop_map(|version_no| {
            E::Expiring(Expiry { version_no, valid_to: "2026-12-31".to_owned(), days_left: 3 })
        }),
        1 => Just(E::Expired(Expiry { version_no: 1, valid_to: canary(), days_left: -1 })),
        1 => Just(E::Created(i::Created {
            record_id: canary(), number: canary(), queue: canary(), status: canary()
        })),
        1 => Just(E::InternalNoteAdded(i::InternalNoteAdded { note_id: canary(), author: canary(), text: inside() })),
        1 => Just(E::Assigned(i::Assigned { owner: canary(), group: canary() })),
        1 => Just(E::Merged(i::Merged { into_record: canary(), into_partner: canary() })),
        1 => Just(E::PriorityChanged(i::PriorityChanged { from: canary(), to: canary() })),
        1 => Just(E::FieldChanged(i::FieldChanged { field: canary(), from: inside(), to: inside() })),
    ]
}

#[test]
fn a_mistake_in_the_folder_is_named_with_file_line_and_remedy() {
    let mut missing = Vec::new();
    for (file, old, new, line, what) in [
        ("bundle.toml", "type_field = \"TG Document Type\"", "", 0, "`document.type_field` is missing"),
        ("document/fields-in.csv", "type,TG Document Type", "type,TG Kind", 0, "does not go to `TG Document Type`"),
        ("document/statuses.csv", "open,under-review", "open,in-progress", 8, "is not a document status"),
        ("document/statuses.csv", "-,purged,,\n", "", 0, "no status of the case system means `purged`"),
        ("document/status-writes.csv", "restart,open", "restart,new", 4, "`new` cannot be written by `restart`"),
        ("document/routes.csv", "*,*,*,*,Partner Documents,30\n", "", 0, "no last line that fits everything"),
        ("document/routes.csv", "*,true,*", "*,yes,*", 3, "`yes` is not a known restricted"),
        ("document/files.csv", "*,*,*,*,*,type-blocked\n", "", 0, "no last line that fits everything"),
        ("document/files.csv", "51..,too-many", "51..,too-much", 6, "`too-much` is not a verdict"),
        ("document/types.csv", "OWN,W9,Tax form W-9,true", "OWN,W9,Tax form W-9,yes", 34, "restricted is `yes`"),
        ("document/types.csv", "OWN,POD", "MINE,POD", 21, "`MINE` is not a list of types"),
        ("document/types.csv", "UNTDID-1001,3,", "UNTDID-1001,2,", 4, "`UNTDID-1001,2` is already on line 3"),
        ("document/decisions.csv", "REJECTED,REJECTED\n", "", 0, "decision `REJECTED` has no line"),
        ("document/untdid-1373.csv", "approved,1", "agreed,1", 7, "`agreed` is no status"),
        ("document/untdid-1373.csv", "approved,1", "approved,one", 7, "`one` is no code"),
        ("document/fields-in.csv", "order,TG", "orders,TG", 4, "`orders` is not a field of a partner's record"),
        ("texts/de.toml", "renewal = ", "renewals = ", 0, "`document-notice.renewal` is missing"),
        ("texts/en.toml", "file_added = ", "file_was = ", 0, "`document-agent.file_added` is missing"),
    ] {
        let faults = broken(file, old, new);
        if !faults.iter().any(|f| f.file == file && (line == 0 || f.line == line) && f.what.contains(what)) {
            missing.push(format!("{file}: {what}: {faults:?}"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

fn of_document(from: &str, native: &str) -> Meta {
    let mut meta = meta(from, native);
    meta.subject = Subject::try_from(format!("document/tg/{native}")).unwrap();
    meta
}

#[test]
fn what_a_file_was_refused_for_is_told_to_the_agents_once_and_the_chain_ends_there() {
    let refused = |kind: &str, reason: &str| {
        let id = MessageId::from_bytes([7; 16]);
        let command = domain::CommandRef { id, kind: kind.to_owned(), hash: domain::ContentHash::default(), offset: 0 };
        domain::Outcome::Refused(domain::outcome::Refused { command, reason: reason.to_owned(), detail: canary() })
    };
    let done = |kind: &str| {
        let id = MessageId::from_bytes([7; 16]);
        let command = domain::CommandRef { id, kind: kind.to_owned(), hash: domain::ContentHash::default(), offset: 0 };
        domain::Outcome::Done(domain::outcome::Done {
            command,
            native_id: "9".to_owned(),
            reference: Marked::default(),
            effects: Vec::new(),
            fields: Vec::new(),
            version: String::new(),
            created: false,
        })
    };
    let mut meta = of_document("rt", "D-1");
    meta.cause = Some(cause("partner.events", 1));
    meta.ext.insert("about.version".to_owned(), "3".to_owned());
    let payload = Fact::Outcome(Box::new(refused("internal.document.add-file", "infected")));
    let first = to_partner(&STARTER, &Envelope { meta, payload }, &cause("internal.outcomes", 2));
    let [reject] = first.commands.as_slice() else { panic!("{first:?}") };
    assert_eq!(reject.payload.kind(), "partner.document.reject-file");
    let shown = json!([reject.meta, as_json(of(&reject.payload))]).to_string();
    assert!(!shown.contains("infected") && !shown.contains(CANARY), "{shown}");

    // The outcome of that command carries what the command was about.
    let mut meta = of_document("tg", "D-1");
    (meta.cause, meta.ext) = (reject.meta.cause.clone(), reject.meta.ext.clone());
    let payload = Fact::Outcome(Box::new(done("partner.document.reject-file")));
    let second = to_internal(&STARTER, &Envelope { meta, payload }, &cause("partner.outcomes", 3));
    let [note] = second.commands.as_slice() else { panic!("{second:?}") };
    assert_eq!(note.payload.kind(), "internal.document.add-internal-note");

    let mut meta = of_document("rt", "D-1");
    (meta.cause, meta.ext) = (note.meta.cause.clone(), note.meta.ext.clone());
    let payload = Fact::Outcome(Box::new(done("internal.document.add-internal-note")));
    let third = to_partner(&STARTER, &Envelope { meta, payload }, &cause("internal.outcomes", 4));
    assert_eq!((third.commands.len(), third.skipped.as_slice()), (0, ["caused-by-outcome"].as_slice()));
}

fn of(command: &domain::PartnerCommand) -> &PartnerCommand {
    let domain::PartnerCommand::Document(command) = command else { panic!("{command:?}") };
    command
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..config() })]

    /// A type that is restricted, or that nobody knows, lets no free text out, whatever agents write.
    #[test]
    fn no_text_about_a_restricted_document_leaves(
        event in internal(),
        known in any::<bool>(),
        of_the_house in any::<bool>(),
    ) {
        let mut meta = of_document("rt", "D-1");
        if of_the_house {
            meta.subject = Subject::try_from("document/rt/17".to_owned()).unwrap();
        }
        let kind = if known { "OWN W9" } else { "OWN 77" };
        meta.ext.insert("cf.TG Document Type".to_owned(), kind.to_owned());
        let secret = "078-05-1120";
        let said = |text: &Marked<String>| Marked::new(secret.to_owned(), text.visibility());
        let event = match event {
            E::PublicCommentAdded(e) => E::PublicCommentAdded(i::PublicCommentAdded { text: said(&e.text), ..e }),
            E::InformationRequired(e) => {
                E::InformationRequired(i::InformationRequired { question: said(&e.question), ..e })
            }
            E::StatusChanged(e) => E::StatusChanged(i::StatusChanged { reason: said(&e.reason), ..e }),
            E::ReviewDecided(e) => {
                let text = format!("version=1 decision=REJECTED comment=\"{secret}\"\nterm=TIN value={secret}");
                E::ReviewDecided(ReviewDecided { decision: Marked::new(text, e.decision.visibility()) })
            }
            E::SharedOutward(e) => {
                let text = format!("version=1 title=\"{secret}\" note={secret}");
                let gesture = Marked::new(text, e.gesture.visibility());
                E::SharedOutward(domain::document::SharedOutward { gesture, ..e })
            }
            said @ (E::Created(_)
            | E::Expiring(_)
            | E::Expired(_)
            | E::Merged(_)
            | E::InternalNoteAdded(_)
            | E::Assigned(_)
            | E::PriorityChanged(_)
            | E::FieldChanged(_)) => said,
        };
        let fact = Envelope { meta, payload: Fact::Event(InternalEvent::Document(event)) };
        let mapped = to_partner(&STARTER, &fact, &cause("internal.events", 9));
        for command in &mapped.commands {
            let shown = as_json(of(&command.payload)).to_string();
            prop_assert!(!shown.contains(secret) && !shown.contains(CANARY), "{}", shown);
        }
    }

    #[test]
    fn whatever_a_partner_shares_is_bounded_and_always_answered(
        words in prop::collection::vec(word(), 10),
        long in 0_usize..2000,
        newer in any::<bool>(),
        size in any::<i64>(),
        known in any::<bool>(),
    ) {
        let w = |at: usize| words[at].clone();
        let type_code = if known { "W9".to_owned() } else { w(0) };
        let file = FileClaim {
            sha256: w(1), size, media_type: w(2), file_name: w(3).repeat(long / 10), withheld: String::new(),
            ..FileClaim::default()
        };
        let references = vec![DocumentRef { type_code: w(4), number: w(5).repeat(long / 90), issue_date: w(6) }; long % 50];
        let event = if newer {
            PartnerEvent::VersionAdded(VersionAdded {
                version_no: size, type_code, references, file, change_note: w(7).repeat(long), prior_sha256: w(8),
                valid_to: w(9), ..VersionAdded::default()
            })
        } else {
            PartnerEvent::Shared(Box::new(SharedDocument {
                title: w(7).repeat(long / 20), description: w(8).repeat(long), type_code, references, file,
                case_id: w(9), valid_to: w(6), ..SharedDocument::default()
            }))
        };
        let mut meta = of_document("tg", "D-1");
        meta.partner_id = Some(PartnerId::new("ACME").unwrap());
        let fact = Envelope { meta, payload: Fact::Event(domain::PartnerEvent::Document(event)) };
        let mapped = to_internal(&STARTER, &fact, &cause("partner.events", 9));
        well_formed(&mapped, &fact.meta)?;
        for command in &mapped.commands {
            let longest = match command.payload.of_ticket() {
                domain::TicketCommand::Create(c) => {
                    prop_assert!(c.title.chars().count() <= 200 && c.description.chars().count() <= 32_768);
                    c.fields.values().map(|v| v.chars().count()).max().unwrap_or(0)
                }
                domain::TicketCommand::Reply(c) => c.text.chars().count(),
                domain::TicketCommand::Note(c) => c.text.chars().count(),
                domain::TicketCommand::SetFields(c) => c.fields.values().map(|v| v.chars().count()).max().unwrap_or(0),
                domain::TicketCommand::SetStatus(_) | domain::TicketCommand::Link(_) => 0,
            };
            prop_assert!(longest <= 16_384);
        }
        prop_assert_eq!(&mapped, &to_internal(&STARTER, &fact, &cause("partner.events", 9)));
    }
}

#[test]
fn the_file_of_a_version_goes_along_with_its_words_where_its_bytes_were_taken_and_it_may_be_seen() {
    let hash = domain::ContentHash::of_bytes(b"x").to_string();
    let whole = FileClaim {
        sha256: hash,
        size: 1,
        media_type: "application/pdf".to_owned(),
        file_name: "a\u{202e}.pdf".to_owned(),
        source_id: "DOC-1-v1".to_owned(),
        ..FileClaim::default()
    };
    let withheld = |word: &str| FileClaim { sha256: String::new(), withheld: word.to_owned(), ..whole.clone() };
    let mapped = |type_code: &str, file: &FileClaim| {
        let (title, file) = ("t".to_owned(), file.clone());
        let event = SharedDocument { title, type_code: type_code.to_owned(), file, ..SharedDocument::default() };
        let payload = Fact::Event(domain::PartnerEvent::Document(PartnerEvent::Shared(Box::new(event))));
        let fact = Envelope { meta: of_document("tg", "D-1"), payload };
        let mapped = to_internal(&STARTER, &fact, &cause("partner.events", 1));
        let last = mapped.commands.last().unwrap_or_else(|| panic!("{mapped:?}"));
        let files = match last.payload.of_ticket() {
            domain::TicketCommand::Reply(c) => c.files.clone(),
            domain::TicketCommand::Create(_)
            | domain::TicketCommand::SetFields(_)
            | domain::TicketCommand::Note(_)
            | domain::TicketCommand::SetStatus(_)
            | domain::TicketCommand::Link(_) => Vec::new(),
        };
        (last.payload.kind(), files)
    };
    let (kind, files) = mapped("380", &whole);
    assert_eq!((kind, files.len()), ("internal.document.add-file", 1));
    // Marks that turn text around are no part of a name.
    assert_eq!(files[0], FileClaim { file_name: "a.pdf".to_owned(), ..whole.clone() });
    // What may not be seen, was named before bytes were carried, or has no store to lie in: the words alone.
    let unnamed = FileClaim { source_id: String::new(), ..whole.clone() };
    for (type_code, file) in [("W9", &whole), ("380", &unnamed), ("380", &withheld("no-store"))] {
        assert_eq!(mapped(type_code, file), ("internal.document.add-file", Vec::new()), "{type_code} {file:?}");
    }
    for word in ["oversize", "type-blocked", "gone", "corrupt", "unavailable"] {
        assert_eq!(mapped("380", &withheld(word)), ("internal.document.withhold-file", Vec::new()), "{word}");
    }
}
