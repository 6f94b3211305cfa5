//! Rules that every schema keeps, so that it can change for ever without breaking a reader or a hash.

use crate::any::Any;
use crate::samples;
use codec::contract;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn schemas() -> Vec<(String, &'static str, Value)> {
    let of = |entry: contract::SubjectSchema| {
        (entry.subject, entry.topic, serde_json::from_str(entry.schema).expect("JSON"))
    };
    contract::subjects().into_iter().map(of).collect()
}

/// Every field of every record in it, with the record's name.
fn fields<'a>(schema: &'a Value, found: &mut Vec<(&'a str, &'a Value)>) {
    match schema {
        Value::Array(branches) => branches.iter().for_each(|branch| fields(branch, found)),
        Value::Object(_) => {
            for field in schema["fields"].as_array().into_iter().flatten() {
                found.push((schema["name"].as_str().unwrap_or_default(), field));
                fields(&field["type"], found);
            }
            for inner in ["type", "items", "values"] {
                fields(&schema[inner], found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_field_has_a_doc_and_a_default_that_changes_no_hash() {
    for (subject, _, schema) in schemas() {
        let mut all = Vec::new();
        fields(&schema, &mut all);
        assert!(!all.is_empty());
        for (record, field) in all {
            let place = format!("{subject}: {record}.{}", field["name"]);
            assert!(field["doc"].as_str().is_some_and(|doc| doc.len() > 5), "{place} has no doc");
            let default = field.get("default").unwrap_or_else(|| panic!("{place} has no default"));
            let neutral = [json!(null), json!(""), json!([]), json!({}), json!(0), json!(false)];
            assert!(neutral.contains(default), "{place} has default {default}");
            if let Some(branches) = field["type"].as_array() {
                assert_eq!((branches.len(), &branches[0]), (2, &json!("null")), "{place}: only `null or one type`");
                assert_eq!(default, &json!(null), "{place}");
            }
        }
    }
}

#[test]
fn no_schema_holds_an_enum_a_fixed_or_a_recursion() {
    fn walk(schema: &Value, open: &mut Vec<String>, subject: &str) {
        match schema {
            Value::String(name) => {
                let short = name.rsplit('.').next().unwrap_or(name);
                assert!(!open.iter().any(|outer| outer == short), "{subject}: {name} holds itself");
            }
            Value::Array(branches) => branches.iter().for_each(|branch| walk(branch, open, subject)),
            Value::Object(_) => {
                let kind = schema["type"].as_str().unwrap_or_default();
                assert!(!["enum", "fixed"].contains(&kind), "{subject}: code lists are strings");
                open.extend(schema["name"].as_str().map(str::to_owned));
                schema["fields"].as_array().into_iter().flatten().for_each(|field| walk(&field["type"], open, subject));
                if schema["name"].is_string() {
                    open.pop();
                }
                ["items", "values"].iter().for_each(|inner| walk(&schema[inner], open, subject));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    for (subject, _, schema) in schemas() {
        walk(&schema, &mut Vec::new(), &subject);
    }
}

#[test]
fn every_namespace_says_topic_and_use_case() {
    for (subject, topic, schema) in schemas() {
        let name = format!("{}.{}", schema["namespace"].as_str().unwrap(), schema["name"].as_str().unwrap());
        assert_eq!(subject, format!("{topic}-{name}"));
        // A hyphen is no letter of an Avro name.
        let folder = if topic.ends_with(".outcomes") { "outcomes".to_owned() } else { topic.replace('-', "_") };
        assert!(name.starts_with(&format!("causeway.{folder}.")), "{name} on {topic}");
    }
}

#[test]
fn a_text_has_an_audience_exactly_where_the_type_marks_it() {
    for sample in samples::all() {
        let Any::InternalEvent(event) = &sample.record else { continue };
        let mut marked = BTreeSet::new();
        event.payload.clone().each_mark(&mut |field, _| {
            marked.insert(field.to_owned());
        });
        let (_, _, schema) =
            schemas().into_iter().find(|(subject, ..)| subject.ends_with(&format!("-{}", sample.name))).unwrap();
        let payload = schema["fields"].as_array().unwrap().iter().find(|field| field["name"] == "payload").unwrap();
        let with_audience: BTreeSet<String> = payload["type"]["fields"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|field| field.get("audience").is_some())
            .map(|field| field["name"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(with_audience, marked, "{}", sample.name);
    }
}

#[test]
fn an_audience_is_partner_or_host_and_what_is_internal_by_nature_is_host() {
    let mut seen = 0;
    for (subject, _, schema) in schemas() {
        let mut all = Vec::new();
        fields(&schema, &mut all);
        for (record, field) in all {
            let Some(audience) = field.get("audience") else { continue };
            seen += 1;
            assert!([json!("PARTNER"), json!("HOST")].contains(audience), "{subject}: {record}.{}", field["name"]);
            let inside = record.starts_with("InternalNote") || record.starts_with("FieldChanged");
            if inside || subject.contains("causeway.outcomes.") || field["name"] == "ext" {
                assert_eq!(audience, &json!("HOST"), "{subject}: {record}.{}", field["name"]);
            }
        }
    }
    assert!(seen > 40, "{seen} audiences");
}
