use crate::world::{Case, World};
use domain::{Envelope, InternalCommand, TicketCommand, Timestamp};
use ports::{CallContext, CallError, Look, Target as _};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

fn method_of(command: &Envelope<InternalCommand>) -> &'static str {
    match command.payload.of_ticket() {
        TicketCommand::Create(_) | TicketCommand::Reply(_) | TicketCommand::Note(_) | TicketCommand::Link(_) => "POST",
        TicketCommand::SetFields(_) | TicketCommand::SetStatus(_) => "PATCH",
    }
}

#[tokio::test]
async fn whatever_befalls_a_write_is_named_for_what_it_is_and_the_look_tells_the_truth() {
    let world = World::start().await;
    let case = world.case().await;
    for (kind, unknown, there) in [
        ("unavailable", false, false),
        ("too-many-requests", false, false),
        ("drop-before-apply", true, false),
        ("empty-success", true, false),
        ("drop-after-apply", true, true),
        ("bad-gateway-after-apply", true, true),
    ] {
        let commands = [
            case.say(kind),
            case.note(kind),
            case.set(&[("Root Cause", kind)]),
            case.resume(if world.ticket("1").await["status"] == "open" { "stalled" } else { "open" }, &[]),
        ];
        for command in commands {
            world.fault(kind, method_of(&command), json!({"retry_after_seconds": 7})).await;
            match case.apply(&world.target, &command).await {
                Err(CallError::Unknown { .. }) => assert!(unknown, "{kind}"),
                Err(CallError::NotApplied { retry_after, .. }) => {
                    assert_eq!((unknown, retry_after), (false, Some(Duration::from_secs(7))), "{kind}");
                }
                other => panic!("{kind}: {other:?}"),
            }
            let look = case.look(&world.target, &command).await.unwrap();
            assert_eq!(matches!(look, Look::Applied(_)), there, "{kind} {}: {look:?}", command.meta.kind);
            if let Look::Applied(applied) = look {
                assert_eq!(applied.effects.len(), 1);
            }
        }
    }
}

