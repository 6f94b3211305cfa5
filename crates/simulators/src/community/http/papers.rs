//! Documents, under `/v1` for the pipeline and under `/partner/v1` for a partner's user.

use super::super::action::Action;
use super::super::document::action::Action as Paper;
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
    ($host:literal, $body:ident => $action:expr) => {
        |Shared(state): App, Path(id): Path<String>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes| async move {
            let who = who(&state, &headers, $host)?;
            let call = Call { state, who, method, uri, headers, body };
            let $body = call.body()?;
            call.write(Some(id), Action::Paper($action)).await
        }
    };
}

pub fn routes() -> Router<Arc<State>> {
    Router::new().merge(of_host()).merge(of_partner())
}

fn of_host() -> Router<Arc<State>> {
    Router::new()
        .route("/v1/documents", get(|s: App, q: Query<Paging>, h: HeaderMap| list(s, q, h, true)).post(publish))
        .route("/v1/documents/{id}", get(|s: App, p: Path<String>, h: HeaderMap| one(s, p, h, true)))
        .route(
            "/v1/documents/{id}/comments",
            post(changing!(true, body => Paper::PostComment(body)))
                .get(|s: App, p: Path<String>, q: Query<Paging>, h: HeaderMap| remarks(s, p, q, h, true)),
        )
        .route("/v1/documents/{id}/acknowledgement", post(changing!(true, body => Paper::Acknowledge(body))))
        .route("/v1/documents/{id}/status", post(changing!(true, body => Paper::SetStatus(body))))
        .route("/v1/documents/{id}/decisions", post(changing!(true, body => Paper::Decide(Box::new(body)))))
        .route("/v1/documents/{id}/file-refusals", post(changing!(true, body => Paper::RejectFile(body))))
        .route("/v1/documents/{id}/versions", post(changing!(true, body => Paper::PublishVersion(Box::new(body)))))
        .route("/v1/documents/{id}/renewal-requests", post(changing!(true, body => Paper::RequestRenewal(body))))
}

fn of_partner() -> Router<Arc<State>> {
    Router::new()
        .route("/partner/v1/documents", get(|s: App, q: Query<Paging>, h: HeaderMap| list(s, q, h, false)).post(share))
        .route("/partner/v1/documents/{id}", get(|s: App, p: Path<String>, h: HeaderMap| one(s, p, h, false)))
        .route(
            "/partner/v1/documents/{id}/comments",
            post(changing!(false, body => Paper::AddComment(body)))
                .get(|s: App, p: Path<String>, q: Query<Paging>, h: HeaderMap| remarks(s, p, q, h, false)),
        )
        .route("/partner/v1/documents/{id}/versions", post(changing!(false, body => Paper::AddVersion(Box::new(body)))))
        .route("/partner/v1/documents/{id}/withdrawal", post(changing!(false, body => Paper::Withdraw(body))))
        .route("/partner/v1/documents/{id}/versions/{version_no}/views", post(view))
}

async fn share(Shared(state): App, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Answer {
    let who = who(&state, &headers, false)?;
    let call = Call { state, who, method, uri, headers, body };
    let action = Paper::Share(Box::new(call.body()?));
    call.write(None, Action::Paper(action)).await
}

async fn publish(Shared(state): App, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Answer {
    let who = who(&state, &headers, true)?;
    let call = Call { state, who, method, uri, headers, body };
    let action = Paper::Publish(Box::new(call.body()?));
    call.write(None, Action::Paper(action)).await
}

async fn view(
    Shared(state): App,
    Path((id, version_no)): Path<(String, i64)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let who = who(&state, &headers, false)?;
    let call = Call { state, who, method, uri, headers, body };
    call.write(Some(id), Action::Paper(Paper::View { version_no })).await
}

async fn list(Shared(state): App, Query(paging): Query<Paging>, headers: HeaderMap, host: bool) -> Answer {
    let who = who(&state, &headers, host)?;
    Ok(reading::documents(&state, &who, &paging))
}

async fn one(Shared(state): App, Path(id): Path<String>, headers: HeaderMap, host: bool) -> Answer {
    reading::document(&state, &who(&state, &headers, host)?, &id)
}

async fn remarks(
    Shared(state): App,
    Path(id): Path<String>,
    Query(paging): Query<Paging>,
    headers: HeaderMap,
    host: bool,
) -> Answer {
    reading::remarks_on_document(&state, &who(&state, &headers, host)?, &id, &paging)
}
