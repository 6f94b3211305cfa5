use crate::Marked;
use crate::issue::{
    Assigned, Created, FieldChanged, InformationRequired, InternalNoteAdded, Merged, PriorityChanged,
    PublicCommentAdded, StatusChanged,
};
use serde::{Deserialize, Serialize};

/// Custom fields whose name begins so hold what one source inside says: `Finding ERP`, `Finding WMS`, `Finding POD`.
pub const FINDING: &str = "Finding ";

/// What a system of the house, or a person who looked there, says of the matter. Never leaves the house.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingRecorded {
    /// `ERP`, `WMS`, `TMS`, `POD`, as the field is called.
    pub source: String,
    #[serde(default)]
    pub text: Marked<String>,
}

/// What X says of the record of a discrepancy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InternalEvent {
    Created(Created),
    StatusChanged(StatusChanged),
    PublicCommentAdded(PublicCommentAdded),
    InformationRequired(InformationRequired),
    FindingRecorded(FindingRecorded),
    /// Agents go on in another ticket.
    Merged(Merged),
    InternalNoteAdded(InternalNoteAdded),
    Assigned(Assigned),
    PriorityChanged(PriorityChanged),
    FieldChanged(FieldChanged),
}
