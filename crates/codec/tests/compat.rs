//! Any record ever written stays readable: `tests/compat/<record>/v<n>.*` at the root of the workspace.
//!
//! `v1.avsc` is the schema it was written with, `v1.bin` the datum, `v1.expected.json` what today's code must read from
//! it. Fields that came later may appear beside what is expected, at their defaults only. `UPDATE=1` writes files for
//! schemas that have none yet, or whose newest has another schema than today's; it never rewrites one.

// Helpers here are called from tests only.
#![allow(clippy::unwrap_used)]

#[path = "support/any.rs"]
mod any;
#[path = "support/samples.rs"]
mod samples;

use any::{Any, as_json, schema_of};
use codec::Codec;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/compat")
}

/// Versions there are, oldest first.
fn versions(folder: &Path) -> Vec<u32> {
    let mut found: Vec<u32> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_prefix('v')?.strip_suffix(".bin")?.parse().ok())
        .collect();
    found.sort_unstable();
    found
}

fn file(folder: &Path, version: u32, ending: &str) -> PathBuf {
    folder.join(format!("v{version}.{ending}"))
}

/// A better word about a field is no new version.
fn without_docs(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(members) => {
            members.remove("doc");
            members.values_mut().for_each(|member| *member = without_docs(member.take()));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = without_docs(item.take())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    schema
}

/// What today's code makes of a datum: the record written anew and read by the other engine, and who may see what.
fn today(codec: &Codec, topic: &str, name: &str, frame: &[u8]) -> Value {
    let record = Any::decode(codec, topic, frame).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut again = Vec::new();
    record.encode(codec, topic, &mut again).unwrap();
    let marks: serde_json::Map<String, Value> =
        record.marks().into_iter().map(|(field, mark)| (field, json!(mark))).collect();
    json!({ "record": as_json(&again, schema_of(topic, name)), "visible": marks })
}

fn is_default(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(yes) => !yes,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_default),
    }
}

/// Everything expected is there, and what is more is at its default.
fn covers(path: &str, expected: &Value, actual: &Value) {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            for (name, value) in expected {
                covers(&format!("{path}/{name}"), value, actual.get(name).unwrap_or(&Value::Null));
            }
            for (name, value) in actual.iter().filter(|(name, _)| !expected.contains_key(*name)) {
                assert!(is_default(value), "{path}/{name} is new and not at its default");
            }
        }
        (Value::Array(expected), Value::Array(actual)) => {
            assert_eq!(expected.len(), actual.len(), "{path}");
            expected.iter().zip(actual).for_each(|(expected, actual)| covers(path, expected, actual));
        }
        (expected, actual) => assert_eq!(expected, actual, "{path}"),
    }
}

fn pretty(value: &Value) -> String {
    format!("{}\n", serde_json::to_string_pretty(value).unwrap())
}

#[test]
fn every_record_ever_written_is_read_by_todays_code() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut read = 0;
    for sample in samples::all() {
        let folder = root().join(&sample.name);
        let schema: Value = serde_json::from_str(schema_of(sample.topic, &sample.name)).unwrap();
        let newest = versions(&folder).last().copied();
        let same = newest.is_some_and(|newest| {
            let text = fs::read_to_string(file(&folder, newest, "avsc")).unwrap();
            without_docs(serde_json::from_str(&text).unwrap()) == without_docs(schema.clone())
        });
        if update && !same {
            let codec = Codec::offline();
            let mut frame = Vec::new();
            sample.record.encode(&codec, sample.topic, &mut frame).unwrap();
            let version = newest.unwrap_or(0) + 1;
            fs::create_dir_all(&folder).unwrap();
            fs::write(file(&folder, version, "bin"), &frame[5..]).unwrap();
            fs::write(file(&folder, version, "avsc"), pretty(&schema)).unwrap();
            let expected = today(&codec, sample.topic, &sample.name, &frame);
            fs::write(file(&folder, version, "expected.json"), pretty(&expected)).unwrap();
        }
        assert!(
            update || same,
            "{}: the schema changed; UPDATE=1 records a new version beside the old ones",
            sample.name
        );
        for version in versions(&folder) {
            let codec = Codec::offline();
            codec.learn(u32::MAX, &fs::read_to_string(file(&folder, version, "avsc")).unwrap()).unwrap();
            let frame =
                [&[0, 0xff, 0xff, 0xff, 0xff], fs::read(file(&folder, version, "bin")).unwrap().as_slice()].concat();
            let expected = fs::read_to_string(file(&folder, version, "expected.json")).unwrap();
            let actual = today(&codec, sample.topic, &sample.name, &frame);
            covers(&format!("{} v{version}", sample.name), &serde_json::from_str(&expected).unwrap(), &actual);
            read += 1;
        }
    }
    let folders = fs::read_dir(root()).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir()).count();
    assert_eq!(folders, samples::all().len(), "a folder of a record that no sample names is never read");
    assert!(read >= folders);
}
