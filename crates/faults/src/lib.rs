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
