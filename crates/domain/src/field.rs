//! Who decides about a field of a case. No field is settled by "last writer wins".

use serde::{Deserialize, Serialize};

/// The side whose word counts. A write by the other side becomes a suggestion that an agent sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Master {
    Partner,
    Internal,
}

/// Fields of a case that a partner can change after opening it, with their built-in masters. A bundle may hand a
/// partner's field to the internal side (narrower), never the reverse.
pub const CASE_FIELDS: [(&str, Master); 9] = [
    ("title", Master::Internal),
    ("description", Master::Partner),
    ("severity", Master::Partner),
    ("category", Master::Internal),
    ("sub_category", Master::Internal),
    ("contact", Master::Partner),
    ("requested_resolution_at", Master::Partner),
    ("documents", Master::Partner),
    ("priority", Master::Internal),
];

/// `None` for a field nobody has heard of.
pub fn master_of(field: &str) -> Option<Master> {
    CASE_FIELDS.iter().find(|(name, _)| *name == field).map(|(_, master)| *master)
}
