//! One file of a log, and the sparse index over it, which lives in memory alone.

use super::{Cursor, Shape};
use crate::batch::Head;
use crate::options::Durability;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes between two entries of the index.
const STRIDE: u64 = 4096;

pub struct Segment {
    /// Offset of the first record, which names the file.
    pub base: i64,
    pub path: PathBuf,
    pub file: Arc<File>,
    /// Bytes that hold whole batches.
    pub length: u64,
    /// Of all records; the smallest number while there are none.
    pub max_timestamp: i64,
    first_timestamp: Option<i64>,
    /// Offset since `base`, and where the batch that begins with it lies; ascending.
    index: Vec<(u32, u32)>,
    indexed_to: u64,
}

impl Segment {
    pub fn create(folder: &Path, base: i64, durability: Durability) -> io::Result<Self> {
        let segment = Self::open(folder.join(format!("{base:020}.log")), base)?;
        durability.entries(folder)?;
        Ok(segment)
    }

    /// Ready to be written to from byte 0; `admit` tells it what is there.
    pub fn open(path: PathBuf, base: i64) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path)?;
        Ok(Self {
            base,
            path,
            file: Arc::new(file),
            length: 0,
            max_timestamp: i64::MIN,
            first_timestamp: None,
            index: Vec::new(),
            indexed_to: 0,
        })
    }

    /// Whether a batch of this size belongs into a new segment.
    pub fn is_full(&self, size: u64, head: &Head, shape: &Shape) -> bool {
        let aged = |first: i64| head.max_timestamp.saturating_sub(first) >= shape.segment_ms;
        let far = u32::try_from(head.last() - self.base).is_err();
        self.length > 0 && (self.length + size > shape.segment_bytes || far || self.first_timestamp.is_some_and(aged))
    }

    /// Writes at the end; what a failed write left behind is overwritten by the next one and cut at a restart.
    pub fn append(&mut self, bytes: &[u8], head: &Head, durability: Durability) -> io::Result<()> {
        self.file.write_all_at(bytes, self.length)?;
        match durability {
            Durability::System => {}
            Durability::Disk => self.file.sync_data()?,
        }
        #[cfg(test)]
        crate::tape::note(&self.path, self.length, self.length + bytes.len() as u64);
        self.admit(head);
        Ok(())
    }

    /// Notes the batch that lies at the end.
    pub fn admit(&mut self, head: &Head) {
        if self.index.is_empty() || self.length - self.indexed_to >= STRIDE {
            let entry = (u32::try_from(head.base - self.base), u32::try_from(self.length));
            if let (Ok(offset), Ok(position)) = entry {
                self.index.push((offset, position));
                self.indexed_to = self.length;
            }
        }
        self.length += head.size as u64;
        self.max_timestamp = self.max_timestamp.max(head.max_timestamp);
        self.first_timestamp.get_or_insert(head.max_timestamp);
    }

    pub fn cursor(&self, offset: i64, until: i64) -> Cursor {
        let after = self.index.partition_point(|(delta, _)| self.base + i64::from(*delta) <= offset);
        let position = after.checked_sub(1).and_then(|at| self.index.get(at)).map_or(0, |entry| u64::from(entry.1));
        Cursor { file: self.file.clone(), position, length: self.length, offset, until }
    }
}
