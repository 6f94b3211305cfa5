//! The routes, and what every one of them goes through: faults, tokens, problem documents.

mod control;
mod feed;
mod files;
mod problem;
mod reading;
mod writing;

use super::Server;
use super::setup::{Author, Role};
use crate::page::Page;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State as Shared};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};
use problem::Problem;
use serde_json::json;
use std::sync::Arc;

pub(super) type App = Shared<Arc<Server>>;
type Answer = Result<Response, Problem>;

/// Bodies beyond it are answered 413.
const BODY_LIMIT: usize = 512 * 1024;

pub(super) fn router(server: Arc<Server>) -> Router {
    let api =
        Router::new().merge(reading::routes()).merge(feed::routes()).merge(writing::routes()).merge(files::routes());
    let api = api.layer(from_fn_with_state(Arc::clone(&server), misbehave));
    let control = if server.options.control { control::routes() } else { Router::new() };
    let page = if server.options.page { crate::page::routes(page(&server)) } else { Router::new() };
    api.merge(control)
        .merge(page)
        .fallback(|| async { Problem::new(StatusCode::NOT_FOUND, "not-found", "there is no such resource") })
        .method_not_allowed_fallback(|| async {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "the resource has no such method")
        })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(server)
}

fn page(server: &Server) -> Page {
    let people = server.options.agents.iter().map(|user| json!({ "name": user.name, "token": user.token }));
    Page {
        html: include_str!("page/index.html"),
        script: include_str!("page/script.js"),
        demo: json!({ "people": people.collect::<Vec<_>>() }),
    }
}

/// Whose request it is; the token alone says so.
fn who(server: &Server, headers: &HeaderMap) -> Result<Author, Problem> {
    let value = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let token = value.and_then(|v| v.strip_prefix("Bearer ")).filter(|t| !t.is_empty());
    token
        .and_then(|token| server.users.get(token))
        .cloned()
        .ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", "a valid bearer token is needed"))
}

async fn misbehave(Shared(server): App, request: Request, next: Next) -> Response {
    let is_person = who(&server, request.headers()).is_ok_and(|author| author.role == Role::Agent);
    if is_person && server.faults().spare_people {
        return next.run(request).await;
    }
    let fault = server.faults().befall(request.method().as_str(), request.uri().path());
    let Some(fault) = fault else { return next.run(request).await };
    server.stats().faults += 1;
    let refused = |status, code, retry_after: Option<u64>| {
        let problem = Problem::new(status, code, "not now");
        retry_after.map_or(problem.clone(), |s| problem.retry_after(s)).into_response()
    };
    fault.befall(next.run(request), refused).await
}
