//! Over thousands of generated facts: total, repeatable, and nothing of the inside in a partner command.
#![expect(clippy::disallowed_methods, reason = "tests play the adapters, which mark what they heard")]

use super::*;
use crate::{Mapped, to_internal, to_partner};
use domain::discrepancy::{self as d, InternalEvent as DI, PartnerCommand as DC, PartnerEvent as DP};
use domain::issue::{self as i, InternalEvent as I, PartnerCommand as C, PartnerEvent as P};
use domain::outcome::{CommandRef, Done, Outcome, Refused, Skipped};
use domain::{Command, ContentHash, Fact, InternalEvent, Marked, PartnerCommand, PartnerEvent, TicketCommand};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Stands in every place that no partner may see.
pub(super) const CANARY: &str = "CANARY-7f3a";

pub(super) fn config() -> ProptestConfig {
    ProptestConfig { cases: 14_000, failure_persistence: None, ..ProptestConfig::default() }
}

pub(super) fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(vec![
            "", "new", "open", "waiting-partner", "stalled", "resolved", "closed", "rejected", "deleted", "CRITICAL",
            "MINOR", "INVOICE", "ORDER", "OTHER", "PRICE", "plain", "html", "markdown", "fixed", "agent", "auto",
            "severity", "category", "documents", "title", "contact",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,40}",
        1 => "[<>&;/a-z#0-9\"{}|,\\n]{0,40}",
    ]
}

/// A status or other code of X, or the canary itself.
fn inner_word() -> impl Strategy<Value = String> {
    prop_oneof![4 => word(), 1 => Just(CANARY.to_owned())]
}

pub(super) fn status() -> impl Strategy<Value = String> {
    let known = vec!["new", "open", "waiting-partner", "stalled", "resolved", "closed", "rejected"];
    prop_oneof![9 => prop::sample::select(known).prop_map(str::to_owned), 1 => inner_word()]
}

fn format() -> impl Strategy<Value = String> {
    prop_oneof![9 => prop::sample::select(vec!["", "plain", "html"]).prop_map(str::to_owned), 1 => inner_word()]
}

/// Marked text: the partner's share is anything, the rest is the canary, alone or in markup.
pub(super) fn marked() -> impl Strategy<Value = Marked<String>> {
    let inside = prop_oneof![Just(CANARY.to_owned()), Just(format!("<p>{CANARY}</p>"))];
    prop_oneof![
        2 => word().prop_map(|text| Marked::new(text, Visibility::Partner)),
        2 => (inside, prop::sample::select(vec![Visibility::Host, Visibility::Restricted]))
            .prop_map(|(text, visibility)| Marked::new(text, visibility)),
    ]
}

fn time() -> impl Strategy<Value = Option<Timestamp>> {
    prop::option::of(any::<i64>().prop_map(Timestamp))
}

pub(super) fn canary() -> String {
    CANARY.to_owned()
}

fn internal_event() -> impl Strategy<Value = I> {
    let text = || prop_oneof![3 => Just(canary()), 1 => word()].prop_map(|t| Marked::new(t, Visibility::Host));
    prop_oneof![
        (status(), status(), marked(), time()).prop_map(|(from, to, reason, expected_resolution_at)| {
            I::StatusChanged(i::StatusChanged { from, to, reason, expected_resolution_at })
        }),
        (marked(), format()).prop_map(|(text, format)| {
            I::PublicCommentAdded(i::PublicCommentAdded {
                note_id: canary(),
                author: canary(),
                text,
                format,
                files: Vec::new(),
            })
        }),
        (marked(), time()).prop_map(|(question, due_at)| {
            I::InformationRequired(i::InformationRequired { question, due_at, status: canary() })
        }),
        (inner_word(), marked()).prop_map(|(code, note)| I::Resolved(i::Resolved { code, note })),
        inner_word().prop_map(|kind| I::Closed(i::Closed { kind })),
        marked().prop_map(|reason| I::Reopened(i::Reopened { reason })),
        Just(I::Merged(i::Merged { into_record: canary(), into_partner: canary() })),
        Just(I::Created(i::Created { record_id: canary(), number: canary(), queue: canary(), status: canary() })),
        text().prop_map(|text| I::InternalNoteAdded(i::InternalNoteAdded {
            note_id: canary(),
            author: canary(),
            text
        })),
        Just(I::Assigned(i::Assigned { owner: canary(), group: canary() })),
        Just(I::PriorityChanged(i::PriorityChanged { from: canary(), to: canary() })),
        (text(), text()).prop_map(|(from, to)| I::FieldChanged(i::FieldChanged { field: canary(), from, to })),
    ]
}

