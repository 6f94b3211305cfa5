//! Discrepancies beside cases: the same feed and the same rules of keys and tokens, a life of its own.

pub mod action;
mod decide;
pub mod wire;

pub use decide::decide;

use super::wire::Change;
use domain::DiscrepancyStatus;
use wire::{Discrepancy, What};

/// Takes a change over.
pub fn fold(record: &mut Discrepancy, change: &Change, status: DiscrepancyStatus, what: &What) {
    if status != DiscrepancyStatus::EvidenceRequested {
        record.evidence_request = None;
    }
    record.status = status;
    record.version = change.version;
    record.updated_at = change.occurred_at;
    match what {
        What::Raised(_) | What::EvidenceGiven(_) | What::Withdrawn { .. } => {}
        What::LineCorrected(corrected) => record.raised.lines.clone_from(&corrected.lines),
        What::CommentAdded(comment) | What::CommentPosted(comment) => record.comments.push(comment.clone()),
        What::OutcomeConfirmed(_) => answered(record, "confirmed"),
        What::OutcomeContested(_) => answered(record, "contested"),
        What::Acknowledged { reference } if reference.is_empty() => {}
        What::Acknowledged { reference } => record.reference.clone_from(reference),
        What::StatusChanged { label, reason, expected_resolution_at, .. } => {
            record.status_label.clone_from(label);
            record.status_reason.clone_from(reason);
            if expected_resolution_at.is_some() {
                record.expected_resolution_at = *expected_resolution_at;
            }
        }
        What::EvidenceRequested(request) => record.evidence_request = Some(request.clone()),
        What::OutcomeProposed(outcome) => record.outcome = Some(outcome.clone()),
        What::Escalated { text } => record.escalated.clone_from(text),
        What::Settled { closure, references, .. } => {
            record.closure.clone_from(closure);
            record.settlement.clone_from(references);
        }
    }
    if let What::EvidenceGiven(given) = what {
        record.comments.push(wire::comment_of(given));
    }
}

fn answered(record: &mut Discrepancy, word: &str) {
    if let Some(outcome) = &mut record.outcome {
        word.clone_into(&mut outcome.answer);
    }
}

#[cfg(test)]
mod tests;
