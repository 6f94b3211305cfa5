//! The community over HTTP.
//!
//! The contract is **our own** (`schemas/trading-grid.openapi.yaml`): no public API of OpenText Active Community exists,
//! and nothing here was tried against the product. Whoever connects a real community implements the contract in front
//! of it, or writes another adapter for the same ports.

mod bounds;
mod client;
pub mod config;
pub mod feed;
pub mod hooks;
pub mod target;
mod wire;

pub use config::{Config, Ready};
pub use feed::HttpFeed;
pub use hooks::StandardWebhooks;
pub use target::HttpTarget;
