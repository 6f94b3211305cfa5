//! One record of every schema with every field set.

use super::any::Any;
use domain::issue::*;
use domain::outcome::*;
use domain::*;
use std::collections::BTreeMap;

#[path = "samples_bare.rs"]
mod bare;
#[path = "samples_discrepancy.rs"]
mod discrepancy;
#[path = "samples_document.rs"]
mod document;
#[path = "samples_onboarding.rs"]
mod onboarding;
#[path = "samples_timer.rs"]
mod timer;

pub struct Sample {
    pub topic: &'static str,
    /// Full name of the record.
    pub name: String,
    pub record: Any,
}

fn meta(kind: &str) -> Meta {
    let system = SystemId::new("tg-eu").unwrap();
    let subject = Subject::try_from("case/tg-eu/C-1".to_owned()).unwrap();
    Meta {
        id: MessageId::of_event(&system, "C-1", "7", &subject),
        causation_id: Some(MessageId::of_event(&system, "C-1", "6", &subject)),
        subject,
        system,
        partner_id: Some(PartnerId::new("ACME GmbH").unwrap()),
        kind: kind.to_owned(),
        occurred_at: Timestamp(1_700_000_000_123),
        recorded_at: Timestamp(1_700_000_001_456),
        source_version: "7".to_owned(),
        actor: Actor { id: "u1".to_owned(), side: Side::Partner },
        visibility: Visibility::Partner,
        environment: Environment::Production,
        ext: map(&[("site", "Köln")]),
        mapping_version: 3,
        cause: Some(Cause { topic: "partner.events".to_owned(), partition: 11, offset: i64::from(u32::MAX) }),
    }
}

fn text(value: &str) -> String {
    value.to_owned()
}
fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(k, v)| (text(k), text(v))).collect()
}
fn marked(value: &str, visibility: Visibility) -> Marked<String> {
    Marked::new(text(value), visibility)
}
fn shared(value: &str) -> Shared<String> {
    PublicText::declared(value).share()
}
fn file() -> FileClaim {
    FileClaim {
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
        ..FileClaim::named("f-1", text("Lieferschein Köln.pdf"), "application/pdf", 4)
    }
}
fn left_out() -> FileClaim {
    let withheld = domain::file::withheld::OVERSIZE.to_owned();
    FileClaim { withheld, limit: 100_000_000, ..FileClaim::named("f-2", text("scan.tif"), "image/tiff", 120_000_000) }
}
fn later() -> Option<Timestamp> {
    Some(Timestamp(1_700_086_400_000))
}

pub fn all() -> Vec<Sample> {
    [partner_events(), internal_events(), internal_commands(), partner_commands(), outcomes(), bare::bare()]
        .into_iter()
        .flatten()
        .chain(discrepancy::all())
        .chain(onboarding::all())
        .chain(timer::all())
        .chain(document::all())
        .collect()
}

fn named<T>(
    topic: &'static str,
    namespace: &str,
    kind: impl Fn(&T) -> &'static str,
    any: impl Fn(Envelope<T>) -> Any,
    records: Vec<(&str, T)>,
) -> Vec<Sample> {
    let sample = |(name, payload): (&str, T)| Sample {
        topic,
        name: format!("{namespace}.{name}"),
        record: any(Envelope { meta: meta(kind(&payload)), payload }),
    };
    records.into_iter().map(sample).collect()
}

