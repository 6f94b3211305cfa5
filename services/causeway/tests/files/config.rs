//! The roles' shipped files with this installation's addresses, secrets and folders.

use super::stack::Stack;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

pub const SYNC: &str = "sync-token-of-the-tests";
pub const HOST: &str = "host-token-of-the-tests";
pub const PARTNER: &str = "acme-token";
pub const AGENT: &str = "agent-token";

pub fn secrets(folder: &Path) {
    let secrets = folder.join("secrets");
    std::fs::create_dir_all(&secrets).unwrap();
    let write = |name: &str, text: &str| std::fs::write(secrets.join(name), text).unwrap();
    write("community.token", HOST);
    write("sync.token", SYNC);
    write("partner.token", "partner-voice-of-the-tests");
    write("webhook.secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    write("community.toml", &format!("host = \"{HOST}\"\n[partners]\nACME = \"{PARTNER}\"\n"));
    let voice = "partner-voice-of-the-tests";
    write("case-system.toml", &format!("sync = \"{SYNC}\"\npartner = \"{voice}\"\n[agents]\nagent = \"{AGENT}\"\n"));
}

/// Writes the file of a role. `limit`: the largest file in MB, where it is another than ships.
pub fn file(stack: &Stack, role: &str, limit: Option<u64>) -> PathBuf {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let shipped = std::fs::read_to_string(project.join(format!("deploy/config/{role}.toml"))).unwrap();
    let mut config: Table = toml::from_str(&shipped).unwrap();
    let (adapts, folder) = (!role.starts_with("transform"), stack.folder.path());
    let secret = |name: &str| path(&folder.join("secrets").join(name));
    // Of the section for Request Tracker only the queues hold for the simulated case system too.
    let queues = config.remove("internal").and_then(|section| section.get("queues").cloned());
    let mut set = |section: &str, key: &str, value: Value| {
        let section = config.entry(section).or_insert_with(|| Value::Table(Table::new()));
        section.as_table_mut().unwrap().insert(key.to_owned(), value);
    };
    set("kafka", "bootstrap", stack.kafka.clone().into());
    set("kafka", "session_timeout_ms", 3_000.into());
    set("registry", "urls", Value::Array(vec![stack.registry.clone().into()]));
    set("admin", "listen", format!("127.0.0.1:{}", stack.admin(role)).into());
    set("telemetry", "format", "text".into());
    if role.starts_with("transform") || role == "sink-partner" {
        set("mapping", "bundle", path(&project.join("deploy/bundles/rt")));
    }
    if adapts {
        set("state", "dir", path(&folder.join("state").join(role)));
        set("blobs", "dir", path(&folder.join("blobs")));
    }
    if role.starts_with("sink") {
        // What was cut goes on behind it, and so does what takes longer than this.
        set("calls", "timeout_ms", 10_000.into());
        set("calls", "settle_ms", 500.into());
        set("blobs", "scanner", "clamd".into());
        set("blobs", "clamd", stack.clamd.to_string().into());
    }
    if role.starts_with("ingest") {
        set("feed", "begin", "earliest".into());
        set("feed", "poll_interval_ms", 200.into());
        if let Some(limit) = limit {
            let limit = Value::from(i64::try_from(limit).unwrap());
            set("blobs", "limits", Value::Table(Table::from_iter([("max_file_mb".to_owned(), limit)])));
        }
    }
    if role == "ingest-partner" {
        set("community", "webhook_secret_files", Value::Array(vec![secret("webhook.secret")]));
    }
    match role {
        "ingest-partner" | "sink-partner" => {
            set("community", "base_url", format!("http://{}", stack.wire(role).address).into());
            set("community", "token_file", secret("community.token"));
        }
        "ingest-internal" | "sink-internal" => {
            set("internal", "url", format!("http://{}", stack.wire(role).address).into());
            // As standalone sets it up; the starter bundle calls X `rt`.
            set("internal", "adapter", "desk".into());
            set("internal", "system", "rt".into());
            set("internal", "environment", "production".into());
            set("internal", "queues", queues.unwrap());
            set("internal", "sync_user", "causeway-sync".into());
            set("internal", "partner_user", "causeway-partner".into());
            set("internal", "sync_token_file", secret("sync.token"));
            set("internal", "partner_token_file", secret("partner.token"));
        }
        _ => {}
    }
    // Nothing wakes the pollers: they look often enough.
    config.remove("hook");
    let file = folder.join(format!("{role}.toml"));
    std::fs::write(&file, toml::to_string(&config).unwrap()).unwrap();
    file
}

fn path(value: &Path) -> Value {
    Value::String(value.to_string_lossy().into_owned())
}
