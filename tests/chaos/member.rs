//! One process of one role, and whoever starts it again when it ends by itself.

use faults::process::Process;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

pub struct Member {
    pub process: Process,
    pub ready: String,
    /// Its cache of the log, where it has one.
    pub state: Option<PathBuf>,
    /// Whether it is to run: what ends by itself then is started again, as an orchestrator would.
    wanted: bool,
    /// How it ended by itself, each time.
    pub ended: Vec<String>,
}

/// Shared by those who do something to it; one of them at a time.
pub type Shared = Arc<Mutex<Member>>;

const READY: Duration = Duration::from_secs(60);

impl Member {
    pub fn new(process: Process, admin: u16, state: Option<PathBuf>) -> Self {
        let ready = format!("http://127.0.0.1:{admin}/readyz");
        Self { process, ready, state, wanted: false, ended: Vec::new() }
    }

    pub fn start(&mut self) {
        self.process.start().unwrap();
        self.wanted = true;
    }

    pub fn kill(&mut self) {
        self.wanted = false;
        self.process.kill().unwrap();
    }

    pub async fn stop(&mut self) -> Result<(), faults::process::ProcessError> {
        self.wanted = false;
        self.process.stop(Duration::from_secs(45)).await
    }

    /// Whether it can serve; starts it again on the way where it ends by itself.
    pub async fn is_ready(&mut self) -> bool {
        let deadline = tokio::time::Instant::now() + READY;
        while tokio::time::Instant::now() < deadline {
            if self.process.ready(&self.ready, READY).await.is_ok() {
                return true;
            }
            self.look_after();
        }
        false
    }

    /// Whether it ends by itself in time.
    pub async fn ends_within(&mut self, patience: Duration) -> bool {
        let deadline = tokio::time::Instant::now() + patience;
        while self.process.is_running() && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        !self.process.is_running()
    }

    /// Starts it again where it has ended by itself.
    pub fn look_after(&mut self) {
        let Some(status) = self.process.ended().filter(|_| self.wanted) else { return };
        self.ended.push(format!("{}: {status}\n{}", self.process.name, self.process.last_words(6)));
        self.process.start().unwrap();
    }
}
