//! Small stand-ins for the two simulators and for who runs the roles.
#![allow(dead_code)]

use axum::extract::{Path, Request, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use console::control::{Answer, Control, DemoSide, Fault, Held, Refusal, Role, RoleState, Selection, Switch};
use console::{Model, Sides};
use futures::FutureExt as _;
use ports::Secret;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// What was asked of a stand-in, as `METHOD path body`, with the token in front.
pub type Asked = Arc<Mutex<Vec<String>>>;

pub async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(telemetry::http::serve(listener, router, console::limits(), std::future::pending()));
    format!("http://{address}")
}

async fn heard(asked: &Asked, request: Request) -> String {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let token = parts.headers.get("authorization").map_or("", |v| v.to_str().unwrap());
    let body = String::from_utf8_lossy(&body).into_owned();
    asked.lock().unwrap().push(format!("{token} {} {} {body}", parts.method, parts.uri));
    body
}

pub fn community(asked: Asked) -> Router {
    // Another answer each time, so that the page always has something to show anew.
    let reads = Arc::new(std::sync::atomic::AtomicI64::new(1_790_000_001_000));
    let case = move |Path(id): Path<String>| async move {
        let updated = reads.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Json(json!({ "id": id, "partner_id": "ACME", "status": "in-progress", "version": 3, "environment": "P",
            "opened_at": 1_790_000_000_000_i64, "updated_at": updated, "title": "Invoice 4711 is wrong",
            "description": "The total differs from the order.", "severity": "MAJOR", "category": "INVOICE",
            "status_label": "In review", "status_reason": "", "reference": "17", "information_request": null,
            "resolution": null, "closure": "" }))
    };
    let comments = || async {
        Json(json!({ "has_more": false, "comments": [
            { "note_id": "1", "author": "Bea at ACME", "text": "Any news?", "format": "plain" },
            { "note_id": "2", "author": "Partner support", "text": "We are counting again.", "format": "plain", "note_key": "k" }] }))
    };
    let open = |State(asked): State<Asked>, request: Request| async move {
        heard(&asked, request).await;
        Json(json!({ "case_id": "C-9" }))
    };
    let say = |State(asked): State<Asked>, request: Request| async move {
        heard(&asked, request).await;
        Json(json!({ "id": "1" }))
    };
    Router::new()
        .route("/partner/v1/cases", post(open))
        .route("/partner/v1/cases/{id}", get(case))
        .route("/partner/v1/cases/{id}/comments", get(comments).post(say))
        .with_state(asked)
}

pub fn desk(asked: Asked) -> Router {
    let setup = || async {
        let statuses =
            json!([{ "name": "open", "may_become": ["waiting-partner", "stalled", "resolved", "rejected"] }]);
        Json(json!({ "statuses": statuses, "owners": ["ann", "bob"] }))
    };
    let ticket = || async {
        Json(json!({ "id": 17, "queue": "Partner Cases", "title": "[ACME] Invoice 4711 is wrong", "status": "open",
            "priority": 50, "owner": "ann", "external_id": "case/tg/C-1", "partner_id": "ACME", "fields": {}, "links": [],
            "description": "The total differs from the order.", "requestor": "x", "version": 4, "created_at": 1, "updated_at": 2 }))
    };
    let change = |id: u64, kind: &str, payload: Value, name: &str, role: &str| {
        json!({ "id": id, "ticket_id": 17, "kind": kind, "payload": payload, "author": { "name": name, "role": role },
            "at": 1_790_000_000_000_i64, "environment": "P" })
    };
    let history = move || async move {
        Json(json!({ "has_more": false, "changes": [
            change(1, "created", json!({ "queue": "Partner Cases" }), "causeway-partner", "partner-voice"),
            change(2, "status-changed", json!({ "from": "new", "to": "open" }), "ann", "agent"),
            change(3, "replied", json!({ "text": "Any news?", "on_behalf_of": "Bea at ACME" }), "causeway-partner", "partner-voice"),
            change(4, "noted", json!({ "text": "This vendor is on the watch list" }), "ann", "agent"),
            change(5, "replied", json!({ "text": "We are counting again." }), "ann", "agent")] }))
    };
    let write = |State(asked): State<Asked>, request: Request| async move {
        heard(&asked, request).await;
        Json(json!({ "ticket_id": 17, "version": 5, "changes": [] }))
    };
    Router::new()
        .route("/v1/setup", get(setup))
        .route("/v1/tickets/{id}", get(ticket).patch(write))
        .route("/v1/tickets/{id}/history", get(history))
        .route("/v1/tickets/{id}/{what}", post(write))
        .with_state(asked)
}

