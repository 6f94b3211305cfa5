//! `[calls]`: how a sink calls its target.

use ports::{Capability, Mistake};
use serde::Deserialize;
use std::num::NonZeroU32;
use std::time::Duration;

/// Where neither the configuration nor the adapter says how long a foreign call may still take effect.
const SETTLE: Duration = Duration::from_secs(2);

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CallsConfig {
    /// Subjects with a call under way at once, per partition; the adapter's own limit holds for all of them together.
    pub concurrency: usize,
    /// Calls a second of this process, looks counted, with at most a second's worth at once. Without it as many as the
    /// target answers.
    pub per_second: Option<NonZeroU32>,
    /// How long one call may take, in milliseconds.
    pub timeout_ms: u64,
    /// Beyond the end of a call whose caller died or gave up, in milliseconds: how long until a look at the system tells
    /// the truth. Without it the adapter's own word counts.
    pub settle_ms: Option<u64>,
}

impl Default for CallsConfig {
    fn default() -> Self {
        Self { concurrency: 8, per_second: None, timeout_ms: 20_000, settle_ms: None }
    }
}

impl CallsConfig {
    pub fn check(&self) -> Vec<Mistake> {
        let values = [
            ("calls.concurrency", self.concurrency as u64, 1..=256),
            ("calls.timeout_ms", self.timeout_ms, 500..=300_000),
            ("calls.settle_ms", self.settle_ms.unwrap_or(0), 0..=600_000),
        ];
        let wrong = values.into_iter().filter(|(_, value, range)| !range.contains(value));
        wrong
            .map(|(key, value, range)| {
                let fix = format!("give {} to {}", range.start(), range.end());
                Mistake::new(key, format!("{value} is out of range"), fix)
            })
            .collect()
    }

    pub const fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }

    /// `slowest`: what the target says of the kind of command that takes it longest to settle.
    pub fn settle(&self, slowest: Capability) -> Duration {
        match (self.settle_ms, slowest) {
            (Some(ms), _) => Duration::from_millis(ms),
            (None, Capability::Findable { settle }) => settle,
            (None, Capability::Idempotent { .. } | Capability::Blind | Capability::Unsupported) => SETTLE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_configured_goes_before_the_adapters_word() {
        let findable = Capability::Findable { settle: Duration::from_secs(7) };
        let configured = CallsConfig { settle_ms: Some(0), ..CallsConfig::default() };
        assert_eq!(configured.settle(findable), Duration::ZERO);
        assert_eq!(CallsConfig::default().settle(findable), Duration::from_secs(7));
        assert_eq!(CallsConfig::default().settle(Capability::Blind), SETTLE);
    }

    #[test]
    fn every_value_out_of_range_is_named() {
        let wrong = CallsConfig { concurrency: 0, timeout_ms: 1, settle_ms: Some(600_001), ..CallsConfig::default() };
        let keys: Vec<_> = wrong.check().into_iter().map(|mistake| mistake.key).collect();
        assert_eq!(keys, ["calls.concurrency", "calls.timeout_ms", "calls.settle_ms"]);
        assert_eq!(CallsConfig::default().check(), []);
    }
}