#[tokio::test]
async fn a_create_that_timed_out_after_it_was_done_is_found_and_not_made_again() {
    let world = World::start().await;
    let case = Case::new("1");
    let create = case.create();
    world.fault("timeout-after-apply", "POST", json!({})).await;
    let context = CallContext { timeout: Duration::from_millis(500), ..case.context(&create) };
    assert!(matches!(world.target.apply(&create, &context).await, Err(CallError::Unknown { .. })));
    let Ok(Look::Applied(found)) = case.look(&world.target, &create).await else { panic!("it is there") };
    assert_eq!((found.native_id.as_str(), found.effects.as_slice()), ("1", &["1".to_owned()][..]));
    assert_eq!(case.apply(&world.target, &create).await, Ok(found));
    assert_eq!(world.ask(Method::GET, "/v1/tickets", None).await.1["tickets"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_search_that_lags_behind_does_not_spoil_a_create_that_was_answered() {
    let world = World::start().await;
    world.faults(json!({"lookup_lag_ms": 3_600_000})).await;
    let case = Case::new("1");
    let made = case.apply(&world.target, &case.create()).await.unwrap();
    assert_eq!((made.native_id.as_str(), made.effects.len()), ("1", 1));
    // Everything else is found in the ticket's own history, which does not lag.
    let case = Case { ticket: made.native_id, ..case };
    for (command, kind) in case.one_of_each() {
        let applied = case.apply(&world.target, &command).await.unwrap();
        assert_eq!(case.look(&world.target, &command).await, Ok(Look::Applied(applied)), "{kind}");
    }
}

#[tokio::test]
async fn of_two_tickets_for_one_case_the_lower_number_is_used() {
    let world = World::start().await;
    let case = world.case().await;
    let second = json!({"queue": "Partner Cases", "title": "again", "external_id": "case/tg/1"});
    world.agent(Method::POST, "/v1/tickets", second).await;
    let Ok(Look::Applied(found)) = case.look(&world.target, &case.create()).await else { panic!("it is there") };
    assert_eq!(found.native_id, "1");
}

#[tokio::test]
async fn a_call_that_expired_on_the_way_changes_nothing() {
    let world = World::start().await;
    let case = world.case().await;
    for (command, _) in case.one_of_each() {
        let context = CallContext { not_after: Timestamp(1), ..case.context(&command) };
        let answer = world.target.apply(&command, &context).await;
        let refused = matches!(answer, Err(CallError::NotApplied { .. } | CallError::ConditionNotMet { .. }));
        assert!(refused, "{answer:?}");
    }
    assert_eq!(world.history("1").await.len(), 1);
    let other = Case::new("2");
    let context = CallContext { not_after: Timestamp(1), ..other.context(&other.create()) };
    assert!(matches!(world.target.apply(&other.create(), &context).await, Err(CallError::NotApplied { .. })));
}

#[tokio::test]
async fn nobody_there_is_certainly_not_applied_and_a_wrong_token_is_no_ones_data() {
    let world = World::start().await;
    let case = world.case().await;
    world.faults(json!({"rules": [{"kind": "unavailable", "method": "GET"}]})).await;
    assert!(matches!(case.look(&world.target, &case.say("x")).await, Err(CallError::NotApplied { .. })));
    world.faults(json!({})).await;
    std::fs::write(world.folder.path().join("wrong"), "wrong").unwrap();
    let mut config = crate::world::config(&world.folder, &world.base);
    (config.sync_token_file, config.partner_token_file) =
        (world.folder.path().join("wrong"), world.folder.path().join("wrong"));
    let wrong = adapter_internal_desk::DeskTarget::new(config.check("internal").unwrap()).unwrap();
    let mixed = {
        let mut config = crate::world::config(&world.folder, &world.base);
        std::mem::swap(&mut config.sync_token_file, &mut config.partner_token_file);
        adapter_internal_desk::DeskTarget::new(config.check("internal").unwrap()).unwrap()
    };
    let elsewhere = {
        let config = crate::world::config(&world.folder, &format!("{}/elsewhere", world.base));
        adapter_internal_desk::DeskTarget::new(config.check("internal").unwrap()).unwrap()
    };
    for command in [case.say("x"), case.note("x"), case.set(&[("Root Cause", "x")])] {
        for target in [&wrong, &mixed, &elsewhere] {
            let answer = case.apply(target, &command).await;
            assert!(matches!(answer, Err(CallError::Misconfigured { .. })), "{answer:?}");
        }
    }
    assert_eq!(world.history("1").await.len(), 1);
    // A port that nobody listens on now.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let config = crate::world::config(&world.folder, &format!("http://{free}"));
    let nobody = adapter_internal_desk::DeskTarget::new(config.check("internal").unwrap()).unwrap();
    assert!(matches!(case.apply(&nobody, &case.say("x")).await, Err(CallError::NotApplied { .. })));
}

/// What a sink does, in short: tries, looks when in doubt, goes on until it is done.
async fn until_done(world: &World, case: &Case, command: &Envelope<InternalCommand>) -> u32 {
    for tries in 1..1000 {
        match case.apply(&world.target, command).await {
            Ok(_) => return tries,
            Err(CallError::NotApplied { .. }) => {}
            Err(CallError::Unknown { .. }) => loop {
                match case.look(&world.target, command).await {
                    Ok(Look::Applied(_)) => return tries,
                    Ok(Look::Absent) => break,
                    Err(CallError::NotApplied { .. }) => {}
                    other => panic!("{other:?}"),
                }
            },
            Err(other) => panic!("{other:?}"),
        }
    }
    panic!("it never ended")
}

#[tokio::test]
async fn hundreds_of_writes_through_a_storm_of_faults_are_each_there_once_and_in_order() {
    let world = World::start().await;
    let rules: Vec<Value> = [
        ("unavailable", 5),
        ("drop-before-apply", 7),
        ("drop-after-apply", 9),
        ("empty-success", 11),
        ("bad-gateway-after-apply", 13),
    ]
    .map(|(kind, every)| json!({"kind": kind, "every": every, "path_contains": "/v1/"}))
    .into();
    world.faults(json!({ "rules": rules })).await;
    let subjects = (0..10).map(|n| {
        let world = &world;
        async move {
            let case = Case::new(&format!("s{n}"));
            let mut tries = until_done(world, &case, &case.create()).await;
            let look = loop {
                if let Ok(Look::Applied(found)) = case.look(&world.target, &case.create()).await {
                    break found;
                }
            };
            let case = Case { ticket: look.native_id, ..case };
            for step in 0..30 {
                tries += until_done(world, &case, &case.say(&format!("word {step}"))).await;
            }
            (case, tries)
        }
    });
    let done = futures::future::join_all(subjects).await;
    world.faults(json!({})).await;
    let tries: u32 = done.iter().map(|(_, tries)| tries).sum();
    assert!(tries > 330, "{tries} tries: the faults did not befall");
    for (case, _) in &done {
        let said: Vec<String> = world.history(&case.ticket).await[1..]
            .iter()
            .map(|c| c["payload"]["text"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(said, (0..30).map(|n| format!("word {n}")).collect::<Vec<_>>());
    }
    let all = world.ask(Method::GET, "/v1/tickets?limit=500", None).await.1;
    assert_eq!(all["tickets"].as_array().unwrap().len(), 10);
    println!("310 writes, {tries} tries, 0 lost, 0 doubled, 0 out of order");
}
