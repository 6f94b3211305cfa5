//! X's statuses and ours, in both directions.

use super::codes::{HOLD, NONE};
use crate::read::{Reader, Row, Table, shown};
use domain::{CaseStatus, DiscrepancyStatus, DocumentStatus};
use std::collections::BTreeMap;

/// The life that X's statuses are mapped to: of a case, of a discrepancy.
pub(crate) trait Life: Copy + PartialEq + 'static {
    /// What a person calls the record.
    const RECORD: &'static str;
    /// Where a record is while the house works on it.
    const WORKING: Self;
    /// The status writes of the engine, by the word of their command.
    const WRITES: &'static [(&'static str, &'static [Self])];
    fn all() -> &'static [Self];
    fn word(self) -> &'static str;
    fn way(self, to: Self) -> Option<Vec<Self>>;
    fn ends(self) -> bool;
}

impl Life for CaseStatus {
    const RECORD: &'static str = "case";
    const WORKING: Self = Self::InProgress;
    const WRITES: &'static [(&'static str, &'static [Self])] = &[
        ("create", &[Self::Submitted, Self::Acknowledged, Self::InProgress]),
        ("resume", &[Self::InProgress]),
        ("cancel", &[Self::Cancelled, Self::Rejected]),
        ("close", &[Self::Closed]),
        ("reopen", &[Self::InProgress]),
    ];
    fn all() -> &'static [Self] {
        &Self::ALL
    }
    fn word(self) -> &'static str {
        self.as_str()
    }
    fn way(self, to: Self) -> Option<Vec<Self>> {
        self.path(to)
    }
    fn ends(self) -> bool {
        self.is_final()
    }
}

impl Life for DiscrepancyStatus {
    const RECORD: &'static str = "discrepancy";
    const WORKING: Self = Self::UnderInvestigation;
    const WRITES: &'static [(&'static str, &'static [Self])] = &[
        ("create", &[Self::Reported, Self::Triaged, Self::UnderInvestigation]),
        ("resume", &[Self::UnderInvestigation]),
        ("cancel", &[Self::Withdrawn, Self::Refused]),
        ("settle", &[Self::Settled]),
        ("reinvestigate", &[Self::UnderInvestigation]),
    ];
    fn all() -> &'static [Self] {
        &Self::ALL
    }
    fn word(self) -> &'static str {
        self.as_str()
    }
    fn way(self, to: Self) -> Option<Vec<Self>> {
        self.path(to)
    }
    fn ends(self) -> bool {
        self.is_final()
    }
}

impl Life for DocumentStatus {
    const RECORD: &'static str = "document";
    const WORKING: Self = Self::UnderReview;
    const WRITES: &'static [(&'static str, &'static [Self])] = &[
        ("create", &[Self::Uploaded, Self::Available, Self::UnderReview]),
        ("restart", &[Self::UnderReview]),
        ("cancel", &[Self::Withdrawn]),
    ];
    fn all() -> &'static [Self] {
        &Self::ALL
    }
    fn word(self) -> &'static str {
        self.as_str()
    }
    fn way(self, to: Self) -> Option<Vec<Self>> {
        self.path(to)
    }
    fn ends(self) -> bool {
        self.is_final()
    }
}

/// What a status of X means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meaning<S> {
    Is {
        canonical: S,
        /// Shown instead where the case's life allows no way to `canonical` from where it stands.
        otherwise: Option<S>,
        /// Key of the label in the `[status]` texts.
        label: String,
    },
    Hold,
}

#[derive(Clone, Debug)]
pub(crate) struct Statuses<S> {
    pub(crate) meaning: BTreeMap<String, Meaning<S>>,
    /// X's value by command word; `create` may be empty, which leaves it to X.
    pub(crate) write: BTreeMap<String, String>,
}

impl<S: Life> Statuses<S> {
    /// X's values whose meaning satisfies `is`, in the order of their names.
    pub(crate) fn values(&self, is: impl Fn(S) -> bool) -> Vec<String> {
        let matching = |meaning: &Meaning<S>| match meaning {
            Meaning::Is { canonical, .. } => is(*canonical),
            Meaning::Hold => false,
        };
        self.meaning.iter().filter(|(_, m)| matching(m)).map(|(value, _)| value.clone()).collect()
    }

    /// From `statuses.csv` and `status-writes.csv` in a folder of the bundle; `""` is the bundle's own.
    pub(crate) fn read(reader: &mut Reader<'_>, folder: &str) -> Self {
        let mut statuses = Self { meaning: BTreeMap::new(), write: BTreeMap::new() };
        statuses.read_meanings(reader, &format!("{folder}statuses.csv"));
        statuses.read_writes(reader, &format!("{folder}status-writes.csv"));
        statuses
    }

