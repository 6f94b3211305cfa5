//! Discrepancies, under `/v1` for the pipeline and under `/partner/v1` for a partner's user.

use super::super::action::Action;
use super::super::discrepancy::action::Action as Dispute;
use super::problem::Problem;
use super::reading::{self, Paging};
use super::writing::Call;
use super::{App, State, who};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shared};
use axum::response::Response;
use axum::routing::{get, post, put};
use http::{HeaderMap, Method, Uri};
use std::sync::Arc;

type Answer = Result<Response, Problem>;

macro_rules! changing {
    ($host:literal, $action:path) => {
        |Shared(state): App, Path(id): Path<String>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes| async move {
            let who = who(&state, &headers, $host)?;
            let call = Call { state, who, method, uri, headers, body };
            let action = Action::Dispute($action(call.body()?));
            call.write(Some(id), action).await
        }
    };
}

macro_rules! answer {
    ($confirmed:literal) => {
        post(
            |Shared(state): App,
             Path((id, outcome_version)): Path<(String, String)>,
             method: Method,
             uri: Uri,
             headers: HeaderMap,
             body: Bytes| async move {
                let who = who(&state, &headers, false)?;
                let call = Call { state, who, method, uri, headers, body };
                let reply = call.body()?;
                let action = Dispute::Answer { outcome_version, confirmed: $confirmed, reply };
                call.write(Some(id), Action::Dispute(action)).await
            },
        )
    };
}

pub fn routes() -> Router<Arc<State>> {
    Router::new().merge(of_host()).merge(of_partner())
}

fn of_host() -> Router<Arc<State>> {
    Router::new()
        .route("/v1/discrepancies", get(|s: App, q: Query<Paging>, h: HeaderMap| list(s, q, h, true)))
        .route("/v1/discrepancies/{id}", get(|s: App, p: Path<String>, h: HeaderMap| one(s, p, h, true)))
        .route(
            "/v1/discrepancies/{id}/comments",
            post(changing!(true, Dispute::PostComment))
                .get(|s: App, p: Path<String>, q: Query<Paging>, h: HeaderMap| remarks(s, p, q, h, true)),
        )
        .route("/v1/discrepancies/{id}/acknowledgement", post(changing!(true, Dispute::Acknowledge)))
        .route("/v1/discrepancies/{id}/status", post(changing!(true, Dispute::SetStatus)))
        .route("/v1/discrepancies/{id}/evidence-requests", post(changing!(true, Dispute::RequestEvidence)))
        .route("/v1/discrepancies/{id}/outcomes", post(changing!(true, Dispute::Propose)))
        .route("/v1/discrepancies/{id}/escalation", post(changing!(true, Dispute::Escalate)))
        .route("/v1/discrepancies/{id}/settlement", post(changing!(true, Dispute::Settle)))
}

fn of_partner() -> Router<Arc<State>> {
    Router::new()
        .route(
            "/partner/v1/discrepancies",
            get(|s: App, q: Query<Paging>, h: HeaderMap| list(s, q, h, false)).post(raise),
        )
        .route("/partner/v1/discrepancies/{id}", get(|s: App, p: Path<String>, h: HeaderMap| one(s, p, h, false)))
        .route(
            "/partner/v1/discrepancies/{id}/comments",
            post(changing!(false, Dispute::AddComment))
                .get(|s: App, p: Path<String>, q: Query<Paging>, h: HeaderMap| remarks(s, p, q, h, false)),
        )
        .route("/partner/v1/discrepancies/{id}/lines/{line_no}", put(correct))
        .route("/partner/v1/discrepancies/{id}/evidence", post(changing!(false, Dispute::GiveEvidence)))
        .route("/partner/v1/discrepancies/{id}/withdrawal", post(changing!(false, Dispute::Withdraw)))
        .route("/partner/v1/discrepancies/{id}/outcomes/{version}/confirmation", answer!(true))
        .route("/partner/v1/discrepancies/{id}/outcomes/{version}/contest", answer!(false))
}

async fn raise(Shared(state): App, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Answer {
    let who = who(&state, &headers, false)?;
    let call = Call { state, who, method, uri, headers, body };
    let action = Dispute::Raise(Box::new(call.body()?));
    call.write(None, Action::Dispute(action)).await
}

async fn correct(
    Shared(state): App,
    Path((id, line_no)): Path<(String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let who = who(&state, &headers, false)?;
    let call = Call { state, who, method, uri, headers, body };
    let action = Dispute::CorrectLine { line_no, correct: Box::new(call.body()?) };
    call.write(Some(id), Action::Dispute(action)).await
}

async fn list(Shared(state): App, Query(paging): Query<Paging>, headers: HeaderMap, host: bool) -> Answer {
    let who = who(&state, &headers, host)?;
    Ok(reading::discrepancies(&state, &who, &paging))
}

async fn one(Shared(state): App, Path(id): Path<String>, headers: HeaderMap, host: bool) -> Answer {
    reading::discrepancy(&state, &who(&state, &headers, host)?, &id)
}

async fn remarks(
    Shared(state): App,
    Path(id): Path<String>,
    Query(paging): Query<Paging>,
    headers: HeaderMap,
    host: bool,
) -> Answer {
    reading::remarks(&state, &who(&state, &headers, host)?, &id, &paging)
}
