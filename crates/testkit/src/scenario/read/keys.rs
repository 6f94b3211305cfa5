//! A TOML table whose keys are taken out one by one; what is left in the end is a mistake with a line.

use super::Fault;
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

enum Node {
    Text(String),
    Number(i64),
    Flag(bool),
    Texts(Vec<String>),
    Table(Keys),
    Tables(Vec<Keys>),
    Other,
}

pub(super) struct Keys {
    file: String,
    pub(super) line: usize,
    entries: BTreeMap<String, (usize, Node)>,
}

impl Keys {
    pub(super) fn parse(file: &str, text: &str) -> Result<Self, Fault> {
        let (table, errors) = DeTable::parse_recoverable(text);
        if let Some(error) = errors.first() {
            let line = error.span().map_or(0, |span| line_at(text, span.start));
            return Err(Fault::new(file, line, error.message()));
        }
        Ok(Self::of(file, text, 1, table.get_ref()))
    }

    fn of(file: &str, text: &str, line: usize, table: &DeTable<'_>) -> Self {
        let entries = table.iter().map(|(key, value)| {
            let line = line_at(text, key.span().start);
            (key.get_ref().to_string(), (line, node(file, text, value)))
        });
        Self { file: file.to_owned(), line, entries: entries.collect() }
    }

    pub(super) fn fault(&self, line: usize, what: impl Into<String>) -> Fault {
        Fault::new(&self.file, line, what)
    }

    fn take<T>(
        &mut self,
        key: &str,
        wanted: &str,
        as_wanted: impl FnOnce(Node) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        let Some((line, node)) = self.entries.remove(key) else { return Ok(None) };
        as_wanted(node).map(Some).ok_or_else(|| self.fault(line, format!("`{key}` is not {wanted}")))
    }

    pub(super) fn text(&mut self, key: &str) -> Result<Option<String>, Fault> {
        self.take(key, "a text in quotes", |node| if let Node::Text(text) = node { Some(text) } else { None })
    }

    pub(super) fn text_or(&mut self, key: &str, missing: &str) -> Result<String, Fault> {
        Ok(self.text(key)?.unwrap_or_else(|| missing.to_owned()))
    }

    pub(super) fn required(&mut self, key: &str) -> Result<String, Fault> {
        let line = self.line;
        self.text(key)?.ok_or_else(|| self.fault(line, format!("`{key}` is missing")))
    }

    pub(super) fn number(&mut self, key: &str) -> Result<Option<i64>, Fault> {
        self.take(key, "a whole number", |node| if let Node::Number(number) = node { Some(number) } else { None })
    }

    pub(super) fn flag(&mut self, key: &str) -> Result<bool, Fault> {
        let flag = self.take(key, "true or false", |node| if let Node::Flag(flag) = node { Some(flag) } else { None });
        Ok(flag?.unwrap_or(false))
    }

    pub(super) fn texts(&mut self, key: &str) -> Result<Option<Vec<String>>, Fault> {
        self.take(key, "a list of texts", |node| if let Node::Texts(texts) = node { Some(texts) } else { None })
    }

    pub(super) fn table(&mut self, key: &str) -> Result<Option<Self>, Fault> {
        self.take(key, "a table", |node| if let Node::Table(keys) = node { Some(keys) } else { None })
    }

    pub(super) fn tables(&mut self, key: &str) -> Result<Vec<Self>, Fault> {
        let wanted = format!("written as [[{key}]]");
        let tables = self.take(key, &wanted, |node| if let Node::Tables(keys) = node { Some(keys) } else { None });
        Ok(tables?.unwrap_or_default())
    }

    /// What is left, as names and texts.
    pub(super) fn all_texts(mut self) -> Result<BTreeMap<String, String>, Fault> {
        let names: Vec<String> = self.entries.keys().cloned().collect();
        names.into_iter().map(|name| Ok((name.clone(), self.required(&name)?))).collect()
    }

    /// Nothing may be left.
    pub(super) fn finish(&self) -> Result<(), Fault> {
        match self.entries.iter().min_by_key(|(_, (line, _))| *line) {
            None => Ok(()),
            Some((key, (line, _))) => Err(self.fault(*line, format!("`{key}` is not known here"))),
        }
    }
}

fn line_at(text: &str, byte: usize) -> usize {
    1 + text.bytes().take(byte).filter(|b| *b == b'\n').count()
}

fn node(file: &str, text: &str, value: &Spanned<DeValue<'_>>) -> Node {
    let line = line_at(text, value.span().start);
    match value.get_ref() {
        DeValue::String(text) => Node::Text(text.to_string()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Node::Other, Node::Number)
        }
        DeValue::Boolean(flag) => Node::Flag(*flag),
        DeValue::Table(table) => Node::Table(Keys::of(file, text, line, table)),
        DeValue::Array(items) => {
            let mut texts = Vec::new();
            let mut tables = Vec::new();
            for item in items.iter() {
                match item.get_ref() {
                    DeValue::String(text) => texts.push(text.to_string()),
                    DeValue::Table(table) => {
                        tables.push(Keys::of(file, text, line_at(text, item.span().start), table));
                    }
                    DeValue::Integer(_)
                    | DeValue::Float(_)
                    | DeValue::Boolean(_)
                    | DeValue::Datetime(_)
                    | DeValue::Array(_) => return Node::Other,
                }
            }
            match (texts.is_empty(), tables.is_empty()) {
                (_, true) => Node::Texts(texts),
                (true, false) => Node::Tables(tables),
                (false, false) => Node::Other,
            }
        }
        DeValue::Float(_) | DeValue::Datetime(_) => Node::Other,
    }
}
