//! What may cross for whom: built-in, then the link, then the partner's group, then the partner. The link decides
//! what is granted; the layers after it only take away.

use super::fields::FieldOut;
use crate::read::{Reader, Section, shown};
use domain::Grant;
use domain::field::{CASE_FIELDS, Master};
use std::collections::{BTreeMap, BTreeSet};

const FILE: &str = "bundle.toml";

/// What can be shared without being an extra field, whether it is by default, and in which words it is printed.
pub(crate) const SHARES: [(&str, bool, &str); 9] = [
    ("reference", false, "number of the record in the case system"),
    ("comments", true, "public comments"),
    ("files", true, "files of public comments"),
    ("status_reason", true, "reason of a status change that is marked for the partner"),
    ("expected_resolution_at", true, "promised date of resolution"),
    ("question", true, "question to the partner"),
    ("due_at", true, "date by which an answer is wanted"),
    ("resolution_note", true, "resolution note marked for the partner"),
    ("resolution_code", true, "resolution code, as a code of ours"),
];

/// Bounds in characters: the default and the highest that may be set.
const LIMITS: [(&str, usize, usize); 3] =
    [("title", 200, 1000), ("description", 32_768, 65_536), ("comment", 16_384, 65_536)];
const LEAST: usize = 20;

#[derive(Clone, Debug)]
pub(crate) struct Policy {
    share: BTreeSet<String>,
    grants: BTreeMap<String, Grant>,
    masters: BTreeMap<String, Master>,
    limits: BTreeMap<&'static str, usize>,
}

#[expect(clippy::disallowed_methods, reason = "the loader: an operator granted this field in the bundle")]
fn grant(field: &str) -> Grant {
    Grant::of_field(field)
}

impl Policy {
    /// Before any bundle has spoken, with the grants of its custom fields.
    pub(crate) fn built_in(out: &[FieldOut]) -> Self {
        let own = SHARES.iter().filter(|(_, shared, _)| *shared).map(|(key, _, _)| (*key).to_owned());
        let granted: Vec<&str> = out.iter().filter(|f| f.share).map(|f| f.internal.as_str()).collect();
        Self {
            share: own.chain(granted.iter().map(|f| (*f).to_owned())).collect(),
            grants: granted.iter().map(|f| ((*f).to_owned(), grant(f))).collect(),
            masters: CASE_FIELDS.iter().map(|(field, master)| ((*field).to_owned(), *master)).collect(),
            limits: LIMITS.iter().map(|(key, default, _)| (*key, *default)).collect(),
        }
    }

    pub(crate) fn shares(&self, key: &str) -> bool {
        self.share.contains(key)
    }
    /// The grant of a field that this partner may see.
    pub(crate) fn grant(&self, field: &str) -> Option<&Grant> {
        self.grants.get(field).filter(|_| self.shares(field))
    }
    pub(crate) fn master(&self, field: &str) -> Option<Master> {
        self.masters.get(field).copied()
    }
    pub(crate) fn limit(&self, key: &str) -> usize {
        self.limits.get(key).copied().unwrap_or(LEAST)
    }

    /// Takes `[share]`, `[masters]` and `[limits]` of a layer. Only the link may grant.
    pub(crate) fn apply(&mut self, reader: &mut Reader<'_>, layer: &mut Section, is_link: bool, out: &[FieldOut]) {
        if let Some(section) = layer.section(reader, "share") {
            self.apply_share(reader, section, is_link, out);
        }
        if let Some(section) = layer.section(reader, "masters") {
            self.apply_masters(reader, section);
        }
        if let Some(section) = layer.section(reader, "limits") {
            self.apply_limits(reader, section, is_link);
        }
    }

    fn apply_share(&mut self, reader: &mut Reader<'_>, mut section: Section, is_link: bool, out: &[FieldOut]) {
        let known = |key: &str| SHARES.iter().any(|(k, _, _)| *k == key) || out.iter().any(|f| f.internal == key);
        for key in section.keys().into_iter().filter(|key| known(key)) {
            let Some((line, share)) = section.flag(reader, &key) else { continue };
            let own = SHARES.iter().any(|(k, _, _)| *k == key);
            if share && !self.shares(&key) && !(is_link && own) {
                let what = format!("`{}` would be shared more widely than the layer above allows", shown(&key));
                let mend = if own { "grant it in [share] of the link" } else { "set share to true in fields-out.csv" };
                reader.fault(FILE, line, what, mend);
                continue;
            }
            if share {
                self.share.insert(key.clone());
                self.grants.entry(key.clone()).or_insert_with(|| grant(&key));
            } else {
                self.share.remove(&key);
            }
        }
        let keys: Vec<_> = SHARES.iter().map(|(key, _, _)| *key).collect();
        section.finish(reader, &format!("{}, and the fields of fields-out.csv", keys.join(", ")));
    }

    /// A field may be handed to the internal side; what the internal side masters stays there.
    fn apply_masters(&mut self, reader: &mut Reader<'_>, mut section: Section) {
        for (field, _) in CASE_FIELDS {
            let Some((line, word)) = section.text(reader, field) else { continue };
            match (word.as_str(), self.master(field)) {
                ("internal", _) => {
                    self.masters.insert(field.to_owned(), Master::Internal);
                }
                ("partner", Some(Master::Partner)) => {}
                ("partner", Some(Master::Internal) | None) => {
                    let what = format!("`{field}` belongs to the internal side here");
                    reader.fault(FILE, line, what, "a layer cannot hand it to partners; remove the line");
                }
                (other, _) => {
                    let what = format!("`{}` is not a side", shown(other));
                    reader.fault(FILE, line, what, "write internal or partner");
                }
            }
        }
        let known: Vec<_> = CASE_FIELDS.iter().map(|(field, _)| *field).collect();
        section.finish(reader, &known.join(", "));
    }

    fn apply_limits(&mut self, reader: &mut Reader<'_>, mut section: Section, is_link: bool) {
        for (key, _, highest) in LIMITS {
            let Some((line, number)) = section.integer(reader, key) else { continue };
            let highest = if is_link { highest } else { self.limit(key) };
            match usize::try_from(number).ok().filter(|n| (LEAST..=highest).contains(n)) {
                Some(number) => {
                    self.limits.insert(key, number);
                }
                None => {
                    let what = format!("`limits.{key}` is not from {LEAST} to {highest}");
                    reader.fault(FILE, line, what, format!("choose a number of characters up to {highest}"));
                }
            }
        }
        section.finish(reader, "title, description, comment");
    }
}
