//! The contract's data, as `schemas/trading-grid.openapi.yaml` describes it. Times are Unix milliseconds, UTC.

use super::{discrepancy, document, onboarding};
use crate::files::File;
use domain::{CaseStatus, DiscrepancyStatus, DocumentStatus, ProgrammeStatus};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    pub name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub language: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub role: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentRef {
    pub type_code: String,
    pub number: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub issue_date: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TransactionRef {
    pub standard: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub set_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub direction: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sender: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub receiver: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub interchange_control: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub group_control: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub set_control: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub network_reference: String,
}

/// What a partner says when opening a case; also the payload of `opened`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCase {
    pub title: String,
    pub description: String,
    pub severity: String,
    pub category: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sub_category: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<DocumentRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<TransactionRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_resolution_at: Option<i64>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub language: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    pub field: String,
    pub old: String,
    pub new: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    pub note_id: String,
    /// For the host a role, never a person.
    pub author: String,
    pub text: String,
    pub format: String,
    /// The host's own key of its comment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note_key: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_at: Option<i64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
}

/// What happened, by kind. The first eight are the partner's doing, the others the host's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "payload", rename_all = "kebab-case")]
pub enum What {
    Opened(Box<NewCase>),
    DetailsChanged {
        changes: Vec<FieldChange>,
        reason: String,
    },
    CommentAdded(Comment),
    CommentRevised {
        note_id: String,
        author: String,
        text: String,
        format: String,
        written_at: i64,
    },
    CommentRemoved {
        note_id: String,
        written_at: i64,
    },
    Withdrawn {
        reason: String,
    },
    ResolutionAccepted {
        resolution_version: String,
        comment: String,
    },
    ResolutionRejected {
        resolution_version: String,
        comment: String,
    },
    Acknowledged {
        reference: String,
    },
    StatusChanged {
        from: CaseStatus,
        to: CaseStatus,
        label: String,
        reason: String,
        expected_resolution_at: Option<i64>,
    },
    CommentPosted(Comment),
    InformationRequested {
        question: String,
        due_at: Option<i64>,
    },
    ResolutionProposed {
        resolution_version: String,
        code: String,
        note: String,
    },
    Closed {
        closure: String,
        text: String,
    },
    Reopened {
        reason: String,
    },
}

impl What {
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Opened(_) => "opened",
            Self::DetailsChanged { .. } => "details-changed",
            Self::CommentAdded(_) => "comment-added",
            Self::CommentRevised { .. } => "comment-revised",
            Self::CommentRemoved { .. } => "comment-removed",
            Self::Withdrawn { .. } => "withdrawn",
            Self::ResolutionAccepted { .. } => "resolution-accepted",
            Self::ResolutionRejected { .. } => "resolution-rejected",
            Self::Acknowledged { .. } => "acknowledged",
            Self::StatusChanged { .. } => "status-changed",
            Self::CommentPosted(_) => "comment-posted",
            Self::InformationRequested { .. } => "information-requested",
            Self::ResolutionProposed { .. } => "resolution-proposed",
            Self::Closed { .. } => "closed",
            Self::Reopened { .. } => "reopened",
        }
    }
}

/// What happened to a case, a discrepancy, a document or an onboarding space; their kinds differ in every word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Happened {
    Case(What),
    Discrepancy(discrepancy::wire::What),
    Onboarding(onboarding::wire::What),
    Document(document::wire::What),
}

impl Happened {
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Case(what) => what.kind(),
            Self::Discrepancy(what) => what.kind(),
            Self::Onboarding(what) => what.kind(),
            Self::Document(what) => what.kind(),
        }
    }
}

/// Of a case, a discrepancy, a document or a programme; what happened says of which. Read back, a word that several of them have may
/// stand under any of these: see [`Status::of_document`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Status {
    Case(CaseStatus),
    Discrepancy(DiscrepancyStatus),
    Onboarding(ProgrammeStatus),
    Document(DocumentStatus),
}

impl Status {
    /// The same word as the status of a document; `None` where documents have no such word.
    pub fn of_document(self) -> Option<DocumentStatus> {
        match self {
            Self::Document(status) => Some(status),
            Self::Case(status) => DocumentStatus::parse(status.as_str()).ok(),
            Self::Onboarding(status) => DocumentStatus::parse(status.as_str()).ok(),
            Self::Discrepancy(status) => DocumentStatus::parse(status.as_str()).ok(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub id: String,
    /// `partner` or `host`.
    pub side: String,
}

/// One change of one case, discrepancy or document, whose id is `case_id`: a line of the feed, and the answer to the request that made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub id: String,
    pub case_id: String,
    pub partner_id: String,
    /// Of an onboarding space or a document of the host's own: the host's own key of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub external_reference: String,
    #[serde(flatten)]
    pub what: Happened,
    pub actor: Actor,
    pub occurred_at: i64,
    /// Of the case after the change; grows by one.
    pub version: u64,
    /// Of the case or discrepancy after the change.
    pub status: Status,
    /// `T` or `P`.
    pub environment: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ext: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    pub resolution_version: String,
    pub code: String,
    pub note: String,
    /// Empty, `accepted` or `rejected`.
    pub answer: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InformationRequest {
    pub question: String,
    pub due_at: Option<i64>,
}

/// A case as both sides see it: the community holds nothing that the partner may not see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub id: String,
    pub partner_id: String,
    pub status: CaseStatus,
    pub version: u64,
    pub environment: String,
    pub opened_at: i64,
    pub updated_at: i64,
    #[serde(flatten)]
    pub details: NewCaseView,
    /// The status in the partner's language, as the host last said it.
    pub status_label: String,
    pub status_reason: String,
    pub expected_resolution_at: Option<i64>,
    /// The host's reference, for the partner to quote.
    pub reference: String,
    pub information_request: Option<InformationRequest>,
    pub resolution: Option<Resolution>,
    pub closure: String,
    pub comments: Vec<Comment>,
}

/// [`NewCase`] without the refusal of unknown fields, which cannot be flattened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCaseView {
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
    pub requested_resolution_at: Option<i64>,
    #[serde(default)]
    pub language: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
}

impl From<NewCase> for NewCaseView {
    fn from(new: NewCase) -> Self {
        Self {
            title: new.title,
            description: new.description,
            severity: new.severity,
            category: new.category,
            sub_category: new.sub_category,
            contact: new.contact.unwrap_or_default(),
            documents: new.documents,
            transaction: new.transaction,
            requested_resolution_at: new.requested_resolution_at,
            language: new.language,
            files: new.files,
        }
    }
}
