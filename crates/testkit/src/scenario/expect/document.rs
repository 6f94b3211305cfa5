use super::Differences;

/// What is seen of a document beside what every record shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentView {
    /// The newest version.
    pub version: i64,
    /// The version that may be used; 0 where none may.
    pub offered: i64,
    /// Of the newest version, see [`super::super::decision_line`].
    pub decision: String,
    /// Terms and values, as `BT-13 4500001`.
    pub corrections: Vec<String>,
    /// UNTDID 1373.
    pub code: String,
    /// What the partner is asked before a version expires.
    pub renewal: String,
    pub title: String,
    /// Types and numbers, as `220 4500001`.
    pub references: Vec<String>,
    /// Of the newest version: its name and the hash of its bytes.
    pub file: String,
    pub valid_to: String,
}

/// What should be seen of it. What is `None` is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentExpect {
    pub version: Option<i64>,
    pub offered: Option<i64>,
    pub decision: Option<String>,
    pub corrections: Option<Vec<String>>,
    pub code: Option<String>,
    pub renewal: Option<String>,
    pub title: Option<String>,
    pub references: Option<Vec<String>>,
    pub file: Option<String>,
    pub valid_to: Option<String>,
}

impl DocumentExpect {
    pub(super) fn differences(&self, seen: &DocumentView, found: &mut Differences) {
        found.equal("document.version", self.version.as_ref(), &seen.version);
        found.equal("document.offered", self.offered.as_ref(), &seen.offered);
        found.equal("document.decision", self.decision.as_ref(), &seen.decision);
        found.equal("document.corrections", self.corrections.as_ref(), &seen.corrections);
        found.equal("document.code", self.code.as_ref(), &seen.code);
        found.equal("document.renewal", self.renewal.as_ref(), &seen.renewal);
        found.equal("document.title", self.title.as_ref(), &seen.title);
        found.equal("document.references", self.references.as_ref(), &seen.references);
        found.equal("document.file", self.file.as_ref(), &seen.file);
        found.equal("document.valid_to", self.valid_to.as_ref(), &seen.valid_to);
    }
}