    /// X's value that a command sets; empty leaves it to X.
    pub(crate) fn to_write(&self, word: &str) -> String {
        self.write.get(word).cloned().unwrap_or_default()
    }

    fn read_meanings(&mut self, reader: &mut Reader<'_>, file: &str) {
        let Some(text) = reader.required(file, "add it with a line for every status of the case system") else {
            return;
        };
        let may = |c: &str| c == "otherwise" || c == "label";
        let table =
            Table::parse(reader, file, text, &["internal", "canonical"], &may, "internal,canonical,otherwise,label");
        table.unique(reader, &|row| match table.cell(row, "internal") {
            NONE => format!("{NONE},{}", table.cell(row, "canonical")),
            value => value.to_owned(),
        });
        let mut named = Vec::new();
        for row in &table.rows {
            let internal = table.cell(row, "internal");
            if internal.is_empty() {
                let mend = "name the status of the case system, or `-` for none";
                reader.fault(file, row.line, "the status is empty", mend);
            }
            if table.cell(row, "canonical") == HOLD {
                self.meaning.insert(internal.to_owned(), Meaning::Hold);
            } else if let Some(meaning) = meaning(reader, &table, row) {
                if let Meaning::Is { canonical, .. } = &meaning {
                    named.push(*canonical);
                }
                if internal != NONE {
                    self.meaning.insert(internal.to_owned(), meaning);
                }
            }
        }
        for status in S::all().iter().filter(|s| !named.contains(s)) {
            let (word, what) = (status.word(), format!("no status of the case system means `{}`", status.word()));
            reader.fault(file, 0, what, format!("add `<status>,{word},,`, or `-,{word},,` if it has none"));
        }
    }

    fn read_writes(&mut self, reader: &mut Reader<'_>, file: &str) {
        let words = S::WRITES.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        let Some(text) = reader.required(file, &format!("add lines for {words}")) else { return };
        let table = Table::parse(reader, file, text, &["command", "to"], &|_| false, "command,to");
        table.unique(reader, &|row| table.cell(row, "command").to_owned());
        for row in &table.rows {
            let (command, to) = (table.cell(row, "command"), table.cell(row, "to"));
            let Some((_, allowed)) = S::WRITES.iter().find(|(word, _)| *word == command) else {
                let what = format!("`{}` is not a status write", shown(command));
                reader.fault(file, row.line, what, format!("known: {words}"));
                continue;
            };
            let leaves_it = command == "create" && to == NONE;
            let fits = match self.meaning.get(to) {
                Some(Meaning::Is { canonical, .. }) => allowed.contains(canonical),
                Some(Meaning::Hold) | None => leaves_it,
            };
            if !fits {
                let words: Vec<_> = allowed.iter().map(|s| s.word()).collect();
                let what = format!("`{}` cannot be written by `{command}`", shown(to));
                let mend = format!("name a status that statuses.csv maps to {}", words.join(" or "));
                reader.fault(file, row.line, what, mend);
            }
            self.write.insert(command.to_owned(), if leaves_it { String::new() } else { to.to_owned() });
        }
        for (word, _) in S::WRITES.iter().filter(|(word, _)| !self.write.contains_key(*word)) {
            let what = format!("`{word}` has no line");
            reader.fault(file, 0, what, format!("add `{word},<status of the case system>`"));
        }
    }
}

fn meaning<S: Life>(reader: &mut Reader<'_>, table: &Table, row: &Row) -> Option<Meaning<S>> {
    let mut parse = |word: &str| match S::all().iter().find(|status| status.word() == word) {
        Some(status) => Some(*status),
        None => {
            let known: Vec<_> = S::all().iter().map(|s| s.word()).collect();
            let what = format!("`{}` is not a {} status", shown(word), S::RECORD);
            reader.fault(&table.file, row.line, what, format!("known: {} or hold", known.join(" ")));
            None
        }
    };
    let canonical = parse(table.cell(row, "canonical"))?;
    let otherwise = match table.cell(row, "otherwise") {
        "" => None,
        word => Some(parse(word)?),
    };
    // Agents reject cases that are already being worked on; the case's life knows only a cancellation from there.
    let unreachable = S::WORKING.way(canonical).is_none() && canonical.ends();
    let saved = otherwise.is_some_and(|o| S::WORKING.way(o).is_some());
    if unreachable && !saved && table.cell(row, "internal") != NONE {
        let what = format!("once work has begun a {} cannot become `{}`", S::RECORD, canonical.word());
        let mend = "say in column `otherwise` what it becomes then, such as cancelled";
        reader.fault(&table.file, row.line, what, mend);
    }
    let label = match table.cell(row, "label") {
        "" => canonical.word().to_owned(),
        key => key.to_owned(),
    };
    Some(Meaning::Is { canonical, otherwise, label })
}
