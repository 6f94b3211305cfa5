//! Use case 3: a partner is onboarded in X; programme, tasks, required documents, milestones and readiness are published,
//! and what the partner answers comes back.
//!
//! Events carry what X said in X's own values; code lists are strings, checked by the bundle. A task has no subject of
//! its own: all that concerns one programme lies at one place of the log, in order, with the task's id in the payload.

mod command;
mod record;
mod status;

pub use command::*;
pub use record::*;
pub use status::*;

use crate::Marked;
use crate::issue::{Assigned, Contact, DocumentRef, FieldChanged, InternalNoteAdded, StatusChanged};
use serde::{Deserialize, Serialize};

/// Dated checkpoints of a programme.
pub const MILESTONES: [&str; 12] = [
    "INVITED",
    "REGISTERED",
    "PROFILE_COMPLETE",
    "AGREEMENT_SIGNED",
    "DOCUMENTS_ACCEPTED",
    "CONNECTIVITY_PROVEN",
    "SYNTAX_TEST_PASSED",
    "BUSINESS_TEST_PASSED",
    "CERTIFIED",
    "PILOT",
    "LIVE",
    "HYPERCARE_ENDED",
];

/// Whose a task is.
pub const OWNER_SIDES: [&str; 2] = ["PARTNER", "HOST"];

/// May this partner trade in production? Computed in X.
pub const READINESS: [&str; 2] = ["READY", "NOT_READY"];

/// What became of a milestone.
pub const MILESTONE_STATES: [&str; 3] = ["planned", "reached", "dropped"];

/// A programme as X holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Programme {
    /// Which programme, in X's own word.
    pub programme: String,
    /// In X's own value.
    #[serde(default)]
    pub status: String,
    /// RFC 3339, or an ISO 8601 calendar date; empty where none is set.
    #[serde(default)]
    pub target_live_at: String,
    /// A line for each, see [`MilestonesChanged`].
    #[serde(default)]
    pub milestones: String,
}

/// A task as X holds it, whole: nobody needs to know what it was before.
///
/// Its texts are for the partner where the record is: a task of the partner's, or one of the house's that is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// X's own key of the task's record.
    pub task_id: String,
    #[serde(default)]
    pub title: Marked<String>,
    #[serde(default)]
    pub instructions: Marked<String>,
    /// One of [`OWNER_SIDES`], as X wrote it.
    #[serde(default)]
    pub owner_side: String,
    #[serde(default)]
    pub mandatory: bool,
    /// Type of the document that is wanted, in X's own word; empty where none is.
    #[serde(default)]
    pub document_type: String,
    /// Ids of the tasks to be done before.
    #[serde(default)]
    pub depends_on: Vec<String>,
    /// RFC 3339; empty where none is set.
    #[serde(default)]
    pub due_at: String,
    /// In X's own value.
    #[serde(default)]
    pub status: String,
    /// The status before, where the status is what changed.
    #[serde(default)]
    pub from: String,
    /// What X holds for the partner about a waiver, a new date, a return or a cancellation.
    #[serde(default)]
    pub reason: Marked<String>,
    /// It was just made invisible to the partner.
    #[serde(default)]
    pub hidden: bool,
}

/// Milestones as they were and as they are: lines of `<X's word> <calendar date> [reached]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MilestonesChanged {
    #[serde(default)]
    pub from: String,
    #[serde(default)]
    pub to: String,
    /// What X holds for the partner about it.
    #[serde(default)]
    pub reason: Marked<String>,
}

/// What stands between the partner and production, without any text: the partner knows its tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocker {
    pub task_id: String,
    /// In X's own word; empty where the task wants none.
    #[serde(default)]
    pub document_type: String,
}

/// The answer to "may this partner trade in production?", as X computed it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadinessChanged {
    /// One of [`READINESS`].
    pub state: String,
    /// Mandatory tasks completed or waived, and all of them.
    #[serde(default)]
    pub done: i64,
    #[serde(default)]
    pub total: i64,
    /// Tasks the partner knows of.
    #[serde(default)]
    pub blockers: Vec<Blocker>,
    /// How many tasks of the house stand in the way that the partner is not shown.
    #[serde(default)]
    pub hidden: i64,
}

/// A comment in X that its author meant for the partner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskComment {
    /// Empty: about the programme.
    #[serde(default)]
    pub task_id: String,
    pub note_id: String,
    #[serde(default)]
    pub author: String,
    #[serde(default)]
    pub text: Marked<String>,
    #[serde(default)]
    pub format: String,
}

/// What X says of a programme and its tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InternalEvent {
    Started(Programme),
    ProgrammeChanged(Programme),
    StatusChanged(StatusChanged),
    TaskPublished(Task),
    TaskChanged(Task),
    TaskStatusChanged(Task),
    MilestonesChanged(MilestonesChanged),
    ReadinessChanged(ReadinessChanged),
    CommentAdded(TaskComment),
    InternalNoteAdded(InternalNoteAdded),
    Assigned(Assigned),
    FieldChanged(FieldChanged),
}

/// The partner's answer to an invitation; of one that ran out nobody says anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationAnswer {
    #[serde(default)]
    pub contact: Contact,
    #[serde(default)]
    pub comment: String,
}

/// What the partner hands in for a task; bytes of files are not carried.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskSubmitted {
    pub task_id: String,
    /// The community's key of it.
    pub note_id: String,
    #[serde(default)]
    pub author: String,
    #[serde(default)]
    pub answer: String,
    #[serde(default)]
    pub documents: Vec<DocumentRef>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionAsked {
    /// Empty: about the programme.
    #[serde(default)]
    pub task_id: String,
    /// The community's key of it.
    pub note_id: String,
    #[serde(default)]
    pub author: String,
    #[serde(default)]
    pub text: String,
}

/// What the community says of a programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartnerEvent {
    InvitationAccepted(InvitationAnswer),
    InvitationDeclined(InvitationAnswer),
    InvitationExpired(InvitationAnswer),
    TaskSubmitted(TaskSubmitted),
    QuestionAsked(QuestionAsked),
}