fn internal_dispute() -> impl Strategy<Value = DI> {
    let text = || Marked::new(canary(), Visibility::Host);
    prop_oneof![
        6 => (status(), status(), marked(), time()).prop_map(|(from, to, reason, expected_resolution_at)| {
            DI::StatusChanged(i::StatusChanged { from, to, reason, expected_resolution_at })
        }),
        2 => (marked(), format()).prop_map(|(text, format)| {
            DI::PublicCommentAdded(i::PublicCommentAdded { note_id: canary(), author: canary(), text, format, files: Vec::new() })
        }),
        2 => (marked(), time()).prop_map(|(question, due_at)| {
            DI::InformationRequired(i::InformationRequired { question, due_at, status: canary() })
        }),
        1 => Just(DI::Created(i::Created {
            record_id: canary(), number: canary(), queue: canary(), status: canary()
        })),
        1 => Just(DI::FindingRecorded(d::FindingRecorded { source: canary(), text: text() })),
        1 => Just(DI::InternalNoteAdded(i::InternalNoteAdded { note_id: canary(), author: canary(), text: text() })),
        1 => Just(DI::Assigned(i::Assigned { owner: canary(), group: canary() })),
        1 => Just(DI::Merged(i::Merged { into_record: canary(), into_partner: canary() })),
        1 => Just(DI::PriorityChanged(i::PriorityChanged { from: canary(), to: canary() })),
        1 => Just(DI::FieldChanged(i::FieldChanged { field: canary(), from: text(), to: text() })),
    ]
}

fn command_ref(kind: String) -> CommandRef {
    let id = MessageId::from_bytes([7; 16]);
    CommandRef { id, kind, hash: ContentHash::of_bytes(CANARY.as_bytes()), offset: 1 }
}

fn internal_fact() -> impl Strategy<Value = Fact<InternalEvent>> {
    let known = vec![
        "internal.issue.create-case",
        "internal.discrepancy.create-case",
        "internal.discrepancy.settle-case",
        "internal.discrepancy.reinvestigate-case",
        "internal.discrepancy.escalate-case",
        "internal.document.create-case",
        "internal.document.withhold-file",
    ];
    let kind = move || prop_oneof![3 => prop::sample::select(known.clone()).prop_map(str::to_owned), 1 => word()];
    let done = (any::<bool>(), kind(), marked()).prop_map(|(created, kind, reference)| {
        // A reference may be granted by the bundle, so the inside of it is not a canary; restricted never crosses.
        let reference = match reference.visibility() {
            Visibility::Restricted => reference,
            Visibility::Partner | Visibility::Host => Marked::new("17".to_owned(), Visibility::Host),
        };
        let (native_id, effects, version) = (canary(), vec![canary()], canary());
        let command = command_ref(kind);
        Outcome::Done(Done { command, native_id, reference, effects, fields: Vec::new(), version, created })
    });
    let other = kind()
        .prop_map(|kind| Outcome::Refused(Refused { command: command_ref(kind), reason: canary(), detail: canary() }));
    let skipped = kind().prop_map(|kind| Outcome::Skipped(Skipped { command: command_ref(kind), rule: canary() }));
    prop_oneof![
        8 => internal_event().prop_map(|e| Fact::Event(InternalEvent::Issue(e))),
        8 => internal_dispute().prop_map(|e| Fact::Event(InternalEvent::Discrepancy(e))),
        2 => super::document::internal().prop_map(|e| Fact::Event(InternalEvent::Document(e))),
        1 => done.prop_map(|o| Fact::Outcome(Box::new(o))),
        1 => prop_oneof![other, skipped].prop_map(|o| Fact::Outcome(Box::new(o))),
    ]
}

