//! What a bundle says about documents: the folder `document/`, and `[document]` in `bundle.toml`, without which the link
//! has none and every fact about one is held.

pub(crate) mod bridge;
pub(crate) mod types;

use super::codes::said_by_x;
use super::fields::{FieldIn, fields_in};
use super::rules::{OF_DOCUMENTS, OF_FILES, Rules};
use super::statuses::Statuses;
use super::{Route, route};
use crate::read::{Reader, Row, Section, Table, shown};
use domain::document::DECISIONS;
use domain::{DocumentStatus, PublicText};
use std::collections::BTreeMap;
use types::Types;

const FILE: &str = "bundle.toml";

/// Why a rule does not let a file in; each has a text for its uploader.
pub(crate) const REFUSALS: [&str; 5] = ["type-blocked", "oversize", "empty", "bad-name", "too-many"];

/// `[document]` in `bundle.toml`.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    /// The field of X that holds list and code of a document's type: by it the way out knows what is restricted.
    pub(crate) type_field: String,
}

impl Terms {
    pub(crate) fn read(reader: &mut Reader<'_>, top: &mut Section) -> Option<Self> {
        let mut section = top.section(reader, "document")?;
        let (line, type_field) = section.required_text(reader, "type_field").unwrap_or_default();
        if type_field.is_empty() {
            let mend = "name the field of the case system that `type` of document/fields-in.csv goes to";
            reader.fault(FILE, line, "`document.type_field` is empty", mend);
        }
        section.finish(reader, "type_field");
        Some(Self { type_field })
    }
}

/// What a document can give to a field of X, beside `ext.<name>`.
pub(crate) const SOURCES: [&str; 25] = [
    "document_id",
    "subject",
    "title",
    "description",
    "type",
    "type_name",
    "order",
    "invoice",
    "shipment",
    "references",
    "version",
    "valid_from",
    "valid_to",
    "file",
    "file_name",
    "file_hash",
    "case",
    "contact",
    "language",
    "restricted",
    "partner.id",
    "partner.name",
    "partner.group",
    "partner.duns",
    "partner.vendor_number",
];

/// Whether a file is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Take,
    /// One of [`REFUSALS`].
    Refuse(String),
}

/// The folder, checked.
#[derive(Clone, Debug)]
pub(crate) struct Documents {
    pub(crate) terms: Terms,
    pub(crate) statuses: Statuses<DocumentStatus>,
    pub(crate) routes: Rules<Route>,
    pub(crate) files: Rules<Verdict>,
    pub(crate) types: Types,
    /// X's words to ours; `None` is an explicit hold.
    pub(crate) decisions: BTreeMap<String, Option<PublicText>>,
    /// Our statuses to UNTDID 1373.
    pub(crate) codes: BTreeMap<&'static str, PublicText>,
    pub(crate) fields: Vec<FieldIn>,
}

impl Documents {
    /// `None` where routes or file rules have no last line that fits everything.
    pub(crate) fn read(reader: &mut Reader<'_>, terms: Terms, known: (&[String], &[String])) -> Option<Self> {
        let columns = (OF_DOCUMENTS, ["queue", "priority"].as_slice());
        let routes = Rules::read(reader, "document/routes.csv", columns, known, route);
        let files = Rules::read(reader, "document/files.csv", (OF_FILES, &["verdict"]), known, verdict);
        let fields = fields_in(reader, "document/fields-in.csv", &SOURCES);
        if !fields.iter().any(|field| field.source == "type" && field.internal == terms.type_field) {
            let what = format!("`type` does not go to `{}`", shown(&terms.type_field));
            let mend = format!("add `type,{}`: what is restricted is known by it", shown(&terms.type_field));
            reader.fault("document/fields-in.csv", 0, what, mend);
        }
        let found = Self {
            terms,
            statuses: Statuses::read(reader, "document/"),
            types: Types::read(reader),
            decisions: said_by_x(reader, "document/decisions.csv", "decision", &DECISIONS),
            codes: bridge::read(reader),
            fields,
            routes: routes?,
            files: files?,
        };
        Some(found)
    }
}

fn verdict(reader: &mut Reader<'_>, table: &Table, row: &Row) -> Option<Verdict> {
    match table.cell(row, "verdict") {
        "take" => Some(Verdict::Take),
        word if REFUSALS.contains(&word) => Some(Verdict::Refuse(word.to_owned())),
        other => {
            let what = format!("`{}` is not a verdict", shown(other));
            reader.fault(&table.file, row.line, what, format!("write take or one of {}", REFUSALS.join(" ")));
            None
        }
    }
}
