//! Every word of ours that a person reads, per language.

mod held;
mod outward;

use self::held::OF_HOLDS;
use super::onboarding::Labels as Programmes;
use super::reminders::Reminded;
use crate::read::{Reader, Section, shown};
use domain::onboarding::MILESTONES;
use domain::{CaseStatus, DiscrepancyStatus, DocumentStatus, ProgrammeStatus, PublicText, TaskStatus};
use std::collections::BTreeMap;

/// Texts for partners, beside `[status]`, in every language.
const FOR_PARTNERS: [(&str, &[&str]); 2] =
    [("label", &["author", "merged"]), ("notice", &["question", "resolution", "closed", "merged", "ended", "cut"])];

/// Texts for agents; needed in the agents' language only.
const FOR_AGENTS: [(&str, &[&str]); 2] = [
    (
        "agent",
        &[
            "references",
            "transaction",
            "contact",
            "wanted_by",
            "suggestion",
            "withdrawn",
            "accepted",
            "revised",
            "removed",
            "not_delivered",
            "cut",
        ],
    ),
    (
        "what",
        &[
            "acknowledge-case",
            "set-case-status",
            "post-comment",
            "request-information",
            "propose-resolution",
            "close-case",
            "reopen-case",
            "other",
        ],
    ),
];

/// How files are told of, in every language: `[file]`. What a bundle does not say is said in English.
const OF_FILES: [(&str, &str); 14] = [
    ("attached", "{name} ({size})"),
    ("withheld", "{name} ({size}) could not be transferred: {reason}"),
    (
        "not_taken",
        "{name} ({size}) was not let in by the check of files; operators find the reason among the dead letters. The \
         partner was told that it could not be transferred, and no more.",
    ),
    ("below", "{text}\n\n{line}"),
    ("oversize", "larger than {limit}"),
    ("empty", "the file is empty"),
    ("type-blocked", "files of this type are not accepted"),
    ("bad-name", "its name is not usable"),
    ("gone", "it is no longer there"),
    ("unavailable", "it could not be fetched"),
    ("corrupt", "it arrived damaged"),
    ("too-many", "too many files at once"),
    ("no-store", "files are not exchanged"),
    ("other", "it was not accepted"),
];