/// Extras hold the canary wherever no bundle grants them, and in the granted one where the record is restricted.
fn internal_meta() -> impl Strategy<Value = Meta> {
    let visibility = prop::sample::select(vec![Visibility::Partner, Visibility::Host, Visibility::Restricted]);
    let topic = prop::sample::select(vec!["", "", "partner.events", "partner.events", "partner.outcomes"]);
    let often = || prop::bool::weighted(0.9);
    let flags = (often(), often(), any::<bool>(), often());
    (visibility, flags, topic, word()).prop_map(|(visibility, (known, production, acme, ours), topic, note)| {
        let mut meta = meta("rt", CANARY);
        meta.visibility = visibility;
        meta.source_version = canary();
        meta.actor.id = canary();
        meta.environment = if production { Environment::Production } else { Environment::Test };
        meta.partner_id = known.then(|| PartnerId::new(if acme { "ACME" } else { "GLOBEX" }).unwrap());
        if !ours {
            meta.subject = Subject::try_from(format!("case/rt/{CANARY}")).unwrap();
        }
        meta.cause = (!topic.is_empty()).then(|| cause(topic, 1));
        for field in ["cf.Root Cause", "cf.Cost", "owner", "reference", "comments", "question", "resolution_note"] {
            meta.ext.insert(field.to_owned(), canary());
        }
        meta.ext.insert("cf.Finding WMS".to_owned(), canary());
        let note = if visibility == Visibility::Restricted { canary() } else { note };
        let lines = ["line=1 decision=UPHELD", "line=1 decision=PARTIAL quantity=8 reason=\"a b\"", note.as_str()];
        let lines = if visibility == Visibility::Restricted { canary() } else { lines[note.len() % 3].to_owned() };
        meta.ext.insert("cf.TG Line Outcomes".to_owned(), lines);
        meta.ext.insert("cf.Resolution Note".to_owned(), note);
        meta
    })
}

fn as_json(command: &Envelope<PartnerCommand>) -> Value {
    let payload = match &command.payload {
        PartnerCommand::Issue(payload) => match payload {
            C::AcknowledgeCase(c) => json!(c),
            C::SetCaseStatus(c) => json!(c),
            C::PostComment(c) => json!(c),
            C::RequestInformation(c) => json!(c),
            C::ProposeResolution(c) => json!(c),
            C::CloseCase(c) => json!(c),
            C::ReopenCase(c) => json!(c),
        },
        PartnerCommand::Discrepancy(payload) => match payload {
            DC::Acknowledge(c) => json!(c),
            DC::SetStatus(c) => json!(c),
            DC::PostComment(c) => json!(c),
            DC::RequestEvidence(c) => json!(c),
            DC::ProposeOutcome(c) => json!(c),
            DC::MarkEscalated(c) => json!(c),
            DC::Settle(c) => json!(c),
        },
        PartnerCommand::Onboarding(payload) => super::onboarding::as_json(payload),
        PartnerCommand::Document(payload) => super::document::as_json(payload),
    };
    json!({ "meta": command.meta, "payload": payload })
}

