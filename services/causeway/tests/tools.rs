//! The operators' tools as real processes, on the embedded broker and registry.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "tools/doubt.rs"]
mod doubt;
#[path = "tools/exposure.rs"]
mod exposure;
#[path = "tools/letters.rs"]
mod letters;
#[path = "tools/live.rs"]
mod live;
#[path = "standalone/process.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod process;
#[path = "tools/replay.rs"]
mod replay;
#[path = "tools/servers.rs"]
mod servers;
#[path = "tools/timers.rs"]
mod timers;
