//! Request Tracker 5 over REST 2, as the case system.
//!
//! [`RtTarget`] obeys commands, [`RtFeed`] tells what changed, [`NudgeVerifier`] knows a genuine nudge. Ran against
//! the real product (5.0.3 on SQLite and on PostgreSQL 15); what RT needs inside is in `deploy/rt`, and the facts the
//! code relies on are in `docs/adr/0005-request-tracker-adapter.md`, each held by a test on a running RT.
//!
//! RT says 200 to what it refused and 201 to what it half did: nothing here believes a status code that promises an
//! effect. Its sentences are localised and are never parsed. It has no idempotency key, and neither `If-Match` nor its
//! unique fields are atomic: one caller per subject and a look before a repeat are what prevents doubles.

mod api;
mod config;
mod error;
mod feed;
mod hook;
mod http;
mod preflight;
mod query;
mod target;
mod time;
mod wire;

pub use config::{Config, Ready};
pub use feed::RtFeed;
pub use hook::NudgeVerifier;
pub use preflight::preflight;
pub use target::RtTarget;
