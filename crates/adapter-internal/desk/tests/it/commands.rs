use crate::world::{Case, World};
use domain::issue::InternalCommand as Issue;
use ports::{CallError, Capability, Look, Target as _};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_case_becomes_one_ticket_with_all_that_is_known_of_it() {
    let world = World::start().await;
    let case = Case::new("1");
    let create = case.create();
    assert_eq!(case.look(&world.target, &create).await, Ok(Look::Absent));
    let made = case.apply(&world.target, &create).await.unwrap();
    assert_eq!(
        (made.native_id.as_str(), made.reference.as_str(), made.effects.as_slice()),
        ("1", "1", &["1".to_owned()][..])
    );
    let ticket = world.ticket("1").await;
    assert_eq!(ticket["title"], "[ACME] Invoice 4711 was not acknowledged");
    assert_eq!(ticket["description"], "No 997 since Tuesday. – Grüße ✓");
    assert_eq!((&ticket["external_id"], &ticket["partner_id"]), (&json!("case/tg/1"), &json!("ACME")));
    assert_eq!((&ticket["priority"], &ticket["owner"]), (&json!(50), &json!("ann")));
    assert_eq!(
        (&ticket["requestor"], &ticket["fields"]),
        (&json!("causeway-partner"), &json!({"TG Severity": "MAJOR"}))
    );
    // Again, by anybody, under any other command: found.
    assert_eq!(case.apply(&world.target, &create).await, Ok(made.clone()));
    assert_eq!(case.look(&world.target, &create).await, Ok(Look::Applied(made)));
    assert_eq!(world.ask(Method::GET, "/v1/tickets", None).await.1["tickets"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn every_command_is_carried_out_with_its_marker_and_found_again_by_it() {
    let world = World::start().await;
    let case = world.case().await;
    for (command, kind) in case.one_of_each() {
        assert_eq!(case.look(&world.target, &command).await, Ok(Look::Absent), "{kind}");
        let applied = case.apply(&world.target, &command).await.unwrap();
        let last = world.history(&case.ticket).await.pop().unwrap();
        assert_eq!((&last["kind"], &last["marker"]), (&json!(kind), &json!(command.meta.id.to_string())));
        assert_eq!(applied.effects, [last["id"].to_string()]);
        assert_eq!(case.look(&world.target, &command).await, Ok(Look::Applied(applied)), "{kind}");
    }
    let voices: Vec<_> = world.history(&case.ticket).await.iter().map(|c| c["author"]["name"].clone()).collect();
    assert_eq!(voices[..3], ["causeway-partner", "causeway-partner", "causeway-sync"]);
    assert_eq!(world.history(&case.ticket).await[1]["payload"], json!({"text": "hello", "on_behalf_of": "Jo"}));
    for kind in ["internal.issue.create-case", "internal.issue.close-case"] {
        assert!(matches!(world.target.capability(kind), Capability::Findable { .. }));
    }
    assert_eq!(world.target.capability("internal.document.attach"), Capability::Unsupported);
}

#[tokio::test]
async fn a_write_is_found_also_after_an_agent_moved_the_ticket_on() {
    let world = World::start().await;
    let case = world.case().await;
    let (resume, set) = (case.resume("open", &[]), case.set(&[("TG Severity", "MINOR")]));
    let effects = [case.apply(&world.target, &resume).await.unwrap(), case.apply(&world.target, &set).await.unwrap()];
    let moved = json!({"status": "stalled", "fields": {"TG Severity": "MAJOR"}});
    world.agent(Method::PATCH, "/v1/tickets/1", moved).await;
    assert_eq!(case.look(&world.target, &resume).await, Ok(Look::Applied(effects[0].clone())));
    assert_eq!(case.look(&world.target, &set).await, Ok(Look::Applied(effects[1].clone())));
}

#[tokio::test]
async fn what_is_so_already_is_done_without_a_change() {
    let world = World::start().await;
    let case = world.case().await;
    world.agent(Method::PATCH, "/v1/tickets/1", json!({"status": "open"})).await;
    for command in [case.resume("open", &["stalled"]), case.set(&[("TG Severity", "MAJOR"), ("Root Cause", "")])] {
        let applied = case.apply(&world.target, &command).await.unwrap();
        assert_eq!((applied.effects.len(), applied.version.as_str()), (0, "2"));
        assert_eq!(case.look(&world.target, &command).await, Ok(Look::Applied(applied)));
    }
    assert_eq!(world.history("1").await.len(), 2);
}

#[tokio::test]
async fn a_condition_is_judged_on_the_state_and_the_write_is_bound_to_it() {
    let world = World::start().await;
    let case = world.case().await;
    let resume = case.resume("open", &["waiting-partner"]);
    let refused = CallError::ConditionNotMet { actual: "status is `new`".into() };
    assert_eq!(case.apply(&world.target, &resume).await, Err(refused));
    world.agent(Method::PATCH, "/v1/tickets/1", json!({"status": "waiting-partner"})).await;
    assert!(case.apply(&world.target, &resume).await.is_ok());
    // An agent's change between our reading and our write: the reading waits until it is there.
    let close = case.command(Issue::CloseCase(case.moves("resolved", &["open"])));
    let rule = json!({"rules": [{"kind": "latency", "method": "PATCH", "times": 1, "latency_ms": 300}]});
    world.faults(rule).await;
    let befallen = async {
        while world.ask(Method::GET, "/control/stats", None).await.1["faults"] != 1 {
            tokio::task::yield_now().await;
        }
        world.agent(Method::PATCH, "/v1/tickets/1", json!({"status": "stalled"})).await;
    };
    let (applied, ()) = tokio::join!(case.apply(&world.target, &close), befallen);
    assert!(matches!(applied, Err(CallError::NotApplied { .. })), "{applied:?}");
    assert_eq!(world.ticket("1").await["status"], "stalled");
}

#[tokio::test]
async fn what_the_case_system_will_never_take_is_refused_with_its_reason() {
    let world = World::start().await;
    let case = world.case().await;
    let refused = async |command| match case.apply(&world.target, &command).await {
        Err(CallError::Refused { reason, detail }) => (reason, detail),
        other => panic!("{other:?}"),
    };
    let (reason, detail) = refused(case.resume("closed", &[])).await;
    assert_eq!(reason, "answered 422 transition-refused");
    assert_eq!(detail, "a ticket that is new cannot become closed");
    assert_eq!(refused(case.set(&[("Credit", "bad")])).await.0, "answered 422 value-unknown");
    assert_eq!(refused(case.say(&"x".repeat(200_000))).await.0, "answered 422 text-refused");
    let gone = Case { ticket: "77".into(), ..case.clone() };
    for (command, _) in gone.one_of_each() {
        let answer = gone.apply(&world.target, &command).await;
        assert!(matches!(&answer, Err(CallError::Refused { reason, .. }) if reason == "no such ticket"), "{answer:?}");
    }
    let nowhere = Case::new("2");
    let answer = nowhere.apply(&world.target, &nowhere.say("x")).await;
    assert!(matches!(answer, Err(CallError::Refused { .. })), "without a ticket there is nowhere to say it");
    assert_eq!(world.history("1").await.len(), 1);
}

#[tokio::test]
async fn a_long_title_is_cut_between_characters_and_stands_whole_above_the_description() {
    let world = World::start().await;
    let case = Case::new("1");
    let mut create = case.create();
    let domain::InternalCommand::Issue(Issue::CreateCase(new)) = &mut create.payload else { unreachable!() };
    new.title = "é".repeat(600);
    case.apply(&world.target, &create).await.unwrap();
    let ticket = world.ticket("1").await;
    let title = ticket["title"].as_str().unwrap();
    assert!(title.len() <= 1024 && title.ends_with("é…"), "{title}");
    assert!(ticket["description"].as_str().unwrap().starts_with(&"é".repeat(600)));
}

#[tokio::test]
async fn an_answer_to_one_resolution_does_not_close_the_next() {
    let world = World::start().await;
    let case = world.case().await;
    let path = format!("/v1/tickets/{}", case.ticket);
    let event_of = |change: &serde_json::Value| {
        let system = domain::SystemId::new("rt").unwrap();
        let change = change["id"].to_string();
        domain::MessageId::of_event(&system, &case.ticket, &change, &case.subject).to_string()
    };
    let close = |event: &str| case.command(Issue::CloseCase(case.moves("closed", &["resolved"]).set_by(event)));
    world.agent(Method::PATCH, &path, json!({"status": "resolved"})).await;
    let first = event_of(world.history(&case.ticket).await.last().unwrap());
    for status in ["open", "resolved"] {
        world.agent(Method::PATCH, &path, json!({ "status": status })).await;
    }
    let second = event_of(world.history(&case.ticket).await.last().unwrap());
    world.agent(Method::POST, &format!("{path}/notes"), json!({"text": "a later change of another kind"})).await;
    let late = case.apply(&world.target, &close(&first)).await;
    assert!(matches!(late, Err(CallError::ConditionNotMet { .. })), "{late:?}");
    assert_eq!(world.ticket(&case.ticket).await["status"], "resolved");
    case.apply(&world.target, &close(&second)).await.unwrap();
    assert_eq!(world.ticket(&case.ticket).await["status"], "closed");
}
