use crate::contract::Contract;
use crate::world::World;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use domain::Timestamp;
use ports::{HookError, HookVerifier as _};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

type Hook = (HeaderMap, Bytes);

async fn take(State(sender): State<UnboundedSender<Hook>>, headers: HeaderMap, body: Bytes) {
    let _ = sender.send((headers, body));
}

async fn world() -> (World, UnboundedReceiver<Hook>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (sender, receiver) = unbounded_channel();
    let router = Router::new().route("/hook", axum::routing::post(take)).with_state(sender);
    let limits = simulators::serve::Limits::default();
    tokio::spawn(simulators::serve::serve(listener, router, limits, std::future::pending()));
    (World::with(tempfile::tempdir().unwrap(), Some(url)).await, receiver)
}

async fn next(receiver: &mut UnboundedReceiver<Hook>) -> (Hook, String) {
    let hook = tokio::time::timeout(Duration::from_secs(10), receiver.recv()).await.unwrap().unwrap();
    let body: Value = serde_json::from_slice(&hook.1).unwrap();
    let contract = Contract::read();
    assert_eq!(contract.mistakes(contract.schema("Nudge"), &body, "nudge"), Vec::<String>::new());
    let change = body["data"]["change_id"].as_str().unwrap().to_owned();
    (hook, change)
}

fn verify(world: &World, headers: &HeaderMap, body: &[u8], later: i64) -> Result<(), HookError> {
    let header = |name: &str| {
        headers.get_all(name).iter().map(|v| v.to_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let seconds: i64 = headers["webhook-timestamp"].to_str().unwrap().parse().unwrap();
    world.ready.webhooks.as_ref().unwrap().verify(&header, body, Timestamp((seconds + later) * 1000))
}

#[tokio::test]
async fn a_webhook_is_genuine_until_it_is_altered_old_or_its_headers_are_repeated() {
    let (world, mut hooks) = world().await;
    world.open("acme").await;
    let ((headers, body), _) = next(&mut hooks).await;
    assert_eq!(verify(&world, &headers, &body, 0), Ok(()));
    let altered = String::from_utf8(body.to_vec()).unwrap().replace("C-000001", "C-000002");
    assert_eq!(verify(&world, &headers, altered.as_bytes(), 0), Err(HookError::Signature));
    assert_eq!(verify(&world, &headers, &body, 301), Err(HookError::Stale { tolerance_seconds: 300 }));
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let mut twice = headers.clone();
        twice.append(name, headers[name].clone());
        assert_eq!(verify(&world, &twice, &body, 0), Err(HookError::Header(name)));
    }
}

#[tokio::test]
async fn webhooks_are_lost_repeated_and_swapped_on_demand_and_the_feed_has_all() {
    let (world, mut hooks) = world().await;
    world.faults(json!({"hooks": {"drop_next": 1}})).await;
    world.open("acme").await;
    // Dropped ones are counted; wait for it, so that the next setting does not meet it.
    tokio::time::timeout(Duration::from_secs(10), async {
        while world.stats().await["hooks_dropped"] != 1 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    world.faults(json!({"hooks": {"duplicate_next": 1}})).await;
    world.open("acme").await;
    assert_eq!(next(&mut hooks).await.1, "ch-000000000002");
    assert_eq!(next(&mut hooks).await.1, "ch-000000000002");
    world.faults(json!({"hooks": {"reorder": true}})).await;
    world.open("acme").await;
    world.open("acme").await;
    assert_eq!(next(&mut hooks).await.1, "ch-000000000004");
    assert_eq!(next(&mut hooks).await.1, "ch-000000000003");
    assert_eq!(world.journalled(), 4);
}

#[tokio::test]
async fn a_restarted_community_tells_the_same_story() {
    let (world, _hooks) = world().await;
    let case = world.open("acme").await;
    let command = crate::world::comment(&case, 1);
    let context = crate::world::context(&command);
    let applied = ports::Target::apply(&world.target, &command, &context).await.unwrap();
    let dump = |world: &World| {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("{}/control/cases", world.base);
        async move { client.get(url).send().await.unwrap().text().await.unwrap() }
    };
    let before = dump(&world).await;
    // A copy of what is on disk at this moment, as a kill would leave it.
    let copy = tempfile::tempdir().unwrap();
    std::fs::create_dir(copy.path().join("community")).unwrap();
    let file = "community/changes.jsonl";
    std::fs::copy(world.folder.path().join(file), copy.path().join(file)).unwrap();
    let again = World::with(copy, None).await;
    assert_eq!(dump(&again).await, before);
    assert_eq!(ports::Target::apply(&again.target, &command, &context).await, Ok(applied));
    assert_eq!(again.stats().await["idempotency_hits"], 1);
}
