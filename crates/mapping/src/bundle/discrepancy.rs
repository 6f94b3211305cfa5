//! What a bundle says about discrepancies: the folder `discrepancy/`, and `[discrepancy]` in `bundle.toml`, without which
//! the link has none and every fact about one is held.

pub(crate) mod kinds;
pub(crate) mod links;

use super::codes::said_by_x;
use super::fields::{FieldIn, fields_in};
use super::rules::{OF_DISCREPANCIES, Rules};
use super::statuses::Statuses;
use super::{Route, route};
use crate::read::{Reader, Section};
use domain::discrepancy::{DECISIONS, REMEDIES};
use domain::{DiscrepancyStatus, PublicText};
use kinds::Kinds;
use links::Link;
use std::collections::BTreeMap;

const FILE: &str = "bundle.toml";

/// `[discrepancy]` in `bundle.toml`.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    /// A contest in this round or a later one goes to somebody above.
    pub(crate) rounds: i64,
    /// Days in which the partner may answer a proposal; 0 sets no limit.
    pub(crate) confirm_days: i64,
    /// The field of X that says that a discrepancy was escalated.
    pub(crate) escalation_field: String,
}

impl Terms {
    pub(crate) fn read(reader: &mut Reader<'_>, top: &mut Section) -> Option<Self> {
        let mut section = top.section(reader, "discrepancy")?;
        let mut number = |key: &str, least: i64, most: i64| {
            let (line, number) = section.required_integer(reader, key).unwrap_or((0, least));
            if !(least..=most).contains(&number) {
                let what = format!("`discrepancy.{key}` is not from {least} to {most}");
                reader.fault(FILE, line, what, "choose a number within");
            }
            number
        };
        let (rounds, confirm_days) = (number("rounds", 1, 20), number("confirm_days", 0, 365));
        let (line, escalation_field) = section.required_text(reader, "escalation_field").unwrap_or_default();
        if escalation_field.is_empty() {
            let mend = "name the field of the case system that escalations are written to";
            reader.fault(FILE, line, "`discrepancy.escalation_field` is empty", mend);
        }
        section.finish(reader, "rounds, confirm_days, escalation_field");
        Some(Self { rounds, confirm_days, escalation_field })
    }
}

/// What a discrepancy can give to a field of X, beside `ext.<name>`.
pub(crate) const SOURCES: [&str; 22] = [
    "case_id",
    "subject",
    "title",
    "description",
    "kind",
    "code",
    "site",
    "reported_by",
    "discovered_at",
    "documents",
    "lines",
    "shipment",
    "claim",
    "remedy_wanted",
    "dispute_deadline",
    "links",
    "contact",
    "language",
    "partner.id",
    "partner.name",
    "partner.duns",
    "partner.vendor_number",
];

/// The folder, checked.
#[derive(Clone, Debug)]
pub(crate) struct Discrepancies {
    pub(crate) terms: Terms,
    pub(crate) statuses: Statuses<DiscrepancyStatus>,
    pub(crate) routes: Rules<Route>,
    pub(crate) kinds: Kinds,
    /// X's words to ours; `None` is an explicit hold.
    pub(crate) decisions: BTreeMap<String, Option<PublicText>>,
    pub(crate) remedies: BTreeMap<String, Option<PublicText>>,
    pub(crate) fields: Vec<FieldIn>,
    pub(crate) links: Vec<Link>,
}

impl Discrepancies {
    /// `None` where the routes have no last line that fits everything: the triage queue.
    pub(crate) fn read(reader: &mut Reader<'_>, terms: Terms, known: (&[String], &[String])) -> Option<Self> {
        let columns = (OF_DISCREPANCIES, ["queue", "priority"].as_slice());
        let routes = Rules::read(reader, "discrepancy/routes.csv", columns, known, route);
        let found = Self {
            terms,
            statuses: Statuses::read(reader, "discrepancy/"),
            kinds: Kinds::read(reader),
            decisions: said_by_x(reader, "discrepancy/decisions.csv", "decision", &DECISIONS),
            remedies: said_by_x(reader, "discrepancy/remedies.csv", "remedy", &REMEDIES),
            fields: fields_in(reader, "discrepancy/fields-in.csv", &SOURCES),
            links: links::read(reader),
            routes: routes?,
        };
        Some(found)
    }
}
