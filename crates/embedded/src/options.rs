//! What a broker is started with.

use crate::faults::Faults;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// When an acknowledged write is safe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Handed to the operating system before the answer. Killing the process loses nothing; a power cut or a crash of
    /// the system may lose the last seconds, and may then tear transactions.
    #[default]
    System,
    /// Flushed to the disk before the answer. Slow: every produce request and every commit waits for the disk.
    Disk,
}

impl Durability {
    /// Makes the folder's list of files as safe as what is in them.
    pub(crate) fn entries(self, folder: &Path) -> std::io::Result<()> {
        match self {
            Self::System => Ok(()),
            Self::Disk => std::fs::File::open(folder)?.sync_all(),
        }
    }
}

/// Upper bounds on what clients may ask for. What exceeds them is refused before memory is taken.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of one request.
    pub request: u32,
    /// Bytes of all requests that are being received or answered.
    pub requests: u32,
    /// Bytes of records in one answer to a fetch, but for a single batch that is larger.
    pub fetch: u32,
    pub connections: usize,
    pub topics: usize,
    /// Partitions of one topic.
    pub partitions: i32,
    pub groups: usize,
    pub members: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request: 32 << 20,
            requests: 128 << 20,
            fetch: 8 << 20,
            connections: 400,
            topics: 500,
            partitions: 200,
            groups: 500,
            members: 100,
        }
    }
}

/// Where a broker keeps its data and where it listens. Port 0 takes any free port.
#[derive(Clone, Debug)]
pub struct Options {
    pub folder: PathBuf,
    pub kafka: SocketAddr,
    pub registry: SocketAddr,
    pub durability: Durability,
    pub limits: Limits,
    /// How often old segments are looked for.
    pub retention_interval: Duration,
    /// For tests of clients; empty otherwise.
    pub faults: Faults,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            folder: PathBuf::from("./.causeway/log"),
            kafka: SocketAddr::from((Ipv4Addr::LOCALHOST, 9092)),
            registry: SocketAddr::from((Ipv4Addr::LOCALHOST, 8081)),
            durability: Durability::System,
            limits: Limits::default(),
            retention_interval: Duration::from_secs(30),
            faults: Faults::default(),
        }
    }
}

/// Why a broker did not start. Nothing listens afterwards.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot listen for {what} on {address}: another program may be using the port")]
    Listen { what: &'static str, address: SocketAddr, source: std::io::Error },
    #[error("the folder {} is used by another broker", folder.display())]
    InUse { folder: PathBuf },
    #[error("cannot read or write {}", path.display())]
    Storage { path: PathBuf, source: std::io::Error },
    /// Valid data follows what is damaged, so that cutting the file would lose what was acknowledged.
    #[error("{} is damaged at byte {position}, and records follow: restore it, or delete the folder to begin anew", path.display())]
    Damaged { path: PathBuf, position: u64 },
    #[error("{} holds an entry at byte {position} that this version cannot read", path.display())]
    Unreadable { path: PathBuf, position: u64, source: serde_json::Error },
}

impl StartError {
    pub(crate) fn storage(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Storage { path, source }
    }
}
