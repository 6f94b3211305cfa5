//! Records that could not go on.

use super::entry::{MAX_LINE, Place, bounded};
use runtime::tail::Record;
use runtime::{dead_letter, record};
use serde::Serialize;

/// Open dead letters that are shown; the oldest are left out and counted.
pub const MAX_LETTERS: usize = 1_000;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Letter {
    pub place: Place,
    pub at: i64,
    pub class: String,
    pub reason: String,
    /// The role that gave it up.
    pub service: String,
    pub subject: String,
    #[serde(rename = "type")]
    pub record_type: String,
    /// The id of the record itself, by its header.
    pub id: String,
    pub redrives: u32,
    pub bundle_version: i64,
    /// Where it stood when it failed.
    pub stood: Option<Place>,
}

impl Letter {
    pub fn of(found: &Record, place: Place) -> Self {
        let text = |name| bounded(found.header(name).unwrap_or_default(), MAX_LINE);
        Self {
            at: found.written_ms.unwrap_or_default(),
            class: text(dead_letter::CLASS),
            reason: text(dead_letter::REASON),
            service: text(dead_letter::SERVICE),
            subject: bounded(&String::from_utf8_lossy(&found.key), MAX_LINE),
            record_type: text(record::CE_TYPE),
            id: text("ce_id"),
            redrives: text(record::REDRIVES).parse().unwrap_or(0),
            bundle_version: text(dead_letter::MAPPING_VERSION).parse().unwrap_or(0),
            stood: found.header(dead_letter::PLACE).and_then(record::parse_cause).as_ref().map(Place::from),
            place,
        }
    }
}
