//! The log of one partition: segment files with whole batches, and what is known of its producers.

mod recover;
mod segment;

pub use segment::Segment;

use crate::batch::{self, Head};
use crate::options::Durability;
use crate::producers::{Aborted, Producers, Verdict};
use bytes::{Bytes, BytesMut};
use kafka_protocol::error::ResponseError;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a topic's settings say about its segments.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub segment_bytes: u64,
    pub segment_ms: i64,
    pub retention_ms: i64,
    pub retention_bytes: i64,
    /// Kept for ever, whatever the retention: the latest of each key must stay, and nothing here compacts.
    pub compacted: bool,
}

pub struct PartitionLog {
    folder: PathBuf,
    durability: Durability,
    /// In order of their offsets, never empty; the last one is written to.
    segments: Vec<Segment>,
    /// The offset of the next record.
    end: i64,
    producers: Producers,
}

/// Where to read on: taken under the lock, read without it.
pub struct Cursor {
    file: Arc<File>,
    position: u64,
    /// End of what was written when the cursor was taken.
    length: u64,
    offset: i64,
    /// Batches that begin here or later are not for this reader.
    until: i64,
}

impl PartitionLog {
    /// Reads every batch of the folder, which is made where it is missing.
    pub fn open(folder: &Path, durability: Durability) -> Result<Self, crate::StartError> {
        recover::open(folder, durability)
    }

    pub const fn end(&self) -> i64 {
        self.end
    }
    pub fn start(&self) -> i64 {
        self.segments.first().map_or(self.end, |segment| segment.base)
    }
    pub fn stable(&self) -> i64 {
        self.producers.stable(self.end)
    }
    pub const fn producers(&self) -> &Producers {
        &self.producers
    }

    /// Appends a batch that was found sound, unless its producer's numbers speak against it. Answers its first offset.
    pub fn append(&mut self, bytes: &mut [u8], head: &Head, shape: &Shape) -> Result<i64, ResponseError> {
        match self.producers.check(head) {
            Verdict::Append => {}
            Verdict::Duplicate(base) => return Ok(base),
            Verdict::Refuse(error) => return Err(error),
        }
        self.write(bytes, *head, None, shape).map_err(storage)
    }

    /// Ends a producer's transaction here, where it has one open.
    pub fn mark(&mut self, producer: i64, epoch: i16, commit: bool, now_ms: i64, shape: &Shape) -> io::Result<()> {
        if !self.producers.is_open(producer) {
            return Ok(());
        }
        let mut bytes = batch::marker(producer, epoch, commit, now_ms);
        let head = Head::read(&bytes).map_err(io::Error::other)?;
        self.write(&mut bytes, head, Some(commit), shape).map(|_| ())
    }

    fn write(&mut self, bytes: &mut [u8], mut head: Head, commits: Option<bool>, shape: &Shape) -> io::Result<i64> {
        head.base = self.end;
        batch::place(bytes, self.end);
        if self.active()?.is_full(bytes.len() as u64, &head, shape) {
            self.segments.push(Segment::create(&self.folder, self.end, self.durability)?);
        }
        let durability = self.durability;
        self.active()?.append(bytes, &head, durability)?;
        self.end = head.last() + 1;
        self.producers.appended(&head, commits);
        Ok(head.base)
    }

    fn active(&mut self) -> io::Result<&mut Segment> {
        self.segments.last_mut().ok_or_else(|| io::Error::other("log without a segment"))
    }

    /// A place to read from `offset` on; `None` where nothing is visible yet. The offset must lie in the log.
    pub fn cursor(&self, offset: i64, committed: bool) -> Option<Cursor> {
        let until = if committed { self.stable() } else { self.end };
        if offset >= until {
            return None;
        }
        let after = self.segments.partition_point(|segment| segment.base <= offset);
        let segment = self.segments.get(after.checked_sub(1)?)?;
        Some(segment.cursor(offset, until))
    }

