//! Use case 4: what was ordered, advised, received, invoiced or promised differs; a partner raises it, the house
//! investigates and proposes an outcome line by line, the partner confirms or contests, in rounds.
//!
//! Events carry what their source said in the source's own values; code lists are strings, checked by the bundle.
//! Quantities and amounts are [`Decimal`]s. Line fields are named after UBL ReceiptLine and EANCOM QVR.

mod command;
mod internal;
mod status;

pub use command::*;
pub use internal::*;
pub use status::*;

use crate::issue::{CommentAdded, Contact, DocumentRef, Withdrawn};
use crate::{Decimal, Timestamp};
use serde::{Deserialize, Serialize};

/// What differs. A raw code of a standard is kept beside it, with the list it is from.
pub const KINDS: [&str; 15] = [
    "QTY_SHORT",
    "QTY_OVER",
    "DAMAGED",
    "QUALITY",
    "WRONG_ITEM",
    "NO_ASN",
    "NOT_RECEIVED",
    "LATE_DELIVERY",
    "PRICE",
    "TERMS",
    "DUPLICATE_INVOICE",
    "MISSING_REFERENCE",
    "ORDER_RESPONSE_MISMATCH",
    "PACKAGING",
    "OTHER",
];

/// Lists that raw codes come from: X12 data elements, EDIFACT data elements, Peppol Invoice Response (OPStatusReason).
pub const CODE_LISTS: [&str; 10] = [
    "X12-412",
    "X12-426",
    "X12-647",
    "X12-668",
    "X12-1651",
    "EDIFACT-4221",
    "EDIFACT-4465",
    "EDIFACT-4295",
    "EDIFACT-9013",
    "PEPPOL-OPSTATUSREASON",
];

/// What the house says of one line.
pub const DECISIONS: [&str; 3] = ["UPHELD", "PARTIAL", "DENIED"];

/// What makes good for it. The first six are Peppol's actions (CNF, CNP, CNA, NIN, PIN, NOA).
pub const REMEDIES: [&str; 12] = [
    "CREDIT_FULL",
    "CREDIT_PARTIAL",
    "CREDIT_AMOUNT",
    "NEW_INVOICE",
    "PROVIDE_INFO",
    "NONE",
    "RESHIP",
    "BACKORDER",
    "RETURN",
    "PRICE_UPDATE",
    "DATE_RECOMMIT",
    "CARRIER_CLAIM",
];

/// The line number that stands for the whole of a discrepancy that names no lines, such as a late shipment.
pub const WHOLE: &str = "*";

/// One line of what differs. Every quantity is in `uom`; what the partner does not know it leaves out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The partner's own number of the line; unique within the discrepancy.
    pub line_no: String,
    #[serde(default)]
    pub gtin: String,
    #[serde(default)]
    pub buyer_item: String,
    #[serde(default)]
    pub seller_item: String,
    #[serde(default)]
    pub description: String,
    /// UNECE Recommendation 20, or X12 355 as the origin wrote it.
    #[serde(default)]
    pub uom: String,
    #[serde(default)]
    pub ordered: Option<Decimal>,
    #[serde(default)]
    pub advised: Option<Decimal>,
    #[serde(default)]
    pub received: Option<Decimal>,
    #[serde(default)]
    pub accepted: Option<Decimal>,
    #[serde(default)]
    pub invoiced: Option<Decimal>,
    /// Signed: a shortfall is negative (EANCOM QVR).
    #[serde(default)]
    pub variance: Option<Decimal>,
    #[serde(default)]
    pub ordered_price: Option<Decimal>,
    #[serde(default)]
    pub invoiced_price: Option<Decimal>,
    /// ISO 4217, of both prices.
    #[serde(default)]
    pub currency: String,
    /// ISO 8601 calendar dates.
    #[serde(default)]
    pub promised_date: String,
    #[serde(default)]
    pub actual_date: String,
    /// Raw code of the condition and the list it is from (X12 412 of an RCD segment).
    #[serde(default)]
    pub condition_code: String,
    #[serde(default)]
    pub condition_list: String,
    #[serde(default)]
    pub lot: String,
    /// GS1 serial shipping container codes, 18 digits.
    #[serde(default)]
    pub ssccs: Vec<String>,
    /// ISO 8601 calendar date until which the partner may dispute the line.
    #[serde(default)]
    pub dispute_deadline: String,
}

