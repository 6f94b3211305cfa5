//! Every word of ours that a person reads, per language.

use crate::read::{Reader, Section, shown};
use domain::{CaseStatus, PublicText};
use std::collections::BTreeMap;

/// Texts for partners, beside `[status]`, in every language.
const FOR_PARTNERS: [(&str, &[&str]); 2] =
    [("label", &["author"]), ("notice", &["question", "resolution", "closed", "cut"])];

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

    fn read(reader: &mut Reader<'_>, file: &str, text: &str, for_agents: bool, labels: &[(usize, String)]) -> Self {
        let mut top = Section::parse(reader, file, text);
        let mut texts = Self { by_key: BTreeMap::new(), missing: declared("") };
        for (name, keys) in FOR_PARTNERS.iter().chain(if for_agents { FOR_AGENTS.as_slice() } else { &[] }) {
            let Some(mut section) = top.section(reader, name) else {
                reader.fault(file, 0, format!("`[{name}]` is missing"), format!("add it with {}", keys.join(", ")));
                continue;
            };
            for key in *keys {
                texts.take(reader, file, &mut section, name, key);
            }
            section.finish(reader, &keys.join(", "));
        }
        if let Some(mut section) = top.section(reader, "status") {
            for key in section.keys() {
                texts.take(reader, file, &mut section, "status", &key);
                let known = CaseStatus::parse(&key).is_ok() || labels.iter().any(|(_, label)| *label == key);
                if !known {
                    let what = format!("no status uses the label `{}`", shown(&key));
                    reader.fault(file, section.line(), what, "name it in column `label` of statuses.csv or remove it");
                }
            }
        }
        let canonical = CaseStatus::ALL.iter().map(|s| s.as_str());
        for key in canonical.chain(labels.iter().map(|(_, label)| label.as_str())) {
            if !texts.by_key.contains_key(&format!("status.{key}")) {
                let key = shown(key);
                reader.fault(
                    file,
                    0,
                    format!("status `{key}` has no text"),
                    format!("add `{key} = \"…\"` to [status]"),
                );
            }
        }
        if !for_agents {
            for (name, _) in FOR_AGENTS {
                let _ = top.section(reader, name);
            }
        }
        top.finish(reader, "[status], [label], [notice], [agent], [what]");
        texts
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

/// Every language by its tag. `labels` are the extra keys that statuses use.
pub(crate) fn read(
    reader: &mut Reader<'_>,
    default: &str,
    agents: &str,
    labels: &[(usize, String)],
) -> BTreeMap<String, Texts> {
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
