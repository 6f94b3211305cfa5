//! What is remembered of one case: positions of acts and words of statuses, no texts.

use super::At;
use crate::act::Side;
use crate::observed::{Author, Observed, What};
use std::collections::{BTreeSet, HashMap};

/// A status that was set, also to what it was.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub status: String,
    pub kind: String,
    pub author: Author,
    pub at: At,
    pub act: Option<usize>,
}

#[derive(Debug, Default)]
pub(super) struct Case {
    /// The act that opened it.
    pub opening: Option<usize>,
    /// Its records in the case system.
    pub tickets: Vec<(String, At)>,
    /// Acts whose effect was seen, in the order of the effects: at the community, in the case system.
    pub effects: [Vec<(usize, At)>; 2],
    /// The newest act that changed a field.
    pub newest_of_field: HashMap<String, usize>,
    /// Statuses at the community and in the case system, without the first one.
    pub steps: [Vec<Step>; 2],
    /// The status with which the ticket was made.
    pub first_status: String,
    /// Kinds of what people did at the community.
    pub kinds: BTreeSet<String>,
    /// Texts without a token, by side: how many people wrote (not all of them journal), and which the pipeline did.
    pub plain_of_people: [usize; 2],
    pub plain_of_ours: [Vec<At>; 2],
    /// Its statuses were judged by something else that was found, or cannot be judged.
    pub statuses_said: bool,
}

pub(super) const fn index(side: Side) -> usize {
    match side {
        Side::Partner => 0,
        Side::Internal => 1,
    }
}

impl Case {
    pub fn take(&mut self, side: Side, at: At, o: &Observed, act: Option<usize>) {
        if side == Side::Partner && o.author == Author::Person && !self.kinds.contains(&o.kind) {
            self.kinds.insert(o.kind.clone());
        }
        match &o.what {
            What::Created { status, .. } if side == Side::Internal => {
                if self.tickets.is_empty() {
                    self.first_status.clone_from(status);
                }
                self.tickets.push((o.record.clone(), at));
            }
            What::Status { to, .. } => {
                // A second ticket is said once; what happens on it is not compared.
                let counts = side == Side::Partner || self.tickets.first().is_some_and(|(id, _)| *id == o.record);
                if counts {
                    let (status, kind) = (to.clone(), o.kind.clone());
                    self.steps[index(side)].push(Step { status, kind, author: o.author, at, act });
                }
            }
            What::Created { .. } | What::Said { .. } | What::Noted { .. } | What::Field { .. } | What::Other { .. } => {
            }
        }
    }
}
