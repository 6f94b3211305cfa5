//! Onboarding spaces, under `/v1` for the pipeline and under `/partner/v1` for a partner's user.

use super::super::action::Action;
use super::super::model::Who;
use super::super::onboarding::action::Action as Onboarding;
use super::super::onboarding::wire::Space;
use super::problem::Problem;
use super::reading::Paging;
use super::writing::Call;
use super::{App, State, who};
use crate::now;
use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shared};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderMap, HeaderValue, Method, Uri, header};
use serde_json::{Value, json};
use std::sync::Arc;

type Answer = Result<Response, Problem>;

macro_rules! changing {
    ($host:literal, $action:path) => {
        |Shared(state): App, Path(id): Path<String>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes| async move {
            let who = who(&state, &headers, $host)?;
            let call = Call { state, who, method, uri, headers, body };
            let action = Action::Onboarding($action(call.body()?));
            call.write(Some(id), action).await
        }
    };
}

pub fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/v1/onboarding", get(|s: App, q: Query<Paging>, h: HeaderMap| list(s, q, h, true)).post(open))
        .route("/v1/onboarding/{id}", get(|s: App, p: Path<String>, h: HeaderMap| one(s, p, h, true)))
        .route("/v1/onboarding/{id}/programme", post(changing!(true, Onboarding::Update)))
        .route("/v1/onboarding/{id}/status", post(changing!(true, Onboarding::SetStatus)))
        .route("/v1/onboarding/{id}/tasks", post(changing!(true, Onboarding::UpsertTask)))
        .route("/v1/onboarding/{id}/task-statuses", post(changing!(true, Onboarding::SetTaskStatus)))
        .route("/v1/onboarding/{id}/milestones", post(changing!(true, Onboarding::SetMilestone)))
        .route("/v1/onboarding/{id}/readiness", post(changing!(true, Onboarding::SetReadiness)))
        .route("/v1/onboarding/{id}/comments", post(changing!(true, Onboarding::Post)))
        .route("/partner/v1/onboarding", get(|s: App, q: Query<Paging>, h: HeaderMap| list(s, q, h, false)))
        .route("/partner/v1/onboarding/{id}", get(|s: App, p: Path<String>, h: HeaderMap| one(s, p, h, false)))
        .route("/partner/v1/onboarding/{id}/invitation/acceptance", post(changing!(false, Onboarding::Accept)))
        .route("/partner/v1/onboarding/{id}/invitation/decline", post(changing!(false, Onboarding::Decline)))
        .route("/partner/v1/onboarding/{id}/questions", post(changing!(false, Onboarding::Ask)))
        .route("/partner/v1/onboarding/{id}/tasks/{task_id}/submission", post(submit))
}

/// For tests and demonstrations: every space, and the clock that lets an invitation run out.
pub fn control() -> Router<Arc<State>> {
    Router::new().route("/control/onboarding", get(every)).route("/control/onboarding/{id}/expiry", post(expire))
}

async fn open(Shared(state): App, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Answer {
    let who = who(&state, &headers, true)?;
    let call = Call { state, who, method, uri, headers, body };
    let action = Action::Onboarding(Onboarding::Open(call.body()?));
    call.write(None, action).await
}

async fn submit(
    Shared(state): App,
    Path((id, task_id)): Path<(String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let who = who(&state, &headers, false)?;
    let call = Call { state, who, method, uri, headers, body };
    let action = Onboarding::Submit { task_id, submit: call.body()? };
    call.write(Some(id), Action::Onboarding(action)).await
}

/// With what the clock says of it: what is overdue, and what waits for what.
fn view(space: &Space) -> Value {
    let mut value = serde_json::to_value(space).unwrap_or_default();
    value["overdue"] = json!(space.overdue(now()));
    for (id, task) in &space.tasks {
        value["tasks"][id]["waits_for"] = json!(space.waits_for(task));
    }
    value
}

fn may_see(who: &Who, space: &Space) -> bool {
    match who {
        Who::Host => true,
        Who::Partner(id) => *id == space.partner_id,
    }
}

async fn list(Shared(state): App, Query(paging): Query<Paging>, headers: HeaderMap, host: bool) -> Answer {
    let who = who(&state, &headers, host)?;
    let store = state.store();
    let mut seen = store.model().spaces_after(&paging.after).filter(|space| may_see(&who, space));
    let spaces: Vec<Value> = seen.by_ref().take(paging.limit()).map(view).collect();
    Ok(Json(json!({ "onboarding": spaces, "has_more": seen.next().is_some() })).into_response())
}

async fn one(Shared(state): App, Path(id): Path<String>, headers: HeaderMap, host: bool) -> Answer {
    let who = who(&state, &headers, host)?;
    let store = state.store();
    let space = store.model().space(&id).filter(|space| may_see(&who, space)).ok_or_else(Problem::unknown_case)?;
    let mut response = Json(view(space)).into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("\"{}\"", space.version)) {
        response.headers_mut().insert(header::ETAG, value);
    }
    Ok(response)
}

async fn every(Shared(state): App) -> Response {
    let spaces: Vec<_> = state.store().model().spaces_after("").map(view).collect();
    Json(spaces).into_response()
}

async fn expire(Shared(state): App, Path(id): Path<String>, method: Method, uri: Uri) -> Answer {
    let partner = state.store().model().space(&id).map(|space| space.partner_id.clone());
    let who = Who::Partner(partner.ok_or_else(Problem::unknown_case)?);
    let call = Call { state, who, method, uri, headers: HeaderMap::new(), body: Bytes::new() };
    call.write(Some(id), Action::Onboarding(Onboarding::Expire)).await
}