fn partner_events() -> Vec<Sample> {
    use domain::issue::PartnerEvent as E;
    let answer = || ResolutionAnswer { resolution_version: text("r1"), comment: text("danke") };
    let records = vec![
        (
            "Opened",
            E::Opened(Box::new(Opened {
                title: text("Invoice missing"),
                description: text("The 810 never came. 🚢"),
                severity: text("HIGH"),
                category: text("EDI"),
                sub_category: text("810"),
                contact: Contact {
                    name: text("Ann"),
                    email: text("ann@example.org"),
                    phone: text("+49 221 1"),
                    language: text("de"),
                    role: text("AP"),
                },
                documents: vec![DocumentRef {
                    type_code: text("380"),
                    number: text("4711"),
                    issue_date: text("2024-02-29"),
                }],
                transaction: Some(TransactionRef {
                    standard: text("X12"),
                    set_id: text("810"),
                    direction: text("outbound"),
                    sender: text("HOST"),
                    receiver: text("ACME"),
                    interchange_control: text("000000001"),
                    group_control: text("1"),
                    set_control: text("0001"),
                    network_reference: text("n-1"),
                }),
                requested_resolution_at: later(),
                language: text("en"),
                files: vec![file(), left_out()],
            })),
        ),
        (
            "DetailsChanged",
            E::DetailsChanged(DetailsChanged {
                changes: vec![FieldChange { field: text("severity"), old: text("HIGH"), new: text("LOW") }],
                reason: text("found it"),
            }),
        ),
        (
            "CommentAdded",
            E::CommentAdded(CommentAdded {
                note_id: text("n1"),
                author: text("Ann"),
                text: text("any news?"),
                format: text("plain"),
                case_status: text("pending-partner"),
                files: vec![file(), left_out()],
            }),
        ),
        (
            "CommentRevised",
            E::CommentRevised(CommentRevised {
                note_id: text("n1"),
                author: text("Ann"),
                text: text("the second pallet, not the first"),
                format: text("plain"),
                written_at: Some(Timestamp(1_767_268_700_000)),
            }),
        ),
        (
            "CommentRemoved",
            E::CommentRemoved(CommentRemoved { note_id: text("n1"), written_at: Some(Timestamp(1_767_268_700_000)) }),
        ),
        ("Withdrawn", E::Withdrawn(Withdrawn { reason: text("mistake") })),
        ("ResolutionAccepted", E::ResolutionAccepted(answer())),
        ("ResolutionRejected", E::ResolutionRejected(answer())),
    ];
    let records = records.into_iter().map(|(name, e)| (name, domain::PartnerEvent::Issue(e))).collect();
    named("partner.events", "causeway.partner.events.issue", domain::PartnerEvent::kind, Any::PartnerEvent, records)
}

fn internal_events() -> Vec<Sample> {
    use Visibility::{Host, Partner};
    use domain::issue::InternalEvent as E;
    let (id, author, format) = (|| text("t9"), || text("agent"), || text("html"));
    let records = vec![
        (
            "Created",
            E::Created(Created { record_id: text("9"), number: text("#9"), queue: text("EDI"), status: text("new") }),
        ),
        (
            "StatusChanged",
            E::StatusChanged(StatusChanged {
                from: text("new"),
                to: text("open"),
                reason: marked("we look", Partner),
                expected_resolution_at: later(),
            }),
        ),
        (
            "PublicCommentAdded",
            E::PublicCommentAdded(PublicCommentAdded {
                note_id: id(),
                author: author(),
                text: marked("resent", Partner),
                format: format(),
                files: vec![file().map_name(|name| marked(&name, Visibility::Partner))],
            }),
        ),
        (
            "InformationRequired",
            E::InformationRequired(InformationRequired {
                question: marked("which PO?", Partner),
                due_at: later(),
                status: text("stalled"),
            }),
        ),
        ("Resolved", E::Resolved(Resolved { code: text("fixed"), note: marked("resent today", Partner) })),
        ("Closed", E::Closed(Closed { kind: text("auto") })),
        ("Merged", E::Merged(Merged { into_record: text("4712"), into_partner: text("GLOBEX") })),
        ("Reopened", E::Reopened(Reopened { reason: marked("again", Partner) })),
        (
            "InternalNoteAdded",
            E::InternalNoteAdded(InternalNoteAdded {
                note_id: id(),
                author: author(),
                text: marked("they never pay", Host),
            }),
        ),
        ("Assigned", E::Assigned(Assigned { owner: author(), group: text("EDI") })),
        ("PriorityChanged", E::PriorityChanged(PriorityChanged { from: text("1"), to: text("9") })),
        (
            "FieldChanged",
            E::FieldChanged(FieldChanged { field: text("eta"), from: marked("1", Host), to: marked("2", Host) }),
        ),
    ];
    let records = records.into_iter().map(|(name, e)| (name, domain::InternalEvent::Issue(e))).collect();
    named("internal.events", "causeway.internal.events.issue", domain::InternalEvent::kind, Any::InternalEvent, records)
}

fn internal_commands() -> Vec<Sample> {
    use domain::issue::InternalCommand as C;
    let fields = || map(&[("CF.Severity", "2")]);
    let write = || StatusWrite {
        to: text("open"),
        only_if: Some(OnlyIf {
            field: text("status"),
            one_of: vec![text("stalled"), text("new")],
            set_by: text("an event"),
        }),
    };
    let records = vec![
        (
            "CreateCase",
            C::CreateCase(CreateCase {
                route: text("EDI"),
                title: text("Invoice missing"),
                description: text("…"),
                status: text("new"),
                priority: text("2"),
                fields: fields(),
            }),
        ),
        ("UpdateFields", C::UpdateFields(UpdateFields { fields: fields() })),
        (
            "AddPublicComment",
            C::AddPublicComment(AddPublicComment {
                author: text("Ann"),
                text: text("any news?"),
                format: text("plain"),
                files: vec![file(), left_out()],
            }),
        ),
        ("AddInternalNote", C::AddInternalNote(AddInternalNote { text: text("refused") })),
        ("ResumeCase", C::ResumeCase(write())),
        ("CancelCase", C::CancelCase(write())),
        ("CloseCase", C::CloseCase(write())),
        ("ReopenCase", C::ReopenCase(write())),
    ];
    let records = records.into_iter().map(|(name, c)| (name, domain::InternalCommand::Issue(c))).collect();
    named("internal.commands", "causeway.internal.commands.issue", Command::kind, Any::InternalCommand, records)
}

