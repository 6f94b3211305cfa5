//! Use case 3: until when a task of the partner's is to be handed in.
//!
//! The date is the case system's and needs no bundle to be understood; whether the partner is waited for is read from what
//! the community was told.

use crate::heard::Change;
use domain::onboarding::{InternalEvent as I, PartnerEvent as P, Task};
use domain::outcome::FieldHash;
use domain::timer::Kind;
use domain::{ContentHash, ProgrammeStatus, TaskStatus, date};

/// Each word about a task tells it whole.
pub(crate) fn said_by_house(event: &I) -> Vec<Change> {
    match event {
        I::TaskPublished(task) | I::TaskChanged(task) | I::TaskStatusChanged(task) => vec![due(task)],
        I::Started(_)
        | I::ProgrammeChanged(_)
        | I::StatusChanged(_)
        | I::MilestonesChanged(_)
        | I::ReadinessChanged(_)
        | I::CommentAdded(_)
        | I::InternalNoteAdded(_)
        | I::Assigned(_)
        | I::FieldChanged(_) => Vec::new(),
    }
}

/// Of a task of the house its own system reminds. What is no date is a text for people and sets nothing.
fn due(task: &Task) -> Change {
    let partners = task.owner_side == "PARTNER" && !task.hidden;
    let from = partners.then(|| date::parse(task.due_at.trim())).flatten();
    Change::Due { kind: Kind::TaskDue, item: task.task_id.clone(), from }
}

pub(crate) fn said_by_partner(event: &P) -> Vec<Change> {
    match event {
        P::TaskSubmitted(e) => vec![Change::Waits { item: e.task_id.clone(), waits: false }],
        P::InvitationAccepted(_) => vec![whole(true)],
        P::InvitationDeclined(_) | P::InvitationExpired(_) => vec![whole(false)],
        P::QuestionAsked(_) => Vec::new(),
    }
}

fn whole(waits: bool) -> Change {
    Change::Waits { item: String::new(), waits }
}

/// How the programme, or one of its tasks, stands at the community now.
pub(crate) fn stands(fields: &[FieldHash]) -> Vec<Change> {
    fields.iter().filter_map(of_field).collect()
}

fn of_field(field: &FieldHash) -> Option<Change> {
    let is = |word: &str| field.hash == ContentHash::of_bytes(word.as_bytes());
    if field.field == "status" {
        let status = ProgrammeStatus::ALL.into_iter().find(|status| is(status.as_str()))?;
        return Some(whole(goes_on(status)));
    }
    let item = field.field.strip_prefix("task/")?.strip_suffix("/status")?;
    let status = TaskStatus::ALL.into_iter().find(|status| is(status.as_str()))?;
    Some(Change::Waits { item: item.to_owned(), waits: status == TaskStatus::Active })
}

/// Nobody is reminded while a programme rests or when it is over.
const fn goes_on(status: ProgrammeStatus) -> bool {
    match status {
        ProgrammeStatus::Identified
        | ProgrammeStatus::Invited
        | ProgrammeStatus::Registered
        | ProgrammeStatus::Configuring
        | ProgrammeStatus::Connecting
        | ProgrammeStatus::Testing
        | ProgrammeStatus::Certified
        | ProgrammeStatus::Live => true,
        ProgrammeStatus::Expired
        | ProgrammeStatus::Declined
        | ProgrammeStatus::OnHold
        | ProgrammeStatus::Suspended
        | ProgrammeStatus::Offboarded => false,
    }
}
