//! `/v1`: what the pipeline uses.

use super::super::action::Action;
use super::super::wire::Change;
use super::problem::Problem;
use super::reading::{self, Paging};
use super::writing::Call;
use super::{App, State, who};
use crate::now;
use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shared};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, Method, StatusCode, Uri};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

type Answer = Result<Response, Problem>;

/// A page of the feed stays below this, so that a caller with a limit of 1 MiB always gets on.
const PAGE_BYTES: usize = 768 * 1024;

macro_rules! changing {
    ($action:path) => {
        post(|Shared(state): App, Path(id): Path<String>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes| async move {
            let who = who(&state, &headers, true)?;
            let call = Call { state, who, method, uri, headers, body };
            let action = $action(call.body()?);
            call.write(Some(id), action).await
        })
    };
}

pub fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/v1/cases", get(cases))
        .route("/v1/cases/{id}", get(case))
        .route("/v1/cases/{id}/comments", changing!(Action::PostComment).get(comments))
        .route("/v1/cases/{id}/acknowledgement", changing!(Action::Acknowledge))
        .route("/v1/cases/{id}/status", changing!(Action::SetStatus))
        .route("/v1/cases/{id}/information-requests", changing!(Action::RequestInformation))
        .route("/v1/cases/{id}/resolutions", changing!(Action::ProposeResolution))
        .route("/v1/cases/{id}/closure", changing!(Action::Close))
        .route("/v1/cases/{id}/reopening", changing!(Action::Reopen))
        .route("/v1/changes", get(changes))
        .route("/v1/changes/{id}", get(change))
        .route("/v1/cursor", get(cursor))
}

async fn cases(Shared(state): App, Query(paging): Query<Paging>, headers: HeaderMap) -> Answer {
    let who = who(&state, &headers, true)?;
    Ok(reading::cases(&state, &who, &paging))
}

async fn case(Shared(state): App, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    reading::case(&state, &who(&state, &headers, true)?, &id)
}

async fn comments(Shared(state): App, Path(id): Path<String>, Query(p): Query<Paging>, headers: HeaderMap) -> Answer {
    reading::comments(&state, &who(&state, &headers, true)?, &id, &p)
}

async fn change(Shared(state): App, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    who(&state, &headers, true)?;
    let store = state.store();
    let change = store.model().change(&id);
    change
        .map(|c| Json(c).into_response())
        .ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "change-unknown", "there is no such change"))
}

fn encode(position: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("1.{position}"))
}

/// `None` for a cursor that this feed never gave.
fn decode(cursor: &str, end: usize) -> Option<usize> {
    if cursor.is_empty() {
        return Some(0);
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let position = std::str::from_utf8(&bytes).ok()?.strip_prefix("1.")?.parse().ok()?;
    (position <= end).then_some(position)
}

async fn cursor(Shared(state): App, headers: HeaderMap) -> Answer {
    who(&state, &headers, true)?;
    let end = state.store().model().changes().len();
    Ok(Json(json!({ "cursor": encode(end) })).into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Feed {
    after: String,
    limit: Option<usize>,
    idempotency_key: Option<String>,
}

async fn changes(Shared(state): App, Query(query): Query<Feed>, headers: HeaderMap) -> Answer {
    who(&state, &headers, true)?;
    let (feed_lag, lookup_lag) = {
        let faults = state.faults();
        (faults.feed_lag_ms, faults.lookup_lag_ms)
    };
    let now = now();
    let shown = |change: &Change, lag: i64| lag == 0 || change.occurred_at.saturating_add(lag) <= now;
    let store = state.store();
    let all = store.model().changes();
    if let Some(key) = query.idempotency_key {
        let is_host = |c: &&Change| c.actor.side == "host" && c.idempotency_key.as_deref() == Some(&key);
        let found: Vec<&Change> = all.iter().filter(is_host).filter(|c| shown(c, lookup_lag)).collect();
        return Ok(Json(json!({ "changes": found, "next": query.after, "has_more": false })).into_response());
    }
    let start = decode(&query.after, all.len())
        .ok_or_else(|| Problem::new(StatusCode::GONE, "cursor-unknown", "this feed knows no such cursor"))?;
    let limit = query.limit.unwrap_or(100).clamp(1, 500);
    let (mut page, mut bytes) = (Vec::new(), 0);
    for change in all[start..].iter().take_while(|c| shown(c, feed_lag)).take(limit) {
        let value = serde_json::to_value(change).unwrap_or_default();
        bytes += value.to_string().len();
        if bytes > PAGE_BYTES && !page.is_empty() {
            break;
        }
        page.push(value);
    }
    let next = start + page.len();
    let has_more = all.get(next).is_some_and(|c| shown(c, feed_lag));
    Ok(Json(json!({ "changes": page, "next": encode(next), "has_more": has_more })).into_response())
}