#[derive(Clone, Default)]
pub struct Runner(pub Asked);

impl Runner {
    fn did(&self, what: String) -> Answer<'_, String> {
        self.0.lock().unwrap().push(what.clone());
        async move { Ok(what) }.boxed()
    }
}

impl Control for Runner {
    fn roles(&self) -> Answer<'_, Vec<Role>> {
        let role =
            |name: &str, state| Role { name: name.to_owned(), state, since: 1_790_000_000_000, resettable: true };
        let roles = vec![role("sink-internal", RoleState::Running), role("transform-partner", RoleState::Stopped)];
        async move { Ok(roles) }.boxed()
    }
    fn kill(&self, role: String) -> Answer<'_, String> {
        self.did(format!("killed {role}"))
    }
    fn start(&self, role: String) -> Answer<'_, String> {
        self.did(format!("started {role}"))
    }
    fn reset(&self, role: String) -> Answer<'_, String> {
        self.did(format!("reset {role}"))
    }
    fn bundle(&self) -> Answer<'_, Vec<String>> {
        async { Ok(vec!["codes/category.csv".to_owned()]) }.boxed()
    }
    fn bundle_file(&self, _: String) -> Answer<'_, String> {
        async { Ok("code,internal\nORDER,order-mismatch\n".to_owned()) }.boxed()
    }
    fn replace_bundle_file(&self, name: String, text: String) -> Answer<'_, String> {
        if text.is_empty() {
            return async { Err(Refusal::Refused("codes/category.csv:1: empty".to_owned())) }.boxed();
        }
        self.did(format!("replaced {name}"))
    }
    fn faults(&self) -> Answer<'_, Vec<Switch>> {
        let both = [DemoSide::Community, DemoSide::Desk];
        let all = both.into_iter().flat_map(|side| Fault::ALL.map(|fault| Switch { side, fault, on: false })).collect();
        async move { Ok(all) }.boxed()
    }
    fn switch(&self, switch: Switch) -> Answer<'_, String> {
        self.did(format!("switched {switch:?}"))
    }
    fn held(&self) -> Answer<'_, Vec<Held>> {
        let reason = "category TELEPATHY is not in the code list".to_owned();
        let topic = "partner.events".to_owned();
        let held = Held { subject: "case/tg/C-2".to_owned(), class: "HOLD".to_owned(), reason, topic, redrives: 0 };
        async move { Ok(vec![held]) }.boxed()
    }
    fn redrive(&self, selection: Selection) -> Answer<'_, String> {
        self.did(format!("redriven {:?}", selection.subject))
    }
}

/// A console with everything: its address, and what was asked of the sides and of the control.
pub async fn console(model: &Model) -> (String, Asked, Asked) {
    let (asked, runner) = (Asked::default(), Runner::default());
    let (community, desk) = (serve(community(asked.clone())).await, serve(desk(asked.clone())).await);
    let partners = [("ACME".to_owned(), Secret::new("token-of-acme".to_owned()))].into();
    let sides = Sides::new("tg", community, partners, desk, Secret::new("token-of-ann".to_owned())).unwrap();
    let router = console::router(model.clone(), Some(sides), Some(Arc::new(runner.clone())));
    (serve(router).await, asked, runner.0)
}
