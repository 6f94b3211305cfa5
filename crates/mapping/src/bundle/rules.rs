//! Tables of conditions: the first line that fits decides, and the last line fits everything.

use super::codes::{CATEGORY, SEVERITY};
use crate::read::{Reader, Row, Table, shown};
use domain::Decimal;
use domain::discrepancy::{KINDS, REMEDIES};

/// Columns that a condition on a case may be about; beside them `ext.<name>`, an extra field of the origin.
pub(crate) const OF_CASES: &[&str] =
    &["category", "sub_category", "severity", "partner", "group", "environment", "language"];

/// As above, of a discrepancy. `document_type` fits where any of its documents is of the type.
pub(crate) const OF_DISCREPANCIES: &[&str] = &[
    "kind",
    "document_type",
    "site",
    "amount",
    "currency",
    "remedy",
    "carrier",
    "partner",
    "group",
    "environment",
    "language",
];

/// As above, of a document. `type` is its code, `reference` fits where any of its references has the code, `case` says
/// whether it names one, `restricted` whether its type is.
pub(crate) const OF_DOCUMENTS: &[&str] =
    &["type", "restricted", "reference", "case", "partner", "group", "environment", "language"];

/// As above, of the file of a version; `ending` is what stands behind the last dot of its name, in lower case, `size` in
/// bytes.
pub(crate) const OF_FILES: &[&str] =
    &["type", "media_type", "ending", "size", "version", "partner", "group", "environment"];

/// A decimal in millionths: conditions on numbers are exact, never floating point.
type Number = i128;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    OneOf(Vec<String>),
    /// Both ends included.
    Range(Option<Number>, Option<Number>),
}

#[derive(Clone, Debug)]
struct Rule<T> {
    when: Vec<(String, Test)>,
    then: T,
}

/// Total by construction: without a catch-all line there is no table.
#[derive(Clone, Debug)]
pub(crate) struct Rules<T> {
    rules: Vec<Rule<T>>,
    otherwise: T,
}

fn number(text: &str) -> Option<Number> {
    Some(Decimal::new(text).ok()?.millionths())
}

impl Test {
    fn holds(&self, value: &str) -> bool {
        match self {
            Self::OneOf(values) => values.iter().any(|v| v == value),
            Self::Range(from, to) => {
                number(value).is_some_and(|n| from.is_none_or(|from| from <= n) && to.is_none_or(|to| n <= to))
            }
        }
    }
}

impl<T> Rules<T> {
    /// `value` gives a field's value, empty where the fact has none.
    pub(crate) fn first<'v>(&self, value: impl Fn(&str) -> &'v str) -> &T {
        self.first_of(|field| vec![value(field)])
    }

    /// `values` gives all that a field holds; a condition holds where one of them fits.
    pub(crate) fn first_of<'v>(&self, values: impl Fn(&str) -> Vec<&'v str>) -> &T {
        let holds = |(field, test): &(String, Test)| values(field).into_iter().any(|value| test.holds(value));
        self.rules.iter().find(|rule| rule.when.iter().all(holds)).map_or(&self.otherwise, |rule| &rule.then)
    }

    /// Reads a table whose result columns are `results`; `None` where it has no catch-all or no readable line.
    pub(crate) fn read(
        reader: &mut Reader<'_>,
        file: &str,
        (fields, results): (&[&str], &[&str]),
        groups_and_partners: (&[String], &[String]),
        then: impl Fn(&mut Reader<'_>, &Table, &Row) -> Option<T>,
    ) -> Option<Self> {
        let text = reader.required(file, "add it, with a last line of `*` in every condition")?;
        let may = |c: &str| fields.contains(&c) || c.strip_prefix("ext.").is_some_and(|name| !name.is_empty());
        let known = format!("{}, ext.<name>; results: {}", fields.join(", "), results.join(", "));
        let table = Table::parse(reader, file, text, results, &may, &known);
        let conditions: Vec<_> = table.columns.iter().filter(|c| !results.contains(&c.as_str())).cloned().collect();
        let mut rules = Vec::new();
        let mut otherwise: Option<(usize, T)> = None;
        for row in &table.rows {
            if let Some((line, _)) = &otherwise {
                let what = format!("never reached: line {line} fits everything");
                reader.fault(file, row.line, what, "move it above that line");
            }
            let mut when = Vec::new();
            for field in &conditions {
                let cell = table.cell(row, field);
                when.extend(test(reader, file, row.line, field, cell, groups_and_partners).map(|t| (field.clone(), t)));
            }
            let catches_all = conditions.iter().all(|field| matches!(table.cell(row, field), "" | "*"));
            let Some(then) = then(reader, &table, row) else { continue };
            if catches_all && otherwise.is_none() {
                otherwise = Some((row.line, then));
            } else {
                rules.push(Rule { when, then });
            }
        }
        if otherwise.is_none() {
            reader.fault(file, 0, "no last line that fits everything", "add a last line with `*` in every condition");
        }
        otherwise.map(|(_, otherwise)| Self { rules, otherwise })
    }
}

fn test(
    reader: &mut Reader<'_>,
    file: &str,
    line: usize,
    field: &str,
    cell: &str,
    (groups, partners): (&[String], &[String]),
) -> Option<Test> {
    if cell.is_empty() || cell == "*" {
        return None;
    }
    if let Some((from, to)) = cell.split_once("..") {
        let end = |text: &str| if text.trim().is_empty() { Some(None) } else { number(text.trim()).map(Some) };
        return match (end(from), end(to)) {
            (Some(None), Some(None)) | (None, _) | (_, None) => {
                let mend = "write 10..20, 10.. or ..20, with at most 6 decimals";
                reader.fault(file, line, format!("`{}` is not a range of numbers", shown(cell)), mend);
                None
            }
            (Some(from), Some(to)) => {
                if let (Some(low), Some(high)) = (from, to)
                    && low > high
                {
                    reader.fault(file, line, format!("`{}` fits nothing", shown(cell)), "put the smaller number first");
                }
                Some(Test::Range(from, to))
            }
        };
    }
    let values: Vec<String> = cell.split('|').map(|v| v.trim().to_owned()).collect();
    for value in &values {
        let known: Vec<&str> = match field {
            "category" => CATEGORY.to_vec(),
            "severity" => SEVERITY.to_vec(),
            "kind" => KINDS.to_vec(),
            "remedy" => REMEDIES.to_vec(),
            "environment" => vec!["T", "P"],
            "restricted" | "case" => vec!["true", "false"],
            "group" => groups.iter().map(String::as_str).collect(),
            "partner" => partners.iter().map(String::as_str).collect(),
            _ => continue,
        };
        if !known.contains(&value.as_str()) {
            let what = format!("`{}` is not a known {field}", shown(value));
            let known: Vec<_> = known.into_iter().take(20).collect();
            reader.fault(file, line, what, format!("known: {}", known.join(" ")));
        }
    }
    Some(Test::OneOf(values))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_exactly_and_nonsense_fits_no_range() {
        let range = Test::Range(number("10"), number("20.5"));
        for (text, fits) in [("10", true), ("20.500000", true), ("20.51", false), ("9.999999", false), ("1e1", false)] {
            assert_eq!(range.holds(text), fits, "{text}");
        }
        assert!(Test::Range(number("-3"), None).holds("-2.5"));
        assert!(number("9999999999999999999").is_none() && number("").is_none() && number("-").is_none());
    }
}
