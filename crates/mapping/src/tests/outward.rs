//! Documents of the house's own: what an agent's gesture lets out, and what nothing lets out.
#![expect(clippy::disallowed_methods, reason = "tests play the adapters, which mark what they heard")]

use super::properties::{CANARY, canary};
use super::*;
use crate::{to_internal, to_partner};
use domain::document::outward::{Publish, PublishVersion, SharedOutward};
use domain::document::{InternalEvent as E, PartnerCommand as C};
use domain::issue::{CommentAdded, PublicCommentAdded, StatusChanged, Withdrawn};
use domain::{Command as _, Fact, FileClaim, InternalCommand, Marked, PartnerCommand, PartnerEvent, TicketCommand};
use proptest::prelude::*;

/// What agents may write, and what case systems may hand over with it: texts without a grant hold the canary.
pub(super) fn shared() -> impl Strategy<Value = SharedOutward> {
    let said = ["version=1", "version=2 note=\"new\"", "version=1 file=a.pdf valid_to=2026-12-31", "", "nonsense"];
    let gesture = (prop::sample::select(said.to_vec()), any::<bool>()).prop_map(|(text, restricted)| {
        let text = if restricted { canary() } else { text.to_owned() };
        Marked::new(text, if restricted { Visibility::Restricted } else { Visibility::Host })
    });
    let name = prop::sample::select(vec![
        ("a.pdf", Visibility::Partner),
        ("b.pdf", Visibility::Partner),
        (CANARY, Visibility::Host),
    ]);
    let files = prop::collection::vec(name.prop_map(|(name, seen)| file(name, seen)), 0..3);
    (gesture, files).prop_map(|(gesture, files)| SharedOutward { gesture, files })
}

fn file(name: &str, visibility: Visibility) -> FileClaim<Marked<String>> {
    let name = Marked::new(name.to_owned(), visibility);
    FileClaim {
        sha256: domain::ContentHash::of_bytes(b"x").to_string(),
        ..FileClaim::named("31".to_owned(), name, "application/pdf".to_owned(), 1)
    }
}

fn of_the_house(kind: &str) -> Meta {
    let mut meta = meta("rt", kind);
    meta.subject = Subject::new(SubjectKind::Document, &system("rt"), &NativeId::new("17").unwrap());
    for (name, value) in [("cf.TG Document Type", "OWN NDA"), ("cf.TG Order No", "4500001, 4500002"), ("owner", CANARY)]
    {
        meta.ext.insert(name.to_owned(), value.to_owned());
    }
    meta
}

fn gesture(text: &str, files: &[&str]) -> E {
    let files = files.iter().map(|name| file(name, Visibility::Partner)).collect();
    E::SharedOutward(SharedOutward { gesture: Marked::new(text.to_owned(), Visibility::Host), files })
}

fn mapped(meta: Meta, event: E) -> crate::Mapped<PartnerCommand> {
    to_partner(&STARTER, &fact(meta, domain::InternalEvent::Document(event)), &cause("internal.events", 7))
}

fn only(meta: Meta, event: E) -> C {
    let mapped = mapped(meta, event);
    let [command] = mapped.commands.as_slice() else { panic!("{mapped:?}") };
    assert_eq!(command.meta.partner_id.as_ref().map(PartnerId::as_str), Some("ACME"));
    let PartnerCommand::Document(command) = &command.payload else { panic!("{command:?}") };
    command.clone()
}

fn first(meta: Meta, text: &str, files: &[&str]) -> Publish {
    let C::Publish(publish) = only(meta, gesture(text, files)) else { panic!("no first version") };
    *publish
}

/// Why nothing goes.
fn withheld(meta: Meta, text: &str, files: &[&str]) -> String {
    first(meta, text, files).file.withheld
}

#[test]
fn a_first_version_goes_with_the_words_of_the_gesture_and_the_numbers_that_the_bundle_grants() {
    let mut meta = of_the_house("shared");
    meta.ext.insert("cf.TG Parent Case".to_owned(), "case/tg/C-9".to_owned());
    let text = "version=1 title=\"Our terms\" valid_to=2026-12-31 note=\"please keep\"";
    let found = first(meta, text, &["nda.pdf"]);
    assert_eq!((found.title.get().as_str(), found.type_code.get().as_str()), ("Our terms", "NDA"));
    assert_eq!((found.type_list.as_str(), found.label.get().as_str()), ("OWN", "Shared with you"));
    assert_eq!(found.valid_to.unwrap().get(), "2026-12-31");
    assert_eq!(found.note.unwrap().get(), "please keep");
    assert_eq!(found.case_id.unwrap().get(), "C-9");
    let numbers: Vec<_> = found.references.iter().map(|r| (r.type_code.as_str(), r.number.get().as_str())).collect();
    assert_eq!(numbers, [("220", "4500001"), ("220", "4500002")]);
    // X's own id of the file stays inside.
    assert_eq!((found.file.source_id.as_str(), found.file.file_name.get().as_str()), ("v1", "nda.pdf"));
    assert_eq!(first(of_the_house("x"), "version=1", &["nda.pdf"]).title.get(), "nda.pdf");
}