/// True of every result, whatever the fact.
pub(super) fn well_formed<C: Command + PartialEq + std::fmt::Debug>(
    mapped: &Mapped<C>,
    meta: &Meta,
) -> Result<(), TestCaseError> {
    let none = mapped.commands.is_empty() && mapped.skipped.is_empty();
    prop_assert_eq!(none, mapped.held.is_some(), "{:?}", mapped);
    prop_assert!(mapped.held.as_ref().is_none_or(|h| h.detail.chars().count() <= 64));
    let mut ids: Vec<_> = mapped.commands.iter().map(|c| c.meta.id).collect();
    ids.sort();
    ids.dedup();
    prop_assert_eq!(ids.len(), mapped.commands.len(), "two commands share an id: {:?}", mapped);
    for command in &mapped.commands {
        prop_assert_eq!(&command.meta.subject, &meta.subject);
        prop_assert_eq!(&command.meta.partner_id, &meta.partner_id);
        prop_assert_eq!(command.meta.environment, meta.environment);
        prop_assert_eq!(command.meta.causation_id, Some(meta.id));
        prop_assert_eq!(command.meta.kind.as_str(), command.payload.kind());
    }
    Ok(())
}

#[test]
fn nothing_of_the_inside_is_ever_in_a_partner_command() {
    let (checked, with_text, proposed) = (std::cell::Cell::new(0), std::cell::Cell::new(0), std::cell::Cell::new(0));
    let copy = Bundle::from_files(starter_files()).unwrap();
    let mut runner = proptest::test_runner::TestRunner::new(config());
    let run = runner.run(&(internal_meta(), internal_fact()), |(meta, payload)| {
        let fact = Envelope { meta, payload };
        let mapped = to_partner(&STARTER, &fact, &cause("internal.events", 9));
        well_formed(&mapped, &fact.meta)?;
        for command in &mapped.commands {
            let mut json = as_json(command);
            // The partner's own key of its own case is not ours to hide.
            json["meta"]["subject"] = Value::Null;
            prop_assert!(!json.to_string().contains(CANARY), "{}", json);
            prop_assert_eq!(command.meta.visibility, Visibility::Partner);
            checked.set(checked.get() + 1);
            with_text.set(with_text.get() + usize::from(command.payload.kind() == "partner.issue.post-comment"));
            proposed.set(proposed.get() + usize::from(command.payload.kind() == "partner.discrepancy.propose-outcome"));
        }
        prop_assert_eq!(&mapped, &to_partner(&copy, &fact.clone(), &cause("internal.events", 9)));
        Ok(())
    });
    run.unwrap();
    // The property would hold of an engine that says nothing: it must have spoken.
    assert!(checked.get() > 2000 && with_text.get() > 100, "{} commands, {}", checked.get(), with_text.get());
    assert!(proposed.get() > 50, "{} outcomes were proposed", proposed.get());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..config() })]

    #[test]
    fn whatever_a_partner_says_is_bounded_and_always_answered(
        words in prop::collection::vec(word(), 12),
        long in prop_oneof![60 => 0_usize..300, 1 => 0_usize..40_000],
        which in 0_usize..12,
        environment in any::<bool>(),
        globex in any::<bool>(),
    ) {
        let w = |at: usize| words[at].clone();
        let decimal = |at: usize| domain::Decimal::new(w(at)).ok();
        let line = || d::Line {
            line_no: w(0), description: w(1).repeat(long / 90), uom: w(2), received: decimal(3), buyer_item: w(4),
            ssccs: vec![w(5); long % 7], dispute_deadline: w(6), ..d::Line::default()
        };
        let answer = || d::OutcomeAnswer {
            outcome_version: w(0), round: i64::try_from(long % 4).unwrap_or_default(),
            lines: vec![d::LineAnswer { line_no: w(1), agreed: globex, comment: w(2).repeat(long / 30) }; long % 9],
            comment: w(3), documents: vec![i::DocumentRef { type_code: w(4), number: w(5), issue_date: w(6) }; long % 5],
        };
        let dispute = match which {
            6 => Some(DP::Raised(Box::new(d::Raised {
                title: w(0).repeat(long / 100), description: format!("{}{}", w(1), "x".repeat(long)),
                kind: if environment { "QTY_SHORT".to_owned() } else { w(2) }, code: w(3), code_list: w(4), site: w(5),
                documents: vec![i::DocumentRef { type_code: w(6), number: w(7), issue_date: w(8) }; long % 90],
                lines: vec![line(); long % 60], claim_amount: decimal(9), language: w(10), ..d::Raised::default()
            }))),
            7 => Some(DP::LineCorrected(d::LineCorrected { line_no: w(0), lines: vec![line(); long % 60], reason: w(1) })),
            8 => Some(DP::EvidenceGiven(d::EvidenceGiven {
                note_id: w(0), author: w(1).repeat(long / 50), text: format!("{}{}", w(2), "y".repeat(long)),
                documents: Vec::new() })),
            9 => Some(DP::OutcomeConfirmed(answer())),
            10 => Some(DP::OutcomeContested(answer())),
            11 => Some(DP::Withdrawn(i::Withdrawn { reason: w(0).repeat(long / 10) })),
            _ => None,
        };
        let event = match which {
            0 => P::Opened(Box::new(i::Opened {
                title: w(0).repeat(long / 100), description: format!("{}{}", w(1), "x".repeat(long)), severity: w(2),
                category: w(3), sub_category: w(4), contact: i::Contact { name: w(5), ..i::Contact::default() },
                documents: vec![i::DocumentRef { type_code: w(6), number: w(7), issue_date: w(8) }; long % 90],
                transaction: Some(i::TransactionRef { standard: w(9), ..i::TransactionRef::default() }),
                requested_resolution_at: Some(Timestamp(long as i64)), language: w(10), files: Vec::new(),
            })),
            1 => P::DetailsChanged(i::DetailsChanged {
                changes: (0..long % 5)
                    .map(|n| i::FieldChange { field: w(n), old: w(n + 1), new: w(n + 2).repeat(long / 50) })
                    .collect(),
                reason: w(11),
            }),
            2 => P::CommentAdded(i::CommentAdded {
                note_id: w(0), author: w(1).repeat(long / 50), text: format!("{}{}", w(2), "y".repeat(long)), format: w(3),
                case_status: w(4), files: Vec::new()
            }),
            3 => P::Withdrawn(i::Withdrawn { reason: w(0).repeat(long / 10) }),
            4 => P::ResolutionAccepted(i::ResolutionAnswer { resolution_version: w(0), comment: w(1) }),
            _ => P::ResolutionRejected(i::ResolutionAnswer { resolution_version: w(0), comment: w(1).repeat(long / 10) }),
        };
        let mut meta = meta("tg", "partner");
        meta.environment = if environment { Environment::Production } else { Environment::Test };
        meta.partner_id = Some(PartnerId::new(if globex { "GLOBEX" } else { "ACME" }).unwrap());
        let event = dispute.map_or(PartnerEvent::Issue(event), PartnerEvent::Discrepancy);
        let fact = Envelope { meta, payload: Fact::Event(event) };
        let mapped = to_internal(&STARTER, &fact, &cause("partner.events", 9));
        well_formed(&mapped, &fact.meta)?;
        prop_assert!(environment || !globex || mapped.commands.is_empty());
        for command in &mapped.commands {
            let longest = match command.payload.of_ticket() {
                TicketCommand::Create(c) => {
                    prop_assert!(c.title.chars().count() <= 200 && c.description.chars().count() <= 32_768);
                    0
                }
                TicketCommand::Reply(c) => {
                    prop_assert!(!c.text.contains("<script"));
                    c.text.chars().count()
                }
                TicketCommand::Note(c) => c.text.chars().count(),
                TicketCommand::SetFields(c) => c.fields.values().map(|v| v.chars().count()).max().unwrap_or(0),
                TicketCommand::SetStatus(_) | TicketCommand::Link(_) => 0,
            };
            let limit = if globex { 4000 } else { 16_384 };
            prop_assert!(longest <= limit);
        }
        prop_assert_eq!(&mapped, &to_internal(&STARTER, &fact, &cause("partner.events", 9)));
    }
}
