//! Journals line by line: bounded, and a damaged line does not end the reading.

use crate::CheckError;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

/// A line beyond it is damaged: no system writes one.
const LINE: usize = 4 * 1024 * 1024;

/// Where a journal is read from.
#[derive(Clone, Debug)]
pub enum Source {
    File(PathBuf),
    /// A name for findings, and the lines.
    Memory(String, Vec<u8>),
}

impl Source {
    pub fn file(path: impl AsRef<Path>) -> Self {
        Self::File(path.as_ref().to_owned())
    }

    pub fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Memory(name, _) => name.clone(),
        }
    }

    fn open(&self) -> Result<Box<dyn BufRead + '_>, CheckError> {
        Ok(match self {
            Self::File(path) => {
                let file = File::open(path).map_err(|source| CheckError { journal: self.name(), source })?;
                Box::new(BufReader::with_capacity(256 * 1024, file))
            }
            Self::Memory(_, bytes) => Box::new(bytes.as_slice()),
        })
    }

    /// Hands out every line with its number, from 1. A last line without its end was being written when its writer
    /// died: nobody was told of it, and it is left out.
    pub(crate) fn lines(&self, mut each: impl FnMut(u64, &[u8])) -> Result<(), CheckError> {
        let failed = |source| CheckError { journal: self.name(), source };
        let mut reader = self.open()?;
        let (mut line, mut number) = (Vec::new(), 0);
        loop {
            line.clear();
            let read = reader.by_ref().take(LINE as u64).read_until(b'\n', &mut line).map_err(failed)?;
            if read == 0 {
                return Ok(());
            }
            number += 1;
            let whole = line.pop_if(|last| *last == b'\n').is_some();
            if !whole && read == LINE {
                reader.skip_until(b'\n').map_err(failed)?;
            } else if !whole {
                return Ok(());
            }
            each(number, &line);
        }
    }
}
