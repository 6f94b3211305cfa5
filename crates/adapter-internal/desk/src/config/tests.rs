use super::*;

const HOOK: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn config(dir: &std::path::Path) -> Config {
    std::fs::write(dir.join("token"), "s3cret\n").unwrap();
    std::fs::write(dir.join("hook"), HOOK).unwrap();
    serde_json::from_value(serde_json::json!({
        "system": "desk", "url": "http://127.0.0.1:8082/", "environment": "test",
        "sync_user": "causeway-sync", "sync_token_file": dir.join("token"),
        "partner_user": "causeway-partner", "partner_token_file": dir.join("token"),
        "queues": ["Partner Cases"], "nudge_secret_file": dir.join("hook"),
    }))
    .unwrap()
}

#[test]
fn a_sound_configuration_is_ready_and_hides_its_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let ready = config(dir.path()).check("internal").unwrap();
    assert_eq!(ready.base, "http://127.0.0.1:8082");
    assert!(ready.receives_nudges());
    let shown = format!("{ready:?}");
    assert!(!shown.contains("s3cret") && !shown.contains("MfKQ9r8"), "{shown}");
    let without = Config { nudge_secret_file: None, ..config(dir.path()) };
    assert!(!without.check("internal").unwrap().receives_nudges());
}

#[test]
fn every_mistake_is_named_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let bad = Config {
        system: "Desk".into(),
        url: "http://desk/v1".into(),
        environment: "prod".into(),
        sync_token_file: "/nowhere".into(),
        partner_user: "causeway-sync".into(),
        queues: vec![],
        max_connections: 0,
        timeout_seconds: 61,
        page_size: 501,
        nudge_secret_file: Some(dir.path().join("token")),
        ..config(dir.path())
    };
    let mut keys: Vec<_> = bad.check("internal").unwrap_err().into_iter().map(|m| m.key).collect();
    keys.sort();
    let expected = [
        "environment",
        "max_connections",
        "nudge_secret_file",
        "page_size",
        "partner_user",
        "queues",
        "sync_token_file",
        "system",
        "timeout_seconds",
        "url",
    ];
    assert_eq!(keys, expected.map(|name| format!("internal.{name}")));
}

#[test]
fn an_unknown_key_is_refused() {
    let text = r#"{"system":"desk","url":"http://x","enviroment":"test"}"#;
    assert!(serde_json::from_str::<Config>(text).is_err());
}