type Sections = [(&'static str, &'static [&'static str])];

/// As above, where the link has discrepancies.
const DISPUTES_FOR_PARTNERS: &Sections = &[("discrepancy-notice", &["evidence", "outcome", "escalated", "settled"])];
const DISPUTES_FOR_AGENTS: &Sections = &[
    (
        "discrepancy-agent",
        &[
            "kind",
            "site",
            "claim",
            "remedy",
            "shipment",
            "lines",
            "deadline",
            "links",
            "corrected",
            "evidence",
            "confirmed",
            "contested",
            "escalated",
        ],
    ),
    (
        "discrepancy-what",
        &["acknowledge", "set-status", "request-evidence", "propose-outcome", "mark-escalated", "settle"],
    ),
];

/// As above, where the link has onboarding.
const PROGRAMMES_FOR_PARTNERS: &Sections = &[("onboarding-readiness", &["ready", "not-ready"])];
const PROGRAMMES_FOR_AGENTS: &Sections = &[
    ("onboarding-agent", &["accepted", "declined", "expired", "submitted", "submitted_documents", "late", "question"]),
    (
        "onboarding-what",
        &[
            "open-space",
            "update-space",
            "set-status",
            "upsert-task",
            "set-task-status",
            "set-milestone",
            "set-readiness",
        ],
    ),
];
/// As above, where the link has documents.
const DOCUMENTS_FOR_PARTNERS: &Sections = &[
    ("document-notice", &["renewal", "expired", "restricted"]),
    ("document-refusal", &["type-blocked", "oversize", "empty", "bad-name", "too-many", "other"]),
];
const DOCUMENTS_FOR_AGENTS: &Sections = &[
    (
        "document-agent",
        &[
            "type",
            "file",
            "case",
            "valid_to",
            "restricted",
            "file_added",
            "withheld",
            "file_refused",
            "new_version",
            "withdrawn",
        ],
    ),
    ("document-what", &["acknowledge", "set-status", "post-comment", "decide", "reject-file", "request-renewal"]),
];

/// Keys of `[status]` and `[discrepancy-status]` that statuses use beside the canonical ones.
pub(crate) struct Labels {
    pub(crate) cases: Vec<String>,
    /// `None`: the link has no discrepancies.
    pub(crate) disputes: Option<Vec<String>>,
    /// `None`: the link has no onboarding.
    pub(crate) programmes: Option<Programmes>,
    /// Keys of `[reminder]` and `[reminder-agent]`.
    pub(crate) reminded: Reminded,
    /// `None`: the link has no documents.
    pub(crate) documents: Option<Vec<String>>,
}

/// The texts of one language, by `section.key`.
#[derive(Clone, Debug)]
pub(crate) struct Texts {
    by_key: BTreeMap<String, PublicText>,
    missing: PublicText,
}

#[expect(clippy::disallowed_methods, reason = "the loader: what stands in a text file was written for partners")]
fn declared(text: impl Into<String>) -> PublicText {
    PublicText::declared(text)
}

impl Texts {
    /// Total; a loaded bundle has every text that the engine asks for.
    pub(crate) fn get(&self, section: &str, key: &str) -> &PublicText {
        self.by_key.get(&format!("{section}.{key}")).unwrap_or(&self.missing)
    }

    /// All of them, without their keys.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        self.by_key.values().map(PublicText::as_str)
    }

    fn read(reader: &mut Reader<'_>, file: &str, text: &str, for_agents: bool, labels: &Labels) -> Self {
        let mut top = Section::parse(reader, file, text);
        let mut texts = Self { by_key: BTreeMap::new(), missing: declared("") };
        let of_disputes: [&Sections; 2] = match (&labels.disputes, for_agents) {
            (None, _) => [&[], &[]],
            (Some(_), false) => [DISPUTES_FOR_PARTNERS, &[]],
            (Some(_), true) => [DISPUTES_FOR_PARTNERS, DISPUTES_FOR_AGENTS],
        };
        let of_documents: [&Sections; 2] = match (&labels.documents, for_agents) {
            (None, _) => [&[], &[]],
            (Some(_), false) => [DOCUMENTS_FOR_PARTNERS, &[]],
            (Some(_), true) => [DOCUMENTS_FOR_PARTNERS, DOCUMENTS_FOR_AGENTS],
        };
        let of_programmes: [&Sections; 2] = match (&labels.programmes, for_agents) {
            (None, _) => [&[], &[]],
            (Some(_), false) => [PROGRAMMES_FOR_PARTNERS, &[]],
            (Some(_), true) => [PROGRAMMES_FOR_PARTNERS, PROGRAMMES_FOR_AGENTS],
        };
        let of_agents: &Sections = if for_agents { &FOR_AGENTS } else { &[] };
        let more = of_disputes.into_iter().chain(of_documents).chain(of_programmes).flatten();
        for (name, keys) in FOR_PARTNERS.iter().chain(of_agents).chain(more) {
            let Some(mut section) = top.section(reader, name) else {
                reader.fault(file, 0, format!("`[{name}]` is missing"), format!("add it with {}", keys.join(", ")));
                continue;
            };
            for key in *keys {
                texts.take(reader, file, &mut section, name, key);
            }
            section.finish(reader, &keys.join(", "));
        }
        texts.read_optional(reader, file, &mut top, ("file", &OF_FILES));
        texts.read_optional(reader, file, &mut top, ("held", &OF_HOLDS));
        if labels.documents.is_some() {
            texts.read_optional(reader, file, &mut top, ("document-outward", &outward::OUTWARD));
        }
        let canonical: Vec<&str> = CaseStatus::ALL.iter().map(|s| s.as_str()).collect();
        texts.read_statuses(reader, file, &mut top, "status", (&canonical, &labels.cases));
        if let Some(disputes) = &labels.disputes {
            let canonical: Vec<&str> = DiscrepancyStatus::ALL.iter().map(|s| s.as_str()).collect();
            texts.read_statuses(reader, file, &mut top, "discrepancy-status", (&canonical, disputes));
        }
        if let Some(programmes) = &labels.programmes {
            texts.read_programmes(reader, file, &mut top, programmes);
        }
        texts.read_reminders(reader, file, &mut top, for_agents, &labels.reminded);
        if let Some(documents) = &labels.documents {
            let canonical: Vec<&str> = DocumentStatus::ALL.iter().map(|s| s.as_str()).collect();
            texts.read_statuses(reader, file, &mut top, "document-status", (&canonical, documents));
        }
        if !for_agents {
            let of_uses = [DISPUTES_FOR_AGENTS, DOCUMENTS_FOR_AGENTS, PROGRAMMES_FOR_AGENTS].into_iter().flatten();
            for (name, _) in FOR_AGENTS.iter().chain(of_uses) {
                let _ = top.section(reader, name);
            }
        }
        top.finish(
            reader,
            "[status], [label], [notice], [file], [held], [agent], [what], [discrepancy-…], [document-…], [onboarding-…], [reminder…] \
             where the link has them",
        );
        texts
    }

    /// Statuses of programmes and tasks, milestones, and the names of the programmes.
    fn read_programmes(&mut self, reader: &mut Reader<'_>, file: &str, top: &mut Section, labels: &Programmes) {
        let statuses: Vec<&str> = ProgrammeStatus::ALL.iter().map(|s| s.as_str()).collect();
        self.read_statuses(reader, file, top, "onboarding-status", (&statuses, &labels.statuses));
        let statuses: Vec<&str> = TaskStatus::ALL.iter().map(|s| s.as_str()).collect();
        self.read_statuses(reader, file, top, "onboarding-task-status", (&statuses, &labels.tasks));
        let milestones = MILESTONES.map(|code| code.to_ascii_lowercase().replace('_', "-"));
        let milestones: Vec<&str> = milestones.iter().map(String::as_str).collect();
        self.read_statuses(reader, file, top, "onboarding-milestone", (&milestones, &[]));
        self.read_statuses(reader, file, top, "onboarding-programme", (&[], &labels.programmes));
    }

    /// Texts that a bundle may leave out.
    fn read_optional(
        &mut self,
        reader: &mut Reader<'_>,
        file: &str,
        top: &mut Section,
        (name, texts): (&str, &[(&str, &str)]),
    ) {
        for (key, text) in texts {
            self.by_key.insert(format!("{name}.{key}"), declared(*text));
        }
        if let Some(mut section) = top.section(reader, name) {
            let given = section.keys();
            for (key, _) in texts.iter().filter(|(key, _)| given.iter().any(|given| given == key)) {
                self.take(reader, file, &mut section, name, key);
            }
            let known: Vec<&str> = texts.iter().map(|(key, _)| *key).collect();
            section.finish(reader, &known.join(", "));
        }
    }

    /// A text for every canonical status and every label; none for anything else.
    fn read_statuses(
        &mut self,
        reader: &mut Reader<'_>,
        file: &str,
        top: &mut Section,
        name: &str,
        (canonical, labels): (&[&str], &[String]),
    ) {
        if let Some(mut section) = top.section(reader, name) {
            for key in section.keys() {
                self.take(reader, file, &mut section, name, &key);
                if !canonical.contains(&key.as_str()) && !labels.contains(&key) {
                    let what = format!("no status uses the label `{}`", shown(&key));
                    reader.fault(file, section.line(), what, "name it in column `label` of statuses.csv or remove it");
                }
            }
        }
        for key in canonical.iter().copied().chain(labels.iter().map(String::as_str)) {
            if !self.by_key.contains_key(&format!("{name}.{key}")) {
                let (key, mend) = (shown(key), format!("add `{} = \"…\"` to [{name}]", shown(key)));
                reader.fault(file, 0, format!("status `{key}` has no text"), mend);
            }
        }
    }

    /// A text for every line of `reminders.csv` that tells somebody, by its id.
    fn read_reminders(
        &mut self,
        reader: &mut Reader<'_>,
        file: &str,
        top: &mut Section,
        for_agents: bool,
        reminded: &Reminded,
    ) {
        for (name, ids, needed) in
            [("reminder", &reminded.partners, true), ("reminder-agent", &reminded.agents, for_agents)]
        {
            let section = top.section(reader, name);
            let Some(mut section) = section else {
                if needed && !ids.is_empty() {
                    reader.fault(file, 0, format!("`[{name}]` is missing"), format!("add it with {}", ids.join(", ")));
                }
                continue;
            };
            if needed {
                for id in ids {
                    self.take(reader, file, &mut section, name, id);
                }
                section.finish(reader, &ids.join(", "));
            }
        }
    }

    fn take(&mut self, reader: &mut Reader<'_>, file: &str, section: &mut Section, name: &str, key: &str) {
        if let Some((line, text)) = section.required_text(reader, key) {
            if text.trim().is_empty() || text.chars().count() > 2000 {
                let what = format!("text `{name}.{}` is empty or longer than 2000 characters", shown(key));
                reader.fault(file, line, what, "write what the reader should see");
            }
            self.by_key.insert(format!("{name}.{key}"), declared(text));
        }
    }
}

/// Every language by its tag.
pub(crate) fn read(reader: &mut Reader<'_>, default: &str, agents: &str, labels: &Labels) -> BTreeMap<String, Texts> {
    let mut out = BTreeMap::new();
    for (file, language) in reader.inside("texts", ".toml") {
        if let Some(text) = reader.optional(&file) {
            let texts = Texts::read(reader, &file, text, language == agents, labels);
            out.insert(language, texts);
        }
    }
    for language in [default, agents].into_iter().filter(|l| !l.is_empty()) {
        if !out.contains_key(language) {
            let file = format!("texts/{}.toml", shown(language));
            reader.fault(&file, 0, "the file is missing", "add the texts of this language");
        }
    }
    out
}
