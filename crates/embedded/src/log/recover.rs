//! Opening a partition: every batch is read and its checksum compared, a torn end is cut, index and producers are made
//! again.

use super::{PartitionLog, Segment};
use crate::batch::{self, Head};
use crate::options::{Durability, StartError};
use crate::producers::Producers;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// No batch is larger: requests are not.
const LARGEST: usize = 256 << 20;

pub fn open(folder: &Path, durability: Durability) -> Result<PartitionLog, StartError> {
    std::fs::create_dir_all(folder).map_err(StartError::storage(folder))?;
    let mut producers = Producers::default();
    let mut segments: Vec<Segment> = Vec::new();
    let files = files(folder).map_err(StartError::storage(folder))?;
    let mut end = files.first().map_or(0, |(base, _)| *base);
    let last = files.len().saturating_sub(1);
    for (at, (base, path)) in files.into_iter().enumerate() {
        if base != end {
            return Err(StartError::Damaged { path, position: 0 });
        }
        let mut segment = Segment::open(path.clone(), base).map_err(StartError::storage(&path))?;
        let whole = scan(&mut segment, &mut end, &mut producers).map_err(StartError::storage(&path))?;
        if !whole {
            cut(&segment, at == last)?;
        }
        segments.push(segment);
    }
    if segments.is_empty() {
        segments.push(Segment::create(folder, end, durability).map_err(StartError::storage(folder))?);
    }
    Ok(PartitionLog { folder: folder.to_owned(), durability, segments, end, producers })
}

fn files(folder: &Path) -> io::Result<Vec<(i64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let base = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".log")?.parse().ok());
        found.extend(base.map(|base| (base, path)));
    }
    found.sort();
    Ok(found)
}

/// Reads batch after batch. False where something other than a sound batch begins at the segment's length.
fn scan(segment: &mut Segment, end: &mut i64, producers: &mut Producers) -> io::Result<bool> {
    let length = segment.file.metadata()?.len();
    let mut bytes = Vec::new();
    while segment.length < length {
        let Some(head) = sound(segment, segment.length, length, &mut bytes)? else { return Ok(false) };
        if head.base != *end {
            return Ok(false);
        }
        segment.admit(&head);
        producers.appended(&head, batch::marker_commits(&bytes).filter(|_| head.is_control()));
        *end = head.last() + 1;
    }
    Ok(true)
}

/// The batch at `position`, read into `bytes`, where its checksum is right.
fn sound(segment: &Segment, position: u64, length: u64, bytes: &mut Vec<u8>) -> io::Result<Option<Head>> {
    let left = usize::try_from(length - position).unwrap_or(usize::MAX);
    if left < batch::HEAD {
        return Ok(None);
    }
    bytes.resize(batch::HEAD, 0);
    segment.file.read_exact_at(bytes, position)?;
    let Ok(head) = Head::read(bytes) else { return Ok(None) };
    if head.size > left.min(LARGEST) {
        return Ok(None);
    }
    bytes.resize(head.size, 0);
    segment.file.read_exact_at(bytes, position)?;
    Ok(Head::checked(bytes).ok())
}

/// Cuts what follows the last sound batch: the torn end of the last write. Where sound batches follow, or a later
/// segment does, it is no torn end, and cutting would lose what was acknowledged.
fn cut(segment: &Segment, last: bool) -> Result<(), StartError> {
    let failed = || StartError::storage(&segment.path);
    let length = segment.file.metadata().map_err(failed())?.len();
    let mut head = [0; batch::HEAD];
    let mut bytes = Vec::new();
    let claimed = (length - segment.length >= batch::HEAD as u64)
        .then(|| segment.file.read_exact_at(&mut head, segment.length).ok().and_then(|()| Head::read(&head).ok()))
        .flatten();
    let next = claimed.map(|head| segment.length + head.size as u64).filter(|next| *next < length);
    let follows = match next {
        Some(next) => sound(segment, next, length, &mut bytes).map_err(failed())?.is_some(),
        None => false,
    };
    if !last || follows {
        return Err(StartError::Damaged { path: segment.path.clone(), position: segment.length });
    }
    tracing::warn!(path = %segment.path.display(), position = segment.length, bytes = length - segment.length, "cut a torn batch");
    segment.file.set_len(segment.length).map_err(failed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Shape;

    const SHAPE: Shape =
        Shape { segment_bytes: 1 << 20, segment_ms: i64::MAX, retention_ms: -1, retention_bytes: -1, compacted: false };

    /// One record of a producer without numbers.
    fn append(log: &mut PartitionLog, shape: &Shape) {
        let mut bytes = batch::marker(-1, -1, true, 5);
        bytes[21..23].copy_from_slice(&[0, 0]);
        let crc = crc32c::crc32c(&bytes[21..]);
        bytes[17..21].copy_from_slice(&crc.to_be_bytes());
        let head = Head::checked(&bytes).unwrap();
        log.append(&mut bytes, &head, shape).unwrap();
    }

    fn reopened(folder: &Path) -> Result<PartitionLog, StartError> {
        PartitionLog::open(folder, Durability::System)
    }

    #[test]
    fn a_batch_torn_at_any_byte_is_cut_and_the_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = reopened(folder.path()).unwrap();
        for _ in 0..3 {
            append(&mut log, &SHAPE);
        }
        let path = log.segments[0].path.clone();
        let bytes = std::fs::read(&path).unwrap();
        let whole = bytes.len() / 3 * 2;
        for end in whole..bytes.len() {
            std::fs::write(&path, &bytes[..end]).unwrap();
            assert_eq!(reopened(folder.path()).unwrap().end(), 2, "torn at {end}");
            assert_eq!(std::fs::metadata(&path).unwrap().len(), whole as u64);
        }
    }

    #[test]
    fn damage_before_sound_batches_refuses_to_start() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = reopened(folder.path()).unwrap();
        for _ in 0..3 {
            append(&mut log, &SHAPE);
        }
        let path = log.segments[0].path.clone();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[40] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert!(matches!(reopened(folder.path()), Err(StartError::Damaged { position: 0, .. })));
    }

    #[test]
    fn reading_finds_every_offset_over_many_segments() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = reopened(folder.path()).unwrap();
        let small = Shape { segment_bytes: 10_000, ..SHAPE };
        for _ in 0..1_000 {
            append(&mut log, &small);
        }
        assert!(log.segments.len() > 5);
        let log = reopened(folder.path()).unwrap();
        for offset in 0..1_000 {
            let bytes = log.cursor(offset, true).unwrap().read(100, true).unwrap().0;
            assert_eq!(Head::checked(&bytes).unwrap().base, offset);
        }
        assert!(log.cursor(1_000, true).is_none());
    }

    #[test]
    fn retention_deletes_whole_segments_and_the_start_survives() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = reopened(folder.path()).unwrap();
        let small = Shape { segment_bytes: 1_000, retention_bytes: 2_000, ..SHAPE };
        for _ in 0..100 {
            append(&mut log, &small);
        }
        assert!(log.retain(0, &small).unwrap() > 3);
        let start = log.start();
        assert!(start > 50 && log.end() == 100);
        assert_eq!(log.retain(1_000_000, &Shape { retention_ms: 1, ..small }).unwrap(), log.segments.len() + 2);
        assert_eq!((log.start(), log.end()), (100, 100));
        let log = reopened(folder.path()).unwrap();
        assert_eq!((log.start(), log.end()), (100, 100));
    }
}
