//! Record batches (format 2) as bytes. The broker reads their header, checks their sum and stores them as they came:
//! compressed records are never unpacked.
//!
//! Layout: base offset 8, length 4, leader epoch 4, magic 1, crc 4, then what the crc covers: attributes 2, last offset
//! delta 4, first and largest timestamp 8 each, producer id 8, producer epoch 2, first sequence 4, record count 4.

/// Bytes of the header.
pub const HEAD: usize = 61;
const COVERED: usize = 21;
const COMPRESSION: i16 = 0x07;
const LOG_APPEND_TIME: i16 = 0x08;
const TRANSACTIONAL: i16 = 0x10;
const CONTROL: i16 = 0x20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    #[error("batch ends before its length")]
    Short,
    #[error("not a batch of format 2")]
    Format,
    #[error("checksum of the batch does not match")]
    Checksum,
    #[error("record count and offsets of the batch contradict each other")]
    Counts,
}

/// A batch's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub base: i64,
    /// Bytes of the whole batch.
    pub size: usize,
    crc: u32,
    attributes: i16,
    pub last_delta: i32,
    pub first_timestamp: i64,
    pub max_timestamp: i64,
    pub producer: i64,
    pub epoch: i16,
    pub sequence: i32,
    pub count: i32,
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], BatchError> {
    bytes.get(at..at + N).and_then(|slice| slice.try_into().ok()).ok_or(BatchError::Short)
}

impl Head {
    pub fn read(bytes: &[u8]) -> Result<Self, BatchError> {
        let length = i32::from_be_bytes(array(bytes, 8)?);
        let size = usize::try_from(length).map_err(|_| BatchError::Format)? + 12;
        if array::<1>(bytes, 16)? != [2] || size < HEAD {
            return Err(BatchError::Format);
        }
        Ok(Self {
            base: i64::from_be_bytes(array(bytes, 0)?),
            size,
            crc: u32::from_be_bytes(array(bytes, 17)?),
            attributes: i16::from_be_bytes(array(bytes, 21)?),
            last_delta: i32::from_be_bytes(array(bytes, 23)?),
            first_timestamp: i64::from_be_bytes(array(bytes, 27)?),
            max_timestamp: i64::from_be_bytes(array(bytes, 35)?),
            producer: i64::from_be_bytes(array(bytes, 43)?),
            epoch: i16::from_be_bytes(array(bytes, 51)?),
            sequence: i32::from_be_bytes(array(bytes, 53)?),
            count: i32::from_be_bytes(array(bytes, 57)?),
        })
    }

    /// The header of the batch at the beginning of `bytes`, with its checksum and counts found right.
    pub fn checked(bytes: &[u8]) -> Result<Self, BatchError> {
        let head = Self::read(bytes)?;
        let covered = bytes.get(COVERED..head.size).ok_or(BatchError::Short)?;
        if crc32c::crc32c(covered) != head.crc {
            return Err(BatchError::Checksum);
        }
        if head.last_delta < 0 || head.count != head.last_delta.saturating_add(1) || head.base < 0 {
            return Err(BatchError::Counts);
        }
        Ok(head)
    }

    pub fn last(&self) -> i64 {
        self.base.saturating_add(i64::from(self.last_delta))
    }
    pub const fn is_transactional(&self) -> bool {
        self.attributes & TRANSACTIONAL != 0
    }
    pub const fn is_control(&self) -> bool {
        self.attributes & CONTROL != 0
    }
    pub const fn is_compressed(&self) -> bool {
        self.attributes & COMPRESSION != 0
    }
    /// The sequence number of the last record; they go round at the largest.
    pub fn last_sequence(&self) -> i32 {
        let last = (i64::from(self.sequence) + i64::from(self.last_delta)) % (i64::from(i32::MAX) + 1);
        i32::try_from(last).unwrap_or(0)
    }
}

/// Gives a checked batch its place in the log. The checksum covers neither field.
pub fn place(bytes: &mut [u8], base: i64) {
    if let Some(field) = bytes.get_mut(..8) {
        field.copy_from_slice(&base.to_be_bytes());
    }
    if let Some(field) = bytes.get_mut(12..16) {
        field.copy_from_slice(&0_i32.to_be_bytes());
    }
}

