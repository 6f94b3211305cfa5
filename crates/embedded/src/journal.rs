//! An append-only file of small entries: one line each, `<crc32c in hex> <json>`.
//!
//! An entry that is half written when the process dies fails its checksum and is cut off at the next start. Read back,
//! the entries make the state again; [`Journal::rewrite`] replaces them with as many as the state needs.

use crate::options::{Durability, StartError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

pub struct Journal {
    path: PathBuf,
    file: File,
    length: u64,
    durability: Durability,
}

fn line(entry: &impl Serialize) -> io::Result<String> {
    let json = serde_json::to_string(entry)?;
    Ok(format!("{:08x} {json}\n", crc32c::crc32c(json.as_bytes())))
}

fn checked(line: &[u8]) -> Option<&[u8]> {
    let (crc, json) = (line.get(..8)?, line.get(9..)?.strip_suffix(b"\n")?);
    let crc = u32::from_str_radix(std::str::from_utf8(crc).ok()?, 16).ok()?;
    (crc == crc32c::crc32c(json)).then_some(json)
}

impl Journal {
    /// Reads every entry in order, cuts a torn end, and is ready to append.
    pub fn open<T: DeserializeOwned>(
        path: &Path,
        durability: Durability,
        mut each: impl FnMut(T),
    ) -> Result<Self, StartError> {
        let failed = || StartError::storage(path);
        let file = OpenOptions::new().create(true).read(true).append(true).open(path).map_err(failed())?;
        let mut reader = BufReader::new(&file);
        let (mut length, mut torn, mut bytes) = (0, None, Vec::new());
        loop {
            bytes.clear();
            let read = reader.read_until(b'\n', &mut bytes).map_err(failed())? as u64;
            if read == 0 {
                break;
            }
            match (checked(&bytes), torn) {
                (Some(json), None) => {
                    let unreadable =
                        |source| StartError::Unreadable { path: path.to_owned(), position: length, source };
                    each(serde_json::from_slice(json).map_err(unreadable)?);
                }
                (Some(_), Some(position)) => return Err(StartError::Damaged { path: path.to_owned(), position }),
                (None, None) => torn = Some(length),
                (None, Some(_)) => {}
            }
            length += read;
        }
        if let Some(position) = torn {
            tracing::warn!(path = %path.display(), position, bytes = length - position, "cut a torn entry");
            file.set_len(position).map_err(failed())?;
            length = position;
        }
        Ok(Self { path: path.to_owned(), file, length, durability })
    }

    pub const fn length(&self) -> u64 {
        self.length
    }

    /// All of the entries, or none: what was written of a failed attempt is taken back.
    pub fn append<T: Serialize>(&mut self, entries: &[T]) -> io::Result<()> {
        let mut text = String::new();
        for entry in entries {
            text.push_str(&line(entry)?);
        }
        let written = self.file.write_all(text.as_bytes()).and_then(|()| match self.durability {
            Durability::System => Ok(()),
            Durability::Disk => self.file.sync_data(),
        });
        if let Err(error) = written {
            self.file.set_len(self.length)?;
            return Err(error);
        }
        #[cfg(test)]
        crate::tape::note(&self.path, self.length, self.length + text.len() as u64);
        self.length += text.len() as u64;
        Ok(())
    }

    /// Puts these entries in the place of all others; the old file stays until the new one is on the disk.
    pub fn rewrite<T: Serialize>(&mut self, entries: impl Iterator<Item = T>) -> io::Result<()> {
        let part = self.path.with_extension("part");
        let mut new = io::BufWriter::new(File::create(&part)?);
        for entry in entries {
            new.write_all(line(&entry)?.as_bytes())?;
        }
        new.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        std::fs::rename(&part, &self.path)?;
        if let Some(folder) = self.path.parent() {
            File::open(folder)?.sync_all()?;
        }
        self.file = OpenOptions::new().read(true).append(true).open(&self.path)?;
        self.length = self.file.metadata()?.len();
        Ok(())
    }

    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(path: &Path) -> Result<Vec<u32>, StartError> {
        let mut found = Vec::new();
        Journal::open(path, Durability::System, |entry| found.push(entry)).map(|_| found)
    }

    fn written(path: &Path) -> Vec<u8> {
        let mut journal = Journal::open(path, Durability::System, |_: u32| ()).unwrap();
        journal.append(&[1, 2, 3]).unwrap();
        std::fs::read(path).unwrap()
    }

    #[test]
    fn a_torn_entry_at_the_end_is_cut_wherever_it_was_torn() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let bytes = written(&path);
        let third = bytes.len() / 3 * 2;
        for end in third..bytes.len() {
            std::fs::write(&path, &bytes[..end]).unwrap();
            assert_eq!(entries(&path).unwrap(), [1, 2], "cut at {end}");
            assert_eq!(std::fs::metadata(&path).unwrap().len(), third as u64);
        }
    }

    #[test]
    fn damage_before_a_valid_entry_is_not_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut bytes = written(&path);
        bytes[2] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert!(matches!(entries(&path), Err(StartError::Damaged { position: 0, .. })));
    }

    #[test]
    fn rewriting_replaces_all_entries() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        written(&path);
        let mut journal = Journal::open(&path, Durability::System, |_: u32| ()).unwrap();
        journal.rewrite([7].iter()).unwrap();
        journal.append(&[8]).unwrap();
        assert_eq!(entries(&path).unwrap(), [7, 8]);
    }
}
