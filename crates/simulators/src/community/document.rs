//! Documents beside cases: the same feed and the same rules of keys and tokens, a life of their own, version by version.

pub mod action;
mod decide;
pub mod outward;
pub mod wire;

pub use decide::decide;

use super::wire::Change;
use crate::files::File;
use domain::{DocumentStatus as S, FileClaim};
use wire::{Document, Version, What};

/// Takes a change over.
pub fn fold(record: &mut Document, change: &Change, status: S, what: &What) {
    record.status = status;
    record.version = change.version;
    record.updated_at = change.occurred_at;
    match what {
        What::Shared(_) | What::Published(_) | What::Viewed { .. } => {}
        What::VersionPublished(published) => outward::offered(record, published),
        What::VersionAdded(added) => {
            if let Some(version) = record.versions.last_mut() {
                version.status = S::Superseded;
            }
            let shared = &mut record.shared;
            shared.file.clone_from(&added.file);
            shared.valid_from.clone_from(&added.valid_from);
            shared.valid_to.clone_from(&added.valid_to);
            (record.status_label, record.status_reason) = (String::new(), String::new());
            record.renewal = None;
            record.versions.push(Version {
                version_no: added.version_no,
                file: added.file.clone(),
                status,
                valid_from: added.valid_from.clone(),
                valid_to: added.valid_to.clone(),
                change_note: added.change_note.clone(),
                decision: None,
                refusal: String::new(),
            });
        }
        What::CommentAdded(comment) | What::CommentPosted(comment) => record.comments.push(comment.clone()),
        What::Withdrawn { .. } => record.offered = None,
        What::Acknowledged { reference } if reference.is_empty() => {}
        What::Acknowledged { reference } => record.reference.clone_from(reference),
        What::StatusChanged { to, label, status_code, reason, version_no, .. } => {
            if matches!(to, S::Withdrawn) || (*to == S::Expired && record.offered == Some(*version_no)) {
                record.offered = None;
            }
            if *version_no == 0 || *version_no == record.newest() {
                said(record, label, reason);
                record.status_code.clone_from(status_code);
            }
        }
        What::Decided(decision) => {
            said(record, &decision.label, &decision.comment);
            record.status_code.clone_from(&decision.status_code);
            if !decision.valid_to.is_empty() {
                record.shared.valid_to.clone_from(&decision.valid_to);
            }
            if status.is_offered() {
                record.offered = Some(decision.version_no);
            } else if record.offered == Some(decision.version_no) {
                record.offered = None;
            }
            if let Some(version) = record.versions.last_mut() {
                version.decision = Some(decision.clone());
                version.valid_to.clone_from(&record.shared.valid_to);
            }
        }
        What::FileRejected { label, text, .. } => {
            said(record, label, text);
            if let Some(version) = record.versions.last_mut() {
                version.refusal.clone_from(text);
            }
        }
        What::RenewalRequested(renewal) => {
            said(record, &renewal.label, &renewal.text);
            record.renewal = Some(renewal.clone());
        }
    }
    if let Some(version) = record.versions.last_mut() {
        version.status = status;
    }
}

/// The file of a version as any other: its bytes were uploaded before. `None` where its owner says that there are none.
pub fn of_version(claim: &FileClaim) -> Option<File> {
    claim.withheld.is_empty().then(|| File {
        id: claim.source_id.clone(),
        name: claim.file_name.clone(),
        media_type: claim.media_type.clone(),
        // What is said to have no size was not uploaded either.
        size: u64::try_from(claim.size).unwrap_or(u64::MAX),
        sha256: claim.sha256.clone(),
    })
}

/// The file that a change brings, under the id that the community gave it.
pub fn brought(what: &What) -> Option<File> {
    let claim = match what {
        What::Shared(shared) => &shared.file,
        What::VersionAdded(added) => &added.file,
        What::Published(published) => &published.file,
        What::VersionPublished(published) => &published.file,
        What::CommentAdded(_)
        | What::Withdrawn { .. }
        | What::Viewed { .. }
        | What::Acknowledged { .. }
        | What::StatusChanged { .. }
        | What::CommentPosted(_)
        | What::Decided(_)
        | What::FileRejected { .. }
        | What::RenewalRequested(_) => return None,
    };
    of_version(claim).filter(|file| !file.id.is_empty())
}

fn said(record: &mut Document, label: &str, reason: &str) {
    label.clone_into(&mut record.status_label);
    reason.clone_into(&mut record.status_reason);
}

#[cfg(test)]
mod tests;
