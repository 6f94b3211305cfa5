//! Both Avro engines must agree: the fast one carries the records, the other one is its check.

use crate::any::{Any, as_json, schema_of};
use crate::samples;
use codec::Codec;

#[test]
fn what_the_fast_engine_writes_the_other_one_reads_and_writes_alike() {
    let codec = Codec::offline();
    for sample in samples::all() {
        let mut frame = Vec::new();
        sample.record.encode(&codec, sample.topic, &mut frame).unwrap();
        let text = schema_of(sample.topic, &sample.name);
        let json = as_json(&frame, text);
        if json["meta"].is_object() {
            assert_eq!(json["meta"]["subject"], "case/tg-eu/C-1", "{}", sample.name);
            assert_eq!(json["meta"]["visibility"], "PARTNER");
        }

        let schema = apache_avro::Schema::parse_str(text).unwrap();
        let reader = apache_avro::reader::datum::GenericDatumReader::builder(&schema).build().unwrap();
        let value = reader.read_value(&mut &frame[5..]).unwrap();
        let writer = apache_avro::writer::datum::GenericDatumWriter::builder(&schema).build().unwrap();
        let mut theirs = frame[..5].to_vec();
        theirs.extend(writer.write_value_to_vec(value).unwrap());
        assert_eq!(theirs, frame, "{}: the engines write different bytes", sample.name);
        assert_eq!(Any::decode(&codec, sample.topic, &theirs).unwrap(), sample.record, "{}", sample.name);
    }
}

#[test]
fn every_default_is_one_that_the_other_engine_accepts() {
    for entry in codec::contract::subjects() {
        let schema = apache_avro::Schema::parse_str(entry.schema).unwrap();
        // A writer that knew no field at all: everything comes from the defaults.
        let name = entry.subject.strip_prefix(entry.topic).unwrap()[1..].to_owned();
        let (namespace, short) = name.rsplit_once('.').unwrap();
        let bare = format!(r#"{{"type":"record","name":"{short}","namespace":"{namespace}","fields":[]}}"#);
        let writer = apache_avro::Schema::parse_str(&bare).unwrap();
        let reader = apache_avro::reader::datum::GenericDatumReader::builder(&writer).reader_schema(&schema).build();
        let value = reader.unwrap().read_value(&mut [].as_slice());
        assert!(value.is_ok(), "{name}: {value:?}");
    }
}
