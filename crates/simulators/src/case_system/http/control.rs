//! `/control`: for tests and demonstrations. Not part of the interface.

use super::super::Server;
use super::problem::Problem;
use super::{Answer, App};
use crate::faults::Faults;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use std::sync::Arc;

pub fn routes() -> Router<Arc<Server>> {
    Router::new()
        .route("/control/faults", get(faults).put(set_faults).delete(clear_faults))
        .route("/control/stats", get(stats))
        .route("/control/tickets", get(tickets))
}

async fn faults(Shared(server): App) -> Response {
    Json(server.faults().clone()).into_response()
}

async fn set_faults(Shared(server): App, body: Bytes) -> Answer {
    let faults: Faults = serde_json::from_slice(&body).map_err(|e| Problem::bad_request(e.to_string()))?;
    *server.faults() = faults.clone();
    Ok(Json(faults).into_response())
}

async fn clear_faults(Shared(server): App) -> Response {
    *server.faults() = Faults::default();
    Json(Faults::default()).into_response()
}

async fn stats(Shared(server): App) -> Response {
    Json(server.stats().clone()).into_response()
}

/// Every ticket, in order of the ids.
async fn tickets(Shared(server): App) -> Response {
    let tickets: Vec<_> = server.store().model().tickets_after(0).cloned().collect();
    Json(tickets).into_response()
}
