//! What may be asked of a discrepancy: the request bodies of the contract.

use super::super::action::{Acknowledge, AddComment, PostComment, Reason};
use super::wire::EvidenceRequest;
use domain::DiscrepancyStatus;
use domain::discrepancy::{Line, LineAnswer, LineOutcome, Raised};
use domain::issue::DocumentRef;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetStatus {
    pub status: DiscrepancyStatus,
    pub label: String,
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub expected_resolution_at: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Propose {
    pub outcome_version: String,
    #[serde(default)]
    pub lines: Vec<LineOutcome<String>>,
    pub note: String,
    #[serde(default)]
    pub confirm_by: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalate {
    pub text: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settle {
    pub closure: String,
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub references: String,
}

/// A line with its new values; its number is in the path as well.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correct {
    pub line: Line,
    #[serde(default)]
    pub reason: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Give {
    pub text: String,
    #[serde(default)]
    pub author: String,
    #[serde(default)]
    pub documents: Vec<DocumentRef>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    #[serde(default)]
    pub lines: Vec<LineAnswer>,
    #[serde(default)]
    pub comment: String,
    #[serde(default)]
    pub documents: Vec<DocumentRef>,
}

/// A request that changes something.
#[derive(Clone, Debug)]
pub enum Action {
    Raise(Box<Raised>),
    CorrectLine { line_no: String, correct: Box<Correct> },
    AddComment(AddComment),
    GiveEvidence(Give),
    Answer { outcome_version: String, confirmed: bool, reply: Reply },
    Withdraw(Reason),
    Acknowledge(Acknowledge),
    SetStatus(SetStatus),
    PostComment(PostComment),
    RequestEvidence(EvidenceRequest),
    Propose(Propose),
    Escalate(Escalate),
    Settle(Settle),
}
