use crate::contract::Contract;
use crate::world::{SECRET, World, options};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

async fn next_note(world: &World) -> Result<crate::world::Said, reqwest::Error> {
    let body = Some(json!({"text": "x", "marker": "m"}).to_string());
    world.send("ann", reqwest::Method::POST, "/v1/tickets/1/notes", &[], body).await
}

#[tokio::test]
async fn faults_befall_on_demand_and_the_journal_knows_what_was_really_done() {
    let world = World::start().await;
    world.create("case/tg/1").await;
    let notes = async |world: &World| {
        world.get("ann", "/v1/tickets/1/history?marker=m").await.body["changes"].as_array().unwrap().len()
    };
    let mut applied = 0;
    for (kind, status, done) in [
        ("unavailable", Some(503), false),
        ("too-many-requests", Some(429), false),
        ("drop-before-apply", None, false),
        ("drop-after-apply", None, true),
        ("bad-gateway-after-apply", Some(502), true),
        ("empty-success", Some(200), false),
        ("latency", Some(201), true),
    ] {
        world.faults(json!({"rules": [{"kind": kind, "method": "POST", "times": 1, "retry_after_seconds": 7}]})).await;
        let said = next_note(&world).await;
        assert_eq!(said.as_ref().ok().map(|s| s.status), status, "{kind}: {said:?}");
        if let Some(503 | 429) = status {
            assert_eq!(said.unwrap().retry_after, "7");
        }
        applied += usize::from(done);
        assert_eq!(notes(&world).await, applied, "{kind}");
    }
    assert_eq!(world.stats().await["faults"], 7);
}

#[tokio::test]
async fn an_answer_that_never_comes_leaves_the_effect() {
    let world = World::start().await;
    world.create("case/tg/1").await;
    world.faults(json!({"rules": [{"kind": "timeout-after-apply", "method": "POST", "times": 1}]})).await;
    // The caller gives up once the effect is there.
    let seen = async {
        while world.get("ann", "/v1/tickets/1/history?marker=m").await.body["changes"][0].is_null() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        answer = next_note(&world) => panic!("{answer:?}"),
        seen = tokio::time::timeout(Duration::from_secs(10), seen) => seen.unwrap(),
    }
}

#[tokio::test]
async fn an_outage_closes_every_door_but_the_one_that_ends_it() {
    let world = World::start().await;
    world.create("case/tg/1").await;
    world.faults(json!({"outage": true})).await;
    assert!(next_note(&world).await.is_err());
    assert!(world.send("ann", reqwest::Method::GET, "/v1/setup", &[], None).await.is_err());
    world.faults(json!({})).await;
    assert_eq!(next_note(&world).await.unwrap().status, 201);
    assert_eq!(world.stats().await["applied"], json!({"created": 1, "noted": 1}));
}

#[tokio::test]
async fn a_search_may_lag_behind_while_the_ticket_and_the_feed_do_not() {
    let world = World::start().await;
    world.faults(json!({"lookup_lag_ms": 3_600_000})).await;
    let id = world.create("case/tg/1").await;
    let found = |said: crate::world::Said, name: &str| said.body[name].as_array().unwrap().len();
    assert_eq!(found(world.get("ann", "/v1/tickets?external_id=case/tg/1").await, "tickets"), 0);
    assert_eq!(found(world.get("ann", "/v1/changes?marker=create-case/tg/1").await, "changes"), 0);
    assert_eq!(world.get("ann", &format!("/v1/tickets/{id}")).await.status, 200);
    assert_eq!(found(world.get("ann", "/v1/changes").await, "changes"), 1);
    world.faults(json!({"feed_lag_ms": 3_600_000})).await;
    assert_eq!(found(world.get("ann", "/v1/tickets?external_id=case/tg/1").await, "tickets"), 1);
    assert_eq!(found(world.get("ann", "/v1/changes?marker=create-case/tg/1").await, "changes"), 1);
    assert_eq!(found(world.get("ann", "/v1/changes").await, "changes"), 0);
}

async fn take(State(sender): State<UnboundedSender<(HeaderMap, Bytes)>>, headers: HeaderMap, body: Bytes) {
    let _ = sender.send((headers, body));
}

#[tokio::test]
async fn a_signed_webhook_says_that_a_ticket_changed_and_no_word_more_and_may_be_lost() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (sender, mut hooks) = unbounded_channel();
    let router = Router::new().route("/hook", axum::routing::post(take)).with_state(sender);
    let limits = simulators::serve::Limits::default();
    tokio::spawn(simulators::serve::serve(listener, router, limits, std::future::pending()));
    let folder = tempfile::tempdir().unwrap();
    let options = options(&folder, Some(url));
    let world = World::with(folder, options).await;
    world.faults(json!({"hooks": {"drop_next": 1}})).await;
    world.create("case/tg/1").await;
    world.post("ann", "/v1/tickets/1/notes", json!({"text": "SECRET"})).await;
    let (headers, body) = tokio::time::timeout(Duration::from_secs(10), hooks.recv()).await.unwrap().unwrap();
    let said: Value = serde_json::from_slice(&body).unwrap();
    let contract = Contract::read();
    assert_eq!(contract.mistakes(contract.schema("Nudge"), &said, "nudge"), Vec::<String>::new());
    assert_eq!((said["data"]["ticket_id"].as_u64(), said["data"]["change_id"].as_u64()), (Some(1), Some(2)));
    assert!(!said.to_string().contains("SECRET"));
    let head = |name: &str| headers[name].to_str().unwrap().to_owned();
    let stamp = head("webhook-timestamp").parse().unwrap();
    let signed = simulators::hooks::sign(SECRET, &head("webhook-id"), stamp, &body).unwrap();
    assert_eq!(signed, head("webhook-signature"));
    assert_eq!(world.stats().await["hooks_dropped"], 1);
}