fn resolved_only() -> Option<domain::OnlyIf> {
    Some(domain::OnlyIf { field: text("status"), one_of: vec![text("resolved")], set_by: String::new() })
}

fn partner_commands() -> Vec<Sample> {
    use domain::issue::PartnerCommand as C;
    let some = |value| Some(shared(value));
    let records: Vec<(&str, C)> = vec![
        ("AcknowledgeCase", C::AcknowledgeCase(AcknowledgeCase { reference: some("#9") })),
        (
            "SetCaseStatus",
            C::SetCaseStatus(SetCaseStatus {
                status: CaseStatus::PendingPartner,
                label: shared("Warten auf Sie"),
                reason: some("PO"),
                expected_resolution_at: later(),
                only_if: resolved_only(),
            }),
        ),
        (
            "PostComment",
            C::PostComment(PostComment {
                note_key: text("t9"),
                author_label: some("Support"),
                text: shared("resent"),
                files: vec![file().map_name(|name| shared(&name))],
            }),
        ),
        (
            "RequestInformation",
            C::RequestInformation(RequestInformation { question: shared("which PO?"), due_at: later() }),
        ),
        (
            "ProposeResolution",
            C::ProposeResolution(ProposeResolution {
                resolution_version: text("r1"),
                code: some("fixed"),
                note: shared("resent today"),
            }),
        ),
        ("CloseCase", C::CloseCase(CloseCase { kind: text("auto"), text: some("closed"), only_if: resolved_only() })),
        ("ReopenCase", C::ReopenCase(ReopenCase { reason: some("again") })),
    ];
    let records = records.into_iter().map(|(name, c)| (name, domain::PartnerCommand::Issue(c))).collect();
    named("partner.commands", "causeway.partner.commands.issue", Command::kind, Any::PartnerCommand, records)
}

fn outcomes() -> Vec<Sample> {
    let command = || CommandRef {
        id: MessageId::from_bytes([7; 16]),
        kind: text("internal.issue.create-case"),
        hash: ContentHash::of_bytes(b"x"),
        offset: 42,
    };
    let fields = || vec![FieldHash { field: text("status"), hash: ContentHash::of_bytes(b"open") }];
    let (at, reason) = (Timestamp(1_700_000_002_000), || text("timeout"));
    let records = vec![
        (
            "Intent",
            Outcome::Intent(Intent {
                command: command(),
                owner: text("sink-1/3"),
                attempt: i32::MAX,
                not_after: at,
                marker: text("m"),
                fields: fields(),
                native_id: text("9"),
            }),
        ),
        (
            "Done",
            Outcome::Done(Done {
                command: command(),
                native_id: text("9"),
                reference: marked("#9", Visibility::Host),
                effects: vec![text("t1"), text("t2")],
                fields: fields(),
                version: text("4"),
                created: true,
            }),
        ),
        ("NotApplied", Outcome::NotApplied(NotApplied { command: command(), attempt: 2, reason: reason() })),
        ("Doubt", Outcome::Doubt(Doubt { command: command(), attempt: 2, reason: reason() })),
        ("Refused", Outcome::Refused(Refused { command: command(), reason: reason(), detail: text("no such queue") })),
        ("Skipped", Outcome::Skipped(Skipped { command: command(), rule: text("only-if") })),
        (
            "Superseded",
            Outcome::Superseded(Superseded {
                command: command(),
                by: Cause { topic: text("partner.events"), partition: 3, offset: 99 },
            }),
        ),
        (
            "Waiting",
            Outcome::Waiting(Waiting {
                command: command(),
                first_failed_at: at,
                attempts: 5,
                next_at: at.plus_millis(60_000),
                reason: reason(),
            }),
        ),
        ("Parked", Outcome::Parked(Parked { command: command(), first_failed_at: at, attempts: 80, reason: reason() })),
        ("Barrier", Outcome::Barrier(Barrier { owner: text("sink-1/4") })),
    ];
    let mut samples = named("internal.outcomes", "causeway.outcomes", Outcome::word, Any::Outcome, records);
    for sample in &mut samples {
        if let Some(meta) = sample.record.meta_mut() {
            meta.kind = format!("internal.outcome.{}", meta.kind);
        }
    }
    samples
}
