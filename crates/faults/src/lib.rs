//! What goes wrong in production, on demand: for tests only, never linked into a service.
//!
//! - [`proxy`]: between clients and Kafka, or any other TCP server: answers that come late or never, requests that
//!   arrive after their sender has given up, doors that are shut.
//! - [`process`]: SIGKILL, SIGSTOP, SIGCONT, SIGTERM, and what a dead process said last.
//! - [`broker`]: the nodes of a local Apache Kafka cluster.
//! - [`target`]: misbehaviour of the simulated systems.
//! - [`state`]: caches of the log that are deleted or torn.
//! - [`schedule`]: which of all this falls when, from a seed.

pub mod broker;
pub mod dice;
pub mod process;
pub mod proxy;
pub mod schedule;
pub mod state;
pub mod target;

/// Where libfaketime is, which makes a process believe in another time: `CHAOS_FAKETIME`, or where Debian puts it.
pub fn clock_library() -> Option<std::path::PathBuf> {
    let named = std::env::var_os("CHAOS_FAKETIME").map(std::path::PathBuf::from);
    let machine = format!("/usr/lib/{}-linux-gnu/faketime/libfaketime.so.1", std::env::consts::ARCH);
    Some(named.unwrap_or_else(|| machine.into())).filter(|file| file.is_file())
}
