//! The configuration files that ship, changed where this process is otherwise: addresses, folders, secrets.

use ports::Mistake;
use runtime::StartError;
use runtime::service::{Context, RoleConfig};
use std::net::SocketAddr;
use std::path::PathBuf;
use toml::{Table, Value};

pub const ROLES: [&str; 7] = [
    "ingest-partner",
    "ingest-internal",
    "transform-partner",
    "transform-internal",
    "sink-partner",
    "sink-internal",
    "track-service-levels",
];

/// Where everything of this process is.
#[derive(Clone, Debug)]
pub struct Layout {
    pub folder: PathBuf,
    pub kafka: SocketAddr,
    pub registry: String,
    pub community: SocketAddr,
    /// Where the two ingest services are told that something happened.
    pub hooks: [SocketAddr; 2],
    pub system: System,
}

/// What is X.
#[derive(Clone, Debug)]
pub enum System {
    Simulated(SocketAddr),
    /// A real one, as the `[internal]` sections of these two files say: of `sink-internal` and `ingest-internal`.
    Configured {
        sink: PathBuf,
        ingest: PathBuf,
    },
}

impl Layout {
    pub fn secret(&self, name: &str) -> PathBuf {
        self.folder.join("secrets").join(name)
    }
    /// Where the simulated case system is.
    pub const fn simulated(&self) -> Option<SocketAddr> {
        match &self.system {
            System::Simulated(address) => Some(*address),
            System::Configured { .. } => None,
        }
    }
    pub fn bundle(&self) -> PathBuf {
        self.folder.join("bundle")
    }
}

fn shipped(role: &str) -> &'static str {
    match role {
        "ingest-partner" => include_str!("../../../deploy/config/ingest-partner.toml"),
        "ingest-internal" => include_str!("../../../deploy/config/ingest-internal.toml"),
        "transform-partner" => include_str!("../../../deploy/config/transform-partner.toml"),
        "transform-internal" => include_str!("../../../deploy/config/transform-internal.toml"),
        "sink-partner" => include_str!("../../../deploy/config/sink-partner.toml"),
        "sink-internal" => include_str!("../../../deploy/config/sink-internal.toml"),
        "track-service-levels" => include_str!("../../../deploy/config/track-service-levels.toml"),
        _ => "",
    }
}

/// Sections and keys; makes a section that is missing.
struct Changes(Table);

impl Changes {
    fn set(&mut self, section: &str, key: &str, value: impl Into<Value>) {
        let section = self.0.entry(section).or_insert_with(|| Value::Table(Table::new()));
        if let Some(section) = section.as_table_mut() {
            section.insert(key.to_owned(), value.into());
        }
    }
    fn path(&mut self, section: &str, key: &str, path: &std::path::Path) {
        self.set(section, key, path.to_string_lossy().into_owned());
    }
}

/// The role's file for this process.
pub fn table(role: &str, layout: &Layout) -> Result<Table, StartError> {
    let unusable = |error: String| StartError::SetUp(format!("configuration of {role}: {error}"));
    let shipped = toml::from_str(shipped(role)).map_err(|e: toml::de::Error| unusable(e.to_string()))?;
    let mut changes = Changes(shipped);
    changes.set("kafka", "bootstrap", layout.kafka.to_string());
    // One person's work: small buffers, short transactions, few heartbeats. A member that is killed here leaves its group
    // all the same, and a broker that is killed with everything else remembers none.
    changes.set("kafka", "memory_limit", "16MiB");
    changes.set("kafka", "commit_interval_ms", 10);
    // What was killed is taken over while whoever killed it on the page still watches.
    changes.set("kafka", "session_timeout_ms", 10_000);
    changes.set("registry", "urls", vec![layout.registry.clone()]);
    // The process has one admin port, the page's.
    changes.set("admin", "listen", "127.0.0.1:0");
    let tracks = role.starts_with("track");
    if tracks || role.starts_with("transform") || role == "sink-partner" {
        changes.path("mapping", "bundle", &layout.bundle());
    }
    if tracks || !role.starts_with("transform") {
        changes.path("state", "dir", &layout.folder.join("state"));
    }
    if role.starts_with("ingest") || role.starts_with("sink") {
        changes.path("blobs", "dir", &layout.folder.join("blobs"));
    }
    match role {
        "ingest-partner" | "sink-partner" => {
            changes.set("community", "base_url", format!("http://{}", layout.community));
            changes.path("community", "token_file", &layout.secret("community.token"));
        }
        "ingest-internal" | "sink-internal" => internal(&mut changes, role, layout)?,
        _ => {}
    }
    match role {
        "ingest-partner" => {
            changes.set("feed", "begin", "earliest");
            let secret = layout.secret("community-webhook.secret").to_string_lossy().into_owned();
            changes.set("community", "webhook_secret_files", vec![secret]);
            changes.set("hook", "listen", layout.hooks[0].to_string());
        }
        "ingest-internal" if layout.simulated().is_some() => {
            changes.set("feed", "begin", "earliest");
            changes.set("hook", "listen", layout.hooks[1].to_string());
        }
        _ => {}
    }
    Ok(changes.0)
}

