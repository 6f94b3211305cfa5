//! The calls, one module for each subject: from what the wire says to what the state does.

pub mod cluster;
pub mod configs;
pub mod fetch;
pub mod groups;
pub mod listed;
pub mod offsets;
pub mod produce;
pub mod topics;
pub mod transactions;
