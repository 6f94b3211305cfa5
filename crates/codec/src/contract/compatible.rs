//! FULL_TRANSITIVE, judged by ourselves as well: a registry may be set up with less, and one we know starts with none.

use apache_avro::Schema;
use apache_avro::schema_compatibility::{Compatibility, SchemaCompatibility};
use serde_json::Value;

/// Why `ours` and a registered version cannot both be read by readers of the other; `None` where they can.
pub(super) fn problem(ours: &str, theirs: &str) -> Option<String> {
    let (Ok(a), Ok(b)) = (Schema::parse_str(ours), Schema::parse_str(theirs)) else {
        return Some("not an Avro schema".to_owned());
    };
    match SchemaCompatibility::mutual_read(&a, &b) {
        Ok(Compatibility::Full) => {}
        Ok(Compatibility::Partial) => return Some("some values cannot be read".to_owned()),
        Err(error) => return Some(error.to_string()),
    }
    let (Ok(ours), Ok(theirs)) = (serde_json::from_str(ours), serde_json::from_str(theirs)) else {
        return Some("not JSON".to_owned());
    };
    gone("", &theirs, &ours)
}

/// Our readers let the writer's schema drive and take missing fields from serde's defaults, so a field that was once
/// written is never taken away: a reader of an older version may require it.
fn gone(path: &str, old: &Value, new: &Value) -> Option<String> {
    if let (Value::Array(old), Value::Array(new)) = (old, new) {
        return old.iter().zip(new).find_map(|(old, new)| gone(path, old, new));
    }
    for inner in ["type", "items", "values"] {
        if (old[inner].is_object() || old[inner].is_array())
            && let Some(problem) = gone(path, &old[inner], &new[inner])
        {
            return Some(problem);
        }
    }
    old["fields"].as_array().into_iter().flatten().find_map(|field| {
        let path = format!("{path}/{}", field["name"].as_str().unwrap_or_default());
        match new["fields"].as_array().into_iter().flatten().find(|candidate| candidate["name"] == field["name"]) {
            Some(kept) => gone(&path, field, kept),
            None => Some(format!("field {path} is gone")),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(fields: &str) -> String {
        format!(r#"{{"type":"record","name":"a.R","fields":[{{"name":"x","type":"string","default":""}}{fields}]}}"#)
    }

    #[test]
    fn a_field_with_a_default_may_come() {
        let new = record(r#",{"name":"y","type":["null","string"],"default":null}"#);
        assert_eq!(problem(&new, &record("")), None);
        assert_eq!(problem(&new, &new), None);
    }

    #[test]
    fn what_either_side_could_not_read_is_named() {
        let no_default = record(r#",{"name":"y","type":"string"}"#);
        assert!(problem(&no_default, &record("")).is_some());
        let long = record(r#",{"name":"y","type":"long","default":0}"#);
        let text = record(r#",{"name":"y","type":"string","default":""}"#);
        assert!(problem(&long, &text).is_some());
        assert_eq!(problem(&record(""), &text), Some("field /y is gone".to_owned()));
        let nested = |inner: &str| {
            record(&format!(
                r#",{{"name":"n","type":["null",{{"type":"record","name":"N","fields":[{inner}]}}],"default":null}}"#
            ))
        };
        let before = nested(r#"{"name":"z","type":"string","default":""}"#);
        assert_eq!(problem(&nested(""), &before), Some("field /n/z is gone".to_owned()));
    }
}
