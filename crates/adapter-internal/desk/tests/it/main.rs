//! The adapter against the simulated case system, over loopback.

// The lints let test functions unwrap, not the helpers beside them.
#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

mod bundle;
mod commands;
mod discrepancy;
mod document;
mod faults;
mod feed;
mod files;
mod onboarding;
mod outward;
mod ready;
mod revisions;
mod world;
