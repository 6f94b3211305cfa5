//! Use case 1: a partner's transaction issue becomes a case in X; status, public comments and resolution go back.
//!
//! Events carry what their source said in the source's own values; code lists are strings, checked by the bundle.
//! Field names follow TMF621 (Trouble Ticket) where it has them, X12 and EDIFACT for references.

mod command;

pub use command::*;

use crate::{FileClaim, Marked, Timestamp};
use serde::{Deserialize, Serialize};

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
    #[serde(default)]
    pub files: Vec<FileClaim>,
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
    /// How the case stood at the community when it was written, in the community's own value: only what is said while the
    /// partner is asked is an answer. Empty where it is not told.
    #[serde(default)]
    pub case_status: String,
    #[serde(default)]
    pub files: Vec<FileClaim>,
}

/// The partner wrote its comment anew; what was said before stands no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentRevised {
    pub note_id: String,
    #[serde(default)]
    pub author: String,
    pub text: String,
    /// As in [`CommentAdded`].
    #[serde(default)]
    pub format: String,
    /// When the comment was first written; all that agents have to tell one from another.
    #[serde(default)]
    pub written_at: Option<Timestamp>,
}

/// The partner took its comment away. Its text is not repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentRemoved {
    pub note_id: String,
    #[serde(default)]
    pub written_at: Option<Timestamp>,
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
    CommentRevised(CommentRevised),
    CommentRemoved(CommentRemoved),
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
    /// Files that came with it; those of an internal note are not even asked for.
    #[serde(default)]
    pub files: Vec<FileClaim<Marked<String>>>,
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

/// Agents put this record into another one and go on there: this one is over. The record itself says no more whose it
/// was, so the partner comes from the bond. Of the other one nothing is for this partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merged {
    pub into_record: String,
    /// Where it is known: the partner of the other record.
    #[serde(default)]
    pub into_partner: String,
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
    Merged(Merged),
    InternalNoteAdded(InternalNoteAdded),
    Assigned(Assigned),
    PriorityChanged(PriorityChanged),
    FieldChanged(FieldChanged),
}
