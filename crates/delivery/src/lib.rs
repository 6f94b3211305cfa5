//! The rules of delivery as pure state machines: what to publish, call, write, hold, park, and in which order.
//!
//! `step(state, memory, now, input) -> actions`: time is an input and nothing here does I/O, so the same rules run on
//! Kafka (`runtime`) and on a seeded simulation (`testkit`). Nothing here knows a use case, Kafka or a system.

pub mod ingest;
pub mod sink;
pub mod transform;
