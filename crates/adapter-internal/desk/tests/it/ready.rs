use crate::world::{World, config};
use adapter_internal_desk::{NudgeVerifier, preflight};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use domain::Timestamp;
use ports::{HookVerifier as _, Unfit};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

#[tokio::test]
async fn the_preflight_names_everything_that_is_not_as_configured() {
    let world = World::start().await;
    assert_eq!(preflight(&world.ready(), "internal").await, Ok(env!("CARGO_PKG_VERSION").to_owned()));
    let keys = async |change: &dyn Fn(&mut adapter_internal_desk::Config)| {
        let mut config = config(&world.folder, &world.base);
        change(&mut config);
        let Err(Unfit::Wrong(mistakes)) = preflight(&config.check("internal").unwrap(), "internal").await else {
            panic!("as configured, or silent")
        };
        mistakes.into_iter().map(|m| m.key).collect::<Vec<_>>()
    };
    let wrong = keys(&|c| {
        c.queues.push("General".into());
        c.environment = "test".into();
        c.sync_user = "causeway".into();
    });
    assert_eq!(wrong.await, ["internal.sync_user", "internal.queues", "internal.environment"]);
    let mixed = keys(&|c| std::mem::swap(&mut c.sync_token_file, &mut c.partner_token_file)).await;
    assert_eq!(mixed.iter().filter(|k| k.ends_with("_token_file")).count(), 2, "{mixed:?}");
    std::fs::write(world.folder.path().join("wrong"), "wrong").unwrap();
    let wrong = keys(&|c| c.partner_token_file = world.folder.path().join("wrong")).await;
    assert_eq!(wrong, ["internal.partner_token_file"]);
    assert_eq!(keys(&|c| c.url.push_str("/elsewhere")).await, ["internal.url", "internal.url"]);
}

async fn take(State(sender): State<UnboundedSender<(HeaderMap, Bytes)>>, headers: HeaderMap, body: Bytes) {
    let _ = sender.send((headers, body));
}

#[tokio::test]
async fn a_nudge_is_genuine_until_it_is_altered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks", listener.local_addr().unwrap());
    let (sender, mut hooks) = unbounded_channel();
    let router = Router::new().route("/hooks", axum::routing::post(take)).with_state(sender);
    let limits = simulators::serve::Limits::default();
    tokio::spawn(simulators::serve::serve(listener, router, limits, std::future::pending()));
    let world = World::with(Some(url), false).await;
    world.case().await;
    let (headers, body) = tokio::time::timeout(Duration::from_secs(10), hooks.recv()).await.unwrap().unwrap();
    let verifier = NudgeVerifier::new(&world.ready());
    let header = |name: &str| {
        headers.get_all(name).iter().map(|v| v.to_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let at: i64 = headers["webhook-timestamp"].to_str().unwrap().parse().unwrap();
    assert_eq!(verifier.verify(&header, &body, Timestamp(at * 1000)), Ok(()));
    assert!(verifier.verify(&header, b"{}", Timestamp(at * 1000)).is_err());
    assert!(verifier.verify(&header, &body, Timestamp((at + 301) * 1000)).is_err());
}
