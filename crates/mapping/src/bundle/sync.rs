//! `[sync]`: a field of the case system that tells agents how far the partner's side has followed.

use crate::read::{Reader, Section};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sync {
    pub(crate) field: String,
    /// What it says when the community holds what agents did last.
    pub(crate) delivered: String,
    /// While it is tried again.
    pub(crate) waiting: String,
    /// When a person must act; `{reason}` is filled in.
    pub(crate) held: String,
}

impl Sync {
    pub(crate) fn read(reader: &mut Reader<'_>, top: &mut Section) -> Option<Self> {
        let mut section = top.section(reader, "sync")?;
        let field = section.required_text(reader, "field").map(|(_, text)| text).unwrap_or_default();
        let mut word =
            |key: &str, missing: &str| section.text(reader, key).map_or_else(|| missing.to_owned(), |(_, text)| text);
        let (delivered, waiting) = (word("delivered", "delivered"), word("waiting", "waiting"));
        let held = word("held", "not delivered: {reason}");
        section.finish(reader, "field, delivered, waiting, held");
        Some(Self { field, delivered, waiting, held })
    }
}
