//! Receives webhooks. A genuine one wakes the poller; what it says is never believed.

use crate::observe;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use ports::HookVerifier;
use std::sync::Arc;
use tokio::sync::Notify;

/// A nudge is a few hundred bytes; the verifier needs all of them before anything is parsed.
const MAX_BODY: usize = 64 << 10;

#[derive(Clone)]
struct Bell {
    role: &'static str,
    verifier: Arc<dyn HookVerifier>,
    nudge: Arc<Notify>,
}

/// `POST /hooks`: 204 when genuine, 401 without a reason when not, 413 when larger than a nudge can be.
pub fn router(role: &'static str, verifier: Arc<dyn HookVerifier>, nudge: Arc<Notify>) -> Router {
    Router::new().route("/hooks", post(ring)).layer(DefaultBodyLimit::max(MAX_BODY)).with_state(Bell {
        role,
        verifier,
        nudge,
    })
}

async fn ring(State(bell): State<Bell>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| {
        let values = headers.get_all(name).iter();
        // A value that is no text is as bad as a wrong one, and must not look like a missing one.
        values.map(|v| v.to_str().unwrap_or("\u{fffd}").to_owned()).collect::<Vec<_>>()
    };
    match bell.verifier.verify(&header, &body, crate::entry::now()) {
        Ok(()) => {
            observe::hook_accepted(bell.role);
            bell.nudge.notify_one();
            StatusCode::NO_CONTENT
        }
        Err(error) => {
            observe::hook_rejected(bell.role, &error);
            StatusCode::UNAUTHORIZED
        }
    }
}
