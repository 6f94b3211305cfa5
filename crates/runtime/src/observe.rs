//! What the runtime tells telemetry: one call per fact, so that no name of a metric stands in the rules' hosts.

use ports::{Applied, CallError};
use std::time::Duration;

pub fn counted(role: &'static str, rule: &'static str) {
    tracing::debug!(role, rule, "counted");
}

pub fn outcome(role: &'static str, word: &'static str) {
    tracing::debug!(role, word, "outcome written");
}

pub fn call(role: &'static str, kind: &str, result: &Result<Applied, CallError>, took: Duration) {
    tracing::debug!(role, kind, ok = result.is_ok(), took_ms = took.as_millis() as u64, "called");
}

pub fn dead_letter(role: &'static str, class: &'static str, reason: &str) {
    tracing::warn!(role, class, reason, "dead letter");
}

pub fn skipped(role: &'static str, rule: &'static str) {
    tracing::debug!(role, rule, "skipped");
}

pub fn consumed(role: &'static str, topic: &'static str, at_ms: Option<i64>) {
    tracing::trace!(role, topic, at_ms, "consumed");
}

pub fn committed(role: &'static str, records: usize, took: Duration) {
    tracing::trace!(role, records, took_ms = took.as_millis() as u64, "committed");
}

pub fn aborted(role: &'static str, error: &(dyn std::error::Error + 'static)) {
    tracing::warn!(role, error, "transaction did not happen; reading again from the committed offsets");
}

pub fn published(role: &'static str, kind: &'static str) {
    tracing::debug!(role, kind, "published");
}

pub fn echo(role: &'static str) {
    tracing::debug!(role, "own write came back");
}

pub fn feed_failed(role: &'static str, error: &ports::FeedError) {
    tracing::warn!(role, %error, "feed does not answer, trying again");
}

pub fn hook_rejected(role: &'static str, error: &ports::HookError) {
    tracing::warn!(role, %error, "webhook rejected");
}
