//! Tickets and their histories. Whoever speaks for partners sees neither notes nor fields.

use super::super::Server;
use super::super::model::Recorded;
use super::super::setup::{self, Author, Role};
use super::super::wire::Ticket;
use super::problem::Problem;
use super::{Answer, App, who};
use crate::now;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State as Shared};
use axum::response::IntoResponse as _;
use axum::routing::get;
use axum::{Json, Router};
use http::{HeaderMap, HeaderValue, header};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// A page stays below this, so that a caller with a limit of 1 MiB always gets on.
pub const PAGE_BYTES: usize = 768 * 1024;

pub fn routes() -> Router<Arc<Server>> {
    Router::new()
        .route("/v1/setup", get(set_up))
        .route("/v1/tickets", get(tickets))
        .route("/v1/tickets/{id}", get(ticket))
        .route("/v1/tickets/{id}/history", get(history))
}

/// A malformed query is the caller's mistake, in the caller's words.
pub fn query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Problem> {
    query.map(|Query(query)| query).map_err(|error| Problem::bad_request(error.body_text()))
}

pub fn number(path: Result<Path<u64>, PathRejection>) -> Result<u64, Problem> {
    path.map(|Path(id)| id).map_err(|_| Problem::unknown_ticket())
}

/// As many as fit into a page, and whether there are more.
pub fn page(values: impl Iterator<Item = Value>, limit: Option<usize>) -> (Vec<Value>, bool) {
    let limit = limit.unwrap_or(100).clamp(1, 500);
    let (mut page, mut bytes) = (Vec::new(), 0);
    for value in values {
        bytes += value.to_string().len();
        if page.len() == limit || (bytes > PAGE_BYTES && !page.is_empty()) {
            return (page, true);
        }
        page.push(value);
    }
    (page, false)
}

async fn set_up(Shared(server): App, headers: HeaderMap) -> Answer {
    let you = who(&server, &headers)?;
    let statuses = setup::STATUSES.map(|(name, to)| json!({ "name": name, "may_become": to }));
    let fields: Vec<_> = setup::FIELDS.iter().map(|(name, values)| json!({ "name": name, "values": values })).collect();
    let owners: Vec<&str> = server.options.agents.iter().map(|user| user.name.as_str()).collect();
    Ok(Json(json!({
        "you": you,
        "version": env!("CARGO_PKG_VERSION"),
        "environment": server.options.environment,
        "queues": setup::QUEUES,
        "statuses": statuses,
        "fields": fields,
        "relations": setup::LINKS,
        "owners": owners,
    }))
    .into_response())
}

fn view(ticket: &Ticket, you: &Author) -> Value {
    let mut value = serde_json::to_value(ticket).unwrap_or_default();
    if let (Role::PartnerVoice, Some(members)) = (you.role, value.as_object_mut()) {
        for inside in ["fields", "owner", "links"] {
            members.remove(inside);
        }
    }
    value
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Search {
    external_id: Option<String>,
    status: Option<String>,
    queue: Option<String>,
    /// Those above this id, ascending.
    after: Option<u64>,
    /// Those below this id, descending.
    before: Option<u64>,
    limit: Option<usize>,
}

async fn tickets(Shared(server): App, search: Result<Query<Search>, QueryRejection>, headers: HeaderMap) -> Answer {
    let (you, search) = (who(&server, &headers)?, query(search)?);
    let (lag, now) = (server.faults().lookup_lag_ms, now());
    let store = server.store();
    let model = store.model();
    let is = |wanted: &Option<String>, value: &str| wanted.as_ref().is_none_or(|w| w == value);
    let fits = |t: &&Ticket| is(&search.status, &t.state.status) && is(&search.queue, &t.state.queue);
    let view = |ticket: &Ticket| view(ticket, &you);
    let (tickets, has_more) = match (&search.external_id, search.before) {
        (Some(external_id), _) => {
            let indexed = |t: &&Ticket| lag == 0 || t.created_at.saturating_add(lag) <= now;
            let after = search.after.unwrap_or(0);
            let found = model.by_external_id(external_id).filter(|t| t.id > after).filter(indexed).filter(fits);
            page(found.map(view), search.limit)
        }
        (None, Some(before)) => page(model.tickets_before(before).filter(fits).map(view), search.limit),
        (None, None) => page(model.tickets_after(search.after.unwrap_or(0)).filter(fits).map(view), search.limit),
    };
    Ok(Json(json!({ "tickets": tickets, "has_more": has_more })).into_response())
}

async fn ticket(Shared(server): App, id: Result<Path<u64>, PathRejection>, headers: HeaderMap) -> Answer {
    let (you, id) = (who(&server, &headers)?, number(id)?);
    let store = server.store();
    let ticket = store.model().ticket(id).ok_or_else(Problem::unknown_ticket)?;
    let mut response = Json(view(ticket, &you)).into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("\"{}\"", ticket.version)) {
        response.headers_mut().insert(header::ETAG, value);
    }
    Ok(response)
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct History {
    after: u64,
    limit: Option<usize>,
    marker: Option<String>,
}

/// Never lags behind, with or without a marker: it is the ticket itself, not an index.
async fn history(
    Shared(server): App,
    id: Result<Path<u64>, PathRejection>,
    history: Result<Query<History>, QueryRejection>,
    headers: HeaderMap,
) -> Answer {
    let (you, id, history) = (who(&server, &headers)?, number(id)?, query(history)?);
    let store = server.store();
    let ticket = store.model().ticket(id).ok_or_else(Problem::unknown_ticket)?;
    let shown = |r: &&Recorded| {
        r.change.id > history.after
            && (you.role != Role::PartnerVoice || r.change.what.is_public())
            && history.marker.as_ref().is_none_or(|marker| r.change.marker == *marker)
    };
    let rows = store.model().history(ticket).filter(shown);
    let rows = rows.map(|r| serde_json::to_value(&r.change).unwrap_or_default());
    let (changes, has_more) = page(rows, history.limit);
    Ok(Json(json!({ "changes": changes, "has_more": has_more })).into_response())
}
