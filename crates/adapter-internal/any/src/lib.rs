//! The case system that the configuration names: `adapter = "rt"` (Request Tracker, also where the key is missing) or
//! `adapter = "desk"` (the simulated one).
//!
//! A new product is a variant in each of four enums here, and nothing in the roles.

mod config;
mod feed;
mod target;

pub use config::{Config, Ready};
pub use feed::AnyFeed;
pub use target::AnyTarget;
