//! Use case 3.

use super::{Any, Sample, later, marked, named, shared, text};
use domain::issue::{
    AddInternalNote, Assigned, Contact, DocumentRef, FieldChanged, InternalNoteAdded, StatusChanged, StatusWrite,
    UpdateFields,
};
use domain::onboarding::*;
use domain::{Command, OnlyIf, Visibility};

pub fn all() -> Vec<Sample> {
    [partner_events(), internal_events(), internal_commands(), partner_commands()].into_iter().flatten().collect()
}

fn partner_events() -> Vec<Sample> {
    use PartnerEvent as E;
    let answer = || InvitationAnswer {
        contact: Contact {
            name: text("Ann"),
            email: text("ann@example.org"),
            phone: text("+49 221 1"),
            language: text("de"),
            role: text("EDI"),
        },
        comment: text("gerne"),
    };
    let submitted = TaskSubmitted {
        task_id: text("12"),
        note_id: text("O-1-n1"),
        author: text("ann"),
        answer: text("attached 📎"),
        documents: vec![DocumentRef { type_code: text("W9"), number: text("1"), issue_date: text("2024-02-29") }],
    };
    let asked =
        QuestionAsked { task_id: text("12"), note_id: text("O-1-n2"), author: text("ann"), text: text("Which form?") };
    let records = vec![
        ("InvitationAccepted", E::InvitationAccepted(answer())),
        ("InvitationDeclined", E::InvitationDeclined(answer())),
        ("InvitationExpired", E::InvitationExpired(answer())),
        ("TaskSubmitted", E::TaskSubmitted(submitted)),
        ("QuestionAsked", E::QuestionAsked(asked)),
    ];
    let kind = |event: &E| domain::PartnerEvent::Onboarding(event.clone()).kind();
    let any = |e: domain::Envelope<E>| Any::PartnerEvent(e.map(domain::PartnerEvent::Onboarding));
    named("partner.events", "causeway.partner.events.onboarding", kind, any, records)
}

fn internal_events() -> Vec<Sample> {
    use InternalEvent as E;
    let public = |value: &str| marked(value, Visibility::Partner);
    let inside = |value: &str| marked(value, Visibility::Host);
    let programme = || Programme {
        programme: text("supplier-edi"),
        status: text("new"),
        target_live_at: text("2024-06-30"),
        milestones: text("Certified 2024-05-01"),
    };
    let task = || Task {
        task_id: text("12"),
        title: public("Send a W-9"),
        instructions: public("Signed, as PDF"),
        owner_side: text("PARTNER"),
        mandatory: true,
        document_type: text("W-9 form"),
        depends_on: vec![text("11")],
        due_at: text("2024-03-01T00:00:00Z"),
        status: text("open"),
        from: text("new"),
        reason: public("a new rule"),
        hidden: true,
    };
    let records = vec![
        ("Started", E::Started(programme())),
        ("ProgrammeChanged", E::ProgrammeChanged(programme())),
        (
            "StatusChanged",
            E::StatusChanged(StatusChanged {
                from: text("new"),
                to: text("open"),
                reason: public("begun"),
                expected_resolution_at: later(),
            }),
        ),
        ("TaskPublished", E::TaskPublished(task())),
        ("TaskChanged", E::TaskChanged(task())),
        ("TaskStatusChanged", E::TaskStatusChanged(task())),
        (
            "MilestonesChanged",
            E::MilestonesChanged(MilestonesChanged {
                from: text("Certified 2024-05-01"),
                to: text("Certified 2024-06-01 reached"),
                reason: public("a month later"),
            }),
        ),
        (
            "ReadinessChanged",
            E::ReadinessChanged(ReadinessChanged {
                state: text("NOT_READY"),
                done: 1,
                total: 4,
                blockers: vec![Blocker { task_id: text("12"), document_type: text("W-9 form") }],
                hidden: 2,
            }),
        ),
        (
            "CommentAdded",
            E::CommentAdded(TaskComment {
                task_id: text("12"),
                note_id: text("n1"),
                author: text("agent"),
                text: public("on page 2"),
                format: text("plain"),
            }),
        ),
        (
            "InternalNoteAdded",
            E::InternalNoteAdded(InternalNoteAdded {
                note_id: text("n2"),
                author: text("agent"),
                text: inside("slow partner"),
            }),
        ),
        ("Assigned", E::Assigned(Assigned { owner: text("agent"), group: text("g") })),
        (
            "FieldChanged",
            E::FieldChanged(FieldChanged { field: text("TG Blockers"), from: inside("1"), to: inside("2") }),
        ),
    ];
    let kind = |event: &E| domain::InternalEvent::Onboarding(event.clone()).kind();
    let any = |e: domain::Envelope<E>| Any::InternalEvent(e.map(domain::InternalEvent::Onboarding));
    named("internal.events", "causeway.internal.events.onboarding", kind, any, records)
}

