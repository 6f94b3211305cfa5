//! Which schemas we let near a decoder. The registry is trusted to be honest, not to be right: a schema decides how
//! long a decoder loops and how deep it recurses.

use serde_json::Value;
use std::collections::BTreeMap;

/// Characters of a schema's text at most.
const MAX_TEXT: usize = 1 << 18;
/// Nesting of types at most.
const MAX_DEPTH: usize = 16;
/// Fields at most, with every mention of a named record counted as a copy of it.
const MAX_FIELDS: usize = 2_000;

/// What is wrong with a schema for our purposes; `None` where nothing is.
pub(crate) fn mistake(text: &str) -> Option<String> {
    if text.len() > MAX_TEXT {
        return Some(format!("longer than {MAX_TEXT} characters"));
    }
    // serde_json itself refuses more than 128 levels.
    let Ok(schema) = serde_json::from_str::<Value>(text) else { return Some("not JSON".to_owned()) };
    let mut walk = Walk { known: BTreeMap::new(), open: Vec::new(), fields: 0 };
    if schema["type"] != "record" {
        return Some("not a record".to_owned());
    }
    walk.visit(&schema, "", 0).err()
}

/// Bytes that a datum of the type takes at least, and its fields with copies.
#[derive(Clone, Copy)]
struct Size {
    bytes: usize,
    fields: usize,
}

struct Walk {
    known: BTreeMap<String, Size>,
    open: Vec<String>,
    fields: usize,
}

impl Walk {
    fn visit(&mut self, schema: &Value, namespace: &str, depth: usize) -> Result<Size, String> {
        if depth > MAX_DEPTH {
            return Err(format!("nested deeper than {MAX_DEPTH}"));
        }
        match schema {
            Value::String(name) => self.named(name, namespace),
            Value::Array(branches) => {
                let mut fields = 0;
                for branch in branches {
                    fields += self.visit(branch, namespace, depth + 1)?.fields;
                }
                Ok(Size { bytes: 1, fields })
            }
            Value::Object(_) => self.complex(schema, namespace, depth),
            Value::Null | Value::Bool(_) | Value::Number(_) => {
                Err("a type is neither name, list nor object".to_owned())
            }
        }
    }

    fn named(&mut self, name: &str, namespace: &str) -> Result<Size, String> {
        match name {
            "null" => return Ok(Size { bytes: 0, fields: 0 }),
            "boolean" | "int" | "long" | "string" | "bytes" => return Ok(Size { bytes: 1, fields: 0 }),
            "float" => return Ok(Size { bytes: 4, fields: 0 }),
            "double" => return Ok(Size { bytes: 8, fields: 0 }),
            _ => {}
        }
        let full = full_name(name, namespace);
        if self.open.contains(&full) {
            return Err("recursive".to_owned());
        }
        let size = *self.known.get(&full).ok_or("names an unknown type")?;
        self.count(size.fields)?;
        Ok(size)
    }

    fn complex(&mut self, schema: &Value, namespace: &str, depth: usize) -> Result<Size, String> {
        let kind = schema["type"].as_str().unwrap_or_default();
        match kind {
            "array" => {
                let items = self.visit(&schema["items"], namespace, depth + 1)?;
                if items.bytes == 0 {
                    return Err("an array's items take no bytes".to_owned());
                }
                Ok(Size { bytes: 1, fields: items.fields })
            }
            "map" => Ok(Size { bytes: 1, fields: self.visit(&schema["values"], namespace, depth + 1)?.fields }),
            "record" | "enum" | "fixed" => {
                let inner = schema["namespace"].as_str().unwrap_or(namespace);
                let full = full_name(schema["name"].as_str().ok_or("a type has no name")?, inner);
                let inner = full.rsplit_once('.').map_or("", |(namespace, _)| namespace).to_owned();
                self.open.push(full.clone());
                let mut size = Size { bytes: usize::from(kind == "enum"), fields: 0 };
                if kind == "fixed" {
                    size.bytes = schema["size"].as_u64().and_then(|n| n.try_into().ok()).unwrap_or(0);
                }
                for field in schema["fields"].as_array().into_iter().flatten() {
                    let of_field = self.visit(&field["type"], &inner, depth + 1)?;
                    size.bytes = size.bytes.saturating_add(of_field.bytes);
                    size.fields = size.fields.saturating_add(of_field.fields + 1);
                    self.count(1)?;
                }
                self.open.pop();
                self.known.insert(full, size);
                Ok(size)
            }
            _ => self.visit(&schema["type"], namespace, depth + 1),
        }
    }

    fn count(&mut self, fields: usize) -> Result<(), String> {
        self.fields = self.fields.saturating_add(fields);
        if self.fields > MAX_FIELDS { Err(format!("more than {MAX_FIELDS} fields")) } else { Ok(()) }
    }
}

fn full_name(name: &str, namespace: &str) -> String {
    if name.contains('.') || namespace.is_empty() { name.to_owned() } else { format!("{namespace}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(fields: &str) -> String {
        format!(r#"{{"type":"record","name":"a.R","fields":[{fields}]}}"#)
    }

    #[test]
    fn every_embedded_schema_passes() {
        for source in crate::embedded::SOURCES {
            assert_eq!(mistake(source.text), None, "{}", source.name);
        }
    }

    #[test]
    fn schemas_that_make_a_decoder_loop_or_recurse_are_refused() {
        let recursive = record(r#"{"name":"x","type":["null","R"]}"#);
        let empty_items = record(r#"{"name":"x","type":{"type":"array","items":"null"}}"#);
        let empty_records =
            record(r#"{"name":"x","type":{"type":"array","items":{"type":"record","name":"E","fields":[]}}}"#);
        let deep = record(&format!(
            r#"{{"name":"x","type":{}"string"{}}}"#,
            r#"{"type":"array","items":"#.repeat(40),
            "}".repeat(40)
        ));
        let mut doubling =
            String::from(r#"{"name":"f0","type":{"type":"record","name":"T0","fields":[{"name":"a","type":"int"}]}}"#);
        for n in 1..20 {
            let last = n - 1;
            doubling.push_str(&format!(
                r#",{{"name":"f{n}","type":{{"type":"record","name":"T{n}","fields":[{{"name":"a","type":"T{last}"}},{{"name":"b","type":"T{last}"}}]}}}}"#
            ));
        }
        for (schema, word) in [
            (recursive, "recursive"),
            (empty_items, "no bytes"),
            (empty_records, "no bytes"),
            (deep, "deeper"),
            (record(&doubling), "fields"),
            ("\"string\"".to_owned(), "not a record"),
            ("{".to_owned(), "not JSON"),
        ] {
            let found = mistake(&schema).unwrap_or_default();
            assert!(found.contains(word), "{found:?} for {word}");
        }
    }
}
