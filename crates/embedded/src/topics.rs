//! What a topic is, and the settings it may have.

use crate::log::Shape;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

pub type Settings = BTreeMap<String, String>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    pub id: Uuid,
    pub partitions: i32,
    pub settings: Settings,
}

/// Settings that are obeyed, with their defaults.
pub const OBEYED: &[(&str, &str)] = &[
    ("cleanup.policy", "delete"),
    ("max.message.bytes", "1048588"),
    ("message.timestamp.type", "CreateTime"),
    ("retention.bytes", "-1"),
    ("retention.ms", "604800000"),
    ("segment.bytes", "67108864"),
    ("segment.ms", "604800000"),
];

/// Settings of Kafka that are stored and shown but change nothing here: there is one node, and nothing compacts.
pub const STORED: &[(&str, &str)] = &[
    ("compression.type", "producer"),
    ("delete.retention.ms", "86400000"),
    ("file.delete.delay.ms", "60000"),
    ("flush.messages", "9223372036854775807"),
    ("flush.ms", "9223372036854775807"),
    ("index.interval.bytes", "4096"),
    ("max.compaction.lag.ms", "9223372036854775807"),
    ("min.cleanable.dirty.ratio", "0.5"),
    ("min.compaction.lag.ms", "0"),
    ("min.insync.replicas", "1"),
    ("preallocate", "false"),
    ("segment.index.bytes", "10485760"),
    ("segment.jitter.ms", "0"),
    ("unclean.leader.election.enable", "false"),
];

pub fn default_of(name: &str) -> Option<&'static str> {
    OBEYED.iter().chain(STORED).find(|(known, _)| *known == name).map(|(_, value)| *value)
}

/// Says what is wrong with a setting.
pub fn check(name: &str, value: &str) -> Result<(), String> {
    let default = default_of(name).ok_or_else(|| format!("unknown topic setting {name}"))?;
    let fits = match name {
        "cleanup.policy" => value.split(',').all(|policy| matches!(policy.trim(), "delete" | "compact")),
        "message.timestamp.type" => matches!(value, "CreateTime" | "LogAppendTime"),
        "retention.ms" | "retention.bytes" => value.parse::<i64>().is_ok_and(|number| number >= -1),
        "segment.bytes" => value.parse::<u32>().is_ok_and(|number| number >= 1024),
        "segment.ms" => value.parse::<i64>().is_ok_and(|number| number >= 1),
        "max.message.bytes" => value.parse::<u32>().is_ok(),
        _ if default.parse::<i64>().is_ok() => value.parse::<i64>().is_ok(),
        _ => true,
    };
    if fits { Ok(()) } else { Err(format!("invalid value for {name}")) }
}

/// Kafka's rule for names; they become folders.
pub fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    (1..=249).contains(&name.len()) && name.chars().all(plain) && name != "." && name != ".."
}

impl Topic {
    pub fn setting(&self, name: &str) -> &str {
        self.settings.get(name).map(String::as_str).or_else(|| default_of(name)).unwrap_or_default()
    }

    fn number(&self, name: &str) -> i64 {
        self.setting(name).parse().unwrap_or(-1)
    }

    pub fn shape(&self) -> Shape {
        Shape {
            // Positions in a segment's index have 32 bits.
            segment_bytes: u64::try_from(self.number("segment.bytes")).unwrap_or(u64::MAX).min(1 << 30),
            segment_ms: self.number("segment.ms"),
            retention_ms: self.number("retention.ms"),
            retention_bytes: self.number("retention.bytes"),
            compacted: self.setting("cleanup.policy").contains("compact"),
        }
    }

    pub fn max_message_bytes(&self) -> usize {
        usize::try_from(self.number("max.message.bytes")).unwrap_or_default()
    }

    pub fn stamps(&self) -> bool {
        self.setting("message.timestamp.type") == "LogAppendTime"
    }

    /// The folder of one partition; a topic that is made again has another id, hence another folder.
    pub fn folder(name: &str, id: Uuid) -> String {
        format!("{name}.{}", id.simple())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_leave_the_folder_are_refused() {
        for name in ["", ".", "..", "a/b", "a\\b", "a b", "é", &"x".repeat(250)] {
            assert!(!is_name(name), "{name}");
        }
        assert!(is_name("partner.events_1-x"));
    }

    #[test]
    fn settings_are_checked_by_name_and_value() {
        assert!(check("retention.ms", "-1").is_ok() && check("cleanup.policy", "compact,delete").is_ok());
        assert!(check("retention.ms", "soon").is_err() && check("retention.sm", "1").is_err());
        assert!(check("cleanup.policy", "burn").is_err() && check("segment.bytes", "-5").is_err());
    }
}
