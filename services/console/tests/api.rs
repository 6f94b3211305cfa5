//! The interface over HTTP, without a broker and without a browser.
#![allow(clippy::unwrap_used)]

#[path = "page/canned.rs"]
mod canned;
#[path = "page/fakes.rs"]
mod fakes;

use canned::{CASE, Log};
use console::{Hosts, MAX_BODY, MAX_LISTENERS, Model};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

async fn get(at: &str) -> Value {
    reqwest::get(at).await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_case_is_told_from_its_first_word_to_its_ticket_with_causes() {
    let model = Model::new();
    Log::story().tell(&model);
    let at = fakes::serve(console::read_only(model, Hosts::Loopback)).await;
    let board = get(&format!("{at}/api/cases")).await;
    let first = board["cases"].as_array().unwrap().iter().find(|c| c["subject"] == CASE).unwrap().clone();
    assert_eq!(
        (&first["title"], &first["internal_status"], &first["ticket_id"]),
        (&json!("Invoice 4711 is wrong"), &json!("open"), &json!("17"))
    );
    let case = get(&format!("{at}/api/cases/{CASE}")).await;
    let kinds: Vec<&str> = case["entries"].as_array().unwrap().iter().map(|e| e["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["arrived", "mapped", "intended", "in-doubt", "applied", "arrived", "arrived"]);
    let entries = &case["entries"];
    assert_eq!(entries[1]["cause"], entries[0]["place"], "a command names its fact");
    assert_eq!(entries[4]["cause"], entries[1]["place"], "an outcome names its command");
    assert_eq!((&entries[1]["bundle_version"], &entries[6]["inside"]), (&json!(3), &json!(true)));
    let letters = get(&format!("{at}/api/dead-letters")).await;
    assert_eq!(letters["dead_letters"][0]["class"], "HOLD");
    assert_eq!(get(&format!("{at}/api/roles")).await, json!({ "roles": [] }));
    assert_eq!(reqwest::get(format!("{at}/control/held")).await.unwrap().status(), StatusCode::NOT_FOUND);
    assert_eq!(reqwest::get(format!("{at}/sides/desk/setup")).await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn another_sites_page_may_neither_act_nor_reach_the_console_by_another_name() {
    let (at, asked, did) = fakes::console(&Model::new()).await;
    let (client, kill) = (Client::new(), format!("{at}/control/roles/sink-internal/kill"));
    let comment = format!("{at}/sides/community/ACME/cases/C-1/comments");
    for address in [&kill, &comment] {
        let ours = || client.post(address.as_str()).header("x-causeway-console", "1").body("{}");
        for stranger in [
            client.post(address.as_str()).body("{}"),
            ours().header("origin", "http://evil.example"),
            ours().header("origin", "null"),
            ours().header("sec-fetch-site", "cross-site"),
        ] {
            assert_eq!(stranger.send().await.unwrap().status(), StatusCode::FORBIDDEN);
        }
        let rebound = ours().header("host", "evil.example:8080").header("origin", "http://evil.example:8080");
        assert_eq!(rebound.send().await.unwrap().status(), StatusCode::MISDIRECTED_REQUEST);
    }
    assert!(did.lock().unwrap().is_empty() && asked.lock().unwrap().is_empty());
    let own = client.post(&kill).header("x-causeway-console", "1").header("origin", at.as_str());
    assert_eq!(own.send().await.unwrap().json::<Value>().await.unwrap()["done"], "killed sink-internal");
    let page = reqwest::get(&at).await.unwrap();
    assert!(page.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'self'"));
}

#[tokio::test]
async fn only_the_short_list_is_passed_on_with_the_token_added_and_bodies_bounded() {
    let (at, asked, _) = fakes::console(&Model::new()).await;
    let client = Client::new();
    let send = |method: Method, path: &str, body: String| {
        client.request(method, format!("{at}{path}")).header("x-causeway-console", "1").body(body).send()
    };
    for (method, path) in [
        (Method::PUT, "/sides/community/ACME/control/faults"),
        (Method::GET, "/sides/community/ACME/cases/%2e%2e/%2e%2e/control/cases"),
        (Method::GET, "/sides/community/ACME/cases/..%2f..%2fv1%2fcases"),
        (Method::POST, "/sides/community/ACME/cases/C-1/acknowledgement"),
        (Method::GET, "/sides/community/GLOBEX/cases"),
        (Method::GET, "/sides/desk/changes"),
        (Method::DELETE, "/sides/desk/tickets/17"),
    ] {
        assert_eq!(send(method, path, String::new()).await.unwrap().status(), StatusCode::NOT_FOUND, "{path}");
    }
    let comments = "/sides/community/ACME/cases/C-1/comments";
    let large = send(Method::POST, comments, "x".repeat(MAX_BODY + 1)).await.unwrap();
    assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(asked.lock().unwrap().is_empty());
    let sent = send(Method::POST, comments, r#"{"text":"hello"}"#.to_owned()).await.unwrap();
    assert_eq!(sent.status(), StatusCode::OK);
    let wanted = r#"Bearer token-of-acme POST /partner/v1/cases/C-1/comments {"text":"hello"}"#;
    assert_eq!(*asked.lock().unwrap(), [wanted]);
}

#[tokio::test]
async fn a_file_outside_the_list_is_neither_read_nor_written_and_a_refusal_is_told() {
    let (at, _, did) = fakes::console(&Model::new()).await;
    let client = Client::new();
    let put = |name: &str, text: &str| {
        let address = format!("{at}/control/bundle/file?name={name}");
        client.post(address).header("x-causeway-console", "1").json(&json!({ "text": text })).send()
    };
    assert_eq!(put("../../etc/passwd", "x").await.unwrap().status(), StatusCode::NOT_FOUND);
    assert!(did.lock().unwrap().is_empty());
    let refused = put("codes/category.csv", "").await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().await.unwrap().contains("category.csv:1"));
    assert_eq!(put("codes/category.csv", "code").await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn the_stream_tells_what_changed_is_bounded_and_ends_with_the_model() {
    let (model, log) = (Model::new(), Log::story());
    model.caught_up();
    let at = fakes::serve(console::read_only(model.clone(), Hosts::Loopback)).await;
    let mut streams = Vec::new();
    for _ in 0..MAX_LISTENERS {
        let mut stream = reqwest::get(format!("{at}/api/stream")).await.unwrap();
        assert!(stream.chunk().await.unwrap().is_some(), "the first event comes at once");
        streams.push(stream);
    }
    let more = reqwest::get(format!("{at}/api/stream")).await.unwrap();
    assert_eq!(more.status(), StatusCode::SERVICE_UNAVAILABLE);
    log.tell(&model);
    let stream = &mut streams[0];
    let told = stream.chunk().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&told).contains(CASE));
    model.end();
    while stream.chunk().await.unwrap().is_some() {}
}

#[tokio::test]
async fn the_same_records_in_another_order_of_partitions_tell_the_same_history() {
    let log = Log::story();
    let (told, turned) = (Model::new(), Model::new());
    log.tell(&told);
    let mut topics: Vec<&str> = log.records.iter().map(|record| record.topic.as_str()).collect();
    topics.sort_unstable();
    topics.dedup();
    for topic in ["internal.outcomes", "internal.commands"].into_iter().chain(topics) {
        for record in log.records.iter().filter(|record| record.topic == topic) {
            turned.take(&log.codec, record).unwrap();
        }
    }
    let both = [&told, &turned].map(|model| {
        let histories =
            [CASE, "case/tg/C-2"].map(|subject| serde_json::to_value(model.history(subject).unwrap()).unwrap());
        (histories, serde_json::to_value(model.totals()).unwrap())
    });
    assert_eq!(both[0], both[1], "also with some of them read twice");
}

/// What the page sends is what the simulated community of this project takes.
#[tokio::test]
async fn a_partner_raises_reads_comments_and_withdraws_at_the_simulated_community() {
    let folder = tempfile::tempdir().unwrap();
    let options = simulators::community::Options {
        folder: folder.path().to_owned(),
        host_token: "host".to_owned(),
        partners: [("token-of-acme".to_owned(), "ACME".to_owned())].into(),
        environment: "P".to_owned(),
        hook: None,
        page: false,
        control: true,
    };
    let community = fakes::serve(simulators::community::router(options).unwrap()).await;
    let partners = [("ACME".to_owned(), ports::Secret::new("token-of-acme".to_owned()))].into();
    let agent = ports::Secret::new("x".to_owned());
    let sides = console::Sides::new("tg", community, partners, "http://127.0.0.1:9", agent).unwrap();
    let at = fakes::serve(console::router(Model::new(), Some(sides), None)).await;
    let client = Client::new();
    let post = |path: String, body: Value| {
        client
            .post(format!("{at}/sides/community/ACME/cases{path}"))
            .header("x-causeway-console", "1")
            .json(&body)
            .send()
    };
    let issue = json!({ "title": "Short", "description": "Two missing", "severity": "MAJOR", "category": "INVOICE" });
    let opened = post(String::new(), issue).await.unwrap();
    assert_eq!(opened.status(), StatusCode::CREATED);
    let id = opened.json::<Value>().await.unwrap()["case_id"].as_str().unwrap().to_owned();
    let said = post(format!("/{id}/comments"), json!({ "text": "Any news?" })).await.unwrap();
    assert_eq!(said.status(), StatusCode::CREATED);
    let comments = get(&format!("{at}/sides/community/ACME/cases/{id}/comments?limit=500")).await;
    assert_eq!(comments["comments"][0]["text"], "Any news?");
    assert_eq!(post(format!("/{id}/withdrawal"), json!({ "reason": "" })).await.unwrap().status(), StatusCode::CREATED);
    assert_eq!(get(&format!("{at}/sides/community/ACME/cases/{id}")).await["status"], "cancelled");
    let away = reqwest::get(format!("{at}/sides/desk/setup")).await.unwrap();
    assert_eq!(away.status(), StatusCode::BAD_GATEWAY);
    assert!(away.text().await.unwrap().contains("cannot be reached"));
}

#[tokio::test]
async fn whatever_carries_an_order_number_is_found_on_one_page_with_status_and_version() {
    let model = Model::new();
    let mut log = Log::new();
    log.document(1, "document/tg/D-1", 1, &[("220", "4500001"), ("380", "INV-7")]);
    log.document(2, "document/tg/D-1", 2, &[("220", "4500001"), ("380", "INV-7")]);
    log.raised(3, "case/tg/D-000001", "4500001");
    log.document(4, "document/tg/D-2", 1, &[("220", "4500099")]);
    log.opened(5, "case/tg/C-5", "Nothing to do with it");
    log.tell(&model);
    let at = fakes::serve(console::read_only(model, Hosts::Loopback)).await;
    let find = async |number: &str| {
        let found = get(&format!("{at}/api/search?reference={number}")).await["found"].clone();
        let found = found.as_array().unwrap().iter();
        found.map(|line| (line["subject"].as_str().unwrap().to_owned(), line.clone())).collect::<Vec<_>>()
    };
    let found = find("4500001").await;
    let subjects: Vec<_> = found.iter().map(|(subject, _)| subject.as_str()).collect();
    assert_eq!(subjects, ["case/tg/D-000001", "document/tg/D-1"]);
    let document = &found[1].1;
    assert_eq!((&document["use_case"], &document["version"]), (&json!("document"), &json!(2)));
    assert_eq!(document["partner_status"], "uploaded");
    assert_eq!(document["references"], json!(["invoice INV-7", "order 4500001"]));
    assert_eq!(found[0].1["use_case"], "discrepancy");
    // By an invoice's number too, however it is typed; another order's documents stay away.
    assert_eq!(find("inv-%207").await.len(), 1);
    assert_eq!(find("45000").await.len(), 3);
    assert!(find("4500002").await.is_empty());
    // Neither what the partner calls it nor the name of its file is shown here.
    let shown = get(&format!("{at}/api/cases/document/tg/D-1")).await.to_string();
    assert!(!shown.contains("Ann Miller") && !shown.contains("078-05"), "{shown}");
    let empty = reqwest::get(format!("{at}/api/search?reference=")).await.unwrap();
    assert_eq!(empty.status(), StatusCode::BAD_REQUEST);
}