    pub fn aborted(&self, from: i64, to: i64) -> impl Iterator<Item = &Aborted> {
        self.producers.aborted(from, to)
    }

    /// Cursors of the segments that may hold a record that is not older than `timestamp`, in order.
    pub fn since(&self, timestamp: i64) -> Vec<Cursor> {
        let fresh = self.segments.iter().filter(|segment| segment.max_timestamp >= timestamp);
        fresh.map(|segment| segment.cursor(segment.base, self.end)).collect()
    }

    /// Deletes whole segments that the topic no longer wants. Answers how many.
    pub fn retain(&mut self, now_ms: i64, shape: &Shape) -> io::Result<usize> {
        if shape.compacted {
            return Ok(0);
        }
        let mut size: u64 = self.segments.iter().map(|segment| segment.length).sum();
        let mut gone = 0;
        let (stable, end) = (self.stable(), self.end);
        while let Some(first) = self.segments.first() {
            let next = self.segments.get(1).map_or(end, |second| second.base);
            let old = shape.retention_ms >= 0 && first.max_timestamp < now_ms - shape.retention_ms;
            let excess = u64::try_from(shape.retention_bytes).is_ok_and(|limit| size - first.length >= limit);
            if first.length == 0 || next > stable || !(old || excess) {
                break;
            }
            if self.segments.len() == 1 {
                // The new one's name keeps the offset.
                self.segments.push(Segment::create(&self.folder, end, self.durability)?);
            }
            let first = self.segments.remove(0);
            size -= first.length;
            gone += 1;
            std::fs::remove_file(&first.path)?;
        }
        self.producers.truncated(self.start());
        Ok(gone)
    }

    pub fn sync(&self) -> io::Result<()> {
        self.segments.last().map_or(Ok(()), |segment| segment.file.sync_all())
    }
}

pub fn storage(error: io::Error) -> ResponseError {
    tracing::error!(%error, "the log cannot be read or written");
    ResponseError::KafkaStorageError
}

impl Cursor {
    /// Whole batches from the one that holds the offset on, of `max` bytes or less, but at least one where `first`; and
    /// the offset after them.
    pub fn read(&self, max: usize, first: bool) -> io::Result<(Bytes, i64)> {
        let nothing = (Bytes::new(), self.offset);
        let Some((position, head)) = self.seek(|head| head.last() >= self.offset)? else { return Ok(nothing) };
        if head.base >= self.until || (head.size > max && !first) {
            return Ok(nothing);
        }
        let available = usize::try_from(self.length - position).unwrap_or(usize::MAX);
        let mut bytes = BytesMut::zeroed(max.max(head.size).min(available));
        self.file.read_exact_at(&mut bytes, position)?;
        let (mut whole, mut next) = (0, self.offset);
        while let Ok(head) = Head::read(&bytes[whole..]) {
            if head.base >= self.until || head.size > bytes.len() - whole {
                break;
            }
            whole += head.size;
            next = head.last() + 1;
        }
        bytes.truncate(whole);
        Ok((bytes.freeze(), next))
    }

    /// The first record that is not older than `timestamp`: its offset and timestamp.
    pub fn first_since(&self, timestamp: i64) -> io::Result<Option<(i64, i64)>> {
        let Some((position, head)) = self.seek(|head| head.max_timestamp >= timestamp && !head.is_control())? else {
            return Ok(None);
        };
        let mut bytes = vec![0; head.size];
        self.file.read_exact_at(&mut bytes, position)?;
        Ok(batch::first_since(&bytes, &head, timestamp))
    }

    fn seek(&self, found: impl Fn(&Head) -> bool) -> io::Result<Option<(u64, Head)>> {
        let mut position = self.position;
        let mut bytes = [0; batch::HEAD];
        while position < self.length {
            self.file.read_exact_at(&mut bytes, position)?;
            let head = Head::read(&bytes).map_err(io::Error::other)?;
            if found(&head) {
                return Ok(Some((position, head)));
            }
            position += head.size as u64;
        }
        Ok(None)
    }
}
