//! What the runtime tells telemetry: one function per fact, so that no name of a metric stands in the rules' hosts.

use domain::Envelope;
use ports::{Applied, CallError, Doubles, FeedError, HookError, Look, Page};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use telemetry::facts;

pub fn consumed(topic: &str, count: u64) {
    facts::RecordsConsumed { topic, count }.emit();
}

/// A rule answered a delivery without a call.
pub fn counted(topic: &str, rule: &str) {
    facts::RuleCounted { topic, rule }.emit();
}

pub fn skipped(topic: &str, rule: &str) {
    facts::Skipped { topic, rule }.emit();
}

pub fn mapped(topic: &str, count: usize) {
    facts::Mapped { topic, count: count as u64 }.emit();
}

pub fn held(topic: &str, reason: &str, partition: i32, offset: i64) {
    facts::Held { topic, reason, partition, offset }.emit();
}

pub fn dead_letter(topic: &str, class: &str, reason: &str, partition: i32, offset: i64) {
    facts::DeadLettered { topic, class, partition, offset, reason }.emit();
}

pub fn committed(topic: &str, records: usize, took: Duration) {
    facts::RecordsProduced { topic, count: records as u64 }.emit();
    facts::TransactionCommitted { topic, seconds: took.as_secs_f64() }.emit();
}

pub fn aborted(topic: &str, error: &(dyn std::error::Error + 'static)) {
    let detail = crate::service::chain(error);
    facts::TransactionAborted { topic, cause: "not-committed", detail: &detail }.emit();
}

pub fn outcome(topic: &str, outcome: &str) {
    facts::OutcomeWritten { topic, outcome }.emit();
}

/// A change by our own user that no command of ours explains.
pub fn own_news(system: &str, subject: &str) {
    facts::OwnNews { system, subject }.emit();
}

pub fn looked_twice<C>(system: &str, command: &Envelope<C>, result: &Result<Doubles, CallError>) {
    let subject = command.meta.subject.as_str();
    match result {
        Ok(Doubles { closed, left }) => {
            for (count, what) in [(*closed, "closed"), (*left, "left")] {
                if count > 0 {
                    facts::SecondRecords { system, what, count: count as u64, subject }.emit();
                }
            }
        }
        Err(error) => tracing::warn!(system, subject, %error, "second look failed, it is made again"),
    }
}

/// At every change, and once at the start.
pub fn circuit(system: &str, open: bool) {
    let state = if open { "open" } else { "closed" };
    facts::CircuitOpen { system, open: u64::from(open) }.emit();
    if open {
        facts::CircuitOpened { system }.emit();
    } else {
        tracing::info!(system, state, "circuit");
    }
}

pub fn parked(system: &str, kind: &str, subject: &str) {
    facts::CommandParked { system, kind, subject }.emit();
}

pub fn call(system: &str, kind: &str, result: &Result<Applied, CallError>, took: Duration) {
    let result = match result {
        Ok(_) => "applied",
        Err(CallError::NotApplied { .. }) => "not-applied",
        Err(CallError::Unknown { .. }) => "unknown",
        Err(CallError::Refused { .. }) => "refused",
        Err(CallError::ConditionNotMet { .. }) => "condition",
        Err(CallError::LeftAlone { .. }) => "left-alone",
        Err(CallError::Misconfigured { reason }) => {
            tracing::error!(system, kind, reason, "the target cannot be used as it is configured");
            "misconfigured"
        }
    };
    facts::CallMade { system, kind, result, seconds: took.as_secs_f64() }.emit();
}

pub fn look(system: &str, kind: &str, result: &Result<Look, CallError>) {
    let result = match result {
        Ok(Look::Applied(_)) => "applied",
        Ok(Look::Absent) => "absent",
        Ok(Look::Undecidable { .. }) => "undecidable",
        Err(_) => "failed",
    };
    facts::LookMade { system, kind, result }.emit();
}

pub fn published(system: &str) {
    facts::ChangesPublished { system, count: 1 }.emit();
}

pub fn echo(system: &str) {
    facts::EchoesAbsorbed { system, by: "outcome", count: 1 }.emit();
}

pub fn held_changes(system: &str, count: usize) {
    facts::HeldChanges { system, count: count as u64 }.emit();
}

/// Age of the oldest record that is not processed; nothing where its producer gave no time.
pub fn lag(topic: &str, partition: i32, stamped_ms: Option<i64>) {
    let seconds = stamped_ms.map_or(0.0, |ms| (unix_seconds() - ms as f64 / 1000.0).max(0.0));
    facts::LagSeconds { topic, partition, seconds }.emit();
    progress(topic, partition);
}

pub fn progress(topic: &str, partition: i32) {
    facts::LastProgress { topic, partition, unix_seconds: unix_seconds() }.emit();
}

pub fn no_lag(topic: &str, partition: i32) {
    facts::LagSeconds { topic, partition, seconds: 0.0 }.emit();
}

/// Of a sink's partition: how long its oldest unsettled command has been on the log, who waits, what is given up.
pub fn standing(topic: &str, system: &str, partition: i32, oldest_ms: Option<i64>, waiting: usize, parked: usize) {
    let seconds = oldest_ms.map_or(0.0, |ms| (unix_seconds() - ms as f64 / 1000.0).max(0.0));
    facts::LagSeconds { topic, partition, seconds }.emit();
    facts::WaitingSubjects { system, partition, count: waiting as u64 }.emit();
    facts::ParkedCommands { system, partition, count: parked as u64 }.emit();
}

pub fn restored(store: &str, partition: i32, records: u64, took: Duration) {
    facts::Restored { store, partition, records, seconds: took.as_secs_f64() }.emit();
}

pub fn registry<T>(operation: &str, result: &Result<T, codec::RegistryError>) {
    let result = match result {
        Ok(_) => "ok",
        Err(codec::RegistryError::NotFound { .. }) => "not-found",
        Err(error) if error.is_retryable() => "unavailable",
        Err(_) => "refused",
    };
    facts::RegistryAsked { operation, result }.emit();
}

pub fn feed_read<E>(system: &str, page: &Result<Page<E>, FeedError>, took: Duration) {
    let result = match page {
        Ok(page) if page.changes.is_empty() => "empty",
        Ok(_) => "page",
        Err(error) => cause(error),
    };
    facts::FeedRead { system, result, seconds: took.as_secs_f64() }.emit();
}

const fn cause(error: &FeedError) -> &'static str {
    match error {
        FeedError::Unavailable { .. } => "unavailable",
        FeedError::CursorLost { .. } => "cursor-lost",
        FeedError::Misconfigured { .. } => "misconfigured",
    }
}

