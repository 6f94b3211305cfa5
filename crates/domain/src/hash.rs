use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// SHA-256 (FIPS 180-4) of the canonical form of a payload, in lower-case hex.
///
/// Canonical: JSON with sorted keys, without members that hold a default (`null`, `""`, `[]`, `{}`), so that a schema
/// that gains a field changes no hash. Schemas use no other defaults for that reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct ContentHash(String);

impl ContentHash {
    /// Without `only_if`: it says when a command counts, not what it does. A bundle that learns another status changes
    /// the conditions of commands that were obeyed long ago, and is no reason to obey them again.
    pub fn of<T: Serialize>(payload: &T) -> Self {
        // Serialising our own data structures to a value cannot fail: no maps with other than text keys.
        let mut value = serde_json::to_value(payload).unwrap_or_default();
        if let Some(map) = value.as_object_mut() {
            map.remove("only_if");
        }
        let mut text = String::new();
        write_canonical(&value, &mut text);
        Self::of_bytes(text.as_bytes())
    }

    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_default(value: &serde_json::Value) -> bool {
    use serde_json::Value;
    match value {
        Value::Null => true,
        Value::String(s) => s.is_empty(),
        Value::Array(a) => a.is_empty(),
        Value::Object(o) => o.values().all(is_default),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn write_canonical(value: &serde_json::Value, out: &mut String) {
    use serde_json::Value;
    match value {
        Value::Object(members) => {
            // serde_json's map is sorted unless its `preserve_order` feature is on somewhere in the build.
            let mut members: Vec<_> = members.iter().filter(|(_, v)| !is_default(v)).collect();
            members.sort_by_key(|(name, _)| *name);
            out.push('{');
            for (name, member) in members {
                out.push_str(&Value::String(name.clone()).to_string());
                out.push(':');
                write_canonical(member, out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                write_canonical(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => out.push_str(&value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_field_at_its_default_does_not_change_the_hash_and_a_value_does() {
        let old = ContentHash::of(&json!({"b": 1, "a": "x"}));
        assert_eq!(old, ContentHash::of(&json!({"a": "x", "b": 1, "new": null, "list": [], "map": {"x": ""}})));
        assert_ne!(old, ContentHash::of(&json!({"a": "x", "b": 2})));
    }

    #[test]
    fn a_condition_is_not_content() {
        let under = |statuses: &[&str]| json!({"to": "cancelled", "only_if": {"field": "status", "one_of": statuses}});
        let plain = ContentHash::of(&json!({"to": "cancelled"}));
        assert_eq!(ContentHash::of(&under(&["open"])), plain);
        assert_eq!(ContentHash::of(&under(&["open", "vendor-check"])), plain);
    }
}
