//! What may be asked of an onboarding space: the request bodies of the contract.

use super::wire::Blocker;
use domain::issue::{Contact, DocumentRef};
use domain::{ProgrammeStatus, TaskStatus};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// The host's own key of the programme; the second one of one key is the first.
    pub external_reference: String,
    pub partner_id: String,
    pub programme: String,
    #[serde(default)]
    pub target_live_at: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Update {
    pub programme: String,
    #[serde(default)]
    pub target_live_at: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetStatus {
    pub status: ProgrammeStatus,
    pub label: String,
    #[serde(default)]
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpsertTask {
    pub task_id: String,
    pub title: String,
    #[serde(default)]
    pub instructions: String,
    /// `PARTNER` or `HOST`.
    pub owner_side: String,
    #[serde(default)]
    pub mandatory: bool,
    #[serde(default)]
    pub document_type: String,
    #[serde(default)]
    pub depends_on: Vec<String>,
    #[serde(default)]
    pub due_at: Option<i64>,
    #[serde(default)]
    pub reason: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetTaskStatus {
    pub task_id: String,
    pub status: TaskStatus,
    pub label: String,
    #[serde(default)]
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetMilestone {
    pub code: String,
    pub label: String,
    /// `planned`, `reached` or `dropped`.
    pub state: String,
    #[serde(default)]
    pub date: Option<i64>,
    #[serde(default)]
    pub previous_date: Option<i64>,
    #[serde(default)]
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetReadiness {
    /// `READY` or `NOT_READY`.
    pub state: String,
    pub label: String,
    #[serde(default)]
    pub done: i64,
    #[serde(default)]
    pub total: i64,
    #[serde(default)]
    pub blockers: Vec<Blocker>,
    #[serde(default)]
    pub hidden: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Post {
    #[serde(default)]
    pub task_id: String,
    pub note_key: String,
    #[serde(default)]
    pub author_label: String,
    pub text: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    #[serde(default)]
    pub contact: Contact,
    #[serde(default)]
    pub comment: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submit {
    #[serde(default)]
    pub author: String,
    #[serde(default)]
    pub answer: String,
    #[serde(default)]
    pub documents: Vec<DocumentRef>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    #[serde(default)]
    pub task_id: String,
    #[serde(default)]
    pub author: String,
    pub text: String,
}

/// A request that changes something.
#[derive(Clone, Debug)]
pub enum Action {
    Open(Open),
    Update(Update),
    SetStatus(SetStatus),
    UpsertTask(UpsertTask),
    SetTaskStatus(SetTaskStatus),
    SetMilestone(SetMilestone),
    SetReadiness(SetReadiness),
    Post(Post),
    Accept(Answer),
    Decline(Answer),
    /// By the community's clock.
    Expire,
    Submit {
        task_id: String,
        submit: Submit,
    },
    Ask(Ask),
}