pub fn feed_failed(system: &str, error: &FeedError) {
    let reason = error.to_string();
    facts::FeedFailed { system, cause: cause(error), reason: &reason }.emit();
}

pub fn deposed(topic: &str, partition: i32) {
    facts::Deposed { topic, partition }.emit();
}

pub fn bundle(link: &str, version: i64, digest: &str) {
    facts::BundleLoaded { link, version: version as f64, digest }.emit();
}

pub fn assigned(topic: &str, partitions: usize) {
    facts::AssignedPartitions { topic, count: partitions as u64 }.emit();
    facts::Rebalanced { topic, assigned: partitions as u64 }.emit();
}

pub fn hook_accepted(role: &str) {
    facts::HookAccepted { system: role }.emit();
}

pub fn started(service: &str) {
    facts::Started { service, version: env!("CARGO_PKG_VERSION"), one: 1.0 }.emit();
}

pub fn hook_rejected(role: &str, error: &HookError) {
    let reason = match error {
        HookError::Header(_) => "header",
        HookError::Stale { .. } => "stale",
        HookError::Signature => "signature",
    };
    facts::HookRejected { system: role, reason }.emit();
}

/// Of one partition: subjects with a timer that runs, and by how many milliseconds the oldest of what is due is late.
pub fn timers(partition: i32, running: usize, late_ms: Option<i64>) {
    facts::TimersRunning { partition, count: running as u64 }.emit();
    facts::TimersOverdue { partition, seconds: late_ms.unwrap_or(0) as f64 / 1000.0 }.emit();
}

pub fn timer_fired(timer: &str, rule: &str, due: domain::Timestamp) {
    let seconds = (unix_seconds() - due.0 as f64 / 1000.0).max(0.0);
    facts::TimerFired { timer, rule, seconds }.emit();
}

fn unix_seconds() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}
