//! Use case 4.

use super::{Any, Sample, file, later, left_out, map, marked, named, shared, text};
use domain::discrepancy::*;
use domain::issue::{
    AddInternalNote, AddPublicComment, Assigned, CommentAdded, Contact, CreateCase, Created, DocumentRef, FieldChanged,
    InformationRequired, InternalNoteAdded, Merged, PostComment, PriorityChanged, PublicCommentAdded, StatusChanged,
    StatusWrite, UpdateFields, Withdrawn,
};
use domain::{Command, Decimal, DiscrepancyStatus, OnlyIf, Visibility};

pub fn all() -> Vec<Sample> {
    [partner_events(), internal_events(), internal_commands(), partner_commands()].into_iter().flatten().collect()
}

fn decimal(value: &str) -> Option<Decimal> {
    Some(Decimal::new(value).unwrap())
}

fn documents() -> Vec<DocumentRef> {
    vec![DocumentRef { type_code: text("220"), number: text("4500001"), issue_date: text("2024-02-29") }]
}

fn line() -> Line {
    Line {
        line_no: text("1"),
        gtin: text("04012345123456"),
        buyer_item: text("B-1"),
        seller_item: text("S-1"),
        description: text("Gasket, 40 mm"),
        uom: text("EA"),
        ordered: decimal("10"),
        advised: decimal("10"),
        received: decimal("8.00"),
        accepted: decimal("7.5"),
        invoiced: decimal("10"),
        variance: decimal("-2"),
        ordered_price: decimal("1.25"),
        invoiced_price: decimal("1.35"),
        currency: text("EUR"),
        promised_date: text("2024-03-01"),
        actual_date: text("2024-03-04"),
        condition_code: text("02"),
        condition_list: text("X12-412"),
        lot: text("L7"),
        ssccs: vec![text("340123450000000018")],
        dispute_deadline: text("2024-03-31"),
    }
}

fn partner_events() -> Vec<Sample> {
    use PartnerEvent as E;
    let answer = || OutcomeAnswer {
        outcome_version: text("o1"),
        round: 2,
        lines: vec![LineAnswer { line_no: text("1"), agreed: true, comment: text("fine") }],
        comment: text("einverstanden"),
        documents: documents(),
    };
    let raised = Raised {
        title: text("Two short"),
        description: text("Eight of ten came. 📦"),
        kind: text("QTY_SHORT"),
        code: text("02"),
        code_list: text("X12-412"),
        reported_by: text("BY"),
        discovered_at: later(),
        site: text("DC-7"),
        documents: documents(),
        lines: vec![line()],
        shipment: Some(Shipment {
            carrier: text("ABCD"),
            tracking_numbers: vec![text("1Z9")],
            status_code: text("SD"),
            reason_code: text("AI"),
            planned_at: later(),
            new_eta: later(),
            location: text("DEHAM"),
            responsible: text("CARRIER"),
        }),
        claim_amount: decimal("12.50"),
        claim_currency: text("EUR"),
        remedy_wanted: text("CREDIT_PARTIAL"),
        contact: Contact { name: text("Ann"), ..Contact::default() },
        language: text("de"),
    };
    let records = vec![
        ("Raised", E::Raised(Box::new(raised))),
        (
            "LineCorrected",
            E::LineCorrected(LineCorrected { line_no: text("1"), lines: vec![line()], reason: text("recounted") }),
        ),
        (
            "CommentAdded",
            E::CommentAdded(CommentAdded {
                note_id: text("n1"),
                author: text("Ann"),
                text: text("any news?"),
                format: text("plain"),
                case_status: text("evidence-requested"),
                files: vec![file(), left_out()],
            }),
        ),
        (
            "EvidenceGiven",
            E::EvidenceGiven(EvidenceGiven {
                note_id: text("n2"),
                author: text("Ann"),
                text: text("see the delivery note"),
                documents: documents(),
            }),
        ),
        ("OutcomeConfirmed", E::OutcomeConfirmed(answer())),
        ("OutcomeContested", E::OutcomeContested(answer())),
        ("Withdrawn", E::Withdrawn(Withdrawn { reason: text("found them") })),
    ];
    let records = records.into_iter().map(|(name, e)| (name, domain::PartnerEvent::Discrepancy(e))).collect();
    let namespace = "causeway.partner.events.discrepancy";
    named("partner.events", namespace, domain::PartnerEvent::kind, Any::PartnerEvent, records)
}

