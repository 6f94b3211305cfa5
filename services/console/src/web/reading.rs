//! `/api`: what the log says. Reads nothing but the read model.

use super::{App, problem, stream};
use crate::control::Refusal;
use crate::timeline::{MAX_CASES, MAX_ENTRIES, MAX_LETTERS};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::json;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/about", get(about))
        .route("/api/cases", get(cases))
        .route("/api/search", get(search))
        .route("/api/cases/{*subject}", get(history))
        .route("/api/dead-letters", get(dead_letters))
        .route("/api/roles", get(roles))
        .route("/api/stream", get(stream::stream))
}

/// What this console can do, so that the page offers nothing else.
async fn about(State(app): State<App>) -> Response {
    let sides = app.sides.as_ref().map(|sides| json!({ "partners": sides.partners(), "system": sides.system() }));
    let limits = json!({ "cases": MAX_CASES, "entries": MAX_ENTRIES, "dead_letters": MAX_LETTERS });
    Json(json!({
        "sides": sides,
        "control": app.control.is_some(),
        "caught_up": app.model.is_caught_up(),
        "limits": limits,
        "totals": app.model.totals(),
    }))
    .into_response()
}

async fn cases(State(app): State<App>) -> Response {
    let (cases, totals) = (app.model.board(), app.model.totals());
    Json(json!({ "cases": cases, "totals": totals, "caught_up": app.model.is_caught_up() })).into_response()
}

#[derive(serde::Deserialize)]
struct Wanted {
    /// A number of an order, an invoice or a shipment, or how it begins.
    #[serde(default)]
    reference: String,
}

/// One page for operations, finance and support: whatever carries the number, with its status, its version and where its
/// history is.
async fn search(State(app): State<App>, Query(wanted): Query<Wanted>) -> Response {
    if wanted.reference.trim().is_empty() || wanted.reference.len() > 80 {
        return problem(StatusCode::BAD_REQUEST, "name a number of an order, an invoice or a shipment");
    }
    let found = app.model.with_reference(&wanted.reference);
    Json(json!({ "found": found, "caught_up": app.model.is_caught_up() })).into_response()
}

async fn history(State(app): State<App>, Path(subject): Path<String>) -> Response {
    match app.model.history(&subject) {
        Some(history) => Json(history).into_response(),
        None => problem(StatusCode::NOT_FOUND, "the log knows no such case, or it is no longer kept here"),
    }
}

async fn dead_letters(State(app): State<App>) -> Response {
    Json(json!({ "dead_letters": app.model.letters() })).into_response()
}

async fn roles(State(app): State<App>) -> Response {
    let Some(control) = &app.control else { return Json(json!({ "roles": [] })).into_response() };
    match control.roles().await {
        Ok(roles) => Json(json!({ "roles": roles })).into_response(),
        Err(refusal) => refused(&refusal),
    }
}

pub(super) fn refused(refusal: &Refusal) -> Response {
    let status = match refusal {
        Refusal::Unknown(_) => StatusCode::NOT_FOUND,
        Refusal::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::Failed(_) => StatusCode::BAD_GATEWAY,
    };
    problem(status, refusal.to_string())
}
