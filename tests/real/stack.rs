//! One installation: topics and schemas applied, a simulated community, the seven roles with the configuration files
//! that ship, changed only where ports and folders must differ.

use crate::community::Community;
use crate::roles::{Owned, ROLES, Role, binary};
use crate::rt::Rt;
use crate::trace::Collector;
use crate::wait::{SOON, until};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tokio::sync::Mutex;
use toml::{Table, Value};

/// Where the servers are that `make test` started.
pub struct Servers {
    pub kafka: String,
    pub registry: String,
    pub rt: String,
    pub rt_secrets: PathBuf,
}

impl Servers {
    pub fn from_environment() -> Option<Self> {
        let get = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Some(Self {
            kafka: get("E2E_KAFKA")?,
            registry: get("E2E_REGISTRY")?,
            rt: get("E2E_RT")?,
            rt_secrets: get("E2E_RT_SECRETS")?.into(),
        })
    }
}

pub struct Stack {
    pub servers: Servers,
    pub folder: tempfile::TempDir,
    pub community: Community,
    pub rt: Rt,
    pub collector: Collector,
    pub roles: Mutex<BTreeMap<&'static str, Role>>,
    scanner: String,
    simulator: Mutex<Option<Owned>>,
}

pub fn project() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A port nobody listens on now; taken soon enough.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Where an internal text must never be seen: put into every text an agent writes for colleagues.
pub const CANARY: &str = "canary-4f1c9e-internal";

