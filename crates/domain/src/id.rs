//! Ids derive from causes, so that a repeat of the same cause is the same message on any machine and day.

use crate::{Subject, SystemId};
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

const EVENTS: Uuid = Uuid::from_u128(0x6a1f_20cf_7d0e_4c5b_9f0e_1b7d_5d0a_c001);
const COMMANDS: Uuid = Uuid::from_u128(0x6a1f_20cf_7d0e_4c5b_9f0e_1b7d_5d0a_c002);
const OUTCOMES: Uuid = Uuid::from_u128(0x6a1f_20cf_7d0e_4c5b_9f0e_1b7d_5d0a_c003);
const TIMERS: Uuid = Uuid::from_u128(0x6a1f_20cf_7d0e_4c5b_9f0e_1b7d_5d0a_c004);

/// UUIDv5 (RFC 9562) of what caused the message. Text form everywhere, also on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(Uuid);

/// Parts are length-prefixed, so that ("ab", "c") and ("a", "bc") differ.
fn derive(namespace: &Uuid, parts: &[&str]) -> MessageId {
    let mut name = Vec::with_capacity(parts.iter().map(|p| p.len() + 4).sum());
    for part in parts {
        name.extend_from_slice(&(part.len() as u32).to_be_bytes());
        name.extend_from_slice(part.as_bytes());
    }
    MessageId(Uuid::new_v5(namespace, &name))
}

impl MessageId {
    /// `entity` and `change` are the origin's own keys of the record and of the change to it.
    pub fn of_event(system: &SystemId, entity: &str, change: &str, subject: &Subject) -> Self {
        derive(&EVENTS, &[system.as_str(), entity, change, subject.as_str()])
    }

    /// Without the mapping version: the same effect of the same cause keeps its id when the mapping is corrected.
    pub fn of_command(cause: MessageId, subject: &Subject, rule: &str, effect_key: &str) -> Self {
        derive(&COMMANDS, &[&cause.to_string(), subject.as_str(), rule, effect_key])
    }

    /// `kind` is the outcome's record name; `discriminator` separates repeats, such as the attempt and its owner.
    pub fn of_outcome(command: MessageId, kind: &str, discriminator: &str) -> Self {
        derive(&OUTCOMES, &[&command.to_string(), kind, discriminator])
    }

    /// What is due about one timer by one rule; `instant` is the timer's own: a deadline that moves is another one.
    pub fn of_timer(subject: &Subject, timer: &str, item: &str, rule: &str, instant: &str) -> Self {
        derive(&TIMERS, &[subject.as_str(), timer, item, rule, instant])
    }

    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl Serialize for MessageId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_hyphenated().encode_lower(&mut Uuid::encode_buffer()))
    }
}

impl<'de> Deserialize<'de> for MessageId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl serde::de::Visitor<'_> for Text {
            type Value = MessageId;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a uuid in text form")
            }
            fn visit_str<E: serde::de::Error>(self, v: &str) -> Result<MessageId, E> {
                MessageId::parse(v).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str("text"), &self))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_depends_on_every_part_and_on_nothing_else() {
        let system = SystemId::new("tg").unwrap();
        let subject = Subject::try_from("case/tg/1".to_owned()).unwrap();
        let event = MessageId::of_event(&system, "1", "7", &subject);
        assert_eq!(event, MessageId::of_event(&system, "1", "7", &subject));
        assert_ne!(event, MessageId::of_event(&system, "17", "", &subject));
        let command = MessageId::of_command(event, &subject, "issue.opened", "create");
        // Fixed for ever: a change of this value would post every comment in every log a second time.
        assert_eq!(command.to_string(), "fbfdf40d-2165-5ed4-b826-b6d3b1b08f1a");
        assert_ne!(command, MessageId::of_command(event, &subject, "issue.opened", "comment"));
    }
}
