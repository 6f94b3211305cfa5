//! Use case 2.

use super::{Any, Sample, later, left_out, map, marked, named, shared, text};
use domain::document::*;
use domain::issue::{
    AddInternalNote, AddPublicComment, Assigned, CommentAdded, Contact, CreateCase, Created, DocumentRef, FieldChanged,
    InformationRequired, InternalNoteAdded, Merged, PostComment, PriorityChanged, PublicCommentAdded, StatusChanged,
    StatusWrite, UpdateFields, Withdrawn,
};
use domain::{Command, DocumentStatus, FileClaim, OnlyIf, Visibility};

pub fn all() -> Vec<Sample> {
    [partner_events(), internal_events(), internal_commands(), partner_commands()].into_iter().flatten().collect()
}

fn file() -> FileClaim {
    FileClaim {
        sha256: text("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        size: 123_456,
        media_type: text("application/pdf"),
        file_name: text("Rechnung 4711.pdf"),
        source_id: text("f-1"),
        withheld: text("oversize"),
        limit: 100_000,
    }
}

fn references() -> Vec<DocumentRef> {
    vec![DocumentRef { type_code: text("220"), number: text("4500001"), issue_date: text("2024-02-29") }]
}

fn partner_events() -> Vec<Sample> {
    use PartnerEvent as E;
    let shared = SharedDocument {
        title: text("Invoice 4711"),
        description: text("As agreed. 📎"),
        type_code: text("380"),
        type_list: text("UNTDID-1001"),
        references: references(),
        case_id: text("C-1"),
        file: file(),
        valid_from: text("2024-01-01"),
        valid_to: text("2024-12-31"),
        contact: Contact { name: text("Ann"), ..Contact::default() },
        language: text("de"),
    };
    let records = vec![
        ("Shared", E::Shared(Box::new(shared))),
        (
            "VersionAdded",
            E::VersionAdded(VersionAdded {
                version_no: 2,
                type_code: text("COI"),
                type_list: text("OWN"),
                references: references(),
                file: file(),
                prior_sha256: text("9f86d081"),
                change_note: text("renewed"),
                valid_from: text("2025-01-01"),
                valid_to: text("2025-12-31"),
            }),
        ),
        (
            "CommentAdded",
            E::CommentAdded(CommentAdded {
                note_id: text("n1"),
                author: text("Ann"),
                text: text("any news?"),
                format: text("plain"),
                case_status: text("under-review"),
                files: vec![file(), left_out()],
            }),
        ),
        ("Withdrawn", E::Withdrawn(Withdrawn { reason: text("wrong file") })),
    ];
    let records = records.into_iter().map(|(name, e)| (name, domain::PartnerEvent::Document(e))).collect();
    let namespace = "causeway.partner.events.document";
    named("partner.events", namespace, domain::PartnerEvent::kind, Any::PartnerEvent, records)
}

fn internal_events() -> Vec<Sample> {
    use InternalEvent as E;
    use Visibility::{Host, Partner};
    let expiry = || Expiry { version_no: 2, valid_to: text("2024-12-31"), days_left: 14 };
    let created =
        Created { record_id: text("9"), number: text("#9"), queue: text("Partner Documents"), status: text("new") };
    let status = StatusChanged {
        from: text("new"),
        to: text("open"),
        reason: marked("taken up", Partner),
        expected_resolution_at: later(),
    };
    let comment = PublicCommentAdded {
        note_id: text("t9"),
        author: text("bob"),
        text: marked("we look at it", Partner),
        format: text("html"),
        files: vec![file().map_name(|name| marked(&name, Visibility::Partner))],
    };
    let question = InformationRequired {
        question: marked("which order?", Partner),
        due_at: later(),
        status: text("waiting-partner"),
    };
    let note =
        InternalNoteAdded { note_id: text("t10"), author: text("bob"), text: marked("the third this week", Host) };
    let records = vec![
        ("Created", E::Created(created)),
        ("StatusChanged", E::StatusChanged(status)),
        ("PublicCommentAdded", E::PublicCommentAdded(comment)),
        ("InformationRequired", E::InformationRequired(question)),
        ("ReviewDecided", E::ReviewDecided(ReviewDecided { decision: marked("version=2 decision=APPROVED", Host) })),
        (
            "SharedOutward",
            E::SharedOutward(SharedOutward {
                gesture: marked("version=1 title=\"Routing guide\"", Host),
                files: vec![
                    file().map_name(|name| marked(&name, Partner)),
                    left_out().map_name(|name| marked(&name, Partner)),
                ],
            }),
        ),
        ("Expiring", E::Expiring(expiry())),
        ("Expired", E::Expired(Expiry { days_left: -1, ..expiry() })),
        ("InternalNoteAdded", E::InternalNoteAdded(note)),
        ("Assigned", E::Assigned(Assigned { owner: text("bob"), group: text("finance") })),
        ("Merged", E::Merged(Merged { into_record: text("4712"), into_partner: text("GLOBEX") })),
        ("PriorityChanged", E::PriorityChanged(PriorityChanged { from: text("2"), to: text("1") })),
        (
            "FieldChanged",
            E::FieldChanged(FieldChanged { field: text("site"), from: marked("1", Host), to: marked("2", Host) }),
        ),
    ];
    let records = records.into_iter().map(|(name, e)| (name, domain::InternalEvent::Document(e))).collect();
    let namespace = "causeway.internal.events.document";
    named("internal.events", namespace, domain::InternalEvent::kind, Any::InternalEvent, records)
}

fn internal_commands() -> Vec<Sample> {
    use InternalCommand as C;
    let fields = || map(&[("TG Document Version", "2")]);
    let write = || StatusWrite {
        to: text("open"),
        only_if: Some(OnlyIf {
            field: text("status"),
            one_of: vec![text("resolved"), text("closed")],
            set_by: text("an event"),
        }),
    };
    let records = vec![
        (
            "CreateCase",
            C::CreateCase(CreateCase {
                route: text("Partner Invoices"),
                title: text("Invoice 4711"),
                description: text("…"),
                status: text("new"),
                priority: text("60"),
                fields: fields(),
            }),
        ),
        ("AddVersion", C::AddVersion(UpdateFields { fields: fields() })),
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
        (
            "AddFile",
            C::AddFile(AddPublicComment {
                author: text("Ann"),
                text: text("Version 2: Rechnung 4711.pdf"),
                format: text("plain"),
                files: vec![file()],
            }),
        ),
        ("WithholdFile", C::WithholdFile(AddInternalNote { text: text("its type is not let in") })),
        ("RestartReview", C::RestartReview(write())),
        ("CancelCase", C::CancelCase(write())),
        ("LinkCase", C::LinkCase(LinkCase { case: text("case/tg/C-1") })),
        ("UpdateFields", C::UpdateFields(UpdateFields { fields: fields() })),
    ];
    let records = records.into_iter().map(|(name, c)| (name, domain::InternalCommand::Document(c))).collect();
    named("internal.commands", "causeway.internal.commands.document", Command::kind, Any::InternalCommand, records)
}

fn partner_commands() -> Vec<Sample> {
    use PartnerCommand as C;
    let some = |value| Some(shared(value));
    let only_if = || Some(OnlyIf { field: text("status"), one_of: vec![text("available")], set_by: String::new() });
    let records: Vec<(&str, C)> = vec![
        ("Acknowledge", C::Acknowledge(Acknowledge { reference: some("#9") })),
        (
            "SetStatus",
            C::SetStatus(SetStatus {
                status: DocumentStatus::UnderReview,
                label: shared("Wird geprüft"),
                status_code: some("39"),
                reason: some("taken up"),
                version_no: 2,
                only_if: only_if(),
            }),
        ),
        (
            "PostComment",
            C::PostComment(PostComment {
                note_key: text("t9"),
                author_label: some("Support"),
                text: shared("looking"),
                files: vec![file().map_name(|name| shared(&name))],
            }),
        ),
        (
            "Decide",
            C::Decide(Decide {
                version_no: 2,
                status: DocumentStatus::CorrectionRequested,
                decision: shared("CORRECTION_REQUIRED"),
                label: shared("Bitte korrigieren"),
                status_code: some("35"),
                reason_code: some("REF"),
                comment: some("the order number is missing"),
                corrections: vec![Correction { term: shared("BT-13"), value: some("4500001") }],
                valid_to: some("2025-12-31"),
            }),
        ),
        (
            "RejectFile",
            C::RejectFile(RejectFile { version_no: 2, label: shared("Nicht lesbar"), text: shared("too large") }),
        ),
        (
            "RequestRenewal",
            C::RequestRenewal(RequestRenewal {
                version_no: 1,
                label: shared("Läuft ab"),
                text: shared("please renew"),
                valid_to: later(),
                days_left: 14,
            }),
        ),
        (
            "Publish",
            C::Publish(Box::new(Publish {
                title: shared("Anlieferung"),
                type_list: text("OWN"),
                type_code: shared("MAPPING_SPEC"),
                references: vec![outward::PublicReference { type_code: text("220"), number: shared("4500001") }],
                case_id: some("C-1"),
                file: file().map_name(|name| shared(&name)),
                valid_to: some("2025-12-31"),
                label: shared("Für Sie"),
                note: some("neue Rampen"),
            })),
        ),
        (
            "PublishVersion",
            C::PublishVersion(PublishVersion {
                version_no: 2,
                file: file().map_name(|name| shared(&name)),
                valid_to: some("2025-12-31"),
                label: shared("Für Sie"),
                note: some("noch eine Rampe"),
            }),
        ),
    ];
    let records = records.into_iter().map(|(name, c)| (name, domain::PartnerCommand::Document(c))).collect();
    named("partner.commands", "causeway.partner.commands.document", Command::kind, Any::PartnerCommand, records)
}
