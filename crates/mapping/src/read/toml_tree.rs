use super::{Reader, shown};
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

enum Value {
    Text(String),
    Integer(i64),
    Flag(bool),
    Table(BTreeMap<String, (usize, Value)>),
    Other,
}

/// One table of a TOML file. Values are taken out one by one; what is left at [`Section::finish`] is a mistake.
pub(crate) struct Section {
    file: String,
    /// Name of the table, empty for the file itself.
    name: String,
    line: usize,
    entries: BTreeMap<String, (usize, Value)>,
}

impl Section {
    pub(crate) fn parse(reader: &mut Reader<'_>, file: &str, text: &str) -> Self {
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let line = error.span().map_or(0, |span| line_at(text, span.start));
            reader.fault(file, line, format!("not TOML: {}", error.message()), "see toml.io for the syntax");
        }
        Self { file: file.to_owned(), name: String::new(), line: 0, entries: entries(text, table.get_ref()) }
    }

    pub(crate) const fn line(&self) -> usize {
        self.line
    }
    pub(crate) fn keys(&self) -> Vec<String> {
        self.entries.keys().cloned().collect()
    }

    fn path(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    fn wrong(&self, reader: &mut Reader<'_>, line: usize, key: &str, wanted: &str) {
        reader.fault(
            &self.file,
            line,
            format!("`{}` is not {wanted}", shown(&self.path(key))),
            format!("write {wanted}"),
        );
    }

    pub(crate) fn text(&mut self, reader: &mut Reader<'_>, key: &str) -> Option<(usize, String)> {
        match self.entries.remove(key)? {
            (line, Value::Text(text)) => Some((line, text)),
            (line, Value::Integer(_) | Value::Flag(_) | Value::Table(_) | Value::Other) => {
                self.wrong(reader, line, key, "a text in quotes");
                None
            }
        }
    }

    pub(crate) fn required_text(&mut self, reader: &mut Reader<'_>, key: &str) -> Option<(usize, String)> {
        self.require(reader, key, "a text in quotes");
        self.text(reader, key)
    }

    pub(crate) fn integer(&mut self, reader: &mut Reader<'_>, key: &str) -> Option<(usize, i64)> {
        match self.entries.remove(key)? {
            (line, Value::Integer(number)) => Some((line, number)),
            (line, Value::Text(_) | Value::Flag(_) | Value::Table(_) | Value::Other) => {
                self.wrong(reader, line, key, "a whole number");
                None
            }
        }
    }

    pub(crate) fn required_integer(&mut self, reader: &mut Reader<'_>, key: &str) -> Option<(usize, i64)> {
        self.require(reader, key, "a whole number");
        self.integer(reader, key)
    }

    pub(crate) fn flag(&mut self, reader: &mut Reader<'_>, key: &str) -> Option<(usize, bool)> {
        match self.entries.remove(key)? {
            (line, Value::Flag(flag)) => Some((line, flag)),
            (line, Value::Text(_) | Value::Integer(_) | Value::Table(_) | Value::Other) => {
                self.wrong(reader, line, key, "true or false");
                None
            }
        }
    }

    pub(crate) fn section(&mut self, reader: &mut Reader<'_>, key: &str) -> Option<Self> {
        match self.entries.remove(key)? {
            (line, Value::Table(entries)) => {
                Some(Self { file: self.file.clone(), name: self.path(key), line, entries })
            }
            (line, Value::Text(_) | Value::Integer(_) | Value::Flag(_) | Value::Other) => {
                self.wrong(reader, line, key, "a table");
                None
            }
        }
    }

    fn require(&self, reader: &mut Reader<'_>, key: &str, wanted: &str) {
        if !self.entries.contains_key(key) {
            let path = self.path(key);
            reader.fault(&self.file, self.line, format!("`{path}` is missing"), format!("add `{path} = ` {wanted}"));
        }
    }

    /// Whatever was not asked for is a key that nobody knows.
    pub(crate) fn finish(self, reader: &mut Reader<'_>, known: &str) {
        for (key, (line, _)) in &self.entries {
            let what = format!("unknown key `{}`", shown(&self.path(key)));
            reader.fault(&self.file, *line, what, format!("known here: {known}"));
        }
    }
}

fn line_at(text: &str, byte: usize) -> usize {
    1 + text.as_bytes().iter().take(byte).filter(|b| **b == b'\n').count()
}

fn entries(text: &str, table: &DeTable<'_>) -> BTreeMap<String, (usize, Value)> {
    table
        .iter()
        .map(|(key, value)| (key.get_ref().to_string(), (line_at(text, key.span().start), value_of(text, value))))
        .collect()
}

fn value_of(text: &str, value: &Spanned<DeValue<'_>>) -> Value {
    match value.get_ref() {
        DeValue::String(s) => Value::Text(s.to_string()),
        DeValue::Integer(n) => {
            i64::from_str_radix(&n.as_str().replace('_', ""), n.radix()).map_or(Value::Other, Value::Integer)
        }
        DeValue::Boolean(b) => Value::Flag(*b),
        DeValue::Table(t) => Value::Table(entries(text, t)),
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Array(_) => Value::Other,
    }
}
