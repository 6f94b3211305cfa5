//! `/control`: for tests and demonstrations. Not part of the contract.

use super::problem::Problem;
use super::{App, State};
use crate::faults::Faults;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use std::sync::Arc;

pub fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/control/faults", get(faults).put(set_faults).delete(clear_faults))
        .route("/control/stats", get(stats))
        .route("/control/cases", get(cases))
        .route("/control/discrepancies", get(discrepancies))
        .merge(super::onboarding::control())
        .route("/control/documents", get(documents))
}

async fn faults(Shared(state): App) -> Response {
    Json(state.faults().clone()).into_response()
}

async fn set_faults(Shared(state): App, body: Bytes) -> Result<Response, Problem> {
    let faults: Faults = serde_json::from_slice(&body).map_err(|e| Problem::bad_request(e.to_string()))?;
    *state.faults() = faults.clone();
    Ok(Json(faults).into_response())
}

async fn clear_faults(Shared(state): App) -> Response {
    *state.faults() = Faults::default();
    Json(Faults::default()).into_response()
}

async fn stats(Shared(state): App) -> Response {
    Json(state.stats().clone()).into_response()
}

/// Every case with its comments, in order of the ids.
async fn cases(Shared(state): App) -> Response {
    let cases: Vec<_> = state.store().model().cases().cloned().collect();
    Json(cases).into_response()
}

async fn discrepancies(Shared(state): App) -> Response {
    let records: Vec<_> = state.store().model().discrepancies().cloned().collect();
    Json(records).into_response()
}

async fn documents(Shared(state): App) -> Response {
    let records: Vec<_> = state.store().model().documents().cloned().collect();
    Json(records).into_response()
}
