//! Our statuses of a document as codes of UNTDID 1373, for partners whose systems speak it.

use crate::read::{Reader, Table, shown};
use domain::{DocumentStatus, PublicText};
use std::collections::BTreeMap;

#[expect(clippy::disallowed_methods, reason = "a standard's codes are public; this is the loader")]
fn public(code: &str) -> PublicText {
    PublicText::declared(code)
}

/// A status without a line has no code.
pub(crate) fn read(reader: &mut Reader<'_>) -> BTreeMap<&'static str, PublicText> {
    let (file, columns) = ("document/untdid-1373.csv", ["canonical", "code"]);
    let mut codes = BTreeMap::new();
    let Some(text) = reader.optional(file) else { return codes };
    let table = Table::parse(reader, file, text, &columns, &|_| false, "canonical,code");
    table.unique(reader, &|row| table.cell(row, "canonical").to_owned());
    for row in &table.rows {
        let [status, code] = columns.map(|column| table.cell(row, column));
        let Ok(known) = DocumentStatus::parse(status) else {
            let words = DocumentStatus::ALL.map(DocumentStatus::as_str).join(" ");
            reader.fault(file, row.line, format!("`{}` is no status", shown(status)), format!("known: {words}"));
            continue;
        };
        if code.is_empty() || !code.bytes().all(|b| b.is_ascii_digit()) {
            reader.fault(file, row.line, format!("`{}` is no code", shown(code)), "write the digits of UNTDID 1373");
        }
        codes.insert(known.as_str(), public(code));
    }
    codes
}
