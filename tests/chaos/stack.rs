//! One installation: the log, the two simulated systems and the six roles, each a process of its own, with proxies
//! between the roles and everything they talk to.

use crate::config;
use crate::log::Log;
use crate::member::{Member, Shared};
use crate::memory::Peaks;
use crate::ports;
use crate::settings::Settings;
use faults::process::Process;
use faults::proxy::{Api, Fault, Faults, Proxy};
use faults::target::{Target, TargetError, Trouble};
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
    /// `None` for a real one.
    pub simulated: Option<Simulated>,
    /// Its journal, on disk before an answer; of a real one what was read from it.
    pub folder: PathBuf,
}

pub struct Simulated {
    pub target: Target,
    pub process: Mutex<Process>,
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
    pub peaks: Peaks,
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
        if settings.planted {
            crate::planted::plant(&folder.join("bundle"));
        }
        let log = Log::start(&settings.broker, &folder, settings.disk.as_deref()).await;
        let kafka = Proxy::kafka(&log.kafka, Faults::seeded(settings.seed)).await.unwrap();
        let registry = Proxy::plain(&log.registry.0).await.unwrap();
        let hooks = [ports::free(), settings.rt.as_ref().map_or_else(ports::free, |rt| rt.hook)];
        let community = simulated("community", &folder, hooks[0], settings.seed).await;
        let case_system = match &settings.rt {
            None => simulated("case-system", &folder, hooks[1], settings.seed).await,
            Some(at) => crate::rt::system(at, &folder, settings.seed).await,
        };
        for system in [&community, &case_system] {
            system.fail(settings.errors);
        }
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
            peaks: Peaks::default(),
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
        let mut process = Process::new(name, &binary(), &log);
        process
            .set_variable("CAUSEWAY_UNGUARDED", (self.settings.unguarded && role.starts_with("sink")).then_some("1"));
        Member::new(process.arguments(["--config", file.to_str().unwrap(), role]), admin, state)
    }

    /// The starter bundle, or this installation's own copy of it.
    pub fn bundle(&self) -> PathBuf {
        let own = self.folder.join("bundle");
        if own.is_dir() { own } else { project().join("deploy/bundles/rt") }
    }

    /// Where roles find the registry: behind its proxy.
    pub fn registry_url(&self) -> String {
        format!("http://{}{}", self.registry.address(), self.log.registry.1)
    }

    /// What one of the program's tools says.
    pub fn tool(&self, arguments: &[&str]) -> String {
        let (host, path) = &self.log.registry;
        let output = std::process::Command::new(binary())
            .args(arguments)
            .env("CAUSEWAY_KAFKA__BOOTSTRAP", &self.log.kafka)
            .env("CAUSEWAY_REGISTRY__URLS", format!("[\"http://{host}{path}\"]"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
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

async fn simulated(name: &'static str, folder: &Path, hook: u16, seed: u64) -> System {
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
    let proxy = Proxy::http(&format!("127.0.0.1:{port}"), Faults::seeded(seed), "POST /v1/tickets ").await.unwrap();
    let simulated = Some(Simulated { target: Target::at(&url), process: Mutex::new(process) });
    System { url, proxy, simulated, folder: data }
}

impl System {
    /// So many of a hundred requests get no answer, half of them carried out.
    pub fn fail(&self, percent: u32) {
        if percent > 0 {
            let n = u64::from(200 / percent.min(100));
            for api in [Api::HTTP_READ, Api::HTTP_WRITE, Api::HTTP_NAMED] {
                self.proxy.faults().chance(api, Fault::CutAfter, n);
                self.proxy.faults().chance(api, Fault::CutBefore, n);
            }
        }
    }

    /// Every call of the pipeline takes so much longer. A system that is being killed just now cannot be told.
    pub async fn slow_down(&self, by: Duration) {
        match &self.simulated {
            Some(simulated) => {
                let _ = simulated.target.trouble(Trouble::Latency(by), 1).await;
            }
            None => {
                for api in [Api::HTTP_READ, Api::HTTP_WRITE, Api::HTTP_NAMED] {
                    self.proxy.faults().chance(api, Fault::Late(by), 1);
                }
            }
        }
    }

    /// Behaves again, but for the share of requests that is to fail throughout.
    pub async fn heal(&self, percent: u32) -> Result<(), TargetError> {
        self.proxy.faults().calm_chances();
        self.fail(percent);
        match &self.simulated {
            Some(simulated) => simulated.target.heal().await,
            None => Ok(()),
        }
    }
}
