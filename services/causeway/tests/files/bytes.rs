//! Bytes of any number that nobody has to hold, and what the kernel says of a process that passes them on.

use futures::{Stream, StreamExt as _};
use sha2::{Digest as _, Sha256};
use std::convert::Infallible;

const PIECE: usize = 1 << 20;

/// A file: its bytes follow from its seed.
#[derive(Clone, Debug)]
pub struct Paper {
    pub name: String,
    pub size: u64,
    pub sha256: String,
    seed: u64,
}

impl Paper {
    pub fn new(name: &str, size: u64, seed: u64) -> Self {
        let mut hash = Sha256::new();
        pieces(size, seed).for_each(|piece| hash.update(&piece));
        Self { name: name.to_owned(), size, sha256: hex(&hash.finalize()), seed }
    }

    /// The same bytes.
    pub fn called(&self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self.clone() }
    }

    pub fn stream(&self) -> impl Stream<Item = Result<Vec<u8>, Infallible>> + Send + use<> {
        futures::stream::iter(pieces(self.size, self.seed)).map(Ok)
    }
}

/// No two pieces are the same.
fn pieces(size: u64, seed: u64) -> impl Iterator<Item = Vec<u8>> + Send {
    let mut noise = seed | 1;
    let block: Vec<u8> = std::iter::repeat_with(|| {
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        noise.to_le_bytes()
    })
    .take(PIECE / 8)
    .flatten()
    .collect();
    (0..size.div_ceil(PIECE as u64)).map(move |n| {
        let mut piece = block.clone();
        piece[..8].copy_from_slice(&n.to_le_bytes());
        piece.truncate((size - n * PIECE as u64).min(PIECE as u64) as usize);
        piece
    })
}

pub fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The most memory that the process has ever had resident, in KiB.
pub fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix("kB").unwrap().trim().parse().unwrap()
}
