//! One installation: the embedded broker, both simulated systems and the six roles, each a process of its own, with a
//! [`Wire`] between each role and its system.

use super::wire::Wire;
use super::{clamd, config};
use embedded::{Broker, Options, Running};
use faults::process::Process;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::time::{Duration, Instant};

pub const ROLES: [&str; 6] =
    ["ingest-partner", "ingest-internal", "transform-partner", "transform-internal", "sink-partner", "sink-internal"];

const READY: Duration = Duration::from_secs(60);

pub struct Stack {
    pub folder: tempfile::TempDir,
    pub kafka: String,
    pub registry: String,
    pub clamd: SocketAddr,
    pub community: String,
    pub desk: String,
    wires: BTreeMap<&'static str, Wire>,
    ports: BTreeMap<&'static str, u16>,
    roles: BTreeMap<&'static str, Process>,
    _systems: Vec<Process>,
    broker: Option<Running>,
}

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_causeway"))
}

/// Free now, and below the range that outgoing connections take theirs from, so that it is free at the next start too.
fn free_ports(count: usize) -> Vec<u16> {
    let first = 20_000 + (std::process::id() % 10_000) as u16;
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    (first..first + 500).filter(free).take(count).collect()
}

impl Stack {
    /// `limit`: the largest file in MB, where it is another than ships.
    pub async fn start(limit: Option<u64>) -> Self {
        let folder = tempfile::Builder::new().prefix("causeway-files-").tempdir().unwrap();
        config::secrets(folder.path());
        std::fs::create_dir_all(folder.path().join("log")).unwrap();
        let ports = free_ports(ROLES.len() + 2);
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let options = Options { folder: folder.path().join("broker"), kafka: any, registry: any, ..Options::default() };
        let broker = tokio::task::spawn_blocking(|| Broker::start(options).unwrap()).await.unwrap();
        let [community, desk] = [ports[6], ports[7]];
        let systems = vec![
            system(folder.path(), "community", community, &[]).await,
            system(folder.path(), "case-system", desk, &["--reply-opens"]).await,
        ];
        let mut wires = BTreeMap::new();
        for (role, port) in [
            ("ingest-partner", community),
            ("sink-partner", community),
            ("ingest-internal", desk),
            ("sink-internal", desk),
        ] {
            wires.insert(role, Wire::to(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await);
        }
        let mut stack = Self {
            kafka: broker.kafka_address().to_string(),
            registry: broker.registry_url(),
            clamd: clamd::serve().await,
            community: format!("http://127.0.0.1:{community}"),
            desk: format!("http://127.0.0.1:{desk}"),
            wires,
            ports: ROLES.into_iter().zip(ports).collect(),
            roles: BTreeMap::new(),
            _systems: systems,
            broker: Some(broker),
            folder,
        };
        stack.tool(&["topics", "apply"]).await;
        stack.tool(&["schemas", "apply"]).await;
        for role in ROLES {
            let file = config::file(&stack, role, limit);
            let log = stack.folder.path().join(format!("log/{role}.log"));
            let process = Process::new(role, binary(), &log).arguments(["--config", file.to_str().unwrap(), role]);
            stack.roles.insert(role, process);
            stack.process(role).start().unwrap();
        }
        for role in ROLES {
            stack.ready(role).await;
        }
        stack
    }

    async fn tool(&self, arguments: &[&str]) {
        let mut command = tokio::process::Command::new(binary());
        command.args(arguments).env("CAUSEWAY_KAFKA__BOOTSTRAP", &self.kafka);
        command.env("CAUSEWAY_REGISTRY__URLS", format!("[{:?}]", self.registry));
        let output = command.output().await.unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    pub fn admin(&self, role: &str) -> u16 {
        self.ports[role]
    }

    pub fn wire(&self, role: &str) -> &Wire {
        &self.wires[role]
    }

    fn process(&mut self, role: &str) -> &mut Process {
        self.roles.get_mut(role).unwrap()
    }

    async fn ready(&mut self, role: &str) {
        let url = format!("http://127.0.0.1:{}/readyz", self.admin(role));
        self.process(role).ready(&url, READY).await.unwrap();
    }

    /// SIGKILL, and a new life.
    pub async fn kill_and_start(&mut self, role: &str) {
        self.process(role).kill().unwrap();
        self.process(role).start().unwrap();
        self.ready(role).await;
    }

    /// The most memory that each role has had in this life, in KiB.
    pub fn peaks(&self) -> BTreeMap<&'static str, u64> {
        self.roles.iter().map(|(role, process)| (*role, super::bytes::peak(process.id().unwrap()))).collect()
    }

    /// So many files lie in this folder of the simulated systems or of the blob store, in all of its own folders.
    pub fn lie(&self, folder: &str) -> Vec<String> {
        fn all(folder: &Path, found: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.path().is_dir() {
                    all(&entry.path(), found);
                } else {
                    found.push(entry.file_name().to_string_lossy().into_owned());
                }
            }
        }
        let mut found = Vec::new();
        all(&self.folder.path().join(folder), &mut found);
        found
    }

    pub async fn stop(mut self) {
        for process in self.roles.values_mut() {
            process.kill().unwrap();
        }
        if let Some(broker) = self.broker.take() {
            let _ = broker.stop().await;
        }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for (role, process) in &self.roles {
                eprintln!("== last words of {role}:\n{}", process.last_words(12));
            }
        }
    }
}

async fn system(folder: &Path, name: &str, port: u16, more: &[&str]) -> Process {
    let (data, secrets) = (folder.join(name), folder.join("secrets"));
    let mut process = Process::new(name, binary(), &folder.join(format!("log/{name}.log"))).arguments([
        "simulate",
        name,
        "--listen",
        &format!("127.0.0.1:{port}"),
        "--data",
        data.to_str().unwrap(),
        "--tokens",
        secrets.join(format!("{name}.toml")).to_str().unwrap(),
    ]);
    process = process.arguments(more.iter().copied());
    process.start().unwrap();
    process.ready(&format!("http://127.0.0.1:{port}/control/stats"), READY).await.unwrap();
    process
}

/// Asks again until there is an answer.
pub async fn until<T, F>(what: &str, patience: Duration, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + patience;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "not within {patience:?}: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