/// Which shipment, and how late it is. Codes are X12 1650 and 1651 (EDIFACT 9013) as the origin wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// SCAC: 2 to 4 letters.
    #[serde(default)]
    pub carrier: String,
    #[serde(default)]
    pub tracking_numbers: Vec<String>,
    #[serde(default)]
    pub status_code: String,
    #[serde(default)]
    pub reason_code: String,
    #[serde(default)]
    pub planned_at: Option<Timestamp>,
    #[serde(default)]
    pub new_eta: Option<Timestamp>,
    #[serde(default)]
    pub location: String,
    /// `SHIPPER`, `CARRIER`, `CONSIGNEE`, `AUTHORITY` or `FORCE_MAJEURE`, as the partner sees it.
    #[serde(default)]
    pub responsible: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raised {
    pub title: String,
    #[serde(default)]
    pub description: String,
    /// One of [`KINDS`], or empty where only a code is given.
    #[serde(default)]
    pub kind: String,
    /// As the standard writes it, and one of [`CODE_LISTS`].
    #[serde(default)]
    pub code: String,
    #[serde(default)]
    pub code_list: String,
    /// UNTDID 3035 party role of the reporter, such as `BY` or `CN`.
    #[serde(default)]
    pub reported_by: String,
    #[serde(default)]
    pub discovered_at: Option<Timestamp>,
    /// Plant or distribution centre, in the partner's or the house's own key.
    #[serde(default)]
    pub site: String,
    #[serde(default)]
    pub documents: Vec<DocumentRef>,
    #[serde(default)]
    pub lines: Vec<Line>,
    #[serde(default)]
    pub shipment: Option<Shipment>,
    #[serde(default)]
    pub claim_amount: Option<Decimal>,
    /// ISO 4217.
    #[serde(default)]
    pub claim_currency: String,
    /// One of [`REMEDIES`], or empty.
    #[serde(default)]
    pub remedy_wanted: String,
    #[serde(default)]
    pub contact: Contact,
    #[serde(default)]
    pub language: String,
}

/// The partner corrected one line. All lines are there as they are now, so that nobody needs to know the earlier ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineCorrected {
    pub line_no: String,
    pub lines: Vec<Line>,
    #[serde(default)]
    pub reason: String,
}

/// What the partner has to show, in words and by reference; bytes of files are not carried.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceGiven {
    /// The community's key of it.
    pub note_id: String,
    pub author: String,
    pub text: String,
    #[serde(default)]
    pub documents: Vec<DocumentRef>,
}

/// What the partner says of one line of an outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineAnswer {
    pub line_no: String,
    #[serde(default)]
    pub agreed: bool,
    #[serde(default)]
    pub comment: String,
}

/// The partner's answer to a proposed outcome; to confirm is to agree to every line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeAnswer {
    pub outcome_version: String,
    /// 1 for the first proposal; each contest ends a round.
    pub round: i64,
    #[serde(default)]
    pub lines: Vec<LineAnswer>,
    #[serde(default)]
    pub comment: String,
    #[serde(default)]
    pub documents: Vec<DocumentRef>,
}

/// What the community says of a discrepancy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartnerEvent {
    Raised(Box<Raised>),
    LineCorrected(LineCorrected),
    CommentAdded(CommentAdded),
    EvidenceGiven(EvidenceGiven),
    OutcomeConfirmed(OutcomeAnswer),
    OutcomeContested(OutcomeAnswer),
    Withdrawn(Withdrawn),
}
