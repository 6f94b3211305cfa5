//! Receives webhooks. A genuine one wakes the poller; what it says is never believed.

use crate::entry::{Shutdown, StartError};
use crate::observe;
use crate::service::bind;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use ports::{HookVerifier, Mistake};
use serde::Deserialize;
use std::net::SocketAddr;
use std::sync::Arc;
use telemetry::http::{Limits, serve};
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

/// `[hook]`: where webhooks are received.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HookConfig {
    pub listen: SocketAddr,
}

/// Where to listen, and what tells a genuine webhook.
pub struct Door {
    listen: SocketAddr,
    verifier: Arc<dyn HookVerifier>,
}

impl HookConfig {
    /// `section`: where the secret would be configured.
    pub fn check(&self, verifier: Option<Arc<dyn HookVerifier>>, section: &str) -> Result<Door, Mistake> {
        let door = verifier.map(|verifier| Door { listen: self.listen, verifier });
        door.ok_or_else(|| {
            let fix = format!("name the secret's file in [{section}], or remove [hook]");
            Mistake::new("hook.listen", "webhooks are received but no secret is configured", fix)
        })
    }
}

impl Door {
    /// Serves until shutdown; the port is taken before this returns.
    pub async fn open(self, role: &'static str, nudge: Arc<Notify>, shutdown: &Shutdown) -> Result<(), StartError> {
        let (listener, ending) = (bind(self.listen).await?, shutdown.clone());
        let router = router(role, self.verifier, nudge);
        tokio::spawn(
            async move { serve(listener, router, Limits::default(), async move { ending.begun().await }).await },
        );
        Ok(())
    }
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
