use crate::world::{World, options};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_case_is_made_answered_noted_moved_and_all_of_it_is_in_the_feed_in_order() {
    let world = World::start().await;
    let begin = world.get("causeway-sync", "/v1/cursor").await.body["cursor"].as_str().unwrap().to_owned();
    let id = world.create("case/tg/1").await;
    let ticket = format!("/v1/tickets/{id}");
    world.post("ann", &format!("{ticket}/replies"), json!({"text": "we are on it"})).await;
    world.post("ann", &format!("{ticket}/notes"), json!({"text": "their credit is bad"})).await;
    let update = json!({"status": "resolved", "fields": {"Resolution Note": "resent"}});
    assert_eq!(world.patch("ann", &ticket, update).await.status, 201);
    let (mut after, mut rows) = (begin, Vec::new());
    loop {
        let page = world.get("causeway-sync", &format!("/v1/changes?limit=2&after={after}")).await.body;
        rows.extend(page["changes"].as_array().unwrap().clone());
        after = page["next"].as_str().unwrap().to_owned();
        if page["has_more"] == false {
            break;
        }
    }
    let seen: Vec<_> = rows.iter().map(|r| (r["id"].as_u64().unwrap(), r["kind"].as_str().unwrap())).collect();
    let expected = [(1, "created"), (2, "replied"), (3, "noted"), (4, "field-changed"), (5, "status-changed")];
    assert_eq!(seen, expected);
    assert_eq!(rows[4]["ticket"]["fields"]["Resolution Note"], "resent");
    assert_eq!(rows[1]["ticket"]["status"], "new", "as it was right after that change");
    assert_eq!(rows[0]["marker"], "create-case/tg/1");
    assert_eq!(world.get("causeway-sync", "/v1/changes/3").await.body, rows[2]);
    assert_eq!(world.get("causeway-sync", "/v1/changes?after=bm9uc2Vuc2U").await.status, 410);
}

