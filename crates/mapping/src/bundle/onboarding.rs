//! What a bundle says about onboarding: the folder `onboarding/`, and `[onboarding]` in `bundle.toml`, without which the
//! link has none and every fact about one is held.

use super::codes::{NONE, said_by_x};
use super::statuses::{Life, Meaning, Statuses};
use crate::read::{Reader, Section, Table, shown};
use domain::onboarding::MILESTONES;
use domain::{ProgrammeStatus, PublicText, TaskStatus};
use std::collections::BTreeMap;

/// `[onboarding]` in `bundle.toml`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// What partners answer goes back into X.
    pub(crate) answers: bool,
}

impl Terms {
    pub(crate) fn read(reader: &mut Reader<'_>, top: &mut Section) -> Option<Self> {
        let mut section = top.section(reader, "onboarding")?;
        let line = section.line();
        let answers = section.flag(reader, "answers").map(|(_, answers)| answers);
        if answers.is_none() {
            let mend = "write true to let answers of partners into the case system, false to keep them out";
            reader.fault("bundle.toml", line, "`onboarding.answers` is missing", mend);
        }
        section.finish(reader, "answers");
        Some(Self { answers: answers.unwrap_or(false) })
    }
}

/// The folder, checked.
#[derive(Clone, Debug)]
pub(crate) struct Onboarding {
    pub(crate) terms: Terms,
    pub(crate) statuses: Statuses<ProgrammeStatus>,
    pub(crate) tasks: Statuses<TaskStatus>,
    /// X's words to our codes; `None` is an explicit hold.
    pub(crate) milestones: BTreeMap<String, Option<PublicText>>,
    /// X's words to the codes that partners see.
    pub(crate) document_types: BTreeMap<String, PublicText>,
    /// X's words to keys of the `[onboarding-programme]` texts.
    pub(crate) programmes: BTreeMap<String, String>,
}

impl Onboarding {
    pub(crate) fn read(reader: &mut Reader<'_>, terms: Terms) -> Self {
        let types = pairs(reader, "onboarding/document-types.csv", "code", "document type that tasks ask for");
        Self {
            terms,
            statuses: Statuses::read(reader, "onboarding/"),
            tasks: Statuses::read(reader, "onboarding/task-"),
            milestones: said_by_x(reader, "onboarding/milestones.csv", "milestone", &MILESTONES),
            document_types: types.into_iter().map(|(word, code)| (word, public(code))).collect(),
            programmes: pairs(reader, "onboarding/programmes.csv", "label", "programme of the case system"),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the loader: a code in this file was written for partners")]
fn public(code: String) -> PublicText {
    PublicText::declared(code)
}

/// X's words with one thing for each.
fn pairs(reader: &mut Reader<'_>, file: &str, other: &str, what: &str) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let Some(text) = reader.required(file, &format!("add it with a line for every {what}")) else { return out };
    let known = format!("internal,{other}");
    let table = Table::parse(reader, file, text, &["internal", other], &|_| false, &known);
    table.unique(reader, &|row| table.cell(row, "internal").to_owned());
    for row in &table.rows {
        let (internal, value) = (table.cell(row, "internal"), table.cell(row, other));
        let sound = |cell: &str| !cell.is_empty() && cell != NONE && cell.chars().count() <= 64;
        if !sound(internal) || !sound(value) {
            let fault = format!("`{}` cannot be used", shown(internal));
            reader.fault(file, row.line, fault, "write the case system's word and yours, at most 64 characters each");
        }
        out.insert(internal.to_owned(), value.to_owned());
    }
    out
}

/// Keys of texts, beside the canonical ones, that the folder uses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Labels {
    pub(crate) statuses: Vec<String>,
    pub(crate) tasks: Vec<String>,
    pub(crate) programmes: Vec<String>,
}

impl Onboarding {
    pub(crate) fn labels(&self) -> Labels {
        Labels {
            statuses: used(&self.statuses),
            tasks: used(&self.tasks),
            programmes: self.programmes.values().cloned().collect(),
        }
    }
}

fn used<S: Life>(statuses: &Statuses<S>) -> Vec<String> {
    let label = |meaning: &Meaning<S>| match meaning {
        Meaning::Is { label, .. } => Some(label.clone()),
        Meaning::Hold => None,
    };
    statuses.meaning.values().filter_map(label).collect()
}

impl Life for ProgrammeStatus {
    const RECORD: &'static str = "programme";
    const WORKING: Self = Self::Configuring;
    const WRITES: &'static [(&'static str, &'static [Self])] = &[
        ("accept", &[Self::Registered, Self::Configuring]),
        ("decline", &[Self::Declined, Self::Offboarded]),
        ("expire", &[Self::Expired, Self::OnHold]),
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

impl Life for TaskStatus {
    const RECORD: &'static str = "task";
    const WORKING: Self = Self::Active;
    const WRITES: &'static [(&'static str, &'static [Self])] = &[("submit", &[Self::Submitted])];
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
