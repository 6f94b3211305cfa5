use crate::world::{World, comment, context};
use ports::{CallError, Look, Target as _};
use serde_json::json;
use std::time::Duration;

/// After the fault has passed: found or not as expected, repeated under the same key, and there exactly once.
async fn heals(world: &World, case: &str, was_applied: bool) {
    let command = comment(case, 1);
    let look = world.target.look(&command, &context(&command)).await.unwrap();
    assert_eq!(matches!(look, Look::Applied(_)), was_applied, "{look:?}");
    let applied = world.target.apply(&command, &context(&command)).await.unwrap();
    if let Look::Applied(found) = look {
        assert_eq!(found, applied);
    }
    // The opening and one comment.
    assert_eq!(world.journalled(), 2);
    let stats = world.stats().await;
    assert_eq!(stats["idempotency_hits"], json!(u32::from(was_applied)));
}

#[tokio::test]
async fn what_happened_without_an_answer_is_unknown_and_never_doubles() {
    for kind in ["timeout-after-apply", "drop-after-apply", "bad-gateway-after-apply"] {
        let world = World::start().await;
        let case = world.open("acme").await;
        world.fault(kind, "POST", json!({})).await;
        let command = comment(&case, 1);
        let quick = ports::CallContext { timeout: Duration::from_secs(2), ..context(&command) };
        let result = world.target.apply(&command, &quick).await;
        assert!(matches!(result, Err(CallError::Unknown { .. })), "{kind}: {result:?}");
        heals(&world, &case, true).await;
    }
}

#[tokio::test]
async fn a_connection_that_broke_before_the_effect_is_unknown_too() {
    let world = World::start().await;
    let case = world.open("acme").await;
    world.fault("drop-before-apply", "POST", json!({})).await;
    let command = comment(&case, 1);
    let result = world.target.apply(&command, &context(&command)).await;
    assert!(matches!(result, Err(CallError::Unknown { .. })), "{result:?}");
    heals(&world, &case, false).await;
}

#[tokio::test]
async fn a_success_that_names_no_change_is_not_believed() {
    let world = World::start().await;
    let case = world.open("acme").await;
    world.fault("empty-success", "POST", json!({})).await;
    let command = comment(&case, 1);
    let result = world.target.apply(&command, &context(&command)).await;
    assert!(matches!(result, Err(CallError::Unknown { .. })), "{result:?}");
    heals(&world, &case, false).await;
}

#[tokio::test]
async fn overload_is_not_applied_and_says_when_to_come_back() {
    for kind in ["unavailable", "too-many-requests"] {
        for method in ["POST", "GET"] {
            let world = World::start().await;
            let case = world.open("acme").await;
            world.fault(kind, method, json!({"retry_after_seconds": 7})).await;
            let command = comment(&case, 1);
            let result = world.target.apply(&command, &context(&command)).await;
            let after = Some(Duration::from_secs(7));
            let expected = matches!(&result, Err(CallError::NotApplied { retry_after, .. }) if *retry_after == after);
            assert!(expected, "{kind} {method}: {result:?}");
            heals(&world, &case, false).await;
        }
    }
}

#[tokio::test]
async fn whatever_befalls_the_reading_before_the_write_nothing_was_applied() {
    for kind in
        ["timeout-after-apply", "drop-before-apply", "drop-after-apply", "bad-gateway-after-apply", "empty-success"]
    {
        let world = World::start().await;
        let case = world.open("acme").await;
        world.fault(kind, "GET", json!({})).await;
        let command = comment(&case, 1);
        let quick = ports::CallContext { timeout: Duration::from_secs(2), ..context(&command) };
        let result = world.target.apply(&command, &quick).await;
        assert!(matches!(result, Err(CallError::NotApplied { .. })), "{kind}: {result:?}");
        heals(&world, &case, false).await;
    }
}