#[tokio::test]
async fn whoever_speaks_for_partners_never_sees_what_is_inside() {
    let world = World::start().await;
    let id = world.create("case/tg/1").await;
    let ticket = format!("/v1/tickets/{id}");
    world.post("ann", &format!("{ticket}/notes"), json!({"text": "SECRET"})).await;
    world.patch("ann", &ticket, json!({"fields": {"Root Cause": "SECRET"}, "owner": "ann"})).await;
    for path in [ticket.clone(), format!("{ticket}/history"), "/v1/tickets".to_owned()] {
        let said = world.get("causeway-partner", &path).await;
        assert_eq!(said.status, 200);
        assert!(!said.body.to_string().contains("SECRET"), "{path}: {}", said.body);
        assert!(world.get("causeway-sync", &path).await.body.to_string().contains("SECRET") || path == "/v1/tickets");
    }
    for path in ["/v1/changes", "/v1/changes/2", "/v1/cursor", "/v1/changes?marker=x"] {
        assert_eq!(world.get("causeway-partner", path).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn an_unknown_token_is_refused_everywhere() {
    let world = World::start().await;
    world.create("case/tg/1").await;
    for who in ["", "mallory"] {
        for path in ["/v1/setup", "/v1/tickets", "/v1/tickets/1", "/v1/changes", "/v1/cursor", "/v1/tickets/1/history"]
        {
            assert_eq!(world.get(who, path).await.status, 401, "{path}");
        }
        assert_eq!(world.post(who, "/v1/tickets/1/replies", json!({"text": "x"})).await.status, 401);
        assert_eq!(world.patch(who, "/v1/tickets/1", json!({"status": "open"})).await.status, 401);
    }
    assert_eq!(world.get("ann", "/v1/tickets/1").await.body["version"], 1);
}

#[tokio::test]
async fn of_many_writers_with_the_same_version_one_is_taken() {
    let world = World::start().await;
    world.create("case/tg/1").await;
    let etag = world.get("ann", "/v1/tickets/1").await.etag;
    let headers = [("if-match", etag.as_str())];
    let tries = (0..20).map(|n| {
        let body = json!({"priority": n + 1, "marker": format!("m{n}")}).to_string();
        world.send("ann", Method::PATCH, "/v1/tickets/1", &headers, Some(body))
    });
    let mut taken = Vec::new();
    for answer in futures::future::join_all(tries).await {
        let answer = answer.unwrap();
        match answer.status {
            201 => taken.push(answer.body),
            412 => assert_eq!(answer.body["code"], "stale-version"),
            other => panic!("{other}"),
        }
    }
    assert_eq!(taken.len(), 1);
    assert_eq!(world.get("ann", "/v1/tickets/1").await.body["version"], taken[0]["version"]);
}

#[tokio::test]
async fn a_write_after_its_time_is_refused_and_one_in_time_is_taken() {
    let world = World::start().await;
    world.create("case/tg/1").await;
    let note = |moment: &'static str| {
        let body = Some(json!({"text": "x"}).to_string());
        let world = &world;
        async move {
            world.send("ann", Method::POST, "/v1/tickets/1/notes", &[("x-not-after", moment)], body).await.unwrap()
        }
    };
    let late = note("1").await;
    assert_eq!((late.status, late.body["code"].as_str()), (412, Some("too-late")));
    assert_eq!(note("9223372036854775807").await.status, 201);
    assert_eq!(note("tomorrow").await.status, 400);
    assert_eq!(world.get("ann", "/v1/tickets/1/history").await.body["changes"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_malformed_too_large_or_impossible_says_why() {
    let world = World::start().await;
    world.create("case/tg/1").await;
    let large = json!({"text": "x".repeat(600_000)});
    let cases: [(Method, &str, Value, u16, &str); 9] = [
        (Method::PATCH, "/v1/tickets/1", json!({"status": "closed"}), 422, "transition-refused"),
        (Method::PATCH, "/v1/tickets/1", json!({"state": "open"}), 400, "bad-request"),
        (Method::PATCH, "/v1/tickets/1", json!({"priority": 999}), 400, "bad-request"),
        (Method::PATCH, "/v1/tickets/1", json!({"fields": {"Credit": "bad"}}), 422, "value-unknown"),
        (Method::PATCH, "/v1/tickets/2", json!({"status": "open"}), 404, "ticket-unknown"),
        (Method::POST, "/v1/tickets/none/notes", json!({"text": "x"}), 404, "ticket-unknown"),
        (Method::POST, "/v1/tickets/1/notes", json!({"text": ""}), 422, "text-refused"),
        (Method::POST, "/v1/tickets/1/notes", large, 413, "body-refused"),
        (Method::PUT, "/v1/tickets/1", json!({}), 405, "method-not-allowed"),
    ];
    for (method, path, body, status, code) in cases {
        let body = Some(body.to_string());
        let said = world.send("ann", method, path, &[], body).await.unwrap();
        assert_eq!((said.status, said.body["code"].as_str()), (status, Some(code)), "{path}: {said:?}");
        assert!(!said.body["detail"].as_str().unwrap().is_empty());
    }
    let said = world.patch("ann", "/v1/tickets/1", json!({"status": "closed"})).await;
    assert_eq!(said.body["detail"], "a ticket that is new cannot become closed");
    assert_eq!(world.get("ann", "/v1/tickets/1").await.body["version"], 1);
    assert_eq!(world.get("ann", "/v1/tickets?colour=red").await.status, 400);
}

#[tokio::test]
async fn a_killed_case_system_comes_back_with_everything_it_said_yes_to() {
    let world = World::start().await;
    for n in 0..5 {
        let id = world.create(&format!("case/tg/{n}")).await;
        world.post("ann", &format!("/v1/tickets/{id}/replies"), json!({"text": "x", "marker": format!("r{n}")})).await;
    }
    let dump = |world: &World| {
        let (base, client) = (world.base.clone(), reqwest::Client::builder().no_proxy().build().unwrap());
        async move { client.get(format!("{base}/control/tickets")).send().await.unwrap().text().await.unwrap() }
    };
    let (before, feed) = (dump(&world).await, world.get("ann", "/v1/changes").await.body);
    // A copy of what is on disk at this moment, as a kill would leave it, with a line torn in the middle.
    let copy = tempfile::tempdir().unwrap();
    let mut journal = std::fs::read(world.folder.path().join("changes.jsonl")).unwrap();
    journal.extend_from_slice(br#"{"changes":[{"id":11,"ticket_id":1,"kind":"no"#);
    std::fs::write(copy.path().join("changes.jsonl"), journal).unwrap();
    let options = options(&copy, None);
    let again = World::with(copy, options).await;
    assert_eq!(dump(&again).await, before);
    assert_eq!(again.get("ann", "/v1/changes").await.body, feed);
    assert_eq!(again.get("ann", "/v1/changes?marker=r3").await.body["changes"][0]["ticket_id"], 4);
    let said = again.post("ann", "/v1/tickets/1/notes", json!({"text": "x"})).await;
    assert_eq!(said.body["changes"][0]["id"], 11);
}
