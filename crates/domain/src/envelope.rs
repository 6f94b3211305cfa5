//! What every record carries beside its payload.

use crate::{Grant, Marked, MessageId, PartnerId, Shared, Subject, SystemId, Timestamp, Visibility};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

/// Which of the two sides somebody belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    Partner,
    Internal,
    /// Neither: a rule, a timer, this pipeline.
    #[default]
    System,
}

impl Side {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Partner => "partner",
            Self::Internal => "internal",
            Self::System => "system",
        }
    }
}

/// Who did it, in the words of the system that said so. Host staff's names never leave through this field: partner
/// commands carry a label from the bundle instead.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub id: String,
    pub side: Side,
}

/// As ISA15 in X12 and the OAGIS test flag: test traffic never crosses into production.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Environment {
    /// Unknown words count as test: the cautious reading.
    #[default]
    Test,
    Production,
}

impl Environment {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Test => "T",
            Self::Production => "P",
        }
    }
}

macro_rules! as_word {
    ($type:ty, $default:expr, $($word:literal => $value:expr),+) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Ok(match String::deserialize(deserializer)?.as_str() {
                    $($word => $value,)+
                    _ => $default,
                })
            }
        }
    };
}
as_word!(Side, Side::System, "partner" => Side::Partner, "internal" => Side::Internal);
as_word!(Environment, Environment::Test, "P" => Environment::Production);

/// Where the fact that caused a command stands in the log. Compared only within one topic.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cause {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
}

impl Cause {
    /// Later in the log than `other`; `None` where the two are not comparable.
    pub fn is_after(&self, other: &Self) -> Option<bool> {
        (self.topic == other.topic && self.partition == other.partition).then_some(self.offset > other.offset)
    }
}

/// How extras of a command begin that its outcomes carry too: what it is about within its record, such as the version of a
/// document, for the rules that hear what became of it.
pub const ABOUT: &str = "about.";

/// Everything about a record that is not its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    pub id: MessageId,
    pub subject: Subject,
    /// The community or case system whose record or action this is about.
    pub system: SystemId,
    /// `None` only where the origin did not say, on the internal side, before a bond is known.
    #[serde(default)]
    pub partner_id: Option<PartnerId>,
    /// `partner.issue.opened`, `internal.issue.create-case`, `internal.outcome.done`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Said by the origin, in its clock.
    pub occurred_at: Timestamp,
    /// When ingest first saw it; for commands and outcomes the time of what caused them.
    pub recorded_at: Timestamp,
    /// The origin's own version of the record after the change; empty where it has none.
    #[serde(default)]
    pub source_version: String,
    #[serde(default)]
    pub causation_id: Option<MessageId>,
    #[serde(default)]
    pub actor: Actor,
    #[serde(default)]
    pub visibility: Visibility,
    #[serde(default)]
    pub environment: Environment,
    /// Extra fields of the origin by name; `Host` unless the bundle grants one. Never read by name in `Debug` output.
    #[serde(default)]
    pub ext: BTreeMap<String, String>,
    /// Version of the bundle that made the command; 0 for events.
    #[serde(default)]
    pub mapping_version: i64,
    /// The fact behind a command; for an outcome, of its command. A redriven record keeps its first cause.
    #[serde(default)]
    pub cause: Option<Cause>,
}

impl Meta {
    /// An extra field, where a bundle grants it and the record is not restricted: extras are `Host` otherwise.
    pub fn extra_for_partner(&self, field: &str, grant: &Grant) -> Option<Shared<String>> {
        let value = self.ext.get(field)?;
        Marked::new(value.clone(), Visibility::Host.and(self.visibility)).for_partner_by(field, grant)
    }
}

/// A payload with its [`Meta`]. `T` is an event, a command or an outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope<T> {
    pub meta: Meta,
    pub payload: T,
}

impl<T> Envelope<T> {
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Envelope<U> {
        Envelope { meta: self.meta, payload: f(self.payload) }
    }
}
