//! The change feed: every change of every ticket in the order of commits, each with its ticket as it was right after.

use super::super::Server;
use super::super::model::Recorded;
use super::super::setup::{Author, Role};
use super::problem::Problem;
use super::reading::{page, query};
use super::{Answer, App, who};
use crate::now;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State as Shared};
use axum::response::IntoResponse as _;
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

pub fn routes() -> Router<Arc<Server>> {
    Router::new()
        .route("/v1/changes", get(changes))
        .route("/v1/changes/{id}", get(change))
        .route("/v1/cursor", get(cursor))
}

fn encode(position: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("t1.{position}"))
}

/// `None` for a cursor that this feed never gave.
fn decode(cursor: &str, end: usize) -> Option<usize> {
    if cursor.is_empty() {
        return Some(0);
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let position = std::str::from_utf8(&bytes).ok()?.strip_prefix("t1.")?.parse().ok()?;
    (position <= end).then_some(position)
}

/// The feed holds notes: it is not for whoever speaks for partners.
fn reader(server: &Server, headers: &HeaderMap) -> Result<Author, Problem> {
    let you = who(server, headers)?;
    if you.role == Role::PartnerVoice { Err(Problem::forbidden()) } else { Ok(you) }
}

fn row(recorded: &Recorded) -> Value {
    let mut row = serde_json::to_value(&recorded.change).unwrap_or_default();
    row["ticket"] = serde_json::to_value(&*recorded.state).unwrap_or_default();
    row
}

async fn change(Shared(server): App, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    reader(&server, &headers)?;
    let store = server.store();
    let found = id.parse().ok().and_then(|id| store.model().change(id));
    found
        .map(|r| Json(row(r)).into_response())
        .ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "change-unknown", "there is no such change"))
}

async fn cursor(Shared(server): App, headers: HeaderMap) -> Answer {
    reader(&server, &headers)?;
    let end = server.store().model().log().len();
    Ok(Json(json!({ "cursor": encode(end) })).into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Feed {
    after: String,
    limit: Option<usize>,
    marker: Option<String>,
}

async fn changes(Shared(server): App, feed: Result<Query<Feed>, QueryRejection>, headers: HeaderMap) -> Answer {
    reader(&server, &headers)?;
    let feed = query(feed)?;
    let (feed_lag, lookup_lag) = {
        let faults = server.faults();
        (faults.feed_lag_ms, faults.lookup_lag_ms)
    };
    let now = now();
    let shown = |r: &&Recorded, lag: i64| lag == 0 || r.change.at.saturating_add(lag) <= now;
    let store = server.store();
    if let Some(marker) = &feed.marker {
        let found = store.model().by_marker(marker).filter(|r| shown(r, lookup_lag)).map(row);
        let (changes, has_more) = page(found, feed.limit);
        return Ok(Json(json!({ "changes": changes, "next": feed.after, "has_more": has_more })).into_response());
    }
    let log = store.model().log();
    let start = decode(&feed.after, log.len())
        .ok_or_else(|| Problem::new(StatusCode::GONE, "cursor-unknown", "this feed knows no such cursor"))?;
    // A younger change hides what follows it: the order of the feed is never broken.
    let rows = log[start..].iter().take_while(|r| shown(r, feed_lag)).map(row);
    let (changes, has_more) = page(rows, feed.limit);
    let next = encode(start + changes.len());
    Ok(Json(json!({ "changes": changes, "next": next, "has_more": has_more })).into_response())
}
