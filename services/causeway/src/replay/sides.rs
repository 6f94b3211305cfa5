//! The two transformers, as what they read and write, and the facts recorded for them.

use super::compare::{Difference, compare};
use codec::{Codec, DecodeError, EncodeError};
use domain::{Cause, Command, Envelope, Fact, InternalCommand, InternalEvent, PartnerCommand, PartnerEvent};
use mapping::{Bundle, Mapped};
use runtime::history::{History, Part, Point};
use runtime::partitioner::partition_of;
use runtime::record::{FIRST_CAUSE, parse_cause};
use runtime::redrive::with_schema;
use runtime::tail::Record;
use runtime::{StartError, admin};

/// One direction.
pub trait Side {
    type Event;
    type Command: Command + Clone;
    const ROLE: &'static str;
    /// Events, outcomes, and what time has made due.
    const FACTS: [&'static str; 3];
    const COMMANDS: &'static str;
    /// What became of the commands.
    const OUTCOMES: &'static str;
    /// What the commands hold is seen outside.
    const TO_PARTNER: bool;
    fn map(bundle: &Bundle, fact: &Envelope<Fact<Self::Event>>, cause: &Cause) -> Mapped<Self::Command>;
    fn fact(codec: &Codec, topic: &str, bytes: &[u8]) -> Result<Envelope<Fact<Self::Event>>, DecodeError>;
    fn command(codec: &Codec, bytes: &[u8]) -> Result<Envelope<Self::Command>, DecodeError>;
    fn encode(codec: &Codec, command: &Envelope<Self::Command>, out: &mut Vec<u8>) -> Result<(), EncodeError>;
    fn compare(codec: &Codec, before: &Mapped<Self::Command>, after: &Mapped<Self::Command>) -> Vec<Difference>;
}

pub struct FromPartner;
pub struct FromInternal;

macro_rules! side {
    ($side:ty, $event:ty, $command:ty, $map:path, $role:literal, $facts:expr, $commands:literal, $outcomes:literal, $out:literal) => {
        impl Side for $side {
            type Event = $event;
            type Command = $command;
            const ROLE: &'static str = $role;
            const FACTS: [&'static str; 3] = $facts;
            const COMMANDS: &'static str = $commands;
            const OUTCOMES: &'static str = $outcomes;
            const TO_PARTNER: bool = $out;
            fn map(bundle: &Bundle, fact: &Envelope<Fact<$event>>, cause: &Cause) -> Mapped<$command> {
                $map(bundle, fact, cause)
            }
            fn fact(codec: &Codec, topic: &str, bytes: &[u8]) -> Result<Envelope<Fact<$event>>, DecodeError> {
                if topic == Self::FACTS[1] {
                    codec.decode(topic, bytes).map(Fact::outcome)
                } else if topic == Self::FACTS[2] {
                    codec.decode(topic, bytes).map(Fact::service_level)
                } else {
                    codec.decode(topic, bytes).map(Fact::event)
                }
            }
            fn command(codec: &Codec, bytes: &[u8]) -> Result<Envelope<$command>, DecodeError> {
                codec.decode(Self::COMMANDS, bytes)
            }
            fn encode(codec: &Codec, command: &Envelope<$command>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
                codec.encode(Self::COMMANDS, command, out)
            }
            fn compare(codec: &Codec, before: &Mapped<$command>, after: &Mapped<$command>) -> Vec<Difference> {
                compare(codec, Self::COMMANDS, before, after)
            }
        }
    };
}
side!(
    FromPartner,
    PartnerEvent,
    InternalCommand,
    mapping::to_internal,
    "transform-partner",
    ["partner.events", "partner.outcomes", "service-level.events"],
    "internal.commands",
    "internal.outcomes",
    false
);
side!(
    FromInternal,
    InternalEvent,
    PartnerCommand,
    mapping::to_partner,
    "transform-internal",
    ["internal.events", "internal.outcomes", "service-level.events"],
    "partner.commands",
    "partner.outcomes",
    true
);

/// Which facts.
#[derive(Clone, Debug)]
pub struct Selection {
    pub from: Point,
    pub to: Point,
    pub topic: Option<String>,
    pub subject: Option<String>,
    pub partner: Option<String>,
}

impl Selection {
    pub fn is_of(&self, topic: &str) -> bool {
        self.topic.as_ref().is_none_or(|wanted| wanted == topic)
    }

    /// By key and partner.
    pub fn takes(&self, key: &[u8], partner: Option<&str>) -> bool {
        self.subject.as_ref().is_none_or(|subject| subject.as_bytes() == key)
            && self.partner.as_ref().is_none_or(|wanted| Some(wanted.as_str()) == partner)
    }

    pub fn partitions(&self, topic: &str) -> Result<Vec<i32>, StartError> {
        let count = admin::contract_of(topic)?.partitions;
        Ok(match &self.subject {
            Some(subject) => vec![partition_of(subject.as_bytes(), count)],
            None => (0..count).collect(),
        })
    }

    /// What of the topic is meant.
    pub fn parts(&self, history: &History, topic: &str) -> Result<Vec<Part>, StartError> {
        if !self.is_of(topic) {
            return Ok(Vec::new());
        }
        let partitions = self.partitions(topic)?;
        let from = history.offsets(topic, &partitions, self.from)?;
        let to = history.offsets(topic, &partitions, self.to)?;
        let part = |(partition, from)| Part { partition, from, until: to.get(&partition).copied() };
        Ok(from.into_iter().map(part).collect())
    }
}

/// A recorded fact, with what led to it on the log.
pub struct Found<'a, E> {
    pub record: &'a Record,
    pub fact: Envelope<Fact<E>>,
    /// As the transformer would say it: a redriven record keeps its first.
    pub cause: Cause,
}

/// Every selected fact of these parts, and how many records could not be read.
pub fn each_fact<S: Side>(
    history: &History,
    codec: &Codec,
    topic: &str,
    parts: &[Part],
    selection: &Selection,
    mut hear: impl FnMut(&Found<'_, S::Event>) -> Result<(), StartError>,
) -> Result<u64, StartError> {
    let mut unreadable = 0;
    history.records(topic, parts, |record| {
        if selection.subject.as_ref().is_some_and(|subject| subject.as_bytes() != record.key.as_slice()) {
            return Ok(());
        }
        let Ok(fact) = with_schema(codec, || S::fact(codec, topic, &record.payload))? else {
            unreadable += 1;
            return Ok(());
        };
        if !selection.takes(&record.key, fact.meta.partner_id.as_ref().map(domain::PartnerId::as_str)) {
            return Ok(());
        }
        let place = || Cause { topic: topic.to_owned(), partition: record.partition, offset: record.offset };
        let cause = record.header(FIRST_CAUSE).and_then(parse_cause).unwrap_or_else(place);
        hear(&Found { record, fact, cause })
    })?;
    Ok(unreadable)
}
