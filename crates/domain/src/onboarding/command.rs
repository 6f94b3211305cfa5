//! What either side is asked to do about a programme.

use super::{ProgrammeStatus, TaskStatus};
use crate::issue::{AddInternalNote, StatusWrite, UpdateFields};
use crate::{ContentHash, OnlyIf, Shared, Timestamp};
use serde::{Deserialize, Serialize};

/// Move the status of a task's record in X.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskStatusWrite {
    /// X's own key; the record must be a member of the programme that the subject names.
    pub task_id: String,
    pub write: StatusWrite,
}

/// Tell the agents something at the record of a task, or of the programme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskNote {
    /// Empty: at the programme.
    #[serde(default)]
    pub task_id: String,
    pub note: AddInternalNote,
    /// Of that record's status.
    #[serde(default)]
    pub only_if: Option<OnlyIf>,
}

/// Fields of the record of a task, or of the programme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskFields {
    /// Empty: of the programme.
    #[serde(default)]
    pub task_id: String,
    pub write: UpdateFields,
}

/// What X is asked to do about a programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InternalCommand {
    /// The partner joins.
    AcceptInvitation(StatusWrite),
    DeclineInvitation(StatusWrite),
    ExpireInvitation(StatusWrite),
    /// The partner handed in what a task asks for.
    SubmitTask(TaskStatusWrite),
    AddInternalNote(TaskNote),
    /// What agents are told in a field, such as how far the partner's side has followed.
    UpdateFields(TaskFields),
}

impl InternalCommand {
    /// The record it is about, where that is not the subject's own.
    pub fn task(&self) -> Option<&str> {
        match self {
            Self::SubmitTask(c) => Some(c.task_id.as_str()),
            Self::AddInternalNote(c) => Some(c.task_id.as_str()).filter(|id| !id.is_empty()),
            Self::UpdateFields(c) => Some(c.task_id.as_str()).filter(|id| !id.is_empty()),
            Self::AcceptInvitation(_) | Self::DeclineInvitation(_) | Self::ExpireInvitation(_) => None,
        }
    }
}

/// Make the place where the partner sees its programme; the external reference is the subject itself. The second one of
/// one reference is the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSpace<T = Shared<String>> {
    /// Which programme, in the partner's language, from the bundle.
    pub programme: T,
    #[serde(default)]
    pub target_live_at: Option<Timestamp>,
}

/// Also the content of an update.
pub type UpdateSpace<T = Shared<String>> = OpenSpace<T>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetStatus<T = Shared<String>> {
    pub status: ProgrammeStatus,
    /// The status in the partner's language, from the bundle.
    pub label: T,
    #[serde(default)]
    pub reason: Option<T>,
    #[serde(default)]
    pub only_if: Option<OnlyIf>,
}

