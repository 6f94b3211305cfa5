//! The contract's data about onboarding spaces.

use super::super::wire::Comment;
use super::action::{Open, SetMilestone, SetReadiness, Update, UpsertTask};
use domain::onboarding::{InvitationAnswer, QuestionAsked, TaskSubmitted};
use domain::{ProgrammeStatus, TaskStatus};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What happened, by kind. The last five are the partner's doing or the clock's, the others the host's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "payload")]
pub enum What {
    #[serde(rename = "onboarding-opened")]
    Opened(Open),
    #[serde(rename = "onboarding-updated")]
    Updated(Update),
    #[serde(rename = "onboarding-status-changed")]
    StatusChanged { from: ProgrammeStatus, to: ProgrammeStatus, label: String, reason: String },
    #[serde(rename = "onboarding-task-upserted")]
    TaskUpserted(UpsertTask),
    #[serde(rename = "onboarding-task-status-changed")]
    TaskStatusChanged { task_id: String, from: TaskStatus, to: TaskStatus, label: String, reason: String },
    #[serde(rename = "onboarding-milestone-set")]
    MilestoneSet(SetMilestone),
    #[serde(rename = "onboarding-readiness-set")]
    ReadinessSet(SetReadiness),
    #[serde(rename = "onboarding-comment-posted")]
    CommentPosted { task_id: String, comment: Comment },
    #[serde(rename = "onboarding-invitation-accepted")]
    InvitationAccepted(InvitationAnswer),
    #[serde(rename = "onboarding-invitation-declined")]
    InvitationDeclined(InvitationAnswer),
    #[serde(rename = "onboarding-invitation-expired")]
    InvitationExpired(InvitationAnswer),
    #[serde(rename = "onboarding-task-submitted")]
    TaskSubmitted(TaskSubmitted),
    #[serde(rename = "onboarding-question-asked")]
    QuestionAsked(QuestionAsked),
}

impl What {
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Opened(_) => "onboarding-opened",
            Self::Updated(_) => "onboarding-updated",
            Self::StatusChanged { .. } => "onboarding-status-changed",
            Self::TaskUpserted(_) => "onboarding-task-upserted",
            Self::TaskStatusChanged { .. } => "onboarding-task-status-changed",
            Self::MilestoneSet(_) => "onboarding-milestone-set",
            Self::ReadinessSet(_) => "onboarding-readiness-set",
            Self::CommentPosted { .. } => "onboarding-comment-posted",
            Self::InvitationAccepted(_) => "onboarding-invitation-accepted",
            Self::InvitationDeclined(_) => "onboarding-invitation-declined",
            Self::InvitationExpired(_) => "onboarding-invitation-expired",
            Self::TaskSubmitted(_) => "onboarding-task-submitted",
            Self::QuestionAsked(_) => "onboarding-question-asked",
        }
    }
}

/// A task that stands in the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blocker {
    pub task_id: String,
    #[serde(default)]
    pub document_type: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub title: String,
    pub instructions: String,
    pub owner_side: String,
    pub mandatory: bool,
    pub document_type: String,
    pub depends_on: Vec<String>,
    pub due_at: Option<i64>,
    pub status: TaskStatus,
    pub status_label: String,
    pub reason: String,
}

impl Default for Task {
    fn default() -> Self {
        Self {
            title: String::new(),
            instructions: String::new(),
            owner_side: String::new(),
            mandatory: false,
            document_type: String::new(),
            depends_on: Vec::new(),
            due_at: None,
            status: TaskStatus::New,
            status_label: String::new(),
            reason: String::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    pub label: String,
    pub state: String,
    pub date: Option<i64>,
    pub previous_date: Option<i64>,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    pub state: String,
    pub label: String,
    pub done: i64,
    pub total: i64,
    pub blockers: Vec<Blocker>,
    pub hidden: i64,
}

/// A comment about a task, or about the programme where it names none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    pub task_id: String,
    #[serde(flatten)]
    pub comment: Comment,
}

/// A partner's onboarding as both sides see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Space {
    pub id: String,
    pub partner_id: String,
    pub external_reference: String,
    pub status: ProgrammeStatus,
    pub version: u64,
    pub environment: String,
    pub opened_at: i64,
    pub updated_at: i64,
    pub programme: String,
    pub target_live_at: Option<i64>,
    pub status_label: String,
    pub status_reason: String,
    /// By the host's key.
    pub tasks: BTreeMap<String, Task>,
    /// By code.
    pub milestones: BTreeMap<String, Milestone>,
    pub readiness: Option<Readiness>,
    pub comments: Vec<Remark>,
}

impl Space {
    /// Tasks that have to be done before this one and are not. A task that nobody was told of is nobody's obstacle here:
    /// the host makes a task active.
    pub fn waits_for<'t>(&self, task: &'t Task) -> Vec<&'t str> {
        let open = |id: &&String| self.tasks.get(*id).is_some_and(|before| !before.status.is_over());
        task.depends_on.iter().filter(open).map(String::as_str).collect()
    }

    /// Ids of the tasks whose date has passed and that are not over.
    pub fn overdue(&self, now: i64) -> Vec<&str> {
        let late = |task: &Task| !task.status.is_over() && task.due_at.is_some_and(|due| due < now);
        self.tasks.iter().filter(|(_, task)| late(task)).map(|(id, _)| id.as_str()).collect()
    }
}
