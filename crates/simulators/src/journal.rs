//! The durable state of a simulator: one JSON line per request that changed something, on disk before it is answered.
//!
//! Besides restoring the simulator it is evidence: an independent checker reads it to learn what was really applied,
//! whatever the caller was told.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("cannot use {path}")]
    Io { path: PathBuf, source: io::Error },
    #[error("{path} is damaged at line {line}")]
    Damaged { path: PathBuf, line: usize, source: serde_json::Error },
}

#[derive(Debug)]
pub struct Journal {
    file: File,
    /// A write failed half way: the tail is not known and nothing may follow it.
    broken: bool,
}

impl Journal {
    /// Name of the file inside the folder.
    pub const FILE: &'static str = "changes.jsonl";

    /// Opens the folder's journal, made where it is missing, locks it against a second process, and reads it whole. A
    /// last line without its end was being written when the process died; nobody was told of it, and it is cut off.
    pub fn open<E: DeserializeOwned>(folder: &Path) -> Result<(Self, Vec<E>), JournalError> {
        let path = folder.join(Self::FILE);
        let io = |source| JournalError::Io { path: path.clone(), source };
        std::fs::create_dir_all(folder).map_err(io)?;
        let file = OpenOptions::new().read(true).append(true).create(true).open(&path).map_err(io)?;
        file.try_lock().map_err(|error| io(io::Error::other(error)))?;
        File::open(folder).and_then(|f| f.sync_all()).map_err(io)?;
        let mut reader = BufReader::new(&file);
        let (mut entries, mut line, mut good) = (Vec::new(), Vec::new(), 0);
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line).map_err(io)? as u64;
            if read == 0 || line.last() != Some(&b'\n') {
                break;
            }
            let entry = serde_json::from_slice(&line).map_err(|source| JournalError::Damaged {
                path: path.clone(),
                line: entries.len() + 1,
                source,
            })?;
            entries.push(entry);
            good += read;
        }
        drop(reader);
        file.set_len(good).and_then(|()| (&file).seek(SeekFrom::End(0))).map_err(io)?;
        Ok((Self { file, broken: false }, entries))
    }

    /// On disk when it returns.
    pub fn append(&mut self, entry: &impl Serialize) -> io::Result<()> {
        if self.broken {
            return Err(io::Error::other("an earlier write failed"));
        }
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        let written = self.file.write_all(&line).and_then(|()| self.file.sync_data());
        self.broken = written.is_err();
        written
    }
}