/// A task as the partner is to see it, whole. The second one of one id changes the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpsertTask<T = Shared<String>> {
    pub task_id: String,
    pub title: T,
    #[serde(default)]
    pub instructions: Option<T>,
    /// One of [`super::OWNER_SIDES`].
    pub owner_side: String,
    #[serde(default)]
    pub mandatory: bool,
    /// A code of the bundle's, and its name in the partner's language.
    #[serde(default)]
    pub document_type: Option<T>,
    #[serde(default)]
    pub depends_on: Vec<String>,
    #[serde(default)]
    pub due_at: Option<Timestamp>,
    /// Why it changed.
    #[serde(default)]
    pub reason: Option<T>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetTaskStatus<T = Shared<String>> {
    pub task_id: String,
    pub status: TaskStatus,
    /// The status in the partner's language, from the bundle.
    pub label: T,
    #[serde(default)]
    pub reason: Option<T>,
    /// Of the task's status.
    #[serde(default)]
    pub only_if: Option<OnlyIf>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetMilestone<T = Shared<String>> {
    /// One of [`super::MILESTONES`].
    pub code: T,
    pub label: T,
    /// One of [`super::MILESTONE_STATES`].
    pub state: String,
    #[serde(default)]
    pub date: Option<Timestamp>,
    /// What was promised before, where that differs.
    #[serde(default)]
    pub previous_date: Option<Timestamp>,
    #[serde(default)]
    pub reason: Option<T>,
}

/// What stands in the way, as the partner may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicBlocker<T = Shared<String>> {
    pub task_id: String,
    #[serde(default)]
    pub document_type: Option<T>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetReadiness<T = Shared<String>> {
    /// One of [`super::READINESS`].
    pub state: String,
    pub label: T,
    #[serde(default)]
    pub done: i64,
    #[serde(default)]
    pub total: i64,
    #[serde(default)]
    pub blockers: Vec<PublicBlocker<T>>,
    /// How many tasks of the house that are not shown stand in the way.
    #[serde(default)]
    pub hidden: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostTaskComment<T = Shared<String>> {
    /// Empty: about the programme.
    #[serde(default)]
    pub task_id: String,
    /// Our stable key of the comment.
    pub note_key: String,
    /// A role, never a person.
    #[serde(default)]
    pub author_label: Option<T>,
    pub text: T,
}

/// What the community is asked to do about a programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartnerCommand<T = Shared<String>> {
    OpenSpace(OpenSpace<T>),
    UpdateSpace(UpdateSpace<T>),
    SetStatus(SetStatus<T>),
    UpsertTask(UpsertTask<T>),
    SetTaskStatus(SetTaskStatus<T>),
    SetMilestone(SetMilestone<T>),
    SetReadiness(SetReadiness<T>),
    PostComment(PostTaskComment<T>),
}

/// The name under which a task's status counts among the fields of a programme.
pub fn task_status_field(task_id: &str) -> String {
    task_field(task_id, "status")
}

/// As above, of any field of its record.
pub fn task_field(task_id: &str, name: &str) -> String {
    format!("task/{task_id}/{name}")
}

impl InternalCommand {
    /// Over the task and what is asked of it; a condition is not content.
    pub(crate) fn hash_at(&self, task: &str) -> ContentHash {
        match self {
            Self::AcceptInvitation(c) | Self::DeclineInvitation(c) | Self::ExpireInvitation(c) => ContentHash::of(c),
            Self::SubmitTask(c) => ContentHash::of(&(task, &c.write.to)),
            Self::AddInternalNote(c) => ContentHash::of(&(task, &c.note.text)),
            Self::UpdateFields(c) => ContentHash::of(&(task, &c.write)),
        }
    }
}

impl<T: Serialize> PartnerCommand<T> {
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::OpenSpace(_) => "partner.onboarding.open-space",
            Self::UpdateSpace(_) => "partner.onboarding.update-space",
            Self::SetStatus(_) => "partner.onboarding.set-status",
            Self::UpsertTask(_) => "partner.onboarding.upsert-task",
            Self::SetTaskStatus(_) => "partner.onboarding.set-task-status",
            Self::SetMilestone(_) => "partner.onboarding.set-milestone",
            Self::SetReadiness(_) => "partner.onboarding.set-readiness",
            Self::PostComment(_) => "partner.onboarding.post-comment",
        }
    }

    pub(crate) fn content_hash(&self) -> ContentHash {
        match self {
            Self::OpenSpace(c) | Self::UpdateSpace(c) => ContentHash::of(c),
            Self::SetStatus(c) => ContentHash::of(c),
            Self::UpsertTask(c) => ContentHash::of(c),
            Self::SetTaskStatus(c) => ContentHash::of(c),
            Self::SetMilestone(c) => ContentHash::of(c),
            Self::SetReadiness(c) => ContentHash::of(c),
            Self::PostComment(c) => ContentHash::of(c),
        }
    }

    /// What is set is set whole, so that of two the later one counts.
    pub(crate) fn fields(&self) -> Vec<(String, ContentHash)> {
        let word = |name: &str, value: &str| vec![(name.to_owned(), ContentHash::of_bytes(value.as_bytes()))];
        match self {
            // Making the space and the space's content are not one: what comes later must not keep it from being made.
            Self::OpenSpace(_) | Self::PostComment(_) => Vec::new(),
            Self::UpdateSpace(_) => vec![("space".to_owned(), self.content_hash())],
            Self::SetStatus(c) => word("status", c.status.as_str()),
            Self::UpsertTask(c) => vec![(format!("task/{}", c.task_id), self.content_hash())],
            Self::SetTaskStatus(c) => word(&task_status_field(&c.task_id), c.status.as_str()),
            Self::SetMilestone(c) => {
                let code = serde_json::to_value(&c.code).unwrap_or_default();
                vec![(format!("milestone/{}", code.as_str().unwrap_or_default()), self.content_hash())]
            }
            Self::SetReadiness(_) => vec![("readiness".to_owned(), self.content_hash())],
        }
    }

    pub(crate) const fn only_if(&self) -> Option<&OnlyIf> {
        match self {
            Self::SetStatus(c) => c.only_if.as_ref(),
            Self::SetTaskStatus(c) => c.only_if.as_ref(),
            Self::OpenSpace(_)
            | Self::UpdateSpace(_)
            | Self::UpsertTask(_)
            | Self::SetMilestone(_)
            | Self::SetReadiness(_)
            | Self::PostComment(_) => None,
        }
    }
}

