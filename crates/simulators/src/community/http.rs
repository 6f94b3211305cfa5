//! The routes, and what every one of them goes through: faults, tokens, problem documents.

mod control;
mod disputes;
mod files;
mod host;
mod onboarding;
mod papers;
mod partner;
mod problem;
mod reading;
mod writing;

use super::State;
use super::model::Who;
use crate::lock;
use crate::page::Page;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State as Shared};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};
use problem::Problem;
use serde_json::json;
use std::sync::Arc;

pub(super) type App = Shared<Arc<State>>;

/// Bodies beyond it are answered 413.
const BODY_LIMIT: usize = 256 * 1024;

pub(super) fn router(state: Arc<State>) -> Router {
    let mut api =
        Router::new().merge(host::routes()).merge(partner::routes()).merge(disputes::routes()).merge(files::routes());
    api = api.merge(onboarding::routes());
    api = api.merge(papers::routes());
    api = api.layer(from_fn_with_state(Arc::clone(&state), misbehave));
    let control = if state.options.control { control::routes() } else { Router::new() };
    let page = if state.options.page { crate::page::routes(page(&state)) } else { Router::new() };
    api.merge(control)
        .merge(page)
        .fallback(|| async { Problem::new(StatusCode::NOT_FOUND, "not-found", "there is no such resource") })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(state)
}

fn page(state: &State) -> Page {
    let mut people: Vec<_> = state.options.partners.iter().map(|(token, name)| (name, token)).collect();
    people.sort();
    let people = people.into_iter().map(|(name, token)| json!({ "name": name, "token": token }));
    Page {
        html: include_str!("page/index.html"),
        script: include_str!("page/script.js"),
        demo: json!({ "people": people.collect::<Vec<_>>() }),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// Whose request it is; the token alone says so.
fn who(state: &State, headers: &HeaderMap, host: bool) -> Result<Who, Problem> {
    let token = bearer(headers).filter(|t| !t.is_empty());
    let unknown = || Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", "a valid bearer token is needed");
    let token = token.ok_or_else(unknown)?;
    let known = if token == state.options.host_token {
        Who::Host
    } else {
        Who::Partner(state.options.partners.get(token).ok_or_else(unknown)?.clone())
    };
    if matches!(known, Who::Host) == host {
        Ok(known)
    } else {
        Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", "the token is not for this part of the interface"))
    }
}

/// A key under way; the guard takes it off again, also when the request is dropped.
struct UnderWay<'a> {
    state: &'a State,
    key: String,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        lock(&self.state.under_way).remove(&self.key);
    }
}

async fn misbehave(Shared(state): App, request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/partner/") && state.faults().spare_people {
        return next.run(request).await;
    }
    let fault = state.faults().befall(request.method().as_str(), request.uri().path());
    let key = request.headers().get("idempotency-key").and_then(|v| v.to_str().ok());
    let key = key.map(|key| format!("{} {key}", bearer(request.headers()).unwrap_or_default()));
    let under_way = match key {
        Some(key) if !lock(&state.under_way).insert(key.clone()) => {
            let problem = Problem::new(
                StatusCode::CONFLICT,
                "idempotency-in-progress",
                "a request with this key is being worked on",
            );
            return problem.retry_after(1).into_response();
        }
        Some(key) => Some(UnderWay { state: &state, key }),
        None => None,
    };
    let Some(fault) = fault else { return next.run(request).await };
    state.stats().faults += 1;
    let answer = async {
        let answer = next.run(request).await;
        drop(under_way);
        answer
    };
    let refused = |status, code, retry_after: Option<u64>| {
        let problem = Problem::new(status, code, "not now");
        retry_after.map_or(problem.clone(), |s| problem.retry_after(s)).into_response()
    };
    fault.befall(answer, refused).await
}
