//! `[feed]`: how a change feed is read.

use ports::{Cursor, Mistake};
use serde::Deserialize;
use std::time::Duration;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FeedConfig {
    /// How often the feed is asked when no webhook comes, in milliseconds.
    pub poll_interval_ms: u64,
    /// What a first start begins with; without any meaning afterwards.
    pub begin: Begin,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Begin {
    /// What happens from now on. History before it is a backfill, planned and quiet.
    #[default]
    Now,
    /// Everything the feed still has, for an installation that begins together with its systems. Only where the feed
    /// takes the empty cursor for that.
    Earliest,
}

impl Default for FeedConfig {
    fn default() -> Self {
        Self { poll_interval_ms: 2_000, begin: Begin::Now }
    }
}

impl FeedConfig {
    /// `has_beginning`: whether the feed can be read from its beginning.
    pub fn check(&self, has_beginning: bool) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        if !(50..=3_600_000).contains(&self.poll_interval_ms) {
            mistakes.push(Mistake::new("feed.poll_interval_ms", "out of range", "give 50 to 3600000"));
        }
        if self.begin == Begin::Earliest && !has_beginning {
            mistakes.push(Mistake::new("feed.begin", "this feed cannot be read from its beginning", "write `now`"));
        }
        mistakes
    }

    pub const fn poll_interval(&self) -> Duration {
        Duration::from_millis(self.poll_interval_ms)
    }

    /// The cursor of a first start; `None`: as the feed says.
    pub fn first(&self) -> Option<Cursor> {
        (self.begin == Begin::Earliest).then(Cursor::default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_without_a_beginning_cannot_begin_there() {
        let config: FeedConfig = toml::from_str("begin = \"earliest\"\npoll_interval_ms = 1").unwrap();
        let keys: Vec<_> = config.check(false).into_iter().map(|mistake| mistake.key).collect();
        assert_eq!(keys, ["feed.poll_interval_ms", "feed.begin"]);
        assert_eq!(FeedConfig::default().check(false), []);
        assert_eq!((config.first(), FeedConfig::default().first()), (Some(Cursor::default()), None));
    }
}
