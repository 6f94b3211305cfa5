//! The last days of a document's versions.

use super::{DAY, meta, words};
use crate::{Heard, Tracked, due};
use domain::document::{ABOUT_VALID_TO, ABOUT_VERSION, PartnerEvent as P, SharedDocument, VersionAdded};
use domain::issue::Withdrawn;
use domain::outcome::{Done, FieldHash};
use domain::timer::{Kind, Rule};
use domain::{CommandRef, ContentHash, Envelope, Marked, Outcome, PartnerEvent, Timestamp};
use proptest::prelude::*;

fn said(at: i64, event: P) -> Envelope<PartnerEvent> {
    Envelope { meta: meta(at, &format!("{at}")), payload: PartnerEvent::Document(event) }
}

fn shared(valid_to: &str) -> P {
    P::Shared(Box::new(SharedDocument { valid_to: valid_to.to_owned(), ..SharedDocument::default() }))
}

fn added(version_no: i64, valid_to: &str) -> P {
    P::VersionAdded(VersionAdded { version_no, valid_to: valid_to.to_owned(), ..VersionAdded::default() })
}

/// A review of this version reached the community, and may have given it another last day.
fn decided(at: i64, offset: i64, status: &str, version: i64, valid_to: &str) -> Envelope<Outcome> {
    let mut meta = meta(at, &format!("{at}/{offset}"));
    meta.ext.insert(ABOUT_VERSION.to_owned(), version.to_string());
    if !valid_to.is_empty() {
        meta.ext.insert(ABOUT_VALID_TO.to_owned(), valid_to.to_owned());
    }
    let kind = "partner.document.decide".to_owned();
    let command = CommandRef { id: meta.id, kind, hash: ContentHash::default(), offset };
    let fields = vec![FieldHash { field: "status".to_owned(), hash: ContentHash::of_bytes(status.as_bytes()) }];
    let (native_id, reference, effects) = ("1".to_owned(), Marked::default(), Vec::new());
    let done = Done { command, native_id, reference, effects, fields, version: String::new(), created: false };
    Envelope { meta, payload: Outcome::Done(done) }
}

fn at(tracked: &Tracked, now: i64) -> Vec<String> {
    let rule = |id: &str, fires| Rule { id: id.to_owned(), kind: Kind::DocumentValidTo, fires, deadline: Some(0) };
    let rules = [rule("soon", -2 * DAY), rule("over", 0)];
    words(&due(&super::subject(), tracked, &rules, Timestamp(now)))
}

#[test]
fn every_version_has_a_last_day_of_its_own_and_counts_to_its_end() {
    let mut tracked = Tracked::default();
    tracked.fold(Heard::Partner(&said(0, shared("1970-01-10"))));
    tracked.fold(Heard::Partner(&said(1, added(2, "1970-01-20"))));
    tracked.fold(Heard::Partner(&said(2, added(3, "until recalled"))));
    for version in 1..4 {
        tracked.fold(Heard::AtPartner(&decided(3, version, "approved", version, "")));
    }
    assert_eq!(at(&tracked, 8 * DAY - 1), [""; 0]);
    assert_eq!(at(&tracked, 8 * DAY), ["service-level.timer.reminder-due soon 1"]);
    assert_eq!(at(&tracked, 10 * DAY), ["service-level.timer.deadline-passed over 1"]);
    assert_eq!(at(&tracked, 21 * DAY).len(), 2);
}

#[test]
fn a_review_that_names_another_last_day_moves_it_and_one_that_approves_nothing_does_not() {
    let mut tracked = Tracked::default();
    tracked.fold(Heard::Partner(&said(0, shared("1970-01-10"))));
    tracked.fold(Heard::AtPartner(&decided(3, 7, "rejected", 1, "1970-01-05")));
    tracked.fold(Heard::AtPartner(&decided(4, 8, "approved", 1, "")));
    assert_eq!(at(&tracked, 10 * DAY), ["service-level.timer.deadline-passed over 1"]);
    tracked.fold(Heard::AtPartner(&decided(5, 9, "approved", 1, "1970-02-10")));
    assert_eq!(at(&tracked, 10 * DAY), [""; 0]);
    assert_eq!(at(&tracked, 41 * DAY), ["service-level.timer.deadline-passed over 1"]);
}

#[test]
fn the_last_day_of_a_version_counts_once_it_is_approved_however_late_that_is() {
    let mut tracked = Tracked::default();
    tracked.fold(Heard::Partner(&said(0, shared("1970-01-10"))));
    tracked.fold(Heard::Partner(&said(1, added(2, "1970-01-10"))));
    assert_eq!(at(&tracked, 30 * DAY), [""; 0]);
    tracked.fold(Heard::AtPartner(&decided(9 * DAY, 1, "conditionally-approved", 2, "")));
    assert_eq!(at(&tracked, 9 * DAY), ["service-level.timer.reminder-due soon 2"]);
    assert_eq!(at(&tracked, 11 * DAY), ["service-level.timer.deadline-passed over 2"]);
    tracked.fold(Heard::AtPartner(&decided(10 * DAY, 2, "rejected", 2, "")));
    assert_eq!(at(&tracked, 11 * DAY), [""; 0]);
}

#[test]
fn what_its_partner_took_back_has_no_last_day() {
    let mut tracked = Tracked::default();
    tracked.fold(Heard::Partner(&said(0, shared("1970-01-10"))));
    tracked.fold(Heard::AtPartner(&decided(1, 1, "approved", 1, "")));
    assert_eq!(at(&tracked, 30 * DAY).len(), 1);
    tracked.fold(Heard::Partner(&said(2, P::Withdrawn(Withdrawn { reason: String::new() }))));
    assert_eq!(at(&tracked, 30 * DAY), [""; 0]);
}

proptest! {
    #[test]
    fn order_and_repetition_change_nothing_of_last_days(
        acts in prop::collection::vec((0..6i64, 1..4i64, 1..28u8, 0..4u8), 1..12),
        order in prop::collection::vec(0..40usize, 0..40),
    ) {
        let day = |day: u8| format!("1970-03-{day:02}");
        let events: Vec<_> = acts.iter().enumerate().map(|(n, (at, version, on, what))| {
            let at = at + 10 * n as i64;
            said(at, if *what == 0 { P::Withdrawn(Withdrawn { reason: String::new() }) } else { added(*version, &day(*on)) })
        }).collect();
        let outcomes: Vec<_> = acts.iter().enumerate()
            .map(|(n, (at, version, on, _))| decided(*at, n as i64 + 1, "approved", *version, &day(*on))).collect();
        let records: Vec<Heard<'_>> =
            outcomes.iter().map(Heard::AtPartner).chain(events.iter().map(Heard::Partner)).collect();
        let (mut straight, mut shuffled) = (Tracked::default(), Tracked::default());
        for record in &records {
            straight.fold(*record);
        }
        for at in order {
            shuffled.fold(records[at % records.len()]);
        }
        for record in records.iter().rev() {
            shuffled.fold(*record);
        }
        prop_assert_eq!(straight, shuffled);
    }
}
