//! Onboarding spaces beside cases: the host makes them under its own reference, the partner answers in them.

pub mod action;
mod decide;
pub mod wire;

pub use decide::decide;

use super::wire::{Change, Comment};
use domain::ProgrammeStatus;
use wire::{Milestone, Readiness, Space, What};

/// Takes a change over.
pub fn fold(space: &mut Space, change: &Change, status: ProgrammeStatus, what: &What) {
    space.status = status;
    space.version = change.version;
    space.updated_at = change.occurred_at;
    match what {
        What::Opened(c) => {
            space.programme.clone_from(&c.programme);
            space.target_live_at = c.target_live_at;
        }
        What::Updated(c) => {
            space.programme.clone_from(&c.programme);
            space.target_live_at = c.target_live_at;
        }
        What::StatusChanged { label, reason, .. } => {
            space.status_label.clone_from(label);
            space.status_reason.clone_from(reason);
        }
        What::TaskUpserted(c) => upsert(space, c),
        What::TaskStatusChanged { task_id, to, label, reason, .. } => {
            if let Some(task) = space.tasks.get_mut(task_id) {
                task.status = *to;
                task.status_label.clone_from(label);
                task.reason.clone_from(reason);
            }
        }
        What::MilestoneSet(c) => {
            let milestone = Milestone {
                label: c.label.clone(),
                state: c.state.clone(),
                date: c.date,
                previous_date: c.previous_date,
                reason: c.reason.clone(),
            };
            space.milestones.insert(c.code.clone(), milestone);
        }
        What::ReadinessSet(c) => {
            space.readiness = Some(Readiness {
                state: c.state.clone(),
                label: c.label.clone(),
                done: c.done,
                total: c.total,
                blockers: c.blockers.clone(),
                hidden: c.hidden,
            });
        }
        What::CommentPosted { task_id, comment } => space.comments.push(about(task_id, comment)),
        What::InvitationAccepted(_) | What::InvitationDeclined(_) | What::InvitationExpired(_) => {
            space.status_label.clear();
        }
        What::TaskSubmitted(c) => {
            if let Some(task) = space.tasks.get_mut(&c.task_id) {
                task.status = domain::TaskStatus::Submitted;
                task.status_label.clear();
                task.reason.clear();
            }
            let said = said(&c.note_id, &c.author, &c.answer);
            space.comments.push(about(&c.task_id, &said));
        }
        What::QuestionAsked(c) => {
            let said = said(&c.note_id, &c.author, &c.text);
            space.comments.push(about(&c.task_id, &said));
        }
    }
}

fn upsert(space: &mut Space, c: &action::UpsertTask) {
    let task = space.tasks.entry(c.task_id.clone()).or_default();
    task.title.clone_from(&c.title);
    task.instructions.clone_from(&c.instructions);
    task.owner_side.clone_from(&c.owner_side);
    task.mandatory = c.mandatory;
    task.document_type.clone_from(&c.document_type);
    task.depends_on.clone_from(&c.depends_on);
    task.due_at = c.due_at;
    task.reason.clone_from(&c.reason);
}

fn said(note_id: &str, author: &str, text: &str) -> Comment {
    Comment {
        note_id: note_id.to_owned(),
        author: author.to_owned(),
        text: text.to_owned(),
        format: "plain".to_owned(),
        note_key: String::new(),
        files: Vec::new(),
        written_at: None,
        removed: false,
    }
}

fn about(task_id: &str, comment: &Comment) -> wire::Remark {
    wire::Remark { task_id: task_id.to_owned(), comment: comment.clone() }
}

#[cfg(test)]
mod tests;