#[test]
fn what_is_none_of_the_partners_is_no_case_of_its_document() {
    for case in ["case/rt/9", "document/tg/D-1", "C-9", CANARY] {
        let mut meta = of_the_house("shared");
        meta.ext.insert("cf.TG Parent Case".to_owned(), case.to_owned());
        assert_eq!(first(meta, "version=1", &["nda.pdf"]).case_id, None, "{case}");
    }
}

#[test]
fn a_newer_version_names_its_number() {
    let C::PublishVersion(PublishVersion { version_no, file, .. }) =
        only(of_the_house("shared"), gesture("version=2 note=new", &["nda.pdf"]))
    else {
        panic!("no newer version")
    };
    assert_eq!((version_no, file.source_id.as_str(), file.withheld.as_str()), (2, "v2", ""));
}

#[test]
fn what_may_not_go_is_withheld_whole_with_the_reason() {
    let of_type = |kind: &str| {
        let mut meta = of_the_house("shared");
        meta.ext.insert("cf.TG Document Type".to_owned(), kind.to_owned());
        meta
    };
    for (kind, files, reason) in [
        ("OWN W9", &["w9.pdf"][..], "restricted"),
        ("OWN BANK_FORM", &["b.pdf"], "restricted"),
        ("OWN ???", &["a.pdf"], "unknown-type"),
        ("", &["a.pdf"], "unknown-type"),
        ("OWN NDA", &[], "no-file"),
        ("OWN NDA", &["a.pdf", "b.pdf"], "which-file"),
        ("OWN NDA", &["a.exe"], "type-blocked"),
    ] {
        let command = only(of_type(kind), gesture("version=1 title=secret note=secret", files));
        let C::Publish(found) = &command else { panic!("{command:?}") };
        assert_eq!(found.file.withheld, reason, "{kind} {files:?}");
        let shown = format!("{command:?}");
        assert!(!shown.contains("secret") && files.iter().all(|name| !shown.contains(name)), "{shown}");
        assert!(domain::Carries::carried(&PartnerCommand::Document(command)).is_empty());
    }
    assert_eq!(withheld(of_the_house("x"), "version=1 file=c.pdf", &["a.pdf", "b.pdf"]), "no-file");
    assert_eq!(withheld(of_the_house("x"), "version=1 file=b.pdf", &["a.pdf", "b.pdf"]), "");
}

#[test]
fn a_gesture_that_cannot_be_read_or_names_another_partner_shares_nothing() {
    for text in ["version=none", "title=x", "version=1 valid_to=soon", "version=1 partner=GLOBEX", "version=1 cost=3"] {
        let mapped = mapped(of_the_house("shared"), gesture(text, &["nda.pdf"]));
        assert_eq!(mapped.held.map(|held| held.reason), Some("sharing"), "{text}");
    }
    // A name of another partner in what would be read.
    let mapped = mapped(of_the_house("shared"), gesture("version=1 title=\"as for GLOBEX\"", &["nda.pdf"]));
    assert_eq!(mapped.held.map(|held| held.reason), Some("another-partner"));
}

#[test]
fn of_a_record_of_a_partners_nothing_is_shared() {
    let mut meta = of_the_house("shared");
    meta.subject = Subject::try_from("document/tg/D-1".to_owned()).unwrap();
    assert_eq!(mapped(meta, gesture("version=1", &["nda.pdf"])).skipped, ["not-the-houses-document"]);
}

#[test]
fn a_reply_is_words_and_a_cancelled_record_takes_the_document_back() {
    let said = PublicCommentAdded {
        note_id: "5".to_owned(),
        author: canary(),
        text: Marked::new("have a look".to_owned(), Visibility::Partner),
        format: "plain".to_owned(),
        files: vec![file("next.pdf", Visibility::Partner)],
    };
    let C::PostComment(post) = only(of_the_house("said"), E::PublicCommentAdded(said)) else { panic!("no comment") };
    assert_eq!((post.text.get().as_str(), post.files), ("have a look", Vec::new()));
    let to = |to: &str| {
        let (from, to, reason) = ("open".to_owned(), to.to_owned(), Marked::default());
        E::StatusChanged(StatusChanged { from, to, reason, expected_resolution_at: None })
    };
    let C::SetStatus(taken) = only(of_the_house("moved"), to("cancelled")) else { panic!("not taken back") };
    assert_eq!(taken.status, domain::DocumentStatus::Withdrawn);
    for inside in ["open", "resolved", "waiting-partner", "closed"] {
        assert_eq!(mapped(of_the_house("moved"), to(inside)).skipped, ["work-inside"], "{inside}");
    }
}

