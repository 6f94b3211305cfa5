//! Server-sent events: which cases changed, with the totals. A page fetches what it shows.

use super::{App, problem};
use crate::model::{Change, Model};
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use http::StatusCode;
use serde_json::json;
use std::convert::Infallible;
use std::time::Duration;

/// Below what proxies and browsers take for a dead connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(super) async fn stream(State(app): State<App>) -> Response {
    let Some(listener) = app.model.listen() else {
        return problem(StatusCode::SERVICE_UNAVAILABLE, "too many pages listen; close one");
    };
    let first = event(&app.model, &[Change::All]);
    let events = stream::unfold((listener, app.model, Some(first)), |(mut listener, model, first)| async move {
        let event = match first {
            Some(first) => first,
            None => event(&model, &listener.next().await?),
        };
        Some((Ok::<_, Infallible>(event), (listener, model, None)))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}

fn event(model: &Model, changes: &[Change]) -> Event {
    let subjects: Vec<&str> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Case(subject) => Some(&**subject),
            Change::Roles | Change::All => None,
        })
        .collect();
    let data = json!({
        "subjects": subjects,
        "all": changes.contains(&Change::All),
        "roles": changes.iter().any(|change| matches!(change, Change::Roles | Change::All)),
        "totals": model.totals(),
        "caught_up": model.is_caught_up(),
    });
    Event::default().event("changed").data(data.to_string())
}
