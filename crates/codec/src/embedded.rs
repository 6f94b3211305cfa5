//! The contract this program was built with.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// One `.avsc` with the envelope inlined.
pub(crate) struct Source {
    /// Its folder in `schemas/`; topics name it.
    pub folder: &'static str,
    /// Full name of the record.
    pub name: &'static str,
    pub text: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// A source, ready to encode with.
pub(crate) struct Embedded {
    pub name: &'static str,
    pub text: &'static str,
    pub schema: serde_avro_fast::Schema,
    /// Audience of the payload's fields that carry one, by field name.
    pub audience: BTreeMap<String, domain::Visibility>,
}

/// By position in [`SOURCES`]. A schema that cannot be parsed is left out, and a test says that there is none.
pub(crate) static ALL: LazyLock<Vec<Embedded>> = LazyLock::new(|| {
    let parsed = SOURCES.iter().filter_map(|source| {
        let schema = source.text.parse().ok()?;
        let audience = audience(source.text);
        Some(Embedded { name: source.name, text: source.text, schema, audience })
    });
    parsed.collect()
});

static BY_NAME: LazyLock<BTreeMap<&'static str, usize>> =
    LazyLock::new(|| ALL.iter().enumerate().map(|(index, embedded)| (embedded.name, index)).collect());

/// Position of the record with this full name.
pub(crate) fn index_of(name: &str) -> Option<usize> {
    BY_NAME.get(name).copied()
}

pub(crate) fn audience(text: &str) -> BTreeMap<String, domain::Visibility> {
    let schema: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let fields = schema["fields"].as_array().into_iter().flatten();
    let payload =
        fields.filter(|field| field["name"] == "payload").flat_map(|field| field["type"]["fields"].as_array());
    payload
        .flatten()
        .filter_map(|field| {
            let audience = field["audience"].as_str()?;
            Some((field["name"].as_str()?.to_owned(), domain::Visibility::from_word(audience)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_is_a_schema_of_its_own_name() {
        assert_eq!(ALL.len(), SOURCES.len());
        assert_eq!(BY_NAME.len(), SOURCES.len());
        for source in SOURCES {
            let schema = apache_avro::Schema::parse_str(source.text).unwrap();
            assert_eq!(schema.name().unwrap().fullname(None), source.name);
        }
    }
}
