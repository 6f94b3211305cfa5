//! Use case 1.

use crate::heard::Change;
use domain::issue::PartnerEvent as E;
use domain::timer::Kind;
use domain::{CaseStatus as Status, Timestamp};

pub(crate) fn said_by_partner(event: &E) -> Vec<Change> {
    match event {
        // Only what is said while the partner is asked is an answer.
        E::CommentAdded(e)
            if e.case_status.is_empty() || Status::parse(&e.case_status) == Ok(Status::PendingPartner) =>
        {
            vec![Change::Clear(Kind::PartnerAsked)]
        }
        E::ResolutionAccepted(_) | E::ResolutionRejected(_) => vec![Change::Clear(Kind::ResolutionOffered)],
        E::Withdrawn(_) => vec![Change::Over],
        E::Opened(_) | E::DetailsChanged(_) | E::CommentAdded(_) | E::CommentRevised(_) | E::CommentRemoved(_) => {
            Vec::new()
        }
    }
}

/// How the case stands at the community now.
pub(crate) fn stands(status: Status, asked: Timestamp, offered: Timestamp) -> Vec<Change> {
    let mut changes = vec![Change::Clear(Kind::PartnerAsked), Change::Clear(Kind::ResolutionOffered)];
    let item = String::new();
    match status {
        Status::PendingPartner => changes.push(Change::Set { kind: Kind::PartnerAsked, item, from: asked }),
        Status::Resolved => changes.push(Change::Set { kind: Kind::ResolutionOffered, item, from: offered }),
        Status::Closed | Status::Rejected | Status::Cancelled => changes.push(Change::Over),
        Status::Submitted | Status::Acknowledged | Status::InProgress | Status::OnHold => {}
    }
    changes
}
