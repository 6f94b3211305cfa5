//! What a role refuses at its start: with every mistake named, before anything is opened.

use super::{config_file, standard_error, start_refused, write_config};
use crate::stack::Stack;
use std::path::Path;
use std::sync::Arc;
use toml::Value;

/// `EX_USAGE`: no restart will mend it.
const USAGE: Option<i32> = Some(64);

pub fn copy_of_bundle(stack: &Stack, name: &str) -> std::path::PathBuf {
    let copy = stack.folder.path().join(name);
    let copied = std::process::Command::new("cp").arg("-rT").arg(stack.bundle()).arg(&copy).status().unwrap();
    assert!(copied.success());
    copy
}

/// Replaces a whole line that begins so, and gives its number.
fn break_line(file: &Path, begins: &str, broken: &str) -> usize {
    let text = std::fs::read_to_string(file).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|line| line.starts_with(begins)).unwrap();
    lines[at] = broken;
    std::fs::write(file, lines.join("\n") + "\n").unwrap();
    at + 1
}

pub async fn bundle(stack: Arc<Stack>) {
    let broken = copy_of_bundle(&stack, "broken-bundle");
    let routes = break_line(&broken.join("routes.csv"), "COMPLIANCE,", "CUSTOMS,*,*,*,Partner Compliance,40");
    let statuses = break_line(&broken.join("statuses.csv"), "stalled,", "stalled,asleep,,");
    let partners = break_line(&broken.join("partners.csv"), "GLOBEX,", "GLOBEX,carriers,de,P,the first of May,,,,");
    let path = broken.to_string_lossy().into_owned();
    for role in ["transform-partner", "transform-internal"] {
        let output = start_refused(&stack, role, &[("CAUSEWAY_MAPPING__BUNDLE", path.clone())]);
        let said = standard_error(&output);
        assert_eq!(output.status.code(), USAGE, "{said}");
        for place in
            [format!("routes.csv:{routes}:"), format!("statuses.csv:{statuses}:"), format!("partners.csv:{partners}:")]
        {
            assert!(said.contains(&place), "{place} in {said}");
        }
    }
    let checked = stack.try_tool(&["mapping", "check", &path]);
    assert!(!checked.status.success(), "the tool says no as well");
    std::fs::remove_dir_all(broken).unwrap();
}

pub async fn configuration(stack: Arc<Stack>) {
    let role = "ingest-partner";
    let sound = std::fs::read_to_string(config_file(&stack, role)).unwrap();
    write_config(&stack, role, |config| {
        let mut set = |section: &str, key: &str, value: Value| {
            config[section].as_table_mut().unwrap().insert(key.to_owned(), value);
        };
        set("kafka", "bootstrap", "nowhere".into());
        set("kafka", "memory_limit", "1MiB".into());
        set("registry", "urls", Value::Array(vec!["no address".into()]));
        set("community", "base_url", "ftp://community".into());
        set("community", "token_file", "/nonexistent/token".into());
    });
    let output = start_refused(&stack, role, &[("CAUSEWAY_FEED__POLL_INTERVAL_MS", "1".to_owned())]);
    std::fs::write(config_file(&stack, role), &sound).unwrap();
    let said = standard_error(&output);
    assert_eq!(output.status.code(), USAGE, "{said}");
    for key in [
        "kafka.bootstrap",
        "kafka.memory_limit",
        "registry.urls",
        "community.base_url",
        "community.token_file",
        "feed.poll_interval_ms",
    ] {
        assert!(said.contains(&format!("configuration: {key}")), "{key} in {said}");
    }

    // A key that nobody knows is a mistake too: a misspelt setting must not be silently without effect.
    let output = start_refused(&stack, role, &[("CAUSEWAY_KAFKA__BOOTSTRAPP", "127.0.0.1:9092".to_owned())]);
    let said = standard_error(&output);
    assert_eq!(output.status.code(), USAGE, "{said}");
    assert!(said.contains("bootstrapp"), "{said}");
}
