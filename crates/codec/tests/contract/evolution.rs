//! Records of other versions of their schema.

use crate::any::{Any, schema_of};
use crate::samples;
use apache_avro::types::Value as Avro;
use codec::{Codec, DecodeError};
use domain::{Envelope, InternalEvent, PartnerEvent, Visibility};
use serde_json::{Value, json};

const ID: u32 = 0xffff_fff0;

fn sample(name: &str) -> (Any, &'static str, &'static str) {
    let found = samples::all().into_iter().find(|sample| sample.name.ends_with(name)).unwrap();
    (found.record, found.topic, schema_of(found.topic, &found.name))
}

fn payload_fields(schema: &mut Value) -> &mut Vec<Value> {
    schema["fields"][1]["type"]["fields"].as_array_mut().unwrap()
}

/// The sample as somebody writes it whose schema was changed by `change`, and whose payload by `edit`.
fn written_by(
    name: &str,
    change: impl Fn(&mut Vec<Value>),
    edit: impl Fn(&mut Vec<(String, Avro)>),
) -> (Codec, &'static str, Vec<u8>, Any) {
    let (record, topic, text) = sample(name);
    let codec = Codec::offline();
    let mut frame = Vec::new();
    record.encode(&codec, topic, &mut frame).unwrap();
    let ours = apache_avro::Schema::parse_str(text).unwrap();
    let reader = apache_avro::reader::datum::GenericDatumReader::builder(&ours).build().unwrap();
    let mut value = reader.read_value(&mut &frame[5..]).unwrap();
    let Avro::Record(parts) = &mut value else { panic!() };
    let Avro::Record(payload) = &mut parts[1].1 else { panic!() };
    edit(payload);

    let mut schema: Value = serde_json::from_str(text).unwrap();
    change(payload_fields(&mut schema));
    let theirs = apache_avro::Schema::parse_str(&schema.to_string()).unwrap();
    let writer = apache_avro::writer::datum::GenericDatumWriter::builder(&theirs).build().unwrap();
    let mut bytes = vec![0];
    bytes.extend(ID.to_be_bytes());
    bytes.extend(writer.write_value_to_vec(value).unwrap());
    codec.learn(ID, &schema.to_string()).unwrap();
    (codec, topic, bytes, record)
}

#[test]
fn what_an_older_writer_did_not_know_is_at_its_default() {
    let late = ["contact", "transaction", "language"];
    let (codec, topic, bytes, record) = written_by(
        "events.issue.Opened",
        |fields| fields.retain(|field| !late.contains(&field["name"].as_str().unwrap())),
        |payload| payload.retain(|(name, _)| !late.contains(&name.as_str())),
    );
    let read: Envelope<PartnerEvent> = codec.decode(topic, &bytes).unwrap();
    let Any::PartnerEvent(mut expected) = record else { panic!() };
    let PartnerEvent::Issue(domain::issue::PartnerEvent::Opened(opened)) = &mut expected.payload else { panic!() };
    (opened.contact, opened.transaction, opened.language) = Default::default();
    assert_eq!(read, expected);
}

#[test]
fn what_a_newer_writer_adds_is_skipped_whatever_its_type() {
    let added = json!({
        "name": "added", "default": [], "doc": "From the future.",
        "type": {"type": "array", "items": {"type": "record", "name": "New", "fields": [
            {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"]}},
            {"name": "amount", "type": ["null", "double"], "default": null}
        ]}}
    });
    let item = Avro::Record(vec![
        ("kind".to_owned(), Avro::Enum(1, "B".to_owned())),
        ("amount".to_owned(), Avro::Union(1, Box::new(Avro::Double(1.5)))),
    ]);
    let (codec, topic, bytes, record) = written_by(
        "events.issue.CommentAdded",
        |fields| fields.insert(1, added.clone()),
        |payload| payload.insert(1, ("added".to_owned(), Avro::Array(vec![item.clone(), item.clone()]))),
    );
    assert_eq!(Any::decode(&codec, topic, &bytes).unwrap(), record);
}

#[test]
fn the_stricter_audience_of_writer_and_reader_holds() {
    let (codec, topic, bytes, _) = written_by(
        "issue.PublicCommentAdded",
        |fields| fields.iter_mut().filter(|f| f.get("audience").is_some()).for_each(|f| f["audience"] = json!("HOST")),
        |_| {},
    );
    let mut read: Envelope<InternalEvent> = codec.decode(topic, &bytes).unwrap();
    read.payload.each_mark(&mut |_, text| assert_eq!(text.visibility(), Visibility::Host));
}

#[test]
fn a_record_without_what_it_cannot_be_without_is_malformed_and_says_which() {
    let (codec, topic, bytes, _) = written_by(
        "events.issue.Opened",
        |fields| fields.retain(|field| field["name"] != "title"),
        |payload| payload.retain(|(name, _)| name != "title"),
    );
    let error = codec.decode::<Envelope<PartnerEvent>>(topic, &bytes).unwrap_err();
    assert!(matches!(&error, DecodeError::Malformed { .. }) && error.to_string().contains("`title`"), "{error}");
}