impl<T> PartnerCommand<T> {
    /// The task whose status a condition is about.
    pub fn task_id(&self) -> Option<&str> {
        match self {
            Self::UpsertTask(c) => Some(c.task_id.as_str()),
            Self::SetTaskStatus(c) => Some(c.task_id.as_str()),
            Self::PostComment(c) => Some(c.task_id.as_str()).filter(|id| !id.is_empty()),
            Self::OpenSpace(_)
            | Self::UpdateSpace(_)
            | Self::SetStatus(_)
            | Self::SetMilestone(_)
            | Self::SetReadiness(_) => None,
        }
    }

    /// Every text of the command through `f`, nothing else touched.
    pub fn map_text<U>(self, f: impl Fn(T) -> U) -> PartnerCommand<U> {
        let space = |c: OpenSpace<T>| OpenSpace { programme: f(c.programme), target_live_at: c.target_live_at };
        match self {
            Self::OpenSpace(c) => PartnerCommand::OpenSpace(space(c)),
            Self::UpdateSpace(c) => PartnerCommand::UpdateSpace(space(c)),
            Self::SetStatus(c) => PartnerCommand::SetStatus(SetStatus {
                status: c.status,
                label: f(c.label),
                reason: c.reason.map(f),
                only_if: c.only_if,
            }),
            Self::UpsertTask(c) => PartnerCommand::UpsertTask(UpsertTask {
                task_id: c.task_id,
                title: f(c.title),
                instructions: c.instructions.map(&f),
                owner_side: c.owner_side,
                mandatory: c.mandatory,
                document_type: c.document_type.map(&f),
                depends_on: c.depends_on,
                due_at: c.due_at,
                reason: c.reason.map(f),
            }),
            Self::SetTaskStatus(c) => PartnerCommand::SetTaskStatus(SetTaskStatus {
                task_id: c.task_id,
                status: c.status,
                label: f(c.label),
                reason: c.reason.map(f),
                only_if: c.only_if,
            }),
            Self::SetMilestone(c) => PartnerCommand::SetMilestone(SetMilestone {
                code: f(c.code),
                label: f(c.label),
                state: c.state,
                date: c.date,
                previous_date: c.previous_date,
                reason: c.reason.map(f),
            }),
            Self::SetReadiness(c) => PartnerCommand::SetReadiness(SetReadiness {
                state: c.state,
                label: f(c.label),
                done: c.done,
                total: c.total,
                blockers: c
                    .blockers
                    .into_iter()
                    .map(|b| PublicBlocker { task_id: b.task_id, document_type: b.document_type.map(&f) })
                    .collect(),
                hidden: c.hidden,
            }),
            Self::PostComment(c) => PartnerCommand::PostComment(PostTaskComment {
                task_id: c.task_id,
                note_key: c.note_key,
                author_label: c.author_label.map(&f),
                text: f(c.text),
            }),
        }
    }
}
