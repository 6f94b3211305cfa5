//! Bytes that nobody of us wrote: an error each time, never a panic, never a long while, never much memory.

use crate::any::Any;
use crate::samples;
use codec::{Codec, DecodeError};
use domain::{CursorRecord, Envelope, Outcome, PartnerEvent};
use proptest::prelude::*;
use std::sync::LazyLock;

static CODEC: LazyLock<Codec> = LazyLock::new(Codec::offline);

static FRAMES: LazyLock<Vec<(&'static str, Vec<u8>)>> = LazyLock::new(|| {
    let frame = |sample: samples::Sample| {
        let mut bytes = Vec::new();
        sample.record.encode(&CODEC, sample.topic, &mut bytes).unwrap();
        (sample.topic, bytes)
    };
    samples::all().into_iter().map(frame).collect()
});

fn frame_of(topic: &str, nth: usize) -> Vec<u8> {
    FRAMES.iter().filter(|(t, _)| *t == topic).nth(nth).unwrap().1.clone()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn random_bytes_behind_any_schema_never_panic(which in 0usize..44, datum in prop::collection::vec(any::<u8>(), 0..400)) {
        let (topic, frame) = &FRAMES[which % FRAMES.len()];
        let bytes = [&frame[..5], &datum].concat();
        let _ = Any::decode(&CODEC, topic, &bytes);
    }

    #[test]
    fn mutated_records_never_panic_and_what_is_accepted_can_be_written_again(
        which in 0usize..44, flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let (topic, frame) = &FRAMES[which % FRAMES.len()];
        let mut bytes = frame.clone();
        for (at, byte) in flips {
            let at = 5 + at.index(bytes.len() - 5);
            bytes[at] = byte;
        }
        if let Ok(record) = Any::decode(&CODEC, topic, &bytes) {
            let mut again = Vec::new();
            record.encode(&CODEC, topic, &mut again).unwrap();
            prop_assert_eq!(Any::decode(&CODEC, topic, &again).unwrap(), record);
        }
    }
}

#[test]
fn every_truncation_and_every_extra_byte_is_refused() {
    for (topic, frame) in FRAMES.iter() {
        for end in 0..frame.len() {
            assert!(Any::decode(&CODEC, topic, &frame[..end]).is_err(), "{topic} cut at {end}");
        }
        let longer = [frame.as_slice(), &[0]].concat();
        let read = Any::decode(&CODEC, topic, &longer);
        assert!(matches!(read, Err(DecodeError::Malformed { .. })), "{topic}: {read:?}");
    }
}

#[test]
fn an_unknown_schema_asks_to_be_fetched() {
    let read = CODEC.decode::<CursorRecord>("ingest.cursors", &[0, 0x80, 0, 0, 1, 0]);
    assert_eq!(read.unwrap_err().missing_schema(), Some(0x8000_0001));
}

#[test]
fn counts_and_lengths_that_promise_gigabytes_cost_nothing() {
    let head = &frame_of("ingest.cursors", 0)[..5];
    let huge = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    let many = [0x80, 0x80, 0x80, 0x80, 0x08];
    for datum in [
        huge.to_vec(),
        [&[0][..], &many].concat(),
        [&[0][..], &huge].concat(),
        // A block of negative count with a size that lies.
        vec![0, 0x01, 0xfe, 0xff, 0xff, 0xff, 0x0f],
        vec![0xff; 300],
    ] {
        let bytes = [head, &datum].concat();
        let read = CODEC.decode::<CursorRecord>("ingest.cursors", &bytes);
        assert!(matches!(read, Err(DecodeError::Malformed { .. })), "{read:?}");
    }
}

#[test]
fn more_items_than_allowed_are_refused_even_where_they_are_there() {
    let held = |n: usize| {
        let key = domain::HeldKey { entity: domain::NativeId::new("9").unwrap(), change: "1".to_owned() };
        let mut bytes = Vec::new();
        CODEC
            .encode("ingest.cursors", &CursorRecord { cursor: String::new(), held: vec![key; n] }, &mut bytes)
            .unwrap();
        CODEC.decode::<CursorRecord>("ingest.cursors", &bytes)
    };
    assert_eq!(held(10_000).unwrap().held.len(), 10_000);
    assert!(matches!(held(10_001), Err(DecodeError::Malformed { .. })));
}

#[test]
fn numbers_outside_their_range_are_refused_and_not_narrowed() {
    for (name, field) in [("Intent", "attempt"), ("Parked", "attempts")] {
        let sample = samples::all().into_iter().find(|s| s.name.ends_with(&format!(".{name}"))).unwrap();
        let text = crate::any::schema_of(sample.topic, &sample.name);
        let schema = apache_avro::Schema::parse_str(text).unwrap();
        let frame = FRAMES[samples::all().iter().position(|s| s.name == sample.name).unwrap()].1.clone();
        let reader = apache_avro::reader::datum::GenericDatumReader::builder(&schema).build().unwrap();
        for bad in [i64::from(i32::MAX) + 1, -1, i64::from(u32::MAX) + 2] {
            let mut value = reader.read_value(&mut &frame[5..]).unwrap();
            let apache_avro::types::Value::Record(parts) = &mut value else { panic!() };
            let apache_avro::types::Value::Record(payload) = &mut parts[1].1 else { panic!() };
            payload.iter_mut().find(|(n, _)| n == field).unwrap().1 = apache_avro::types::Value::Long(bad);
            let writer = apache_avro::writer::datum::GenericDatumWriter::builder(&schema).build().unwrap();
            let bytes = [&frame[..5], &writer.write_value_to_vec(value).unwrap()].concat();
            let read = CODEC.decode::<Envelope<Outcome>>(sample.topic, &bytes);
            assert!(matches!(read, Err(DecodeError::Malformed { .. })), "{name} {bad}: {read:?}");
        }
    }
}

#[test]
fn a_reason_names_no_value_of_the_record() {
    let mut bytes = frame_of("partner.events", 1);
    let at = bytes.windows(4).position(|w| w == b"case").unwrap();
    bytes[at..at + 4].copy_from_slice(b"CANA");
    let error = CODEC.decode::<Envelope<PartnerEvent>>("partner.events", &bytes).unwrap_err();
    assert!(
        matches!(error, DecodeError::Malformed { .. }) && !format!("{error:?} {error}").contains("CANA"),
        "{error}"
    );
}
