//! `/control`: what a page of a demonstration may do to the processes behind it. Guarded like everything that acts.

use super::App;
use super::reading::refused;
use crate::control::{Answer, Control, Selection, Switch};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/control/roles/{role}/{action}", post(role))
        .route("/control/faults", get(faults).post(switch))
        .route("/control/held", get(held))
        .route("/control/redrive", post(redrive))
        .route("/control/bundle", get(bundle))
        .route("/control/bundle/file", get(file).post(replace))
}

/// What was done, or found, by the one control there is.
async fn done<T: Serialize>(app: &App, key: &str, ask: impl FnOnce(&dyn Control) -> Answer<'_, T>) -> Response {
    let Some(control) = &app.control else {
        return super::problem(StatusCode::NOT_FOUND, "this console only looks");
    };
    match ask(&**control).await {
        Ok(found) => Json(json!({ key: found })).into_response(),
        Err(refusal) => refused(&refusal),
    }
}

async fn role(State(app): State<App>, Path((role, action)): Path<(String, String)>) -> Response {
    match action.as_str() {
        "kill" => done(&app, "done", |control| control.kill(role)).await,
        "start" => done(&app, "done", |control| control.start(role)).await,
        "reset" => done(&app, "done", |control| control.reset(role)).await,
        _ => super::problem(StatusCode::NOT_FOUND, "a role is killed, started or reset"),
    }
}

async fn faults(State(app): State<App>) -> Response {
    done(&app, "faults", |control| control.faults()).await
}

async fn switch(State(app): State<App>, Json(switch): Json<Switch>) -> Response {
    done(&app, "done", |control| control.switch(switch)).await
}

async fn held(State(app): State<App>) -> Response {
    done(&app, "held", |control| control.held()).await
}

async fn redrive(State(app): State<App>, Json(selection): Json<Selection>) -> Response {
    done(&app, "done", |control| control.redrive(selection)).await
}

async fn bundle(State(app): State<App>) -> Response {
    done(&app, "files", |control| control.bundle()).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
}

async fn file(State(app): State<App>, Query(Named { name }): Query<Named>) -> Response {
    if let Some(refusal) = unlisted(&app, &name).await {
        return refusal;
    }
    done(&app, "text", |control| control.bundle_file(name)).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    text: String,
}

async fn replace(State(app): State<App>, Query(Named { name }): Query<Named>, Json(body): Json<Text>) -> Response {
    if let Some(refusal) = unlisted(&app, &name).await {
        return refusal;
    }
    done(&app, "done", |control| control.replace_bundle_file(name, body.text)).await
}

/// A name is one of the list or nothing: it never becomes a path otherwise.
async fn unlisted(app: &App, name: &str) -> Option<Response> {
    let control = app.control.as_ref()?;
    match control.bundle().await {
        Ok(names) if names.iter().any(|listed| listed == name) => None,
        Ok(_) => Some(super::problem(StatusCode::NOT_FOUND, "the bundle has no such file to edit")),
        Err(refusal) => Some(refused(&refusal)),
    }
}
