//! The contract's data about discrepancies. Lines, shipments and answers have the shapes of `domain::discrepancy`.

use super::super::wire::Comment;
use domain::DiscrepancyStatus;
use domain::discrepancy::{EvidenceGiven, LineCorrected, LineOutcome, OutcomeAnswer, Raised};
use serde::{Deserialize, Serialize};

/// What happened, by kind. The first seven are the partner's doing, the others the host's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "payload")]
pub enum What {
    #[serde(rename = "discrepancy-raised")]
    Raised(Box<Raised>),
    #[serde(rename = "discrepancy-line-corrected")]
    LineCorrected(LineCorrected),
    #[serde(rename = "discrepancy-comment-added")]
    CommentAdded(Comment),
    #[serde(rename = "discrepancy-evidence-given")]
    EvidenceGiven(EvidenceGiven),
    #[serde(rename = "discrepancy-outcome-confirmed")]
    OutcomeConfirmed(OutcomeAnswer),
    #[serde(rename = "discrepancy-outcome-contested")]
    OutcomeContested(OutcomeAnswer),
    #[serde(rename = "discrepancy-withdrawn")]
    Withdrawn { reason: String },
    #[serde(rename = "discrepancy-acknowledged")]
    Acknowledged { reference: String },
    #[serde(rename = "discrepancy-status-changed")]
    StatusChanged {
        from: DiscrepancyStatus,
        to: DiscrepancyStatus,
        label: String,
        reason: String,
        expected_resolution_at: Option<i64>,
    },
    #[serde(rename = "discrepancy-comment-posted")]
    CommentPosted(Comment),
    #[serde(rename = "discrepancy-evidence-requested")]
    EvidenceRequested(EvidenceRequest),
    #[serde(rename = "discrepancy-outcome-proposed")]
    OutcomeProposed(Outcome),
    #[serde(rename = "discrepancy-escalated")]
    Escalated { text: String },
    #[serde(rename = "discrepancy-settled")]
    Settled { closure: String, text: String, references: String },
}

impl What {
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Raised(_) => "discrepancy-raised",
            Self::LineCorrected(_) => "discrepancy-line-corrected",
            Self::CommentAdded(_) => "discrepancy-comment-added",
            Self::EvidenceGiven(_) => "discrepancy-evidence-given",
            Self::OutcomeConfirmed(_) => "discrepancy-outcome-confirmed",
            Self::OutcomeContested(_) => "discrepancy-outcome-contested",
            Self::Withdrawn { .. } => "discrepancy-withdrawn",
            Self::Acknowledged { .. } => "discrepancy-acknowledged",
            Self::StatusChanged { .. } => "discrepancy-status-changed",
            Self::CommentPosted(_) => "discrepancy-comment-posted",
            Self::EvidenceRequested(_) => "discrepancy-evidence-requested",
            Self::OutcomeProposed(_) => "discrepancy-outcome-proposed",
            Self::Escalated { .. } => "discrepancy-escalated",
            Self::Settled { .. } => "discrepancy-settled",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceRequest {
    pub question: String,
    #[serde(default)]
    pub document_types: Vec<String>,
    #[serde(default)]
    pub due_at: Option<i64>,
}

/// A proposal, and the answer to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub outcome_version: String,
    /// 1 for the first; each contest ends a round.
    pub round: i64,
    pub lines: Vec<LineOutcome<String>>,
    pub note: String,
    pub confirm_by: Option<i64>,
    /// Empty, `confirmed` or `contested`.
    #[serde(default)]
    pub answer: String,
}

/// A discrepancy as both sides see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discrepancy {
    pub id: String,
    pub partner_id: String,
    pub status: DiscrepancyStatus,
    pub version: u64,
    pub environment: String,
    pub opened_at: i64,
    pub updated_at: i64,
    #[serde(flatten)]
    pub raised: Raised,
    pub status_label: String,
    pub status_reason: String,
    pub expected_resolution_at: Option<i64>,
    /// The host's reference, for the partner to quote.
    pub reference: String,
    pub evidence_request: Option<EvidenceRequest>,
    pub outcome: Option<Outcome>,
    /// What the host said when it passed a contest upwards.
    pub escalated: String,
    pub closure: String,
    /// References of what settles it.
    pub settlement: String,
    pub comments: Vec<Comment>,
}

impl Discrepancy {
    /// The round that a proposal of now belongs to.
    pub fn round(&self) -> i64 {
        self.outcome.as_ref().map_or(1, |o| o.round + i64::from(o.answer == "contested"))
    }

    /// The time for an answer to the proposal has passed.
    pub fn has_lapsed(&self, now: i64) -> bool {
        self.outcome.as_ref().and_then(|o| o.confirm_by).is_some_and(|by| by < now)
    }
}

/// Evidence stands among the comments, where both sides look.
pub fn comment_of(given: &EvidenceGiven) -> Comment {
    Comment {
        note_id: given.note_id.clone(),
        author: given.author.clone(),
        text: given.text.clone(),
        format: "plain".to_owned(),
        note_key: String::new(),
        files: Vec::new(),
        written_at: None,
        removed: false,
    }
}
