//! What either side is asked to do about a case.

use crate::{CaseStatus, FileClaim, OnlyIf, Shared, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Make a record in X for the subject. Its external id is the subject itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateCase {
    /// Queue, project or assignment group, from the bundle's routes.
    pub route: String,
    pub title: String,
    pub description: String,
    /// X's own value; empty leaves it to X.
    #[serde(default)]
    pub status: String,
    #[serde(default)]
    pub priority: String,
    /// X's own field names and values.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

impl CreateCase {
    /// Name under which the priority counts among the fields, as both case systems call it.
    pub const PRIORITY: &'static str = "Priority";

    /// Fields that can be set again once the record is there, the priority among them.
    pub fn settable(&self) -> impl Iterator<Item = (&str, &str)> {
        let priority = (!self.priority.is_empty()).then_some((Self::PRIORITY, self.priority.as_str()));
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(priority)
    }
}

/// Set fields that the community masters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateFields {
    pub fields: BTreeMap<String, String>,
}

/// Say to X, in the partner's voice, what the partner wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddPublicComment {
    pub author: String,
    pub text: String,
    #[serde(default)]
    pub format: String,
    /// Attached in the same write.
    #[serde(default)]
    pub files: Vec<FileClaim>,
}

/// Tell the agents something that no partner may see: a refusal, a suggestion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddInternalNote {
    pub text: String,
}

/// Move X's status. `to` is X's own value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusWrite {
    pub to: String,
    #[serde(default)]
    pub only_if: Option<OnlyIf>,
}

impl StatusWrite {
    /// Holds only as long as the status is the one that this event told of.
    #[must_use]
    pub fn set_by(mut self, event: &str) -> Self {
        if let Some(only_if) = &mut self.only_if {
            event.clone_into(&mut only_if.set_by);
        }
        self
    }
}

/// What X is asked to do about a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InternalCommand {
    CreateCase(CreateCase),
    UpdateFields(UpdateFields),
    AddPublicComment(AddPublicComment),
    AddInternalNote(AddInternalNote),
    ResumeCase(StatusWrite),
    CancelCase(StatusWrite),
    CloseCase(StatusWrite),
    ReopenCase(StatusWrite),
}

/// Tell the partner that the case was taken on, with X's reference where the bundle shares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcknowledgeCase<T = Shared<String>> {
    #[serde(default)]
    pub reference: Option<T>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetCaseStatus<T = Shared<String>> {
    pub status: CaseStatus,
    /// The status in the partner's language, from the bundle.
    pub label: T,
    #[serde(default)]
    pub reason: Option<T>,
    #[serde(default)]
    pub expected_resolution_at: Option<Timestamp>,
    /// Set where an outcome caused it: what X did since must not be undone.
    #[serde(default)]
    pub only_if: Option<OnlyIf>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostComment<T = Shared<String>> {
    /// Our stable key of the comment, for edits and removals later.
    pub note_key: String,
    /// A role, never a person.
    #[serde(default)]
    pub author_label: Option<T>,
    pub text: T,
    /// Attached in the same write.
    #[serde(default)]
    pub files: Vec<FileClaim<T>>,
}

impl<T> PostComment<T> {
    pub(crate) fn map_text<U>(self, f: impl Fn(T) -> U) -> PostComment<U> {
        PostComment {
            note_key: self.note_key,
            author_label: self.author_label.map(&f),
            text: f(self.text),
            files: self.files.into_iter().map(|file| file.map_name(&f)).collect(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestInformation<T = Shared<String>> {
    pub question: T,
    #[serde(default)]
    pub due_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposeResolution<T = Shared<String>> {
    /// The partner's answer must name it. Derived from the event that proposed.
    pub resolution_version: String,
    #[serde(default)]
    pub code: Option<T>,
    pub note: T,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseCase<T = Shared<String>> {
    pub kind: String,
    #[serde(default)]
    pub text: Option<T>,
    #[serde(default)]
    pub only_if: Option<OnlyIf>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReopenCase<T = Shared<String>> {
    #[serde(default)]
    pub reason: Option<T>,
}

/// What the community is asked to do about a case. Text is [`Shared`] by default; `codec` alone names another `T`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartnerCommand<T = Shared<String>> {
    AcknowledgeCase(AcknowledgeCase<T>),
    SetCaseStatus(SetCaseStatus<T>),
    PostComment(PostComment<T>),
    RequestInformation(RequestInformation<T>),
    ProposeResolution(ProposeResolution<T>),
    CloseCase(CloseCase<T>),
    ReopenCase(ReopenCase<T>),
}

impl<T> PartnerCommand<T> {
    /// Every text of the command through `f`, nothing else touched.
    pub fn map_text<U>(self, f: impl Fn(T) -> U) -> PartnerCommand<U> {
        match self {
            Self::AcknowledgeCase(c) => {
                PartnerCommand::AcknowledgeCase(AcknowledgeCase { reference: c.reference.map(f) })
            }
            Self::SetCaseStatus(c) => PartnerCommand::SetCaseStatus(SetCaseStatus {
                status: c.status,
                label: f(c.label),
                reason: c.reason.map(f),
                expected_resolution_at: c.expected_resolution_at,
                only_if: c.only_if,
            }),
            Self::PostComment(c) => PartnerCommand::PostComment(c.map_text(f)),
            Self::RequestInformation(c) => {
                PartnerCommand::RequestInformation(RequestInformation { question: f(c.question), due_at: c.due_at })
            }
            Self::ProposeResolution(c) => PartnerCommand::ProposeResolution(ProposeResolution {
                resolution_version: c.resolution_version,
                code: c.code.map(&f),
                note: f(c.note),
            }),
            Self::CloseCase(c) => {
                PartnerCommand::CloseCase(CloseCase { kind: c.kind, text: c.text.map(f), only_if: c.only_if })
            }
            Self::ReopenCase(c) => PartnerCommand::ReopenCase(ReopenCase { reason: c.reason.map(f) }),
        }
    }
}
