//! The admin port: `/metrics`, `/healthz` (alive: everything that should move has moved), `/readyz`.

use axum::Router;
use std::time::Duration;

/// What the admin port reports. A cheap clone; starts as not ready.
#[derive(Clone, Default)]
pub struct Health {}

impl Health {
    pub fn set_ready(&self) {}
    /// `reason` is shown to operators.
    pub fn set_not_ready(&self, reason: impl Into<String>) {
        let _ = reason.into();
    }
    /// Something that must beat at least every `limit`, else the process is no longer alive. Dropping it ends the watch.
    pub fn pulse(&self, name: &'static str, limit: Duration) -> Pulse {
        let _ = (name, limit);
        Pulse {}
    }
}

/// One watched loop.
pub struct Pulse {}

impl Pulse {
    pub fn beat(&self) {}
}

pub fn router(health: Health) -> Router {
    let _ = health;
    Router::new()
}
