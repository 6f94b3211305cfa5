//! The types of documents that this link knows: UNTDID 1001 and own codes.

use crate::read::{Reader, Table, shown};
use domain::PublicText;
use domain::document::TYPE_LISTS;
use std::collections::BTreeMap;

/// A type by its raw code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Type {
    pub(crate) list: &'static str,
    pub(crate) code: String,
    /// For agents.
    pub(crate) name: String,
    /// Bank and tax forms: what they are called and hold is for the contact who gave them, and for those who must.
    pub(crate) restricted: bool,
    /// The code, for partners.
    pub(crate) public: PublicText,
}

#[expect(clippy::disallowed_methods, reason = "a list's codes are public; this is the loader")]
fn public(code: &str) -> PublicText {
    PublicText::declared(code)
}

impl Type {
    /// List and code, as X keeps them: `UNTDID-1001 380`.
    pub(crate) fn key(&self) -> String {
        format!("{} {}", self.list, self.code)
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Types(BTreeMap<(&'static str, String), Type>);

impl Types {
    /// The type of a raw code. A code without a list is of the first list that has it.
    pub(crate) fn of(&self, list: &str, code: &str) -> Option<&Type> {
        TYPE_LISTS
            .into_iter()
            .filter(|known| list.is_empty() || list == *known)
            .find_map(|known| self.0.get(&(known, code.to_owned())))
    }

    /// Whether X's value of the type says a restricted one. What nobody knows is kept as if it were.
    pub(crate) fn is_restricted(&self, key: &str) -> bool {
        let found = key.trim().split_once(' ').and_then(|(list, code)| self.of(list, code));
        found.is_none_or(|kind| kind.restricted)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Self {
        let (file, columns) = ("document/types.csv", ["list", "code", "name", "restricted"]);
        let mut types = Self::default();
        let Some(text) = reader.required(file, "add it with a line for every type that partners share") else {
            return types;
        };
        let table = Table::parse(reader, file, text, &columns, &|_| false, "list,code,name,restricted");
        table.unique(reader, &|row| format!("{},{}", table.cell(row, "list"), table.cell(row, "code")));
        for row in &table.rows {
            let [list, code, name, restricted] = columns.map(|column| table.cell(row, column));
            let Some(list) = TYPE_LISTS.into_iter().find(|known| *known == list) else {
                let what = format!("`{}` is not a list of types", shown(list));
                reader.fault(file, row.line, what, format!("known: {}", TYPE_LISTS.join(" ")));
                continue;
            };
            if code.is_empty() || code.contains(char::is_whitespace) || name.is_empty() {
                reader.fault(file, row.line, "the code or the name is empty, or the code has blanks", "write both");
            }
            if !matches!(restricted, "true" | "false") {
                let what = format!("restricted is `{}`", shown(restricted));
                reader.fault(file, row.line, what, "write true for bank and tax forms, false for others");
            }
            let restricted = restricted != "false";
            let kind = Type { list, code: code.to_owned(), name: name.to_owned(), restricted, public: public(code) };
            types.0.insert((list, code.to_owned()), kind);
        }
        types
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_knows_is_restricted_on_its_way_out() {
        let kind = |code: &str, restricted| Type {
            list: "OWN",
            code: code.to_owned(),
            name: String::new(),
            restricted,
            public: public(code),
        };
        let rows = [kind("POD", false), kind("W9", true)];
        let types = Types(rows.into_iter().map(|kind| ((kind.list, kind.code.clone()), kind)).collect());
        assert!(!types.is_restricted("OWN POD"));
        for key in ["OWN W9", "OWN ???", "UNTDID-1001 POD", "POD", ""] {
            assert!(types.is_restricted(key), "{key}");
        }
        assert_eq!(types.of("", "W9").map(Type::key).as_deref(), Some("OWN W9"));
        assert_eq!(types.of("OTHER", "W9"), None);
    }
}
