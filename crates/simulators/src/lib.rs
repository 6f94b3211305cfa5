//! Systems that implement our contracts, and misbehave on demand.
//!
//! [`community`] is **not** a model of any product's API: no public API of OpenText Active Community exists. It
//! implements the contract of this project, `schemas/trading-grid.openapi.yaml`, and nothing else.
//!
//! [`case_system`] is a small case system of our own (`schemas/case-system.openapi.yaml`) with the statuses, queues and
//! fields that `deploy/rt` gives to Request Tracker, so that the same bundle fits both. It is **not** a model of Request
//! Tracker's API.

pub mod case_system;
pub mod community;
pub mod faults;
pub mod files;
pub mod hooks;
pub mod journal;
mod page;
mod problem;
pub mod serve;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A poisoned lock means that a panic was caught elsewhere; the data under it are replaced whole, never half.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Unix milliseconds.
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}
