//! Use case 1: a partner's transaction issue becomes a case in X; status, public comments and resolution go back.
//!
//! Events carry what their source said in the source's own values; code lists are strings, checked by the bundle.
//! Field names follow TMF621 (Trouble Ticket) where it has them, X12 and EDIFACT for references.

use crate::{CaseStatus, Marked, OnlyIf, Shared, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The person at the partner to talk to (TMF621 `relatedParty`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub name: String,
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub phone: String,
    /// BCP 47.
    #[serde(default)]
    pub language: String,
    #[serde(default)]
    pub role: String,
}

/// A business document the issue is about: UNTDID 1001 type code and its number (X12 127, at most 80 characters).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRef {
    pub type_code: String,
    pub number: String,
    /// ISO 8601 calendar date.
    #[serde(default)]
    pub issue_date: String,
}

/// The interchange the issue is about: X12 ISA/GS/ST or EDIFACT UNB/UNG/UNH, as the origin wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionRef {
    pub standard: String,
    #[serde(default)]
    pub set_id: String,
    #[serde(default)]
    pub direction: String,
    #[serde(default)]
    pub sender: String,
    #[serde(default)]
    pub receiver: String,
    #[serde(default)]
    pub interchange_control: String,
    #[serde(default)]
    pub group_control: String,
    #[serde(default)]
    pub set_control: String,
    #[serde(default)]
    pub network_reference: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    pub title: String,
    pub description: String,
    pub severity: String,
    pub category: String,
    #[serde(default)]
    pub sub_category: String,
    #[serde(default)]
    pub contact: Contact,
    #[serde(default)]
    pub documents: Vec<DocumentRef>,
    #[serde(default)]
    pub transaction: Option<TransactionRef>,
    #[serde(default)]
    pub requested_resolution_at: Option<Timestamp>,
    #[serde(default)]
    pub language: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    pub field: String,
    #[serde(default)]
    pub old: String,
    pub new: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetailsChanged {
    pub changes: Vec<FieldChange>,
    #[serde(default)]
    pub reason: String,
}

/// A comment that the partner wrote. `note_id` is the community's key of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentAdded {
    pub note_id: String,
    pub author: String,
    pub text: String,
    /// `plain`, `markdown` or `html`.
    #[serde(default)]
    pub format: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    #[serde(default)]
    pub reason: String,
}

/// The partner's answer to a proposed resolution; also used for the rejection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolutionAnswer {
    pub resolution_version: String,
    #[serde(default)]
    pub comment: String,
}

/// What the community says of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartnerEvent {
    Opened(Box<Opened>),
    DetailsChanged(DetailsChanged),
    CommentAdded(CommentAdded),
    Withdrawn(Withdrawn),
    ResolutionAccepted(ResolutionAnswer),
    ResolutionRejected(ResolutionAnswer),
}

/// A record appeared in X for this subject: the echo of our own create, or made by an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    pub record_id: String,
    pub number: String,
    #[serde(default)]
    pub queue: String,
    #[serde(default)]
    pub status: String,
}

/// X's status values, untranslated. `reason` is text that X holds for the partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusChanged {
    pub from: String,
    pub to: String,
    #[serde(default)]
    pub reason: Marked<String>,
    #[serde(default)]
    pub expected_resolution_at: Option<Timestamp>,
}

/// A comment in X that its author meant for the partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicCommentAdded {
    pub note_id: String,
    pub author: String,
    pub text: Marked<String>,
    #[serde(default)]
    pub format: String,
}

/// X asks the partner for something (TMF621 `InformationRequired`). Answered by a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InformationRequired {
    pub question: Marked<String>,
    #[serde(default)]
    pub due_at: Option<Timestamp>,
    /// The status of X while it waits, in X's own value.
    #[serde(default)]
    pub status: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// In X's own value.
    #[serde(default)]
    pub code: String,
    pub note: Marked<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// `partner-accepted`, `auto` or `agent`.
    pub kind: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reopened {
    #[serde(default)]
    pub reason: Marked<String>,
}

/// Recorded for audit and clocks; leads to no partner command, by type: its text is `Host`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternalNoteAdded {
    pub note_id: String,
    pub author: String,
    pub text: Marked<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assigned {
    #[serde(default)]
    pub owner: String,
    #[serde(default)]
    pub group: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriorityChanged {
    #[serde(default)]
    pub from: String,
    pub to: String,
}

/// Another field of X changed. The bundle may make a later status carry it; by itself it tells the partner nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChanged {
    pub field: String,
    #[serde(default)]
    pub from: Marked<String>,
    #[serde(default)]
    pub to: Marked<String>,
}

/// What X says of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InternalEvent {
    Created(Created),
    StatusChanged(StatusChanged),
    PublicCommentAdded(PublicCommentAdded),
    InformationRequired(InformationRequired),
    Resolved(Resolved),
    Closed(Closed),
    Reopened(Reopened),
    InternalNoteAdded(InternalNoteAdded),
    Assigned(Assigned),
    PriorityChanged(PriorityChanged),
    FieldChanged(FieldChanged),
}

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
            Self::PostComment(c) => PartnerCommand::PostComment(PostComment {
                note_key: c.note_key,
                author_label: c.author_label.map(&f),
                text: f(c.text),
            }),
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
