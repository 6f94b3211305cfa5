//! Raw codes of X12, EDIFACT and Peppol, and the kind each means on this link.

use crate::read::{Reader, Table, shown};
use domain::discrepancy::{CODE_LISTS, KINDS};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub(crate) struct Kinds(BTreeMap<(String, String), String>);

impl Kinds {
    /// The kind of a raw code; `None` for codes that nobody mapped and lists that nobody knows.
    pub(crate) fn of(&self, list: &str, code: &str) -> Option<&str> {
        self.0.get(&(list.to_owned(), code.to_owned())).map(String::as_str)
    }

    /// A code with several meanings is left out of the file: what it says then goes to triage.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Self {
        let (file, columns) = ("discrepancy/kinds.csv", ["list", "code", "kind"]);
        let mut kinds = Self::default();
        let Some(text) = reader.required(file, "add it with a line for every code that partners use") else {
            return kinds;
        };
        let table = Table::parse(reader, file, text, &columns, &|_| false, "list,code,kind");
        table.unique(reader, &|row| format!("{},{}", table.cell(row, "list"), table.cell(row, "code")));
        for row in &table.rows {
            let [list, code, kind] = columns.map(|column| table.cell(row, column));
            if !CODE_LISTS.contains(&list) {
                let what = format!("`{}` is not a code list", shown(list));
                reader.fault(file, row.line, what, format!("known: {}", CODE_LISTS.join(" ")));
            }
            if code.is_empty() {
                reader.fault(file, row.line, "the code is empty", "write it as the standard does");
            }
            if !KINDS.contains(&kind) {
                let what = format!("`{}` is not a kind of discrepancy", shown(kind));
                reader.fault(file, row.line, what, format!("known: {}", KINDS.join(" ")));
            }
            kinds.0.insert((list.to_owned(), code.to_owned()), kind.to_owned());
        }
        kinds
    }
}
