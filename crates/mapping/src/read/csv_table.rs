use super::{Reader, shown};

/// A CSV file: a header line, then rows; `#` begins a comment line, blanks around cells do not count.
pub(crate) struct Table {
    pub(crate) file: String,
    pub(crate) columns: Vec<String>,
    header_line: usize,
    pub(crate) rows: Vec<Row>,
}

pub(crate) struct Row {
    pub(crate) line: usize,
    cells: Vec<String>,
}

impl Row {
    /// By index into [`Table::columns`]; a missing cell is empty.
    pub(crate) fn at(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

impl Table {
    /// Reads the file; `needed` columns must be there, others only where `may` allows them.
    pub(crate) fn parse(
        reader: &mut Reader<'_>,
        file: &str,
        text: &str,
        needed: &[&str],
        may: &dyn Fn(&str) -> bool,
        known: &str,
    ) -> Self {
        let mut table = Self { file: file.to_owned(), columns: Vec::new(), header_line: 1, rows: Vec::new() };
        let mut at = Lines { text, at: 0, line: 1 };
        let mut lines = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .flexible(true)
            .from_reader(text.as_bytes());
        match lines.headers() {
            Ok(header) => {
                table.header_line = at.of(header.position());
                table.columns = header.iter().map(str::to_owned).collect();
            }
            Err(error) => reader.fault(file, 1, format!("not CSV: {error}"), "write comma-separated cells"),
        }
        table.check_header(reader, needed, may, known);
        for record in lines.records() {
            match record {
                Ok(record) => {
                    let line = at.of(record.position());
                    if record.len() != table.columns.len() {
                        let (have, want) = (record.len(), table.columns.len());
                        let what = format!("{have} cells under {want} columns");
                        reader.fault(file, line, what, "give every column a cell, an empty one where nothing is meant");
                    }
                    table.rows.push(Row { line, cells: record.iter().map(str::to_owned).collect() });
                }
                Err(error) => {
                    let line = at.of(error.position());
                    reader.fault(file, line, "not CSV", "check the quotes on this line");
                }
            }
        }
        table
    }

    fn check_header(&self, reader: &mut Reader<'_>, needed: &[&str], may: &dyn Fn(&str) -> bool, known: &str) {
        for column in needed.iter().filter(|n| !self.columns.iter().any(|c| c == *n)) {
            let what = format!("column `{column}` is missing");
            reader.fault(&self.file, self.header_line, what, format!("the header needs {}", needed.join(",")));
        }
        for (at, column) in self.columns.iter().enumerate() {
            if !needed.contains(&column.as_str()) && !may(column) {
                let what = format!("unknown column `{}`", shown(column));
                reader.fault(&self.file, self.header_line, what, format!("known: {known}"));
            }
            if self.columns[..at].contains(column) {
                reader.fault(
                    &self.file,
                    self.header_line,
                    format!("column `{}` appears twice", shown(column)),
                    "remove one",
                );
            }
        }
    }

    /// The cell of a row under a named column; empty where the column is absent.
    pub(crate) fn cell<'r>(&self, row: &'r Row, column: &str) -> &'r str {
        self.columns.iter().position(|c| c == column).map_or("", |at| row.at(at))
    }

    /// Reports and drops rows that repeat the key that `key` makes of them.
    pub(crate) fn unique(&self, reader: &mut Reader<'_>, key: &dyn Fn(&Row) -> String) {
        let mut seen = std::collections::BTreeMap::new();
        for row in &self.rows {
            if let Some(first) = seen.insert(key(row), row.line) {
                let what = format!("`{}` is already on line {first}", shown(&key(row)));
                reader.fault(&self.file, row.line, what, "keep one of the two lines");
            }
        }
    }
}

/// Counts lines once over the text: records come in order.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of a record. The reader's own position of it is where it began to look, before comments and empty
    /// lines.
    fn of(&mut self, position: Option<&csv::Position>) -> usize {
        let Some(position) = position else { return 0 };
        let start = usize::try_from(position.byte()).unwrap_or(usize::MAX).clamp(self.at, self.text.len());
        let passed = &self.text.as_bytes()[self.at..start];
        self.line += passed.iter().filter(|b| **b == b'\n').count();
        self.at = start;
        let rest = self.text.get(start..).unwrap_or_default();
        self.line + rest.lines().take_while(|line| line.trim().is_empty() || line.starts_with('#')).count()
    }
}
