//! Reading a bundle's files: every value comes with its line, and every mistake is collected instead of ending the
//! reading, so that an operator sees all of them at once.

mod csv_table;
mod toml_tree;

pub(crate) use csv_table::{Row, Table};
pub(crate) use toml_tree::Section;

use crate::Fault;
use std::collections::{BTreeMap, BTreeSet};

/// No file and no bundle is larger: what is read from the log is bounded as well.
const MAX_FILE: usize = 8 << 20;
const MAX_BUNDLE: usize = 32 << 20;
const MAX_FAULTS: usize = 500;

/// The files of a bundle while it is being checked, and what was found wrong.
pub(crate) struct Reader<'f> {
    files: &'f BTreeMap<String, String>,
    used: BTreeSet<String>,
    faults: Vec<Fault>,
}

impl<'f> Reader<'f> {
    pub(crate) fn new(files: &'f BTreeMap<String, String>) -> Self {
        let mut reader = Self { files, used: BTreeSet::new(), faults: Vec::new() };
        for (file, text) in files {
            if text.len() > MAX_FILE {
                reader.fault(file, 0, "the file is larger than 8 MiB", "split or shorten it");
            }
        }
        if files.values().map(String::len).sum::<usize>() > MAX_BUNDLE {
            reader.fault("bundle.toml", 0, "the bundle is larger than 32 MiB", "leave out what the link does not need");
        }
        reader
    }

    pub(crate) fn fault(&mut self, file: &str, line: usize, what: impl Into<String>, mend: impl Into<String>) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { file: file.to_owned(), line, what: what.into(), mend: mend.into() });
        }
    }

    /// The text of a file that may be absent; marks it as known.
    pub(crate) fn optional(&mut self, file: &str) -> Option<&'f str> {
        let text = self.files.get(file)?;
        self.used.insert(file.to_owned());
        (text.len() <= MAX_FILE).then_some(text.as_str())
    }

    pub(crate) fn required(&mut self, file: &str, mend: &str) -> Option<&'f str> {
        if !self.files.contains_key(file) {
            self.fault(file, 0, "the file is missing", mend);
        }
        self.optional(file)
    }

    /// Files directly inside `folder` that end in `suffix`, by name.
    pub(crate) fn inside(&self, folder: &str, suffix: &str) -> Vec<(String, String)> {
        self.files
            .keys()
            .filter_map(|path| {
                let name = path.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(suffix)?;
                (!name.contains('/')).then(|| (path.clone(), name.to_owned()))
            })
            .collect()
    }

    /// Every fault, by file and line; files that nothing reads are among them.
    pub(crate) fn finish(mut self) -> Vec<Fault> {
        let unread: Vec<String> = self.files.keys().filter(|f| !self.used.contains(*f)).cloned().collect();
        for file in unread.iter().filter(|f| !f.ends_with(".md")) {
            self.fault(file, 0, "no part of a bundle has this name", "rename or remove the file");
        }
        self.faults.sort();
        self.faults.dedup();
        self.faults
    }
}

/// A value from a bundle, short and on one line, for messages.
pub(crate) fn shown(value: &str) -> String {
    value.chars().filter(|c| !c.is_control()).take(64).collect()
}
