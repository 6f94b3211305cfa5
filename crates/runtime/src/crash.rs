//! Points at which a debug build can be made to die, for tests that prove that it does not matter where it does.
//!
//! `CAUSEWAY_CRASH_AT=sink.called` ends the process at once when it first comes there, without any farewell;
//! `sink.called:3` when it comes there for the third time. In a release build these calls are nothing.

/// Every point there is, in the order in which a record passes them.
pub const POINTS: [&str; 22] = [
    "ingest.fetched",
    "ingest.judged",
    "transaction.begun",
    "transaction.sent",
    "transaction.acknowledged",
    "transaction.offsets-sent",
    "transaction.committed",
    "ingest.committed",
    "transform.read",
    "transform.mapped",
    "sink.assigned",
    "sink.restored",
    "sink.arrived",
    "sink.intended",
    "sink.read-back",
    "sink.called",
    "sink.done-written",
    "sink.settled",
    "tracker.assigned",
    "tracker.read",
    "tracker.due",
    "tracker.said",
];

/// Dies here if that is asked for.
#[cfg(debug_assertions)]
pub fn reached(point: &'static str) {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicI64, Ordering};
    static PLAN: LazyLock<Option<(String, AtomicI64)>> = LazyLock::new(|| {
        let asked = std::env::var("CAUSEWAY_CRASH_AT").ok()?;
        let (point, time) = asked.split_once(':').unwrap_or((&asked, "1"));
        Some((point.to_owned(), AtomicI64::new(time.parse().unwrap_or(1))))
    });
    if let Some((asked, times)) = &*PLAN
        && asked == point
        && times.fetch_sub(1, Ordering::Relaxed) == 1
    {
        eprintln!("asked to die at {point}");
        std::process::abort();
    }
}

#[cfg(not(debug_assertions))]
pub const fn reached(_: &'static str) {}