#[test]
fn its_partner_may_speak_of_it_and_no_more() {
    use domain::document::PartnerEvent as P;
    let heard = |event: P| {
        let mut meta = of_the_house("heard");
        meta.system = system("tg");
        to_internal(&STARTER, &fact(meta, PartnerEvent::Document(event)), &cause("partner.events", 3))
    };
    let said = CommentAdded {
        note_id: "n".to_owned(),
        author: "Ann".to_owned(),
        text: "page 2?".to_owned(),
        format: "plain".to_owned(),
        case_status: String::new(),
        files: Vec::new(),
    };
    let found = heard(P::CommentAdded(said));
    assert_eq!(found.commands[0].payload.kind(), "internal.document.add-public-comment");
    assert_eq!(heard(P::Withdrawn(Withdrawn { reason: String::new() })).skipped, ["not-the-partners-document"]);
}

#[test]
fn agents_read_what_became_of_a_version() {
    use domain::outcome::{Done, Refused, Skipped};
    let command = domain::CommandRef {
        id: MessageId::from_bytes([7; 16]),
        kind: "partner.document.publish".to_owned(),
        hash: domain::ContentHash::default(),
        offset: 0,
    };
    let told = |outcome: domain::Outcome| {
        let mut meta = of_the_house("outcome");
        meta.system = system("tg");
        meta.ext.insert("about.version".to_owned(), "1".to_owned());
        meta.cause = Some(cause("internal.events", 1));
        let fact =
            Envelope { meta, payload: Fact::outcome(Envelope { meta: of_the_house("x"), payload: outcome }).payload };
        let mapped = to_internal(&STARTER, &fact, &cause("partner.outcomes", 3));
        mapped.commands.first().map(|command| note(&command.payload))
    };
    let done = Done {
        command: command.clone(),
        native_id: "DOC-1".to_owned(),
        reference: Marked::default(),
        effects: Vec::new(),
        fields: Vec::new(),
        version: String::new(),
        created: true,
    };
    assert_eq!(told(domain::Outcome::Done(done)).as_deref(), Some("Version 1 is with the partner."));
    for (reason, wanted) in [
        ("restricted", "Version 1 was not shared with the partner: documents of this type are never shared"),
        ("odd", "Version 1 was not shared with the partner: odd"),
    ] {
        let (command, reason) = (command.clone(), reason.to_owned());
        let refused = domain::Outcome::Refused(Refused { command, reason, detail: canary() });
        assert_eq!(told(refused).as_deref(), Some(wanted));
    }
    let again = domain::Outcome::Skipped(Skipped { command, rule: "already-bonded".to_owned() });
    assert!(told(again).is_some_and(|note| note.contains("a first version is there already")));
}

fn note(command: &InternalCommand) -> String {
    match command.of_ticket() {
        TicketCommand::Note(c) => c.text.clone(),
        TicketCommand::Create(_)
        | TicketCommand::SetFields(_)
        | TicketCommand::Reply(_)
        | TicketCommand::SetStatus(_)
        | TicketCommand::Link(_) => panic!("{command:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..super::properties::config() })]

    #[test]
    fn nothing_of_the_inside_is_in_a_command_about_a_document_of_the_house(
        event in super::document::internal(),
        restricted in any::<bool>(),
        kind in prop::sample::select(vec!["OWN NDA", "OWN W9", "UNTDID-1001 270", CANARY]),
        globex in any::<bool>(),
    ) {
        let mut meta = of_the_house("any");
        meta.actor.id = canary();
        meta.source_version = canary();
        meta.visibility = if restricted { Visibility::Restricted } else { Visibility::Partner };
        meta.partner_id = PartnerId::new(if globex { "GLOBEX" } else { "ACME" }).ok();
        let own = if restricted { canary() } else { "case/tg/C-9".to_owned() };
        for (field, value) in [
            ("cf.TG Document Type", kind), ("cf.Root Cause", CANARY), ("reference", CANARY), ("cf.TG Parent Case", own.as_str()),
        ] {
            meta.ext.insert(field.to_owned(), value.to_owned());
        }
        let fact = fact(meta, domain::InternalEvent::Document(event));
        let mapped = to_partner(&STARTER, &fact, &cause("internal.events", 9));
        super::properties::well_formed(&mapped, &fact.meta)?;
        for command in &mapped.commands {
            let PartnerCommand::Document(payload) = &command.payload else { panic!("{command:?}") };
            let shown = serde_json::json!({ "meta": command.meta, "payload": super::document::as_json(payload) }).to_string();
            prop_assert!(!shown.contains(CANARY), "{}", shown);
            let carried = domain::Carries::carried(&command.payload);
            prop_assert!(carried.is_empty() || !["OWN W9", CANARY].contains(&kind), "{}", shown);
        }
    }
}
