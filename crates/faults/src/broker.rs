//! The nodes of a local Apache Kafka cluster, through the script that starts them (`deploy/local/kafka.sh`), which finds
//! its settings in the environment that it inherits.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;

#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    #[error("cannot run {script}")]
    Run { script: PathBuf, source: std::io::Error },
    #[error("{script} {word} failed: {said}")]
    Failed { script: PathBuf, word: &'static str, said: String },
}

/// Nodes are numbered from 1.
#[derive(Clone, Debug)]
pub struct Cluster {
    script: PathBuf,
}

impl Cluster {
    pub fn at(script: &Path) -> Self {
        Self { script: script.to_owned() }
    }

    /// SIGKILL, and gone when this returns.
    pub async fn kill(&self, node: u32) -> Result<(), BrokerError> {
        self.run("kill", &[&node.to_string()], None).await
    }

    /// That node again, on its data; ready when this returns.
    pub async fn start(&self, node: u32) -> Result<(), BrokerError> {
        self.run("start", &[], Some(node)).await
    }

    pub async fn pause(&self, node: u32) -> Result<(), BrokerError> {
        self.run("pause", &[&node.to_string()], None).await
    }

    pub async fn resume(&self, node: u32) -> Result<(), BrokerError> {
        self.run("resume", &[&node.to_string()], None).await
    }

    /// How many nodes live.
    pub async fn running(&self) -> Result<u64, BrokerError> {
        let output = Command::new(&self.script).arg("status").stdin(Stdio::null()).output().await;
        let output = output.map_err(|source| BrokerError::Run { script: self.script.clone(), source })?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(said.lines().filter(|line| line.contains(": pid ")).count() as u64)
    }

    async fn run(&self, word: &'static str, arguments: &[&str], node: Option<u32>) -> Result<(), BrokerError> {
        let mut command = Command::new(&self.script);
        command.arg(word).args(arguments).stdin(Stdio::null());
        if let Some(node) = node {
            command.env("KAFKA_NODE", node.to_string());
        }
        let output =
            command.output().await.map_err(|source| BrokerError::Run { script: self.script.clone(), source })?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(BrokerError::Failed { script: self.script.clone(), word, said })
    }
}
