//! A record's bytes as what they are, by their topic.

use codec::{Codec, DecodeError};
use domain::{
    BundleVersion, Cause, Envelope, InternalCommand, InternalEvent, Outcome, PartnerCommand, PartnerEvent,
    ServiceLevelEvent, Side,
};
use runtime::tail::Record;
use runtime::{record, redrive};

/// Every topic that says something about a case, then the bundles.
pub const TOPICS: [&str; 15] = [
    "partner.events",
    "internal.events",
    "internal.commands",
    "partner.commands",
    "internal.outcomes",
    "partner.outcomes",
    "service-level.events",
    "partner.events.dead-letters",
    "internal.events.dead-letters",
    "internal.commands.dead-letters",
    "partner.commands.dead-letters",
    "internal.outcomes.dead-letters",
    "partner.outcomes.dead-letters",
    "service-level.events.dead-letters",
    "mapping.bundles",
];

pub enum Read {
    PartnerEvent(Box<Envelope<PartnerEvent>>),
    InternalEvent(Box<Envelope<InternalEvent>>),
    InternalCommand(Box<Envelope<InternalCommand>>),
    PartnerCommand(Box<Envelope<PartnerCommand>>),
    /// Of a command for this side.
    Outcome(Side, Box<Envelope<Outcome>>),
    ServiceLevel(Box<Envelope<ServiceLevelEvent>>),
    DeadLetter,
    /// A dead letter was sent back: its place.
    SentBack(Cause),
    Bundle(Box<BundleVersion>),
    /// A topic nobody here looks at.
    Nothing,
}

/// Fails with the schema to fetch, or for good; a dead letter is not decoded, for its bytes may be the reason.
pub fn read(codec: &Codec, found: &Record) -> Result<Read, DecodeError> {
    let topic = found.topic.as_str();
    if topic.ends_with(".dead-letters") {
        let resolved = found.header(redrive::RESOLVES).and_then(record::parse_cause);
        return Ok(resolved.map_or(Read::DeadLetter, Read::SentBack));
    }
    let bytes = &found.payload;
    Ok(match topic {
        "partner.events" => Read::PartnerEvent(Box::new(codec.decode(topic, bytes)?)),
        "internal.events" => Read::InternalEvent(Box::new(codec.decode(topic, bytes)?)),
        "internal.commands" => Read::InternalCommand(Box::new(codec.decode(topic, bytes)?)),
        "partner.commands" => Read::PartnerCommand(Box::new(codec.decode(topic, bytes)?)),
        "internal.outcomes" => Read::Outcome(Side::Internal, Box::new(codec.decode(topic, bytes)?)),
        "partner.outcomes" => Read::Outcome(Side::Partner, Box::new(codec.decode(topic, bytes)?)),
        "service-level.events" => Read::ServiceLevel(Box::new(codec.decode(topic, bytes)?)),
        "mapping.bundles" if bytes.is_empty() => Read::Nothing,
        "mapping.bundles" => Read::Bundle(Box::new(codec.decode(topic, bytes)?)),
        _ => Read::Nothing,
    })
}