impl Stack {
    pub async fn start(servers: Servers) -> Self {
        let folder = tempfile::Builder::new().prefix("causeway-e2e-").tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("log")).unwrap();
        let secrets = folder.path().join("secrets");
        std::fs::create_dir_all(&secrets).unwrap();
        let write = |name: &str, text: &str| std::fs::write(secrets.join(name), text).unwrap();
        write("community.token", "host-token-of-the-tests");
        write("webhook.secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        write(
            "community.toml",
            "host = \"host-token-of-the-tests\"\n[partners]\nACME = \"acme-token\"\nGLOBEX = \"globex-token\"\nINITECH = \"initech-token\"\n",
        );
        let (community, hooks) = (free_port(), [free_port(), free_port()]);
        let base = format!("http://127.0.0.1:{community}");
        let rt = Rt::new(&servers.rt, &servers.rt_secrets);
        assert!(rt.is_up().await, "request tracker answers at {}", servers.rt);
        let stack = Self {
            community: Community::new(base.clone(), "acme-token".to_owned()),
            rt,
            collector: Collector::start().await,
            roles: Mutex::default(),
            scanner: crate::scanner::start().await,
            simulator: Mutex::new(None),
            servers,
            folder,
        };
        stack.tool(&["topics", "apply"]);
        stack.tool(&["schemas", "apply"]);
        stack.start_community(community, hooks[0]).await;
        let mut roles = stack.roles.lock().await;
        for name in ROLES {
            let admin = free_port();
            let config = stack.configure(name, &base, admin, hooks);
            let role = Role::new(name, config, stack.logs().join(format!("{name}.log")), admin);
            roles.entry(name).or_insert(role).spawn();
        }
        for role in roles.values_mut() {
            role.ready().await;
        }
        drop(roles);
        stack
    }

    /// Of every role, in KiB.
    pub async fn peaks(&self) -> Vec<(&'static str, u64)> {
        self.roles.lock().await.iter().map(|(name, role)| (*name, role.peak())).collect()
    }

    /// The scanner that the sinks ask; a stand-in where there is none.
    pub fn clamd(&self) -> Option<String> {
        std::env::var("E2E_CLAMD").ok().filter(|address| !address.is_empty())
    }

    pub fn logs(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// Runs one of the program's tools and gives its output.
    pub fn tool(&self, arguments: &[&str]) -> String {
        let output = self.try_tool(arguments);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{arguments:?}: {}{}", said, String::from_utf8_lossy(&output.stderr));
        said
    }

    pub fn try_tool(&self, arguments: &[&str]) -> std::process::Output {
        Command::new(binary())
            .args(arguments)
            .env("CAUSEWAY_KAFKA__BOOTSTRAP", &self.servers.kafka)
            .env("CAUSEWAY_REGISTRY__URLS", format!("[{:?}]", self.servers.registry))
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    async fn start_community(&self, port: u16, hook: u16) {
        let log = std::fs::File::create(self.logs().join("community.log")).unwrap();
        let secrets = self.folder.path().join("secrets");
        let mut command = Command::new(binary());
        command
            .args(["simulate", "community", "--listen", &format!("127.0.0.1:{port}")])
            .arg("--data")
            .arg(self.folder.path().join("community"))
            .arg("--tokens")
            .arg(secrets.join("community.toml"))
            .args(["--webhook", &format!("http://127.0.0.1:{hook}/hooks"), "--webhook-secret"])
            .arg(secrets.join("webhook.secret"))
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        *self.simulator.lock().await = Some(Owned::spawn(&mut command));
        let url = format!("{}/control/stats", self.community.base);
        until("the simulated community answers", SOON, || async {
            reqwest::get(&url).await.ok().filter(|answer| answer.status().is_success())
        })
        .await;
    }

    /// The role's shipped file with this installation's addresses, secrets and folders.
    fn configure(&self, role: &str, community: &str, admin: u16, hooks: [u16; 2]) -> PathBuf {
        let shipped = std::fs::read_to_string(project().join(format!("deploy/config/{role}.toml"))).unwrap();
        let mut config: Table = toml::from_str(&shipped).unwrap();
        let secrets = self.folder.path().join("secrets");
        let text = |value: &Path| Value::String(value.to_string_lossy().into_owned());
        if role.starts_with("sink") {
            // Optional in the shipped file. A dead owner's call is waited for this long: affordable kills.
            config.entry("calls").or_insert_with(|| Value::Table(Table::new()));
        }
        let mut set = |section: &str, key: &str, value: Value| {
            let section = config.get_mut(section).unwrap_or_else(|| panic!("[{section}] of {role}"));
            section.as_table_mut().unwrap().insert(key.to_owned(), value);
        };
        if role.starts_with("sink") {
            set("calls", "timeout_ms", 20_000.into());
            set("calls", "settle_ms", 5_000.into());
            set("calls", "concurrency", 2.into());
            set("blobs", "scanner", "clamd".into());
            set("blobs", "clamd", self.clamd().unwrap_or_else(|| self.scanner.clone()).into());
        }
        set("kafka", "bootstrap", self.servers.kafka.clone().into());
        // Takeovers within seconds.
        set("kafka", "session_timeout_ms", 3_000.into());
        set("registry", "urls", Value::Array(vec![self.servers.registry.clone().into()]));
        set("admin", "listen", format!("127.0.0.1:{admin}").into());
        set("telemetry", "format", "text".into());
        set("telemetry", "otlp_endpoint", self.collector.endpoint.clone().into());
        set("telemetry", "sample_ratio", 1.0.into());
        if role.starts_with("transform") || ["sink-partner", "track-service-levels"].contains(&role) {
            set("mapping", "bundle", text(&self.bundle()));
        }
        if !role.starts_with("transform") {
            set("state", "dir", text(&self.folder.path().join("state")));
        }
        if role.starts_with("ingest") || role.starts_with("sink") {
            set("blobs", "dir", text(&self.folder.path().join("blobs")));
        }
        match role {
            "ingest-partner" | "sink-partner" => {
                set("community", "base_url", community.into());
                set("community", "token_file", text(&secrets.join("community.token")));
            }
            "ingest-internal" | "sink-internal" => {
                set("internal", "url", self.servers.rt.clone().into());
                set("internal", "sync_token_file", text(&self.servers.rt_secrets.join("sync.token")));
                set("internal", "partner_token_file", text(&self.servers.rt_secrets.join("partner.token")));
            }
            _ => {}
        }
        match role {
            "ingest-partner" => {
                let files = vec![text(&secrets.join("webhook.secret"))];
                set("community", "webhook_secret_files", Value::Array(files));
                set("hook", "listen", format!("127.0.0.1:{}", hooks[0]).into());
            }
            "ingest-internal" => {
                set("internal", "nudge_secret_file", text(&self.servers.rt_secrets.join("nudge.secret")));
                set("internal", "hold_back_seconds", 20.into());
                set("hook", "listen", format!("127.0.0.1:{}", hooks[1]).into());
            }
            _ => {}
        }
        let file = self.folder.path().join(format!("{role}.toml"));
        std::fs::write(&file, toml::to_string(&config).unwrap()).unwrap();
        file
    }

    /// This installation's own copy of the starter bundle, which tests may edit.
    pub fn bundle(&self) -> PathBuf {
        let copy = self.folder.path().join("bundle");
        if !copy.exists() {
            copy_folder(&project().join("deploy/bundles/rt"), &copy);
        }
        copy
    }

    pub async fn stop(&self) {
        for role in self.roles.lock().await.values_mut() {
            role.stop().await;
        }
        drop(self.simulator.lock().await.take());
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
