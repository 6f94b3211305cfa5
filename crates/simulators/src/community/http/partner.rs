//! `/partner/v1`: what a partner's user does. The token says which partner; nothing in the request does.

use super::super::action::{Action, RemoveComment};
use super::problem::Problem;
use super::reading::{self, Paging};
use super::writing::Call;
use super::{App, State, who};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shared};
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderMap, Method, Uri};
use std::sync::Arc;

type Answer = Result<Response, Problem>;

macro_rules! changing {
    ($action:path) => {
        |Shared(state): App, Path(id): Path<String>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes| async move {
            let who = who(&state, &headers, false)?;
            let call = Call { state, who, method, uri, headers, body };
            let action = $action(call.body()?);
            call.write(Some(id), action).await
        }
    };
}

macro_rules! answer {
    ($accepted:literal) => {
        post(
            |Shared(state): App,
             Path((id, resolution_version)): Path<(String, String)>,
             method: Method,
             uri: Uri,
             headers: HeaderMap,
             body: Bytes| async move {
                let who = who(&state, &headers, false)?;
                let call = Call { state, who, method, uri, headers, body };
                let answer = call.body()?;
                let action = Action::AnswerResolution { resolution_version, accepted: $accepted, answer };
                call.write(Some(id), action).await
            },
        )
    };
}

pub fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/partner/v1/cases", get(cases).post(open))
        .route("/partner/v1/cases/{id}", get(case).patch(changing!(Action::ChangeDetails)))
        .route("/partner/v1/cases/{id}/comments", post(changing!(Action::AddComment)).get(comments))
        .route("/partner/v1/cases/{id}/comments/{note}/revision", post(revise))
        .route("/partner/v1/cases/{id}/comments/{note}/removal", post(remove))
        .route("/partner/v1/cases/{id}/withdrawal", post(changing!(Action::Withdraw)))
        .route("/partner/v1/cases/{id}/resolutions/{version}/acceptance", answer!(true))
        .route("/partner/v1/cases/{id}/resolutions/{version}/rejection", answer!(false))
}

type Note = Path<(String, String)>;

async fn revise(Shared(state): App, note: Note, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Answer {
    let Path((id, note_id)) = note;
    let who = who(&state, &headers, false)?;
    let call = Call { state, who, method, uri, headers, body };
    let action = Action::ReviseComment { note_id, comment: call.body()? };
    call.write(Some(id), action).await
}

async fn remove(Shared(state): App, note: Note, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Answer {
    let Path((id, note_id)) = note;
    let who = who(&state, &headers, false)?;
    let call = Call { state, who, method, uri, headers, body };
    let RemoveComment {} = call.body()?;
    call.write(Some(id), Action::RemoveComment { note_id }).await
}

async fn open(Shared(state): App, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Answer {
    let who = who(&state, &headers, false)?;
    let call = Call { state, who, method, uri, headers, body };
    let action = Action::Open(Box::new(call.body()?));
    call.write(None, action).await
}

async fn cases(Shared(state): App, Query(paging): Query<Paging>, headers: HeaderMap) -> Answer {
    let who = who(&state, &headers, false)?;
    Ok(reading::cases(&state, &who, &paging))
}

async fn case(Shared(state): App, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    reading::case(&state, &who(&state, &headers, false)?, &id)
}

async fn comments(Shared(state): App, Path(id): Path<String>, Query(p): Query<Paging>, headers: HeaderMap) -> Answer {
    reading::comments(&state, &who(&state, &headers, false)?, &id, &p)
}