fn internal(changes: &mut Changes, role: &str, layout: &Layout) -> Result<(), StartError> {
    match &layout.system {
        System::Simulated(address) => {
            changes.0.remove("internal");
            let mut set = |key: &str, value: Value| changes.set("internal", key, value);
            set("adapter", "desk".into());
            // What the starter bundle calls X.
            set("system", "rt".into());
            set("url", format!("http://{address}").into());
            set("environment", "production".into());
            set("queues", simulators::case_system::setup::QUEUES.map(Value::from).to_vec().into());
            set("sync_user", "causeway-sync".into());
            set("partner_user", "causeway-partner".into());
            changes.path("internal", "sync_token_file", &layout.secret("desk-sync.token"));
            changes.path("internal", "partner_token_file", &layout.secret("desk-partner.token"));
            if role == "ingest-internal" {
                changes.path("internal", "nudge_secret_file", &layout.secret("desk-nudge.secret"));
            } else {
                // It answers within milliseconds, and what it has answered stays.
                changes.set("calls", "timeout_ms", 5_000);
                changes.set("calls", "settle_ms", 500);
            }
            Ok(())
        }
        System::Configured { sink, ingest } => {
            let file = if role == "sink-internal" { sink } else { ingest };
            let unusable = |error: String| StartError::SetUp(format!("{}: {error}", file.display()));
            let text = std::fs::read_to_string(file).map_err(|e| unusable(e.to_string()))?;
            let other: Table = toml::from_str(&text).map_err(|e| unusable(e.message().to_owned()))?;
            for section in ["internal", "calls", "hook"] {
                if let Some(value) = other.get(section) {
                    changes.0.insert(section.to_owned(), value.clone());
                }
            }
            Ok(())
        }
    }
}

fn ready<C: RoleConfig>(role: &str, table: Table) -> Result<C::Ready, StartError> {
    let said = |mistakes: Vec<Mistake>| {
        StartError::SetUp(mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    };
    let config: C = table
        .try_into()
        .map_err(|e: toml::de::Error| StartError::SetUp(format!("configuration of {role}: {}", e.message())))?;
    config.check().map_err(said)
}

/// Runs one role with the code that production runs, until it is told to end.
pub async fn run(role: &str, layout: &Layout, context: Context) -> Result<(), StartError> {
    let table = table(role, layout)?;
    match role {
        "ingest-partner" => ingest_partner::run(ready::<ingest_partner::Config>(role, table)?, context).await,
        "ingest-internal" => ingest_internal::run(ready::<ingest_internal::Config>(role, table)?, context).await,
        "transform-partner" => transform_partner::run(ready::<transform_partner::Config>(role, table)?, context).await,
        "transform-internal" => {
            transform_internal::run(ready::<transform_internal::Config>(role, table)?, context).await
        }
        "sink-partner" => sink_partner::run(ready::<sink_partner::Config>(role, table)?, context).await,
        "sink-internal" => sink_internal::run(ready::<sink_internal::Config>(role, table)?, context).await,
        "track-service-levels" => {
            track_service_levels::run(ready::<track_service_levels::Config>(role, table)?, context).await
        }
        _ => Ok(()),
    }
}
