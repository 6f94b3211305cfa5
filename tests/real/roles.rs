//! The six roles as processes, and how to stop, kill and start them.

use crate::wait::until;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub const ROLES: [&str; 6] =
    ["ingest-partner", "ingest-internal", "transform-partner", "transform-internal", "sink-partner", "sink-internal"];

pub struct Role {
    pub name: &'static str,
    config: PathBuf,
    log: PathBuf,
    admin: u16,
    child: Option<Child>,
}

/// The binary that `cargo build --bins` put beside the tests.
pub fn binary() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let built = test.parent().and_then(Path::parent).unwrap().join("causeway");
    assert!(built.is_file(), "{} is missing: cargo build --workspace --bins", built.display());
    built
}

impl Role {
    pub fn new(name: &'static str, config: PathBuf, log: PathBuf, admin: u16) -> Self {
        Self { name, config, log, admin, child: None }
    }

    pub fn spawn(&mut self) {
        assert!(self.child.is_none(), "{} runs already", self.name);
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        let mut command = Command::new(binary());
        command.arg("--config").arg(&self.config).arg(self.name).env_clear();
        for (key, value) in std::env::vars().filter(|(key, _)| key.starts_with("LLVM_") || key == "RUST_LOG") {
            command.env(key, value);
        }
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        self.child = Some(command.spawn().unwrap());
    }

    pub async fn ready(&mut self) {
        let url = format!("http://127.0.0.1:{}/readyz", self.admin);
        let name = self.name;
        for _ in 0..1200 {
            if reqwest::get(&url).await.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().unwrap()) {
                panic!("{name} ended with {status} while starting: {}", self.last_words());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{name} is not ready: {}", self.last_words());
    }

    /// The log's folder goes with the test that could not begin.
    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(10)..].join("\n")
    }

    /// The most memory that it has had in this life, in KiB.
    pub fn peak(&self) -> u64 {
        let process = self.child.as_ref().map(Child::id).unwrap();
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().strip_suffix("kB").unwrap().trim().parse().unwrap()
    }

    pub fn is_running(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| child.try_wait().unwrap().is_none())
    }

    /// SIGKILL, and gone when this returns.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// SIGTERM, and drained when this returns.
    pub async fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let pid = child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(told.success());
        until(&format!("{} drains", self.name), Duration::from_secs(45), || {
            let ended = child.try_wait().unwrap();
            async move { ended }
        })
        .await;
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        self.kill();
    }
}
