//! The page and its interface.

mod actions;
mod guard;
mod page;
mod reading;
mod sides;
mod stream;

pub use guard::Hosts;
pub use sides::Sides;

use crate::control::Control;
use crate::model::Model;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use std::sync::Arc;

/// Bytes of a request's body.
pub const MAX_BODY: usize = 64 * 1024;

#[derive(Clone)]
struct App {
    model: Model,
    sides: Option<Arc<Sides>>,
    control: Option<Arc<dyn Control>>,
}

/// The page of a demonstration on this machine: with what acts, answered only under a name of the loopback.
pub fn router(model: Model, sides: Option<Sides>, control: Option<Arc<dyn Control>>) -> Router {
    let app = App { model, sides: sides.map(Arc::new), control };
    routes(app, Hosts::Loopback)
}

/// The page that only looks.
pub fn read_only(model: Model, hosts: Hosts) -> Router {
    routes(App { model, sides: None, control: None }, hosts)
}

fn routes(app: App, hosts: Hosts) -> Router {
    let mut all = Router::new().merge(page::routes()).merge(reading::routes());
    if app.sides.is_some() {
        all = all.merge(sides::routes());
    }
    if app.control.is_some() {
        all = all.merge(actions::routes());
    }
    all.fallback(|| async { problem(StatusCode::NOT_FOUND, "there is nothing here") })
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(Arc::new(hosts), guard::guard))
        .with_state(app)
}

/// `{"error": "..."}`, for the page to show.
fn problem(status: StatusCode, what: impl Into<String>) -> Response {
    let body = serde_json::json!({ "error": what.into() }).to_string();
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}
