//! Use case 2. Every version has a last day of its own: an older one may be offered still while a newer one is looked at.
//! Which one is, the community knows; what is said of another concerns nobody there.

use crate::heard::Change;
use domain::document::{ABOUT_VALID_TO, ABOUT_VERSION, PartnerEvent as E};
use domain::timer::Kind;
use domain::{DocumentStatus as Status, date};
use std::collections::BTreeMap;

const DAY: i64 = 86_400_000;

pub(crate) fn said_by_partner(event: &E) -> Vec<Change> {
    match event {
        E::Shared(e) => last_day(1, &e.valid_to),
        E::VersionAdded(e) => last_day(e.version_no, &e.valid_to),
        E::Withdrawn(_) => vec![Change::Over],
        E::CommentAdded(_) => Vec::new(),
    }
}

/// A day counts to its end, in UTC. What is no day of the calendar is a text for people and sets nothing.
fn last_day(version_no: i64, valid_to: &str) -> Vec<Change> {
    let Some(day) = date::parse_day(valid_to.trim()) else { return Vec::new() };
    vec![Change::Set { kind: Kind::DocumentValidTo, item: version_no.to_string(), from: day.plus_millis(DAY) }]
}

/// How the document stands at the community now. A review may have given its version another last day: that goes with the
/// decision into its outcome.
pub(crate) fn stands(status: Status, about: &BTreeMap<String, String>) -> Vec<Change> {
    match status {
        Status::Withdrawn | Status::Archived | Status::Purged => vec![Change::Over],
        Status::Approved | Status::ConditionallyApproved => {
            let version = about.get(ABOUT_VERSION).and_then(|version| version.parse().ok());
            let valid_to = about.get(ABOUT_VALID_TO);
            version.zip(valid_to).map(|(version, valid_to)| last_day(version, valid_to)).unwrap_or_default()
        }
        Status::Uploaded
        | Status::Scanning
        | Status::Quarantined
        | Status::Available
        | Status::UnderReview
        | Status::Rejected
        | Status::CorrectionRequested
        | Status::Expiring
        | Status::Expired
        | Status::Superseded => Vec::new(),
    }
}