fn only_if() -> Option<OnlyIf> {
    Some(OnlyIf { field: text("status"), one_of: vec![text("open")], set_by: text("e1") })
}

fn internal_commands() -> Vec<Sample> {
    use InternalCommand as C;
    let write = || StatusWrite { to: text("open"), only_if: only_if() };
    let records = vec![
        ("AcceptInvitation", C::AcceptInvitation(write())),
        ("DeclineInvitation", C::DeclineInvitation(write())),
        ("ExpireInvitation", C::ExpireInvitation(write())),
        ("SubmitTask", C::SubmitTask(TaskStatusWrite { task_id: text("12"), write: write() })),
        (
            "AddInternalNote",
            C::AddInternalNote(TaskNote {
                task_id: text("12"),
                note: AddInternalNote { text: text("handed in") },
                only_if: only_if(),
            }),
        ),
        (
            "UpdateFields",
            C::UpdateFields(TaskFields {
                task_id: text("12"),
                write: UpdateFields { fields: [(text("TG Partner Status"), text("delivered"))].into() },
            }),
        ),
    ];
    let kind = |command: &C| domain::InternalCommand::Onboarding(command.clone()).kind();
    let any = |e: domain::Envelope<C>| Any::InternalCommand(e.map(domain::InternalCommand::Onboarding));
    named("internal.commands", "causeway.internal.commands.onboarding", kind, any, records)
}

fn partner_commands() -> Vec<Sample> {
    use PartnerCommand as C;
    let space = || OpenSpace { programme: shared("Supplier EDI"), target_live_at: later() };
    let records: Vec<(&str, C)> = vec![
        ("OpenSpace", C::OpenSpace(space())),
        ("UpdateSpace", C::UpdateSpace(space())),
        (
            "SetStatus",
            C::SetStatus(SetStatus {
                status: domain::ProgrammeStatus::Invited,
                label: shared("Invited"),
                reason: Some(shared("welcome")),
                only_if: only_if(),
            }),
        ),
        (
            "UpsertTask",
            C::UpsertTask(UpsertTask {
                task_id: text("12"),
                title: shared("Send a W-9"),
                instructions: Some(shared("Signed, as PDF")),
                owner_side: text("PARTNER"),
                mandatory: true,
                document_type: Some(shared("W9")),
                depends_on: vec![text("11")],
                due_at: later(),
                reason: Some(shared("a new rule")),
            }),
        ),
        (
            "SetTaskStatus",
            C::SetTaskStatus(SetTaskStatus {
                task_id: text("12"),
                status: domain::TaskStatus::Waived,
                label: shared("Waived"),
                reason: Some(shared("on file")),
                only_if: only_if(),
            }),
        ),
        (
            "SetMilestone",
            C::SetMilestone(SetMilestone {
                code: shared("CERTIFIED"),
                label: shared("Certified"),
                state: text("planned"),
                date: later(),
                previous_date: later(),
                reason: Some(shared("a month later")),
            }),
        ),
        (
            "SetReadiness",
            C::SetReadiness(SetReadiness {
                state: text("NOT_READY"),
                label: shared("Not ready"),
                done: 1,
                total: 4,
                blockers: vec![PublicBlocker { task_id: text("12"), document_type: Some(shared("W9")) }],
                hidden: 2,
            }),
        ),
        (
            "PostComment",
            C::PostComment(PostTaskComment {
                task_id: text("12"),
                note_key: text("k1"),
                author_label: Some(shared("Support")),
                text: shared("on page 2"),
            }),
        ),
    ];
    let kind = |command: &C| domain::PartnerCommand::Onboarding(command.clone()).kind();
    let any = |e: domain::Envelope<C>| Any::PartnerCommand(e.map(domain::PartnerCommand::Onboarding));
    named("partner.commands", "causeway.partner.commands.onboarding", kind, any, records)
}
