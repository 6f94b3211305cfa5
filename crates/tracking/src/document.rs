//! Use case 2. Every version has a last day of its own: an older one may be offered still while a newer one is looked at.
//! The day counts from the approval on, also where it is near or over by then: before, nothing is offered that could be
//! renewed. Which version is offered, the community knows; what is said of another concerns nobody there.

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
    let from = Some(day.plus_millis(DAY));
    vec![Change::Due { kind: Kind::DocumentValidTo, item: version_no.to_string(), from }]
}

/// How the document stands at the community now. A review may have given its version another last day: that goes with the
/// decision into its outcome.
pub(crate) fn stands(status: Status, about: &BTreeMap<String, String>) -> Vec<Change> {
    let version: Option<i64> = about.get(ABOUT_VERSION).and_then(|version| version.parse().ok());
    let waits = |waits| version.map(|version| Change::Waits { item: version.to_string(), waits });
    match status {
        Status::Withdrawn | Status::Archived | Status::Purged => vec![Change::Over],
        Status::Approved | Status::ConditionallyApproved => {
            let day = version.zip(about.get(ABOUT_VALID_TO)).map(|(version, day)| last_day(version, day));
            day.unwrap_or_default().into_iter().chain(waits(true)).collect()
        }
        Status::Rejected | Status::CorrectionRequested => waits(false).into_iter().collect(),
        Status::Uploaded
        | Status::Scanning
        | Status::Quarantined
        | Status::Available
        | Status::UnderReview
        | Status::Expiring
        | Status::Expired
        | Status::Superseded => Vec::new(),
    }
}
