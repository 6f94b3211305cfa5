//! One installation: the log, the two simulated systems and the six roles, each a process of its own, with proxies
//! between the roles and everything they talk to.

use crate::config;
use crate::log::Log;
use crate::member::{Member, Shared};
use crate::ports;
use crate::settings::Settings;
use faults::process::Process;
use faults::proxy::{Faults, Proxy};
use faults::target::Target;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

pub const ROLES: [&str; 6] =
    ["ingest-partner", "ingest-internal", "transform-partner", "transform-internal", "sink-partner", "sink-internal"];

/// One of the two systems.
pub struct System {
    /// Where people reach it; roles come through the proxy.
    pub url: String,
    pub proxy: Proxy,
    pub target: Target,
    pub process: Mutex<Process>,
    /// Its journal, on disk before an answer.
    pub folder: PathBuf,
}

pub struct Stack {
    pub settings: Settings,
    pub folder: PathBuf,
    pub log: Log,
    pub kafka: Proxy,
    pub registry: Proxy,
    pub community: System,
    pub case_system: System,
    pub roles: BTreeMap<&'static str, Shared>,
    /// Where the two ingest services listen for webhooks; a second instance listens elsewhere.
    pub hooks: [u16; 2],
    _folder: Option<tempfile::TempDir>,
}

pub fn project() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The binary that `cargo build --bins` put beside the tests.
pub fn binary() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let built = test.parent().and_then(Path::parent).unwrap().join("causeway");
    assert!(built.is_file(), "{} is missing: cargo build --workspace --bins", built.display());
    built
}

impl Stack {
    pub async fn start(settings: Settings) -> Arc<Self> {
        let temporary = settings.keep.is_none().then(|| tempfile::Builder::new().prefix("causeway-chaos-").tempdir());
        let temporary = temporary.transpose().unwrap();
        let folder = temporary.as_ref().map_or_else(|| settings.keep.clone().unwrap(), |t| t.path().to_owned());
        std::fs::create_dir_all(folder.join("log")).unwrap();
        config::secrets(&folder);
        let log = Log::start(&settings.broker, &folder).await;
        let kafka = Proxy::kafka(&log.kafka, Faults::seeded(settings.seed)).await.unwrap();
        let registry = Proxy::plain(&log.registry.0).await.unwrap();
        let hooks = [ports::free(), ports::free()];
        let community = system("community", &folder, hooks[0]).await;
        let case_system = system("case-system", &folder, hooks[1]).await;
        let mut stack = Self {
            settings,
            folder,
            log,
            kafka,
            registry,
            community,
            case_system,
            roles: BTreeMap::new(),
            hooks,
            _folder: temporary,
        };
        stack.tool(&["topics", "apply", "--replication", &stack.log.replication().to_string()]);
        stack.tool(&["schemas", "apply"]);
        for role in ROLES {
            let mut member = stack.member(role, 0);
            member.start();
            stack.roles.insert(role, Arc::new(Mutex::new(member)));
        }
        let stack = Arc::new(stack);
        stack.all_ready().await;
        stack
    }

    /// A role's process and its files. Instances of one role have nothing in common but the log.
    pub fn member(&self, role: &'static str, instance: u32) -> Member {
        let admin = ports::free();
        let state = (!role.starts_with("transform")).then(|| self.folder.join(format!("state-{instance}")).join(role));
        let hook = match (role, instance) {
            ("ingest-partner", 0) => self.hooks[0],
            ("ingest-internal", 0) => self.hooks[1],
            _ => ports::free(),
        };
        let file = config::file(self, role, instance, admin, hook, state.as_deref());
        let name = if instance == 0 { role.to_owned() } else { format!("{role}-{instance}") };
        let log = self.folder.join(format!("log/{name}.log"));
        let process = Process::new(name, &binary(), &log);
        Member::new(process.arguments(["--config", file.to_str().unwrap(), role]), admin, state)
    }

    /// Where roles find the registry: behind its proxy.
    pub fn registry_url(&self) -> String {
        format!("http://{}{}", self.registry.address(), self.log.registry.1)
    }

    fn tool(&self, arguments: &[&str]) {
        let (host, path) = &self.log.registry;
        let output = std::process::Command::new(binary())
            .args(arguments)
            .env("CAUSEWAY_KAFKA__BOOTSTRAP", &self.log.kafka)
            .env("CAUSEWAY_REGISTRY__URLS", format!("[\"http://{host}{path}\"]"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    pub async fn all_ready(&self) {
        for (role, member) in &self.roles {
            let mut member = member.lock().await;
            assert!(member.is_ready().await, "{role} does not come up:\n{}", member.process.last_words(20));
        }
    }

    pub async fn stop(&self) {
        for member in self.roles.values() {
            // One that does not drain in time is killed, and its journal has been judged already.
            let _ = member.lock().await.stop().await;
        }
    }
}

async fn system(name: &'static str, folder: &Path, hook: u16) -> System {
    let port = ports::free();
    let data = folder.join(name);
    let secret = |file: &str| folder.join("secrets").join(file).to_str().unwrap().to_owned();
    // As Request Tracker does; only the case system knows the word.
    let more: &[&str] = if name == "case-system" { &["--reply-opens"] } else { &[] };
    let process = Process::new(name, &binary(), &folder.join(format!("log/{name}.log"))).arguments([
        "simulate",
        name,
        "--listen",
        &format!("127.0.0.1:{port}"),
        "--data",
        data.to_str().unwrap(),
        "--tokens",
        &secret(&format!("{name}.toml")),
        "--webhook",
        &format!("http://127.0.0.1:{hook}/hooks"),
        "--webhook-secret",
        &secret("webhook.secret"),
    ]);
    let mut process = process.arguments(more.iter().copied());
    process.start().unwrap();
    let url = format!("http://127.0.0.1:{port}");
    process.ready(&format!("{url}/control/stats"), Duration::from_secs(30)).await.unwrap();
    let proxy = Proxy::plain(&format!("127.0.0.1:{port}")).await.unwrap();
    System { target: Target::at(&url), url, proxy, process: Mutex::new(process), folder: data }
}
