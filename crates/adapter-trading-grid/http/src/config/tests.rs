use super::*;

fn config(folder: &std::path::Path) -> Config {
    std::fs::write(folder.join("token"), "secret-token\n").unwrap();
    std::fs::write(folder.join("hook"), "whsec_plJ3nmyCDGBKInavdOK15jsl").unwrap();
    Config {
        base_url: "http://127.0.0.1:8090".into(),
        token_file: folder.join("token"),
        webhook_secret_files: vec![folder.join("hook")],
        system: "tg".into(),
        timeout_seconds: 20,
        max_connections: 4,
        page_size: 100,
        plain_http: false,
    }
}

#[test]
fn a_right_configuration_is_ready_and_hides_its_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let ready = config(folder.path()).check("community").unwrap();
    let shown = format!("{ready:?}");
    assert!(ready.webhooks.is_some());
    assert!(!shown.contains("secret-token") && !shown.contains("plJ3"), "{shown}");
}

#[test]
fn all_mistakes_are_told_at_once_with_their_keys() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = config(folder.path());
    wrong.base_url = "http://community.example".into();
    wrong.token_file = folder.path().join("missing");
    wrong.system = "TG".into();
    wrong.page_size = 0;
    std::fs::write(folder.path().join("hook"), "whsec_short").unwrap();
    let mistakes = wrong.check("community").unwrap_err();
    let keys: Vec<&str> = mistakes.iter().map(|m| m.key.as_str()).collect();
    let expected = ["base_url", "token_file", "system", "webhook_secret_files[0]", "page_size"];
    assert_eq!(keys, expected.map(|k| format!("community.{k}")));
}

#[test]
fn urls_that_would_leak_or_cannot_work_are_refused() {
    for bad in
        ["ftp://x", "http://u:p@127.0.0.1", "http://127.0.0.1/?a=b", "https://a.example", "http://a.example", "x"]
    {
        assert!(base_url("k", bad, false).is_err(), "{bad}");
    }
    for good in ["http://127.0.0.1:1", "http://localhost:8090/api", "http://[::1]:80"] {
        assert!(base_url("k", good, false).is_ok(), "{good}");
    }
    assert!(base_url("k", "http://a.example", true).is_ok());
}

#[test]
fn a_misspelt_key_is_refused() {
    let text = r#"{"base_url":"x","token_file":"y","system":"z","pagesize":3}"#;
    assert!(serde_json::from_str::<Config>(text).unwrap_err().to_string().contains("pagesize"));
}
