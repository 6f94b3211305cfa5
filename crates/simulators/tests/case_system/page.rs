use crate::world::{World, options};
use simulators::community;
use std::collections::BTreeSet;

/// Names between `start` and the next quote.
fn quoted<'a>(text: &'a str, start: &str) -> BTreeSet<&'a str> {
    text.split(start).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// What a page is served as: its document, its script and the answer to the request for tokens.
async fn served(base: &str) -> (String, String, serde_json::Value) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut texts = Vec::new();
    for path in ["/", "/page/script.js", "/page/common.js", "/page/style.css", "/page/demo.json"] {
        let answer = client.get(format!("{base}{path}")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        texts.push(answer.text().await.unwrap());
    }
    for text in &texts {
        assert!(!text.contains("http://") && !text.contains("https://"), "nothing comes from elsewhere");
        assert!(!text.contains("innerHTML"), "what came from outside never becomes markup");
    }
    let foreign = client.get(format!("{base}/page/demo.json")).header("host", "evil.example").send().await.unwrap();
    assert_eq!(foreign.status(), 403);
    (texts[0].clone(), texts[1].clone(), serde_json::from_str(&texts[4]).unwrap())
}

fn script_fits_document(document: &str, script: &str) {
    let there = quoted(document, " id=\"");
    let used = quoted(script, "byId(\"");
    assert!(!used.is_empty());
    let missing: Vec<_> = used.difference(&there).collect();
    assert!(missing.is_empty(), "{missing:?}");
    for label in quoted(document, " for=\"") {
        assert!(there.contains(label), "a label names {label}");
    }
}

#[tokio::test]
async fn the_case_systems_page_is_whole_and_is_given_agents_tokens_only() {
    let folder = tempfile::tempdir().unwrap();
    let options = simulators::case_system::Options { page: true, ..options(&folder, None) };
    let world = World::with(folder, options).await;
    let (document, script, demo) = served(&world.base).await;
    script_fits_document(&document, &script);
    let names: Vec<_> = demo["people"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["ann", "bob"]);
    assert!(!demo.to_string().contains("causeway"));
    let token = demo["people"][0]["token"].as_str().unwrap();
    assert_eq!(world.get(token.trim_end_matches("-token"), "/v1/setup").await.body["you"]["name"], "ann");
}

#[tokio::test]
async fn the_communitys_page_is_whole_and_is_given_partners_tokens_only() {
    let folder = tempfile::tempdir().unwrap();
    let options = community::Options {
        folder: folder.path().to_owned(),
        host_token: "host-token".to_owned(),
        partners: [("acme-token".to_owned(), "ACME".to_owned())].into(),
        environment: "T".to_owned(),
        hook: None,
        control: false,
        page: true,
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(community::serve(listener, options, std::future::pending()));
    let (document, script, demo) = served(&base).await;
    script_fits_document(&document, &script);
    assert_eq!(demo, serde_json::json!({"people": [{"name": "ACME", "token": "acme-token"}]}));
    server.abort();
}

#[tokio::test]
async fn without_the_option_there_is_no_page_and_no_token() {
    let world = World::start().await;
    for path in ["/", "/page/demo.json", "/page/script.js"] {
        assert_eq!(world.get("", path).await.status, 404, "{path}");
    }
}
