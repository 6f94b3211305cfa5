//! The simulated case system over HTTP, held against `schemas/case-system.openapi.yaml`.

// The lints let test functions unwrap, not the helpers beside them.
#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

mod contract;
mod faults;
mod interface;
mod page;
mod world;
