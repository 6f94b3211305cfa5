//! Reading a bundle's folder.

use crate::Fault;
use std::collections::BTreeMap;
use std::path::Path;

const MAX_FILES: usize = 1000;
const MAX_DEPTH: usize = 4;
const MAX_FILE: u64 = 8 << 20;

fn fault(path: &str, what: impl Into<String>, mend: &str) -> Fault {
    Fault { file: path.to_owned(), line: 0, what: what.into(), mend: mend.to_owned() }
}

pub(crate) fn read(dir: &Path) -> Result<BTreeMap<String, String>, Vec<Fault>> {
    let (mut files, mut faults) = (BTreeMap::new(), Vec::new());
    walk(dir, "", 0, &mut files, &mut faults);
    if faults.is_empty() { Ok(files) } else { Err(faults) }
}

fn walk(dir: &Path, prefix: &str, depth: usize, files: &mut BTreeMap<String, String>, faults: &mut Vec<Fault>) {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => {
            faults.push(fault(&dir.display().to_string(), error.to_string(), "name a readable folder"));
            return;
        }
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                faults.push(fault(&dir.display().to_string(), error.to_string(), "make the folder readable"));
                continue;
            }
        };
        let Ok(name) = entry.file_name().into_string() else {
            faults.push(fault(prefix, "a file name that is not UTF-8", "rename it"));
            continue;
        };
        if name.starts_with('.') {
            continue;
        }
        let path = format!("{prefix}{name}");
        // Follows links: a mounted configuration map is made of them.
        match std::fs::metadata(entry.path()) {
            Ok(meta) if meta.is_dir() && depth < MAX_DEPTH => {
                walk(&entry.path(), &format!("{path}/"), depth + 1, files, faults);
            }
            Ok(meta) if meta.is_file() && meta.len() <= MAX_FILE && files.len() < MAX_FILES => {
                match std::fs::read_to_string(entry.path()) {
                    Ok(text) => {
                        files.insert(path, text);
                    }
                    Err(error) => faults.push(fault(&path, error.to_string(), "make it a readable UTF-8 text file")),
                }
            }
            Ok(_) => faults.push(fault(&path, "too large, too deep, too many, or no file", "see the limits")),
            Err(error) => faults.push(fault(&path, error.to_string(), "make it readable")),
        }
    }
}
