//! Use case 2: documents that partners share (invoices, packing lists, proofs of delivery, compliance forms) are linked
//! to records in X, reviewed there version by version, and documents of the house are shared with exactly one partner.
//!
//! Events carry what their source said in the source's own values; code lists are strings, checked by the bundle. Bytes
//! are never here: a version holds the claim check of its file.

mod command;
mod internal;
pub mod outward;
mod status;

pub use command::*;
pub use internal::*;
pub use outward::{Publish, PublishVersion, SharedOutward};
pub use status::*;

use crate::FileClaim;
use crate::issue::{CommentAdded, Contact, DocumentRef, Withdrawn};
use serde::{Deserialize, Serialize};

/// Lists that type codes come from. A code without a list is of the first.
pub const TYPE_LISTS: [&str; 2] = ["UNTDID-1001", "OWN"];

/// Beside a command and in its outcomes, see `Meta::ext`: the number of the version that it is about.
pub const ABOUT_VERSION: &str = "about.version";

/// As [`ABOUT_VERSION`]: the last day that a review gave to the version; absent where it gave none.
pub const ABOUT_VALID_TO: &str = "about.valid-to";

/// What a review can say of one version.
pub const DECISIONS: [&str; 4] = ["APPROVED", "CONDITIONAL", "REJECTED", "CORRECTION_REQUIRED"];

/// What a document's reference is a number of: what people search by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    Order,
    Invoice,
    Shipment,
    Other,
}

impl Reference {
    /// By UNTDID 1001 (documents) or 1153 (qualifiers of references). Total: any other code is [`Self::Other`].
    pub fn of_code(code: &str) -> Self {
        match code.trim() {
            "220" | "221" | "226" | "230" | "231" | "ON" | "PO" | "CO" | "VN" => Self::Order,
            "380" | "381" | "383" | "384" | "386" | "389" | "IV" | "OI" => Self::Invoice,
            "270" | "271" | "351" | "632" | "703" | "705" | "730" | "740" | "741" | "AAK" | "AWB" | "BM" | "BN"
            | "CN" | "DQ" | "PK" | "SI" | "SRN" => Self::Shipment,
            _ => Self::Other,
        }
    }
}

/// A partner shares a document: its first version. The title and the name of the file are the partner's words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedDocument {
    pub title: String,
    #[serde(default)]
    pub description: String,
    /// UNTDID 1001 code, or an own word such as `POD`, as the origin wrote it.
    pub type_code: String,
    /// One of [`TYPE_LISTS`] or another list's name; empty for the first.
    #[serde(default)]
    pub type_list: String,
    /// Numbers of orders, invoices, shipments that it belongs to.
    #[serde(default)]
    pub references: Vec<DocumentRef>,
    /// The community's id of the case that it belongs to; empty where it names none.
    #[serde(default)]
    pub case_id: String,
    pub file: FileClaim,
    /// ISO 8601 calendar dates between which it is valid; empty where it does not expire.
    #[serde(default)]
    pub valid_from: String,
    #[serde(default)]
    pub valid_to: String,
    #[serde(default)]
    pub contact: Contact,
    #[serde(default)]
    pub language: String,
}

/// The partner replaced a document by a newer version, after a correction, as a renewal or by itself. What the first
/// version said of its type is said again, so that nobody needs to know the earlier ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionAdded {
    /// Counts from 1, the first.
    pub version_no: i64,
    pub type_code: String,
    #[serde(default)]
    pub type_list: String,
    #[serde(default)]
    pub references: Vec<DocumentRef>,
    pub file: FileClaim,
    /// Hash of the bytes of the version before it: the same bytes again are no news.
    #[serde(default)]
    pub prior_sha256: String,
    #[serde(default)]
    pub change_note: String,
    #[serde(default)]
    pub valid_from: String,
    #[serde(default)]
    pub valid_to: String,
}

/// What the community says of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartnerEvent {
    Shared(Box<SharedDocument>),
    VersionAdded(VersionAdded),
    CommentAdded(CommentAdded),
    Withdrawn(Withdrawn),
}

#[cfg(test)]
mod tests {
    use super::Reference;

    #[test]
    fn a_reference_is_told_by_its_code_and_an_unknown_one_is_other() {
        for (code, is) in [
            ("220", Reference::Order),
            ("ON", Reference::Order),
            ("380", Reference::Invoice),
            (" 351 ", Reference::Shipment),
            ("999", Reference::Other),
            ("", Reference::Other),
        ] {
            assert_eq!(Reference::of_code(code), is, "{code}");
        }
    }
}
