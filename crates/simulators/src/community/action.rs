//! What may be asked of a case: the request bodies of the contract.

use super::discrepancy::action::Action as Dispute;
use super::document::action::Action as Paper;
use super::document::of_version;
use super::onboarding::action::Action as Onboarding;
use super::wire::NewCase;
use crate::files::File;
use domain::CaseStatus;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledge {
    #[serde(default)]
    pub reference: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetStatus {
    pub status: CaseStatus,
    pub label: String,
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub expected_resolution_at: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostComment {
    pub note_key: String,
    #[serde(default)]
    pub author_label: String,
    /// May be empty where there are files.
    pub text: String,
    #[serde(default)]
    pub files: Vec<File>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestInformation {
    pub question: String,
    #[serde(default)]
    pub due_at: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposeResolution {
    pub resolution_version: String,
    #[serde(default)]
    pub code: String,
    pub note: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Close {
    pub closure: String,
    #[serde(default)]
    pub text: String,
}

/// Also the body of a withdrawal.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    #[serde(default)]
    pub reason: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddComment {
    pub text: String,
    #[serde(default)]
    pub author: String,
    /// `plain`, `markdown` or `html`; plain where it is missing.
    #[serde(default)]
    pub format: String,
    #[serde(default)]
    pub files: Vec<File>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoveComment {}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeDetails {
    /// New value by field.
    pub fields: BTreeMap<String, String>,
    #[serde(default)]
    pub reason: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    #[serde(default)]
    pub comment: String,
}

/// A request that changes something.
#[derive(Clone, Debug)]
pub enum Action {
    Open(Box<NewCase>),
    ChangeDetails(ChangeDetails),
    AddComment(AddComment),
    ReviseComment {
        note_id: String,
        comment: AddComment,
    },
    RemoveComment {
        note_id: String,
    },
    Withdraw(Reason),
    AnswerResolution {
        resolution_version: String,
        accepted: bool,
        answer: Answer,
    },
    Acknowledge(Acknowledge),
    SetStatus(SetStatus),
    PostComment(PostComment),
    RequestInformation(RequestInformation),
    ProposeResolution(ProposeResolution),
    Close(Close),
    Reopen(Reason),
    /// Of a discrepancy instead of a case.
    Dispute(Dispute),
    /// Of an onboarding space.
    Onboarding(Onboarding),
    /// Of a document instead of a case.
    Paper(Paper),
}

impl Action {
    /// Files whose bytes must have been uploaded before.
    pub fn files(&self) -> Cow<'_, [File]> {
        let listed = match self {
            Self::Paper(Paper::Share(a)) => return Cow::Owned(of_version(&a.file).into_iter().collect()),
            Self::Paper(Paper::AddVersion(a)) => return Cow::Owned(of_version(&a.file).into_iter().collect()),
            Self::Paper(Paper::Publish(a)) => return Cow::Owned(of_version(&a.file).into_iter().collect()),
            Self::Paper(Paper::PublishVersion(a)) => return Cow::Owned(of_version(&a.file).into_iter().collect()),
            Self::Open(a) => a.files.as_slice(),
            Self::AddComment(a) | Self::Dispute(Dispute::AddComment(a)) | Self::Paper(Paper::AddComment(a)) => &a.files,
            Self::PostComment(a) | Self::Dispute(Dispute::PostComment(a)) | Self::Paper(Paper::PostComment(a)) => {
                &a.files
            }
            Self::ChangeDetails(_)
            | Self::ReviseComment { .. }
            | Self::RemoveComment { .. }
            | Self::Withdraw(_)
            | Self::AnswerResolution { .. }
            | Self::Acknowledge(_)
            | Self::SetStatus(_)
            | Self::RequestInformation(_)
            | Self::ProposeResolution(_)
            | Self::Close(_)
            | Self::Reopen(_)
            | Self::Dispute(_)
            | Self::Onboarding(_)
            | Self::Paper(_) => &[],
        };
        Cow::Borrowed(listed)
    }
}
