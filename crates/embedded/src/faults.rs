//! Misbehaviour on demand, for tests of clients: answers that come late, or never.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What happens to a request of the chosen kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Carried out, and answered after this long.
    Late(Duration),
    /// Carried out, but the connection is cut instead of an answer: the client cannot know what became of it.
    CutAfter,
    /// The connection is cut and nothing is carried out.
    CutBefore,
}

/// Shared between a test and its broker. Empty unless a test adds to it.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Vec<Planned>>>);

#[derive(Debug)]
struct Planned {
    api: i16,
    fault: Fault,
    times: u32,
}

impl Faults {
    /// The next `times` requests with this API key (26 is EndTxn) meet the fault.
    pub fn plan(&self, api: i16, fault: Fault, times: u32) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Planned { api, fault, times });
    }

    /// How many planned faults have not been met.
    pub fn left(&self) -> u32 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|planned| planned.times).sum()
    }

    pub(crate) fn next(&self, api: i16) -> Option<Fault> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let planned = all.iter_mut().find(|planned| planned.api == api && planned.times > 0)?;
        planned.times -= 1;
        let fault = planned.fault;
        all.retain(|planned| planned.times > 0);
        Some(fault)
    }
}