/// Marks a checked batch as stamped by the broker, for topics that want its time instead of the producer's.
pub fn stamp(bytes: &mut [u8], head: &Head, now_ms: i64) {
    let attributes = head.attributes | LOG_APPEND_TIME;
    if bytes.len() >= HEAD {
        bytes[21..23].copy_from_slice(&attributes.to_be_bytes());
        bytes[35..43].copy_from_slice(&now_ms.to_be_bytes());
        let crc = crc32c::crc32c(bytes.get(COVERED..head.size).unwrap_or_default());
        bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    }
}

/// The control batch that ends a producer's transaction on a partition; offset 0 until it is placed.
pub fn marker(producer: i64, epoch: i16, commit: bool, now_ms: i64) -> Vec<u8> {
    // Record: length 16, attributes, both deltas 0; key of 4 bytes: version 0 and type; value of 6: version 0 and the
    // coordinator's epoch; no headers. Lengths are zigzag varints.
    let record = [32, 0, 0, 0, 8, 0, 0, 0, u8::from(commit), 12, 0, 0, 0, 0, 0, 0, 0];
    let mut covered = Vec::with_capacity(HEAD + record.len());
    covered.extend((TRANSACTIONAL | CONTROL).to_be_bytes());
    covered.extend(0_i32.to_be_bytes());
    covered.extend(now_ms.to_be_bytes());
    covered.extend(now_ms.to_be_bytes());
    covered.extend(producer.to_be_bytes());
    covered.extend(epoch.to_be_bytes());
    covered.extend((-1_i32).to_be_bytes());
    covered.extend(1_i32.to_be_bytes());
    covered.extend(record);
    let mut batch = Vec::with_capacity(COVERED + covered.len());
    batch.extend(0_i64.to_be_bytes());
    batch.extend(i32::try_from(covered.len() + COVERED - 12).unwrap_or(i32::MAX).to_be_bytes());
    batch.extend(0_i32.to_be_bytes());
    batch.push(2);
    batch.extend(crc32c::crc32c(&covered).to_be_bytes());
    batch.extend(covered);
    batch
}

/// What a control batch says: `Some(true)` for commit, `Some(false)` for abort, `None` for anything else.
pub fn marker_commits(bytes: &[u8]) -> Option<bool> {
    let mut at = HEAD;
    varint(bytes, &mut at)?; // length
    at += 1; // attributes
    varint(bytes, &mut at)?;
    varint(bytes, &mut at)?;
    varint(bytes, &mut at)?; // length of the key
    match i16::from_be_bytes(array(bytes, at + 2).ok()?) {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

/// Offset and timestamp of the first record that is not older than `timestamp`. In a compressed batch that is the
/// first record of the batch: at or before the one that was asked for.
pub fn first_since(bytes: &[u8], head: &Head, timestamp: i64) -> Option<(i64, i64)> {
    if head.max_timestamp < timestamp {
        return None;
    }
    if head.is_compressed() || head.attributes & LOG_APPEND_TIME != 0 {
        return Some((head.base, head.max_timestamp));
    }
    let mut at = HEAD;
    for delta in 0..i64::from(head.count) {
        let length = varint(bytes, &mut at)?;
        let mut inside = at + 1;
        let time = head.first_timestamp.saturating_add(varint(bytes, &mut inside)?);
        if time >= timestamp {
            return Some((head.base + delta, time));
        }
        at = at.checked_add(usize::try_from(length).ok()?)?;
    }
    None
}

fn varint(bytes: &[u8], at: &mut usize) -> Option<i64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some((value >> 1) as i64 ^ -((value & 1) as i64));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_a_valid_batch_that_says_what_it_was_made_for() {
        for commit in [true, false] {
            let mut bytes = marker(7, 3, commit, 1_000);
            place(&mut bytes, 41);
            let head = Head::checked(&bytes).unwrap();
            assert_eq!((head.base, head.last(), head.producer, head.epoch), (41, 41, 7, 3));
            assert!(head.is_control() && head.is_transactional() && head.size == bytes.len());
            assert_eq!(marker_commits(&bytes), Some(commit));
        }
    }

    #[test]
    fn a_flipped_bit_or_a_missing_end_is_found() {
        let bytes = marker(7, 3, true, 1_000);
        for at in COVERED..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x10;
            assert_eq!(Head::checked(&flipped), Err(BatchError::Checksum));
        }
        for end in 0..bytes.len() {
            assert!(Head::checked(&bytes[..end]).is_err());
        }
    }

    #[test]
    fn sequences_go_round_at_the_largest() {
        let mut head = Head::read(&marker(1, 0, true, 0)).unwrap();
        (head.sequence, head.last_delta) = (i32::MAX - 1, 3);
        assert_eq!(head.last_sequence(), 1);
    }
}
