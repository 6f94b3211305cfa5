//! The one way in for everything that changes something.

use super::super::Server;
use super::super::hooks::nudge;
use super::super::request::Action;
use super::super::setup::Author;
use super::super::store::Write;
use super::problem::Problem;
use super::reading::number;
use super::{Answer, App, who};
use crate::now;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State as Shared};
use axum::response::IntoResponse as _;
use axum::routing::{delete, patch, post};
use axum::{Json, Router};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::de::DeserializeOwned;
use std::sync::Arc;

type Id = Result<Path<u64>, PathRejection>;
type Body = Result<Bytes, BytesRejection>;

macro_rules! appending {
    ($action:path) => {
        post(|Shared(server): App, id: Id, headers: HeaderMap, body: Body| async move {
            let who = who(&server, &headers)?;
            let action = $action(parse(body)?);
            write(server, who, Some(number(id)?), action, &headers).await
        })
    };
}

pub fn routes() -> Router<Arc<Server>> {
    Router::new()
        .route("/v1/tickets", post(create))
        .route("/v1/tickets/{id}", patch(update))
        .route("/v1/tickets/{id}/replies", appending!(Action::Reply))
        .route("/v1/tickets/{id}/notes", appending!(Action::Note))
        .route("/v1/tickets/{id}/questions", appending!(Action::Ask))
        .route("/v1/tickets/{id}/links", appending!(Action::Link))
        .route("/v1/tickets/{id}/links/{link}", delete(unlink))
}

async fn create(Shared(server): App, headers: HeaderMap, body: Body) -> Answer {
    let who = who(&server, &headers)?;
    let action = Action::Create(Box::new(parse(body)?));
    write(server, who, None, action, &headers).await
}

async fn update(Shared(server): App, id: Id, headers: HeaderMap, body: Body) -> Answer {
    let who = who(&server, &headers)?;
    let action = Action::Update(Box::new(parse(body)?));
    write(server, who, Some(number(id)?), action, &headers).await
}

async fn unlink(Shared(server): App, path: Result<Path<(u64, u64)>, PathRejection>, headers: HeaderMap) -> Answer {
    let who = who(&server, &headers)?;
    let Path((id, link)) = path.map_err(|_| Problem::unknown_ticket())?;
    write(server, who, Some(id), Action::Unlink(link), &headers).await
}

fn parse<T: DeserializeOwned>(body: Body) -> Result<T, Problem> {
    let body = body.map_err(|error| Problem::new(error.status(), "body-refused", error.body_text()))?;
    // serde's words name fields and places, never values that a caller did not send himself.
    serde_json::from_slice(&body).map_err(|error| Problem::bad_request(error.to_string()))
}

fn if_match(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let version = value.to_str().ok().and_then(|v| v.strip_prefix('"')?.strip_suffix('"')?.parse().ok());
    version.map(Some).ok_or_else(|| Problem::bad_request("If-Match is malformed"))
}

fn not_after(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get("x-not-after") else { return Ok(None) };
    let moment = value.to_str().ok().and_then(|v| v.parse().ok());
    moment.map(Some).ok_or_else(|| Problem::bad_request("X-Not-After is not a number of Unix milliseconds"))
}

/// 201 with what was changed; 200 where everything was so already.
async fn write(
    server: Arc<Server>,
    who: Author,
    ticket_id: Option<u64>,
    action: Action,
    headers: &HeaderMap,
) -> Answer {
    if !super::files::shelf(&server).has(action.files()) {
        let detail = "a file was not uploaded whole before, or has no name";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "file-missing", detail));
    }
    let write = Write { who, ticket_id, action, if_match: if_match(headers)?, not_after: not_after(headers)? };
    let writer = Arc::clone(&server);
    // The store waits for the disk.
    let written = tokio::task::spawn_blocking(move || {
        // Held until the change is in the queue too, so that webhooks go out in the order of the feed. The clock is
        // read under the lock: whoever waited too long for it is too late.
        let mut store = writer.store();
        let written = store.write(write, now());
        if let (Ok(written), Some(hooks)) = (&written, &writer.hooks)
            && let Some(nudge) = nudge(written)
        {
            let _ = hooks.try_send(nudge);
        }
        written
    })
    .await
    .map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the writer stopped"))?;
    let mut stats = server.stats();
    stats.calls += 1;
    let written = match written {
        Ok(written) => written,
        Err(error) => {
            let problem = Problem::from(error);
            *stats.refused.entry(problem.code.to_owned()).or_default() += 1;
            return Err(problem);
        }
    };
    for change in &written.changes {
        *stats.applied.entry(change.what.kind().to_owned()).or_default() += 1;
    }
    stats.unchanged += u64::from(written.changes.is_empty());
    drop(stats);
    let status = if written.changes.is_empty() { StatusCode::OK } else { StatusCode::CREATED };
    let mut response = (status, Json(&written)).into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("\"{}\"", written.version)) {
        response.headers_mut().insert(header::ETAG, value);
    }
    Ok(response)
}
