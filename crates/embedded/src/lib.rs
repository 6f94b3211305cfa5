//! A small single-node broker that speaks the Kafka protocol, with a schema registry beside it, inside one process.
//!
//! It is what one runs to try the pipeline without installing Apache Kafka, and what tests run against. It is no
//! replacement for Kafka: there is one node, one copy of the data, and by default no flush to the disk.
//!
//! # What it does
//! Everything that librdkafka 2 asks of a broker for producing (idempotent and transactional), consuming (alone and in
//! groups of the classic protocol, eager and cooperative), committing offsets, and administering topics and groups.
//! The table `APIS` in `wire.rs` lists the calls and versions. Batches are stored as they came; compressed ones are
//! never unpacked. Held by one suite that runs here and on Apache Kafka: `tests/conformance`.
//!
//! # What it leaves out
//! Replication, TLS, authentication and quotas; compaction (compacted topics are kept whole, which readers of the
//! latest word on each key cannot tell); groups of the protocol of KIP-848 and static members; fetch sessions;
//! `ListTransactions`, `DescribeProducers`, `DeleteRecords`. A look-up by time answers the beginning of a compressed
//! batch, not the record inside. A partition that was added to a transaction but never written gets no marker.
//! Anyone who can reach the port may do anything: let it listen on the loopback address.
//!
//! # How it recovers
//! A partition is a folder of segment files with whole batches, each with a checksum of its own. Everything else
//! (topics, producer ids, transactions, offsets) is a journal of checksummed lines, and the state is its fold. At the
//! start all of it is read; a torn end is cut with a line in the log; damage that valid data follows refuses the start.
//! Sequence numbers, open and aborted transactions of a partition are a fold of its batches.
//!
//! A transaction's outcome is journaled before its first marker, and with it, in the same entry, the offsets it commits
//! count. A restart writes the markers that are missing. So a process killed at any moment recovers every transaction
//! whole or not at all. With [`Durability::System`] that holds for the process, not for the machine.
//!
//! # Memory
//! Requests and connections are bounded (see [`Limits`]); records are read from the files. In memory are an index of
//! 8 bytes for each 4 KiB of log, the producers of each partition, the offsets of groups and the members.

mod api;
mod batch;
mod broker;
mod core;
mod faults;
mod groups;
mod journal;
mod log;
mod meta;
mod options;
mod producers;
mod registry;
mod server;
mod state;
#[cfg(test)]
mod tape;
mod topics;
mod transactions;
mod wire;

pub use broker::{Broker, Running};
pub use faults::{Fault, Faults};
pub use options::{Durability, Limits, Options, StartError};
