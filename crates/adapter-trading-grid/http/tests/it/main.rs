//! The adapter against the simulated community, over loopback.

// The lints let test functions unwrap, not the helpers beside them.
#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

mod answers;
mod contract;
mod discrepancy;
mod document;
mod faults;
mod feed;
mod files;
mod hooks;
mod onboarding;
mod outward;
mod target;
mod world;