fn internal_events() -> Vec<Sample> {
    use InternalEvent as E;
    use Visibility::{Host, Partner};
    let records = vec![
        (
            "Created",
            E::Created(Created {
                record_id: text("9"),
                number: text("#9"),
                queue: text("Short Shipments"),
                status: text("new"),
            }),
        ),
        (
            "StatusChanged",
            E::StatusChanged(StatusChanged {
                from: text("open"),
                to: text("resolved"),
                reason: marked("counted", Partner),
                expected_resolution_at: later(),
            }),
        ),
        (
            "PublicCommentAdded",
            E::PublicCommentAdded(PublicCommentAdded {
                note_id: text("t9"),
                author: text("bob"),
                text: marked("we count again", Partner),
                format: text("html"),
                files: vec![file().map_name(|name| marked(&name, Visibility::Partner))],
            }),
        ),
        (
            "InformationRequired",
            E::InformationRequired(InformationRequired {
                question: marked("which pallet?", Partner),
                due_at: later(),
                status: text("waiting-partner"),
            }),
        ),
        (
            "FindingRecorded",
            E::FindingRecorded(FindingRecorded { source: text("WMS"), text: marked("8 booked in", Host) }),
        ),
        (
            "InternalNoteAdded",
            E::InternalNoteAdded(InternalNoteAdded {
                note_id: text("t10"),
                author: text("bob"),
                text: marked("our yard again", Host),
            }),
        ),
        ("Assigned", E::Assigned(Assigned { owner: text("bob"), group: text("dock") })),
        ("Merged", E::Merged(Merged { into_record: text("4712"), into_partner: text("GLOBEX") })),
        ("PriorityChanged", E::PriorityChanged(PriorityChanged { from: text("2"), to: text("1") })),
        (
            "FieldChanged",
            E::FieldChanged(FieldChanged { field: text("eta"), from: marked("1", Host), to: marked("2", Host) }),
        ),
    ];
    let records = records.into_iter().map(|(name, e)| (name, domain::InternalEvent::Discrepancy(e))).collect();
    let namespace = "causeway.internal.events.discrepancy";
    named("internal.events", namespace, domain::InternalEvent::kind, Any::InternalEvent, records)
}

fn internal_commands() -> Vec<Sample> {
    use InternalCommand as C;
    let fields = || map(&[("TG Lines", "1: 8 of 10")]);
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
                route: text("Short Shipments"),
                title: text("Two short"),
                description: text("…"),
                status: text("new"),
                priority: text("60"),
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
        ("SettleCase", C::SettleCase(write())),
        ("ReinvestigateCase", C::ReinvestigateCase(write())),
        ("EscalateCase", C::EscalateCase(UpdateFields { fields: fields() })),
    ];
    let records = records.into_iter().map(|(name, c)| (name, domain::InternalCommand::Discrepancy(c))).collect();
    named("internal.commands", "causeway.internal.commands.discrepancy", Command::kind, Any::InternalCommand, records)
}

fn partner_commands() -> Vec<Sample> {
    use PartnerCommand as C;
    let some = |value| Some(shared(value));
    let only_if = || Some(OnlyIf { field: text("status"), one_of: vec![text("confirmed")], set_by: String::new() });
    let outcome = LineOutcome {
        line_no: shared("1"),
        decision: shared("PARTIAL"),
        quantity: some("8"),
        uom: some("EA"),
        amount: some("2.50"),
        currency: some("EUR"),
        date: some("2024-03-20"),
        remedy: some("CREDIT_PARTIAL"),
        reason: some("two were damaged at our dock"),
        reference: some("CN-7"),
    };
    let records: Vec<(&str, C)> = vec![
        ("Acknowledge", C::Acknowledge(Acknowledge { reference: some("#9") })),
        (
            "SetStatus",
            C::SetStatus(SetStatus {
                status: DiscrepancyStatus::UnderInvestigation,
                label: shared("Wird geprüft"),
                reason: some("taken up"),
                expected_resolution_at: later(),
                only_if: only_if(),
            }),
        ),
        (
            "PostComment",
            C::PostComment(PostComment {
                note_key: text("t9"),
                author_label: some("Support"),
                text: shared("counting"),
                files: vec![file().map_name(|name| shared(&name))],
            }),
        ),
        (
            "RequestEvidence",
            C::RequestEvidence(RequestEvidence {
                question: shared("the signed delivery note, please"),
                document_types: vec![shared("POD")],
                due_at: later(),
            }),
        ),
        (
            "ProposeOutcome",
            C::ProposeOutcome(ProposeOutcome {
                outcome_version: text("o1"),
                lines: vec![outcome],
                note: shared("we credit two"),
                confirm_by: later(),
            }),
        ),
        ("MarkEscalated", C::MarkEscalated(MarkEscalated { text: shared("with our lead") })),
        (
            "Settle",
            C::Settle(Settle {
                kind: text("agent"),
                text: some("settled"),
                references: some("CN-7"),
                only_if: only_if(),
            }),
        ),
    ];
    let records = records.into_iter().map(|(name, c)| (name, domain::PartnerCommand::Discrepancy(c))).collect();
    named("partner.commands", "causeway.partner.commands.discrepancy", Command::kind, Any::PartnerCommand, records)
}
