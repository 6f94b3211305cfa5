use super::SharedOutward;
use crate::Marked;
use crate::issue::{
    Assigned, Created, FieldChanged, InformationRequired, InternalNoteAdded, Merged, PriorityChanged,
    PublicCommentAdded, StatusChanged,
};
use serde::{Deserialize, Serialize};

/// The custom field by which a reviewer decides, in one write that names the version:
///
/// ```text
/// version=2 decision=CORRECTION_REQUIRED reason=REF comment="the order number is missing"
/// term=BT-13 value=4500001
/// ```
pub const DECISION: &str = "TG Decision";

/// A reviewer decided about one version, as it is written in X; the bundle grants the text and knows its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewDecided {
    #[serde(default)]
    pub decision: Marked<String>,
}

/// A version's last day comes near, or has passed: told by who owns time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expiry {
    /// Of the version that is valid now.
    pub version_no: i64,
    /// ISO 8601 calendar date, the last day.
    pub valid_to: String,
    /// Whole days until the last day; below 0 once it has passed.
    #[serde(default)]
    pub days_left: i64,
}

/// What X says of the record of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InternalEvent {
    Created(Created),
    StatusChanged(StatusChanged),
    PublicCommentAdded(PublicCommentAdded),
    /// A question in words; only a review makes the document wait for a correction.
    InformationRequired(InformationRequired),
    ReviewDecided(ReviewDecided),
    /// A document of the house's own goes to its partner, see [`super::outward`].
    SharedOutward(SharedOutward),
    Expiring(Expiry),
    Expired(Expiry),
    /// Agents go on in another ticket.
    Merged(Merged),
    InternalNoteAdded(InternalNoteAdded),
    Assigned(Assigned),
    PriorityChanged(PriorityChanged),
    FieldChanged(FieldChanged),
}
