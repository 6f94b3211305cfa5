//! Against a running Request Tracker 5. Start one with `deploy/local/rt.sh up` and name it:
//!
//! ```text
//! CAUSEWAY_RT_URL=http://127.0.0.1:8480 CAUSEWAY_RT_HOME=<its home> cargo test -p adapter-internal-rt --test real
//! ```
//!
//! Without both, every test here prints `SKIPPED` and proves nothing.

#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm, reason = "helpers of tests are tests")]

#[path = "real/agent.rs"]
mod agent;
#[path = "real/cases.rs"]
mod cases;
#[path = "real/discrepancy.rs"]
mod discrepancy;
#[path = "real/document.rs"]
mod document;
#[path = "real/doubles.rs"]
mod doubles;
#[path = "real/faults.rs"]
mod faults;
#[path = "real/feed.rs"]
mod feed;
#[path = "real/files.rs"]
mod files;
#[path = "real/fixture.rs"]
mod fixture;
#[path = "real/messages.rs"]
mod messages;
#[path = "real/nudge.rs"]
mod nudge;
#[path = "real/onboarding.rs"]
mod onboarding;
#[path = "real/outward.rs"]
mod outward;
#[path = "real/preflight.rs"]
mod preflight;
#[path = "real/proxy.rs"]
mod proxy;
#[path = "real/races.rs"]
mod races;
#[path = "real/revisions.rs"]
mod revisions;
#[path = "real/split.rs"]
mod split;
#[path = "real/status.rs"]
mod status;
