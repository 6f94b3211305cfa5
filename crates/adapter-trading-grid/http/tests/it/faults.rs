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
