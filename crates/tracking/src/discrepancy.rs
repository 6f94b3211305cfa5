//! Use case 4.

use crate::heard::Change;
use domain::discrepancy::{Line, PartnerEvent as E};
use domain::timer::Kind;
use domain::{DiscrepancyStatus as Status, Timestamp, date};

const DAY: i64 = 86_400_000;

pub(crate) fn said_by_partner(event: &E) -> Vec<Change> {
    match event {
        E::Raised(e) => deadlines(&e.lines),
        // All lines are there as they are now: what is not among them has no deadline any more.
        E::LineCorrected(e) => deadlines(&e.lines),
        E::EvidenceGiven(_) => vec![Change::Clear(Kind::PartnerAsked)],
        // A contest is the dispute that the deadline was for; a confirmation ends it.
        E::OutcomeConfirmed(_) | E::OutcomeContested(_) => {
            vec![Change::Clear(Kind::OutcomeOffered), Change::Clear(Kind::DisputeDeadline)]
        }
        E::Withdrawn(_) => vec![Change::Over],
        E::CommentAdded(_) => Vec::new(),
    }
}

/// A day counts to its end, in UTC. What is no day of the calendar is a text for people and sets nothing.
fn deadlines(lines: &[Line]) -> Vec<Change> {
    let of_line = |line: &Line| {
        let from = date::parse_day(line.dispute_deadline.trim())?.plus_millis(DAY);
        Some(Change::Set { kind: Kind::DisputeDeadline, item: line.line_no.clone(), from })
    };
    std::iter::once(Change::Clear(Kind::DisputeDeadline)).chain(lines.iter().filter_map(of_line)).collect()
}

/// How the discrepancy stands at the community now.
pub(crate) fn stands(status: Status, asked: Timestamp, offered: Timestamp) -> Vec<Change> {
    let mut changes = vec![Change::Clear(Kind::PartnerAsked), Change::Clear(Kind::OutcomeOffered)];
    let item = String::new();
    match status {
        Status::EvidenceRequested => changes.push(Change::Set { kind: Kind::PartnerAsked, item, from: asked }),
        Status::OutcomeProposed => changes.push(Change::Set { kind: Kind::OutcomeOffered, item, from: offered }),
        Status::Settled | Status::Refused | Status::Withdrawn => changes.push(Change::Over),
        Status::Reported | Status::Triaged | Status::UnderInvestigation | Status::Contested | Status::Confirmed => {}
    }
    changes
}
