//! The admin port: `/metrics`, `/healthz` (alive: everything that should move has moved), `/readyz`.

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// What the admin port reports. A cheap clone; starts as not ready.
#[derive(Clone, Default)]
pub struct Health {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// Why not; `None` only once somebody said ready.
    ready: Ready,
    pulses: BTreeMap<u64, Watched>,
    next: u64,
}

enum Ready {
    Yes,
    No(String),
}

impl Default for Ready {
    fn default() -> Self {
        Self::No("starting".to_owned())
    }
}

struct Watched {
    name: &'static str,
    limit: Duration,
    last: Instant,
}

impl Health {
    pub fn set_ready(&self) {
        self.state().ready = Ready::Yes;
    }

    /// `reason` is shown to operators.
    pub fn set_not_ready(&self, reason: impl Into<String>) {
        self.state().ready = Ready::No(reason.into());
    }

    /// Something that must beat at least every `limit`, else the process is no longer alive. Dropping it ends the
    /// watch. Idle loops beat too: it is the loop that is watched, not the traffic.
    pub fn pulse(&self, name: &'static str, limit: Duration) -> Pulse {
        let mut state = self.state();
        let key = state.next;
        state.next += 1;
        state.pulses.insert(key, Watched { name, limit, last: Instant::now() });
        Pulse { health: self.clone(), key }
    }

    /// What has not moved for longer than it may.
    pub fn stuck(&self) -> Vec<&'static str> {
        let state = self.state();
        state.pulses.values().filter(|watched| watched.last.elapsed() > watched.limit).map(|w| w.name).collect()
    }

    /// Why not, or nothing.
    pub fn not_ready(&self) -> Option<String> {
        match &self.state().ready {
            Ready::Yes => None,
            Ready::No(reason) => Some(reason.clone()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One watched loop.
pub struct Pulse {
    health: Health,
    key: u64,
}

impl Pulse {
    pub fn beat(&self) {
        if let Some(watched) = self.health.state().pulses.get_mut(&self.key) {
            watched.last = Instant::now();
        }
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        self.health.state().pulses.remove(&self.key);
    }
}

/// For the admin port alone, which no partner reaches.
pub fn router(health: Health) -> Router {
    let alive = health.clone();
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(move || std::future::ready(healthz(&alive))))
        .route("/readyz", get(move || std::future::ready(readyz(&health))))
}

async fn metrics() -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], crate::facts::render()).into_response()
}

fn healthz(health: &Health) -> Response {
    match health.stuck().as_slice() {
        [] => (StatusCode::OK, "alive\n").into_response(),
        stuck => (StatusCode::SERVICE_UNAVAILABLE, format!("stuck: {}\n", stuck.join(", "))).into_response(),
    }
}

fn readyz(health: &Health) -> Response {
    match health.not_ready() {
        None => (StatusCode::OK, "ready\n".to_owned()).into_response(),
        Some(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {reason}\n")).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_is_said_and_never_assumed() {
        let health = Health::default();
        assert_eq!(readyz(&health).status(), StatusCode::SERVICE_UNAVAILABLE);
        health.set_ready();
        assert_eq!(readyz(&health).status(), StatusCode::OK);
        health.set_not_ready("restoring partition 3");
        assert_eq!(health.not_ready().as_deref(), Some("restoring partition 3"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_loop_that_stops_beating_is_named_until_it_beats_or_ends() {
        let health = Health::default();
        let pulse = health.pulse("consumer", Duration::from_secs(30));
        tokio::time::advance(Duration::from_secs(29)).await;
        assert_eq!(healthz(&health).status(), StatusCode::OK);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(health.stuck(), ["consumer"]);
        assert_eq!(healthz(&health).status(), StatusCode::SERVICE_UNAVAILABLE);
        pulse.beat();
        assert_eq!(healthz(&health).status(), StatusCode::OK);
        tokio::time::advance(Duration::from_secs(31)).await;
        drop(pulse);
        assert_eq!(healthz(&health).status(), StatusCode::OK);
    }
}
