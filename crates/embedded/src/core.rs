//! What every connection shares.

use crate::faults::Faults;
use crate::options::Limits;
use crate::state::State;
use kafka_protocol::error::ResponseError;
use kafka_protocol::protocol::StrBytes;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Semaphore, watch};

/// The only node there is.
pub const NODE: i32 = 1;

pub struct Core {
    state: Mutex<State>,
    /// Moves whenever readers may see more than before.
    changed: watch::Sender<u64>,
    pub limits: Limits,
    /// KiB of requests that may still be taken in.
    pub requests: Arc<Semaphore>,
    pub faults: Faults,
}

/// Who asks.
pub struct Peer {
    /// What it calls itself.
    pub client: String,
    pub host: String,
    /// The address it reached the broker at, which is where it is told to find everything.
    pub reached: SocketAddr,
}

impl Core {
    pub fn new(state: State, limits: Limits, faults: Faults) -> Self {
        // One request of the largest size must always fit, or it would wait for ever.
        let requests = Arc::new(Semaphore::new((limits.requests.max(limits.request) / 1024 + 1) as usize));
        Self { state: Mutex::new(state), changed: watch::Sender::new(0), limits, requests, faults }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn news(&self) {
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
    }

    pub fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }
}

pub fn text(from: impl Into<String>) -> StrBytes {
    StrBytes::from_string(from.into())
}

/// The code on the wire; 0 is success.
pub fn code<T>(result: &Result<T, ResponseError>) -> i16 {
    result.as_ref().err().map_or(0, ResponseError::code)
}
