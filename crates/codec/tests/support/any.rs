//! Any record of the contract, for tests that go over all of them.

use codec::{Codec, DecodeError, EncodeError};
use domain::{
    BundleVersion, CursorRecord, Envelope, InternalCommand, InternalEvent, Meta, Outcome, PartnerCommand, PartnerEvent,
    ServiceLevelEvent,
};

#[derive(Clone, Debug, PartialEq)]
pub enum Any {
    PartnerEvent(Envelope<PartnerEvent>),
    InternalEvent(Envelope<InternalEvent>),
    InternalCommand(Envelope<InternalCommand>),
    PartnerCommand(Envelope<PartnerCommand>),
    Outcome(Envelope<Outcome>),
    ServiceLevel(Envelope<ServiceLevelEvent>),
    Cursor(CursorRecord),
    Bundle(BundleVersion),
}

impl Any {
    pub fn decode(codec: &Codec, topic: &str, bytes: &[u8]) -> Result<Self, DecodeError> {
        Ok(match topic {
            "partner.events" => Self::PartnerEvent(codec.decode(topic, bytes)?),
            "internal.events" => Self::InternalEvent(codec.decode(topic, bytes)?),
            "internal.commands" => Self::InternalCommand(codec.decode(topic, bytes)?),
            "partner.commands" => Self::PartnerCommand(codec.decode(topic, bytes)?),
            "internal.outcomes" | "partner.outcomes" => Self::Outcome(codec.decode(topic, bytes)?),
            "service-level.events" => Self::ServiceLevel(codec.decode(topic, bytes)?),
            "ingest.cursors" => Self::Cursor(codec.decode(topic, bytes)?),
            "mapping.bundles" => Self::Bundle(codec.decode(topic, bytes)?),
            other => panic!("no records on {other}"),
        })
    }

    pub fn encode(&self, codec: &Codec, topic: &str, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match self {
            Self::PartnerEvent(record) => codec.encode(topic, record, out),
            Self::InternalEvent(record) => codec.encode(topic, record, out),
            Self::InternalCommand(record) => codec.encode(topic, record, out),
            Self::PartnerCommand(record) => codec.encode(topic, record, out),
            Self::Outcome(record) => codec.encode(topic, record, out),
            Self::ServiceLevel(record) => codec.encode(topic, record, out),
            Self::Cursor(record) => codec.encode(topic, record, out),
            Self::Bundle(record) => codec.encode(topic, record, out),
        }
    }

    #[allow(dead_code)]
    pub fn meta_mut(&mut self) -> Option<&mut Meta> {
        match self {
            Self::PartnerEvent(record) => Some(&mut record.meta),
            Self::InternalEvent(record) => Some(&mut record.meta),
            Self::InternalCommand(record) => Some(&mut record.meta),
            Self::PartnerCommand(record) => Some(&mut record.meta),
            Self::Outcome(record) => Some(&mut record.meta),
            Self::ServiceLevel(record) => Some(&mut record.meta),
            Self::Cursor(_) | Self::Bundle(_) => None,
        }
    }

    /// Who may see each marked text.
    #[allow(dead_code)]
    pub fn marks(&self) -> Vec<(String, &'static str)> {
        let mut marks = Vec::new();
        match self {
            Self::InternalEvent(record) => record.payload.clone().each_mark(&mut |field, text| {
                marks.push((field.to_owned(), text.visibility().as_str()));
            }),
            Self::Outcome(Envelope { payload: Outcome::Done(done), .. }) => {
                marks.push(("reference".to_owned(), done.reference.visibility().as_str()));
            }
            Self::PartnerEvent(_)
            | Self::InternalCommand(_)
            | Self::PartnerCommand(_)
            | Self::Outcome(_)
            | Self::ServiceLevel(_)
            | Self::Cursor(_)
            | Self::Bundle(_) => {}
        }
        marks
    }
}

/// The schema text of the record with this full name, and the bare datum as the other engine reads it.
#[allow(dead_code)]
pub fn as_json(frame: &[u8], schema: &str) -> serde_json::Value {
    let schema = apache_avro::Schema::parse_str(schema).expect("a schema");
    let reader = apache_avro::reader::datum::GenericDatumReader::builder(&schema).build().expect("a reader");
    let mut datum = &frame[5..];
    let value = reader.read_value(&mut datum).expect("a datum");
    assert!(datum.is_empty(), "the other engine left bytes behind");
    value.try_into().expect("JSON")
}

#[allow(dead_code)]
pub fn schema_of(topic: &str, record: &str) -> &'static str {
    let subject = format!("{topic}-{record}");
    let found = codec::contract::subjects().into_iter().find(|entry| entry.subject == subject);
    found.unwrap_or_else(|| panic!("no subject {subject}")).schema
}
