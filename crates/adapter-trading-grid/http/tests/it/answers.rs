//! Answers that the simulator never gives but a proxy, or another community, may.

use crate::world::{comment, config, context};
use adapter_trading_grid_http::{HttpFeed, HttpTarget};
use axum::Router;
use axum::http::{Method, StatusCode, header};
use axum::response::IntoResponse as _;
use ports::{CallError, Cursor, Feed as _, FeedError, Look, Target as _};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::net::TcpListener;

type Asked = Arc<Mutex<Vec<String>>>;

/// A community that knows acme's case C-1 and answers every write with `status` and `body`, and every search and
/// page with `page`.
async fn fixed(status: u16, body: String, page: String) -> (TempDir, String, Asked) {
    let asked = Asked::default();
    let seen = Arc::clone(&asked);
    let answer = move |method: Method, uri: axum::http::Uri| {
        seen.lock().unwrap().push(format!("{method} {}", uri.path()));
        let answer = match (method, uri.path()) {
            (Method::GET, "/v1/changes") => (StatusCode::OK, page.clone()),
            (Method::GET, _) => (
                StatusCode::OK,
                json!({"id": "C-1", "partner_id": "acme", "status": "submitted", "environment": "T"}).to_string(),
            ),
            _ => (StatusCode::from_u16(status).unwrap(), body.clone()),
        };
        async move { (answer.0, [(header::LOCATION, "/elsewhere")], answer.1).into_response() }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer);
    let limits = simulators::serve::Limits::default();
    tokio::spawn(simulators::serve::serve(listener, router, limits, std::future::pending()));
    (tempfile::tempdir().unwrap(), base, asked)
}

fn class(error: &CallError) -> &'static str {
    match error {
        CallError::NotApplied { .. } => "not-applied",
        CallError::Unknown { .. } => "unknown",
        CallError::Refused { .. } => "refused",
        CallError::ConditionNotMet { .. } => "condition",
        CallError::LeftAlone { .. } => "left-alone",
        CallError::Misconfigured { .. } => "misconfigured",
    }
}

async fn write(status: u16, body: &str) -> (CallError, Vec<String>) {
    let (folder, base, asked) = fixed(status, body.to_owned(), String::new()).await;
    let target = HttpTarget::new(&config(&folder, &base).check("c").unwrap()).unwrap();
    let command = comment("C-1", 1);
    let error = target.apply(&command, &context(&command)).await.unwrap_err();
    let asked = asked.lock().unwrap().clone();
    (error, asked)
}

#[tokio::test]
async fn every_answer_to_a_write_has_one_class_and_is_asked_for_once() {
    let problem = |code: &str| json!({"code": code, "detail": "told"}).to_string();
    let other_key =
        json!({"id": "1", "case_id": "C-1", "kind": "comment-posted", "version": 2, "idempotency_key": "x"});
    let table = [
        (200, "half an ans".to_owned(), "unknown"),
        (201, "{}".to_owned(), "unknown"),
        (201, other_key.to_string(), "unknown"),
        (201, format!("\"{}\"", "x".repeat(1 << 21)), "unknown"),
        (302, String::new(), "misconfigured"),
        (307, String::new(), "misconfigured"),
        (400, problem("bad-request"), "refused"),
        (401, problem("unauthorized"), "misconfigured"),
        (403, problem("forbidden"), "refused"),
        (403, "<html>".to_owned(), "refused"),
        (404, problem("case-unknown"), "refused"),
        (404, "<html>".to_owned(), "misconfigured"),
        (405, String::new(), "misconfigured"),
        (408, String::new(), "unknown"),
        (409, problem("transition-refused"), "refused"),
        (409, problem("idempotency-in-progress"), "not-applied"),
        (412, problem("stale-version"), "refused"),
        (413, String::new(), "refused"),
        (422, problem("text-refused"), "refused"),
        (429, String::new(), "not-applied"),
        (500, problem("internal"), "unknown"),
        (502, String::new(), "unknown"),
        (503, String::new(), "not-applied"),
        (504, String::new(), "unknown"),
    ];
    for (status, body, expected) in table {
        let (error, asked) = write(status, &body).await;
        assert_eq!(class(&error), expected, "{status} {error}");
        assert_eq!(asked, ["GET /v1/cases/C-1", "POST /v1/cases/C-1/comments"], "{status}");
        assert!(!format!("{error}").contains("we are on it"), "no payload in a reason");
    }
}

async fn look(page: Value) -> Result<Look, CallError> {
    let (folder, base, _) = fixed(500, String::new(), page.to_string()).await;
    let target = HttpTarget::new(&config(&folder, &base).check("c").unwrap()).unwrap();
    let command = comment("C-1", 1);
    target.look(&command, &context(&command)).await
}

#[tokio::test]
async fn a_search_that_ignores_its_filter_decides_nothing() {
    let key = comment("C-1", 1).meta.id.to_string();
    let hit =
        |case: &str, key: &str| json!({"id": "1", "case_id": case, "kind": "x", "version": 2, "idempotency_key": key});
    let undecidable = |result: Result<Look, CallError>| matches!(result, Ok(Look::Undecidable { .. }));
    assert!(undecidable(look(json!({"changes": [hit("C-1", &key), hit("C-1", "other")]})).await));
    assert!(undecidable(look(json!({"changes": [hit("C-2", &key)]})).await));
    assert_eq!(look(json!({"changes": []})).await, Ok(Look::Absent));
    assert!(matches!(look(json!({"changes": [hit("C-1", &key)]})).await, Ok(Look::Applied(_))));
    assert!(matches!(look(json!({"chnages": []})).await, Err(CallError::NotApplied { .. })));
}

#[tokio::test]
async fn a_bad_page_stops_the_feed_and_a_bad_change_does_not() {
    let fetch = async |page: Value| {
        let (folder, base, _) = fixed(500, String::new(), page.to_string()).await;
        HttpFeed::new(&config(&folder, &base).check("c").unwrap()).unwrap().fetch(&Cursor("here".to_owned())).await
    };
    let page = fetch(json!({"changes": [{"id": 1}, []], "next": "there", "has_more": true})).await.unwrap();
    assert!(page.more && page.changes.iter().all(|c| matches!(c.news, ports::News::Malformed { .. })));
    let stuck = fetch(json!({"changes": [], "next": "here", "has_more": true})).await.unwrap();
    assert!(!stuck.more, "a page that leads nowhere is not asked for again at once");
    for bad in [
        json!({"changes": [], "next": "x".repeat(513), "has_more": false}),
        json!({"changes": [], "next": "a\nb", "has_more": false}),
        json!({"changes": {}, "next": "a", "has_more": false}),
        json!({"changes": ["x".repeat(1 << 21)], "next": "a", "has_more": false}),
    ] {
        assert!(matches!(fetch(bad).await, Err(FeedError::Unavailable { .. })));
    }
}
