//! Hosts the rules of delivery on Apache Kafka. The only crate that names rdkafka.
//!
//! Order of a transaction, measured: produce, drain the producer's queue, send offsets, commit. Blocking calls run on
//! threads of their own, never on the async executor. State is a cache of the log.

pub mod admin;
pub mod bundles;
pub mod client;
pub mod config;
pub mod crash;
pub mod dead_letter;
pub mod doubt;
pub mod entry;
pub mod history;
pub mod hook;
pub mod ingest;
mod observe;
pub mod partitioner;
pub mod record;
pub mod redrive;
pub mod reset;
pub mod service;
pub mod sink;
pub mod store;
pub mod tail;
pub mod tracker;
pub mod transaction;
pub mod transformer;

pub use config::{KafkaConfig, StateConfig};
pub use entry::{Shutdown, StartError};