#[tokio::test]
async fn a_request_still_under_way_makes_its_repeat_wait() {
    let world = World::start().await;
    let case = world.open("acme").await;
    world.fault("latency", "POST", json!({"latency_ms": 3000})).await;
    let command = comment(&case, 1);
    let first = tokio::spawn({
        let (target, command) = (world.target.clone(), command.clone());
        async move { target.apply(&command, &context(&command)).await }
    });
    // The fault counts before it waits, so the first request is inside by now.
    tokio::time::timeout(Duration::from_secs(10), async {
        while world.stats().await["faults"] != 1 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    let result = world.target.apply(&command, &context(&command)).await;
    assert!(matches!(&result, Err(CallError::NotApplied { retry_after: Some(_), .. })), "{result:?}");
    assert!(first.await.unwrap().is_ok());
    heals(&world, &case, true).await;
}

#[tokio::test]
async fn a_lagging_search_finds_nothing_and_the_repeat_still_does_not_double() {
    let world = World::start().await;
    let case = world.open("acme").await;
    world.faults(json!({"lookup_lag_ms": 3_600_000})).await;
    let command = comment(&case, 1);
    let applied = world.target.apply(&command, &context(&command)).await.unwrap();
    assert_eq!(world.target.look(&command, &context(&command)).await, Ok(Look::Absent));
    assert_eq!(world.target.apply(&command, &context(&command)).await, Ok(applied));
    world.faults(json!({})).await;
    assert_eq!(world.journalled(), 2);
    assert!(matches!(world.target.look(&command, &context(&command)).await, Ok(Look::Applied(_))));
}

#[tokio::test]
async fn no_listener_means_not_applied() {
    let world = World::start().await;
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let ready = crate::world::config(&world.folder, &format!("http://127.0.0.1:{port}")).check("c").unwrap();
    let target = adapter_trading_grid_http::HttpTarget::new(&ready).unwrap();
    let command = comment("C-000001", 1);
    let result = target.apply(&command, &context(&command)).await;
    assert!(matches!(result, Err(CallError::NotApplied { .. })), "{result:?}");
}

/// What a sink does, without its waiting: after a doubt look, and try again only where nothing is found.
async fn until_done(world: &World, case: &str, number: u32) -> u32 {
    let (command, mut tries) = (comment(case, number), 0);
    loop {
        tries += 1;
        match world.target.apply(&command, &context(&command)).await {
            Ok(_) => return tries,
            Err(CallError::NotApplied { .. }) => {}
            Err(CallError::Unknown { .. }) => match world.target.look(&command, &context(&command)).await {
                Ok(Look::Applied(_)) => return tries,
                Ok(Look::Absent) | Err(CallError::NotApplied { .. }) => {}
                other => panic!("{other:?}"),
            },
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn hundreds_of_writes_through_a_storm_of_faults_are_each_there_once_and_in_order() {
    let world = World::start().await;
    let mut cases = Vec::new();
    for _ in 0..10 {
        cases.push(world.open("acme").await);
    }
    let rules: Vec<_> = [("unavailable", 5), ("drop-before-apply", 7), ("drop-after-apply", 9), ("empty-success", 11)]
        .map(|(kind, every)| json!({"kind": kind, "every": every, "path_contains": "/v1/c"}))
        .into();
    world.faults(json!({ "rules": rules })).await;
    let subjects = cases.iter().map(|case| async {
        let mut tries = 0;
        for number in 0..30 {
            tries += until_done(&world, case, number).await;
        }
        tries
    });
    let tries: u32 = futures::future::join_all(subjects).await.into_iter().sum();
    world.faults(json!({})).await;
    assert!(tries > 350, "{tries} tries: the faults did not befall");
    assert_eq!(world.journalled(), 10 + 300);
    for case in &cases {
        let (_, page) =
            world.ask("host-token", reqwest::Method::GET, &format!("/v1/cases/{case}/comments"), None).await;
        let keys: Vec<&str> =
            page["comments"].as_array().unwrap().iter().map(|c| c["note_key"].as_str().unwrap()).collect();
        assert_eq!(keys, (0..30).map(|n| format!("note-{n}")).collect::<Vec<_>>());
    }
    println!("300 writes, {tries} tries, 0 lost, 0 doubled, 0 out of order; {}", world.stats().await);
}
