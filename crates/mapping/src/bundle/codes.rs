//! Code lists: our own codes on one side, X's values on the other.

use crate::read::{Reader, Table, shown};
use domain::PublicText;
use std::collections::{BTreeMap, BTreeSet};

/// TMF621 `severity`: the partner's claim.
pub(crate) const SEVERITY: [&str; 3] = ["CRITICAL", "MAJOR", "MINOR"];
pub(crate) const CATEGORY: [&str; 9] =
    ["ORDER", "SHIPMENT", "INVOICE", "PAYMENT", "EDI_TECHNICAL", "MASTER_DATA", "COMPLIANCE", "ACCESS", "OTHER"];
pub(crate) const RESOLUTION: [&str; 11] = [
    "FIXED",
    "WORKAROUND",
    "DATA_CORRECTED",
    "CREDIT_ISSUED",
    "RESHIPPED",
    "NO_FAULT_FOUND",
    "PARTNER_ERROR",
    "THIRD_PARTY_ERROR",
    "DUPLICATE",
    "NOT_IN_SCOPE",
    "WITHDRAWN",
];

/// In a cell: every fact with this code waits for a person.
pub(crate) const HOLD: &str = "hold";
/// In a cell: there is no such thing on the other side; nothing is set.
pub(crate) const NONE: &str = "-";

/// What X makes of one of our codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Value(String),
    /// X has no word for it: the field stays empty.
    Nothing,
    Hold,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Codes {
    pub(crate) severity: BTreeMap<String, Target>,
    pub(crate) category: BTreeMap<String, Target>,
    /// By category and code.
    pub(crate) sub_category: BTreeMap<(String, String), Target>,
    /// X's value to our code; `None` is an explicit hold.
    pub(crate) resolution: BTreeMap<String, Option<PublicText>>,
}

fn target(cell: &str) -> Target {
    match cell {
        HOLD => Target::Hold,
        NONE => Target::Nothing,
        value => Target::Value(value.to_owned()),
    }
}

impl Codes {
    /// Codes of ours that partners read.
    pub(crate) fn said(&self) -> impl Iterator<Item = &str> {
        self.resolution.values().flatten().map(PublicText::as_str)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            severity: list(reader, "codes/severity.csv", &SEVERITY),
            category: list(reader, "codes/category.csv", &CATEGORY),
            sub_category: sub_categories(reader),
            resolution: said_by_x(reader, "codes/resolution.csv", "resolution code", &RESOLUTION),
        }
    }
}

fn none(_: &str) -> bool {
    false
}

fn filled(reader: &mut Reader<'_>, table: &Table, line: usize, cell: &str) {
    if cell.is_empty() {
        reader.fault(&table.file, line, "an empty cell", "write the value, `-` for none, or `hold`");
    }
}

/// A list of ours: every code needs a line.
fn list(reader: &mut Reader<'_>, file: &str, ours: &[&str]) -> BTreeMap<String, Target> {
    let mut out = BTreeMap::new();
    let Some(text) = reader.required(file, "add it with a line for every code") else { return out };
    let table = Table::parse(reader, file, text, &["code", "internal"], &none, "code,internal");
    table.unique(reader, &|row| table.cell(row, "code").to_owned());
    for row in &table.rows {
        let (code, internal) = (table.cell(row, "code"), table.cell(row, "internal"));
        filled(reader, &table, row.line, internal);
        if ours.contains(&code) {
            out.insert(code.to_owned(), target(internal));
        } else {
            let what = format!("`{}` is not a code of this list", shown(code));
            reader.fault(file, row.line, what, format!("codes: {}", ours.join(" ")));
        }
    }
    for code in ours.iter().filter(|code| !out.contains_key(**code)) {
        let what = format!("code `{code}` has no line");
        reader.fault(file, 0, what, format!("add `{code},<value of the case system>`, `{code},-` or `{code},hold`"));
    }
    out
}

fn sub_categories(reader: &mut Reader<'_>) -> BTreeMap<(String, String), Target> {
    let (file, columns) = ("codes/sub_category.csv", ["category", "code", "internal"]);
    let mut out = BTreeMap::new();
    let Some(text) = reader.optional(file) else { return out };
    let table = Table::parse(reader, file, text, &columns, &none, "category,code,internal");
    table.unique(reader, &|row| format!("{},{}", table.cell(row, "category"), table.cell(row, "code")));
    for row in &table.rows {
        let [category, code, internal] = columns.map(|c| table.cell(row, c));
        filled(reader, &table, row.line, code);
        filled(reader, &table, row.line, internal);
        if !CATEGORY.contains(&category) {
            let what = format!("`{}` is not a category", shown(category));
            reader.fault(file, row.line, what, format!("categories: {}", CATEGORY.join(" ")));
        }
        out.insert((category.to_owned(), code.to_owned()), target(internal));
    }
    out
}

#[expect(clippy::disallowed_methods, reason = "our own codes are public by definition; this is the loader")]
fn public(code: &str) -> PublicText {
    PublicText::declared(code)
}

/// X's values to our codes; a code that X never says is listed as `-,<code>`.
pub(crate) fn said_by_x(
    reader: &mut Reader<'_>,
    file: &str,
    what: &str,
    ours: &[&str],
) -> BTreeMap<String, Option<PublicText>> {
    let (mut out, mut named) = (BTreeMap::new(), BTreeSet::new());
    let Some(text) = reader.required(file, &format!("add it with a line for every {what}")) else { return out };
    let table = Table::parse(reader, file, text, &["internal", "code"], &none, "internal,code");
    table.unique(reader, &|row| match table.cell(row, "internal") {
        NONE => format!("{NONE},{}", table.cell(row, "code")),
        value => value.to_owned(),
    });
    for row in &table.rows {
        let (internal, code) = (table.cell(row, "internal"), table.cell(row, "code"));
        filled(reader, &table, row.line, internal);
        if !ours.contains(&code) && (code != HOLD || internal == NONE) {
            let fault = format!("`{}` is not a {what}", shown(code));
            reader.fault(file, row.line, fault, format!("codes: {} or hold", ours.join(" ")));
            continue;
        }
        named.insert(code.to_owned());
        if internal != NONE {
            out.insert(internal.to_owned(), (code != HOLD).then(|| public(code)));
        }
    }
    for code in ours.iter().filter(|code| !named.contains(**code)) {
        let fault = format!("{what} `{code}` has no line");
        reader.fault(
            file,
            0,
            fault,
            format!("add `<value of the case system>,{code}`, or `-,{code}` if it never says so"),
        );
    }
    out
}
