//! The contract's data about documents. What partners share has the shapes of `domain::document`.

use super::super::wire::{Change, Comment};
use super::outward::{Publish, PublishVersion};
use domain::document::{Correction, SharedDocument, VersionAdded};
use domain::{DocumentStatus, FileClaim};
use serde::{Deserialize, Serialize};

/// What happened, by kind. The first five are the partner's doing, the others the host's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "payload")]
pub enum What {
    #[serde(rename = "document-shared")]
    Shared(Box<SharedDocument>),
    #[serde(rename = "document-version-added")]
    VersionAdded(Box<VersionAdded>),
    #[serde(rename = "document-comment-added")]
    CommentAdded(Comment),
    #[serde(rename = "document-withdrawn")]
    Withdrawn { reason: String },
    #[serde(rename = "document-viewed")]
    Viewed { version_no: i64 },
    #[serde(rename = "document-acknowledged")]
    Acknowledged { reference: String },
    #[serde(rename = "document-status-changed")]
    StatusChanged {
        from: DocumentStatus,
        to: DocumentStatus,
        label: String,
        status_code: String,
        reason: String,
        version_no: i64,
    },
    #[serde(rename = "document-comment-posted")]
    CommentPosted(Comment),
    #[serde(rename = "document-decided")]
    Decided(Decision),
    #[serde(rename = "document-file-rejected")]
    FileRejected { version_no: i64, label: String, text: String },
    #[serde(rename = "document-renewal-requested")]
    RenewalRequested(Renewal),
    #[serde(rename = "document-published")]
    Published(Box<Publish>),
    #[serde(rename = "document-version-published")]
    VersionPublished(Box<PublishVersion>),
}

impl What {
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Shared(_) => "document-shared",
            Self::VersionAdded(_) => "document-version-added",
            Self::CommentAdded(_) => "document-comment-added",
            Self::Withdrawn { .. } => "document-withdrawn",
            Self::Viewed { .. } => "document-viewed",
            Self::Acknowledged { .. } => "document-acknowledged",
            Self::StatusChanged { .. } => "document-status-changed",
            Self::CommentPosted(_) => "document-comment-posted",
            Self::Decided(_) => "document-decided",
            Self::FileRejected { .. } => "document-file-rejected",
            Self::RenewalRequested(_) => "document-renewal-requested",
            Self::Published(_) => "document-published",
            Self::VersionPublished(_) => "document-version-published",
        }
    }
}

/// What the review of one version came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    pub version_no: i64,
    /// `APPROVED`, `CONDITIONAL`, `REJECTED` or `CORRECTION_REQUIRED`.
    pub decision: String,
    pub label: String,
    /// UNTDID 1373.
    #[serde(default)]
    pub status_code: String,
    #[serde(default)]
    pub reason_code: String,
    #[serde(default)]
    pub comment: String,
    #[serde(default)]
    pub corrections: Vec<Correction<String>>,
    #[serde(default)]
    pub valid_to: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renewal {
    pub version_no: i64,
    pub label: String,
    pub text: String,
    #[serde(default)]
    pub valid_to: Option<i64>,
    #[serde(default)]
    pub days_left: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    pub version_no: i64,
    pub file: FileClaim,
    pub status: DocumentStatus,
    pub valid_from: String,
    pub valid_to: String,
    pub change_note: String,
    pub decision: Option<Decision>,
    /// Why its file could not be accepted; empty where it could.
    pub refusal: String,
}

/// A document as both sides see it; file and validity are those of the newest version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    pub id: String,
    pub partner_id: String,
    /// The host's own key of a document of its own; empty where the partner shared it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub external_reference: String,
    /// Of the newest version.
    pub status: DocumentStatus,
    /// Counts changes; not to be mistaken for the number of a version.
    pub version: u64,
    pub environment: String,
    pub opened_at: i64,
    pub updated_at: i64,
    #[serde(flatten)]
    pub shared: SharedDocument,
    pub status_label: String,
    pub status_code: String,
    pub status_reason: String,
    /// The host's reference, for the partner to quote.
    pub reference: String,
    pub versions: Vec<Version>,
    /// The latest approved version, the only one that is offered; `None` where none is.
    pub offered: Option<i64>,
    pub renewal: Option<Renewal>,
    pub comments: Vec<Comment>,
}

impl Document {
    /// As it begins with this change.
    pub fn new(change: &Change, status: DocumentStatus, shared: SharedDocument) -> Self {
        let version = Version {
            version_no: 1,
            file: shared.file.clone(),
            status,
            valid_from: shared.valid_from.clone(),
            valid_to: shared.valid_to.clone(),
            change_note: String::new(),
            decision: None,
            refusal: String::new(),
        };
        Self {
            id: change.case_id.clone(),
            partner_id: change.partner_id.clone(),
            external_reference: change.external_reference.clone(),
            status,
            version: change.version,
            environment: change.environment.clone(),
            opened_at: change.occurred_at,
            updated_at: change.occurred_at,
            shared,
            status_label: String::new(),
            status_code: String::new(),
            status_reason: String::new(),
            reference: String::new(),
            versions: vec![version],
            offered: None,
            renewal: None,
            comments: Vec::new(),
        }
    }

    /// Number of the newest version.
    pub fn newest(&self) -> i64 {
        self.versions.last().map_or(0, |version| version.version_no)
    }
}
