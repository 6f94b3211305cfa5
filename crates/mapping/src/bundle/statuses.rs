//! X's statuses and ours, in both directions.

use super::codes::{HOLD, NONE};
use crate::read::{Reader, Row, Table, shown};
use domain::CaseStatus;
use std::collections::BTreeMap;

/// What a status of X means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    Is {
        canonical: CaseStatus,
        /// Shown instead where the case's life allows no way to `canonical` from where it stands.
        otherwise: Option<CaseStatus>,
        /// Key of the label in the `[status]` texts.
        label: String,
    },
    Hold,
}

/// The status writes of the engine, by the word of their command.
pub(crate) const WRITES: [(&str, &[CaseStatus]); 5] = [
    ("create", &[CaseStatus::Submitted, CaseStatus::Acknowledged, CaseStatus::InProgress]),
    ("resume", &[CaseStatus::InProgress]),
    ("cancel", &[CaseStatus::Cancelled, CaseStatus::Rejected]),
    ("close", &[CaseStatus::Closed]),
    ("reopen", &[CaseStatus::InProgress]),
];

#[derive(Clone, Debug, Default)]
pub(crate) struct Statuses {
    pub(crate) meaning: BTreeMap<String, Meaning>,
    /// X's value by command word; `create` may be empty, which leaves it to X.
    pub(crate) write: BTreeMap<String, String>,
}

impl Statuses {
    /// X's values whose meaning satisfies `is`, in the order of their names.
    pub(crate) fn values(&self, is: impl Fn(CaseStatus) -> bool) -> Vec<String> {
        let matching = |meaning: &Meaning| match meaning {
            Meaning::Is { canonical, .. } => is(*canonical),
            Meaning::Hold => false,
        };
        self.meaning.iter().filter(|(_, m)| matching(m)).map(|(value, _)| value.clone()).collect()
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Self {
        let mut statuses = Self::default();
        statuses.read_meanings(reader);
        statuses.read_writes(reader);
        statuses
    }

    fn read_meanings(&mut self, reader: &mut Reader<'_>) {
        let file = "statuses.csv";
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
        for status in CaseStatus::ALL.iter().filter(|s| !named.contains(s)) {
            let (word, what) = (status.as_str(), format!("no status of the case system means `{}`", status.as_str()));
            reader.fault(file, 0, what, format!("add `<status>,{word},,`, or `-,{word},,` if it has none"));
        }
    }

    fn read_writes(&mut self, reader: &mut Reader<'_>) {
        let file = "status-writes.csv";
        let Some(text) = reader.required(file, "add lines for create, resume, cancel, close and reopen") else {
            return;
        };
        let table = Table::parse(reader, file, text, &["command", "to"], &|_| false, "command,to");
        table.unique(reader, &|row| table.cell(row, "command").to_owned());
        for row in &table.rows {
            let (command, to) = (table.cell(row, "command"), table.cell(row, "to"));
            let Some((_, allowed)) = WRITES.iter().find(|(word, _)| *word == command) else {
                let what = format!("`{}` is not a status write", shown(command));
                reader.fault(file, row.line, what, "known: create, resume, cancel, close, reopen");
                continue;
            };
            let leaves_it = command == "create" && to == NONE;
            let fits = match self.meaning.get(to) {
                Some(Meaning::Is { canonical, .. }) => allowed.contains(canonical),
                Some(Meaning::Hold) | None => leaves_it,
            };
            if !fits {
                let words: Vec<_> = allowed.iter().map(|s| s.as_str()).collect();
                let what = format!("`{}` cannot be written by `{command}`", shown(to));
                let mend = format!("name a status that statuses.csv maps to {}", words.join(" or "));
                reader.fault(file, row.line, what, mend);
            }
            self.write.insert(command.to_owned(), if leaves_it { String::new() } else { to.to_owned() });
        }
        for (word, _) in WRITES.iter().filter(|(word, _)| !self.write.contains_key(*word)) {
            let what = format!("`{word}` has no line");
            reader.fault(file, 0, what, format!("add `{word},<status of the case system>`"));
        }
    }
}

fn meaning(reader: &mut Reader<'_>, table: &Table, row: &Row) -> Option<Meaning> {
    let mut parse = |word: &str| match CaseStatus::parse(word) {
        Ok(status) => Some(status),
        Err(_) => {
            let known: Vec<_> = CaseStatus::ALL.iter().map(|s| s.as_str()).collect();
            let what = format!("`{}` is not a case status", shown(word));
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
    let unreachable = CaseStatus::InProgress.path(canonical).is_none() && canonical.is_final();
    let saved = otherwise.is_some_and(|o| CaseStatus::InProgress.path(o).is_some());
    if unreachable && !saved && table.cell(row, "internal") != NONE {
        let what = format!("once work has begun a case cannot become `{}`", canonical.as_str());
        let mend = "say in column `otherwise` what it becomes then, such as cancelled";
        reader.fault(&table.file, row.line, what, mend);
    }
    let label = match table.cell(row, "label") {
        "" => canonical.as_str().to_owned(),
        key => key.to_owned(),
    };
    Some(Meaning::Is { canonical, otherwise, label })
}
