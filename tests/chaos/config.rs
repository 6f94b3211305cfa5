//! The roles' shipped files with this installation's addresses, secrets and folders.

use crate::settings::Settings;
use crate::stack::{Stack, project};
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::{Table, Value};

pub const PARTNERS: [(&str, &str); 2] = [("ACME", "acme-token"), ("GLOBEX", "globex-token")];
pub const AGENT: (&str, &str) = ("agent", "agent-token");

pub fn secrets(folder: &Path) {
    let secrets = folder.join("secrets");
    std::fs::create_dir_all(&secrets).unwrap();
    let write = |name: &str, text: &str| std::fs::write(secrets.join(name), text).unwrap();
    write("community.token", "host-token-of-the-tests");
    write("sync.token", "sync-token-of-the-tests");
    write("partner.token", "partner-voice-of-the-tests");
    write("webhook.secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let partners: Vec<String> = PARTNERS.iter().map(|(name, token)| format!("{name} = \"{token}\"\n")).collect();
    write("community.toml", &format!("host = \"host-token-of-the-tests\"\n[partners]\n{}", partners.concat()));
    let (name, token) = AGENT;
    write(
        "case-system.toml",
        &format!(
            "sync = \"sync-token-of-the-tests\"\npartner = \"partner-voice-of-the-tests\"\n[agents]\n{name} = \"{token}\"\n"
        ),
    );
}

/// How long a call may take, and how long after that a look tells the truth. A dead owner's call is waited for as long:
/// affordable takeovers. The simulated systems answer within milliseconds, and what they have answered stays.
pub fn call_times(settings: &Settings) -> (Duration, Duration) {
    let millis = Duration::from_millis;
    if settings.rt.is_some() { (millis(30_000), millis(5_000)) } else { (millis(3_000), millis(500)) }
}

fn path(value: &Path) -> Value {
    Value::String(value.to_string_lossy().into_owned())
}

/// Writes the file of one instance of a role.
pub fn file(stack: &Stack, role: &str, instance: u32, admin: u16, hook: u16, state: Option<&Path>) -> PathBuf {
    let shipped = std::fs::read_to_string(project().join(format!("deploy/config/{role}.toml"))).unwrap();
    let mut config: Table = toml::from_str(&shipped).unwrap();
    let secrets = stack.folder.join("secrets");
    if role.ends_with("-internal") && !role.starts_with("transform") && stack.settings.rt.is_none() {
        config.insert("internal".to_owned(), Value::Table(Table::new()));
    }
    let mut set = |section: &str, key: &str, value: Value| {
        let section = config.entry(section).or_insert_with(|| Value::Table(Table::new()));
        section.as_table_mut().unwrap().insert(key.to_owned(), value);
    };
    set("kafka", "bootstrap", stack.kafka.address().into());
    set("kafka", "session_timeout_ms", i64::try_from(stack.settings.session.as_millis()).unwrap().into());
    set("kafka", "instance", instance.to_string().into());
    set("registry", "urls", Value::Array(vec![stack.registry_url().into()]));
    set("admin", "listen", format!("127.0.0.1:{admin}").into());
    set("telemetry", "format", "text".into());
    if role.starts_with("transform") || role == "sink-partner" {
        set("mapping", "bundle", path(&stack.bundle()));
    }
    if let Some(state) = state {
        set("state", "dir", path(state));
        // Of all instances: what one has taken another hands over.
        set("blobs", "dir", path(&stack.folder.join("blobs")));
    }
    if role.starts_with("sink") {
        let millis = |time: Duration| Value::from(i64::try_from(time.as_millis()).unwrap());
        let (timeout, settle) = call_times(&stack.settings);
        set("calls", "timeout_ms", millis(timeout));
        set("calls", "settle_ms", millis(settle));
        set("calls", "concurrency", 4.into());
    }
    if role.starts_with("ingest") {
        // A real system has a past that is not ours; nobody works before the roles are ready.
        set("feed", "begin", if stack.settings.rt.is_some() { "now" } else { "earliest" }.into());
        set("feed", "poll_interval_ms", 500.into());
        set("hook", "listen", format!("127.0.0.1:{hook}").into());
    }
    match role {
        "ingest-partner" | "sink-partner" => {
            set("community", "base_url", format!("http://{}", stack.community.proxy.address()).into());
            set("community", "token_file", path(&secrets.join("community.token")));
        }
        "ingest-internal" | "sink-internal" => {
            set("internal", "url", format!("http://{}", stack.case_system.proxy.address()).into());
        }
        _ => {}
    }
    match (role, &stack.settings.rt) {
        ("ingest-internal" | "sink-internal", Some(at)) => {
            set("internal", "sync_token_file", path(&at.secrets.join("sync.token")));
            set("internal", "partner_token_file", path(&at.secrets.join("partner.token")));
        }
        ("ingest-internal" | "sink-internal", None) => {
            // As standalone sets it up; the starter bundle calls X `rt`.
            set("internal", "adapter", "desk".into());
            set("internal", "system", "rt".into());
            set("internal", "environment", "production".into());
            let queues = ["Partner Cases", "Partner Compliance", "Partner Onboarding"];
            set("internal", "queues", queues.iter().map(|queue| Value::from(*queue)).collect::<Vec<_>>().into());
            set("internal", "sync_user", "causeway-sync".into());
            set("internal", "partner_user", "causeway-partner".into());
            set("internal", "sync_token_file", path(&secrets.join("sync.token")));
            set("internal", "partner_token_file", path(&secrets.join("partner.token")));
        }
        _ => {}
    }
    match role {
        "ingest-partner" => {
            set("community", "webhook_secret_files", Value::Array(vec![path(&secrets.join("webhook.secret"))]));
        }
        "ingest-internal" => {
            let nudges = stack.settings.rt.as_ref().map(|at| at.secrets.join("nudge.secret"));
            if nudges.is_some() {
                set("internal", "hold_back_seconds", 20.into());
            }
            let nudges = nudges.unwrap_or_else(|| secrets.join("webhook.secret"));
            set("internal", "nudge_secret_file", path(&nudges));
        }
        _ => {}
    }
    let file = stack.folder.join(format!("{role}-{instance}.toml"));
    std::fs::write(&file, toml::to_string(&config).unwrap()).unwrap();
    file
}
