//! The embedded store under every cache of the log: one redb file per partition.
//!
//! Writes collect in memory and reach the file together with the log position they belong to, in one commit, so that
//! the file is at every moment the fold of a prefix of the log. Most commits are not synchronised: what a crash takes
//! away is folded again, and now and then one is, so that this is seconds of the log and not all of it. A file that cannot
//! be opened is deleted and rebuilt.

mod ingest;
mod sink;
mod tracker;

pub use ingest::IngestStore;
pub use sink::SinkStore;
pub use tracker::TrackerStore;

use redb::{Database, ReadOnlyTable, ReadableDatabase, TableDefinition};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A key and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("fold");
/// A larger file is not read whole at every start.
const VERIFIED_BYTES: u64 = 64 << 20;
/// Pending bytes after which a commit happens without waiting for the next tick: of all stores of the process, each of
/// which gets its share. Many records in one commit cost far less than the same records in many.
const FLUSH_BYTES: usize = 16 << 20;
const SHARE_BYTES: std::ops::RangeInclusive<usize> = (256 << 10)..=(4 << 20);
/// What a held-back write takes in memory beside its key and value.
const ENTRY_BYTES: usize = 128;
/// A killed process finds its file as of the last synchronised commit, so one follows when that is so long ago or so much
/// was written since.
const KEPT_AFTER: Duration = Duration::from_secs(10);
const KEPT_BYTES: usize = 32 << 20;
/// Stores that are open in this process.
static OPEN: AtomicUsize = AtomicUsize::new(0);

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("cannot use the state file {path}")]
    Open { path: PathBuf, source: Box<redb::Error> },
    #[error("cannot use the state folder {path}")]
    Folder { path: PathBuf, source: std::io::Error },
}

/// A damaged page makes redb panic in places. That is as good a reason to rebuild as an error.
fn sound<T>(work: impl FnOnce() -> Result<T, redb::Error>) -> Result<T, redb::Error> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(redb::Error::Corrupted("the store panicked".to_owned())))
}

/// A write that is held back.
struct Pending {
    /// `None` deletes.
    value: Option<Vec<u8>>,
    /// The file may hold this key.
    stored: bool,
}

/// The file as of the last flush.
#[derive(Default)]
struct File {
    /// Opening a table for each read would cost more than the read.
    table: Option<ReadOnlyTable<&'static [u8], &'static [u8]>>,
    /// What was read last: a record is looked up before it is changed, by those who judge and by those who write.
    last: Option<(Vec<u8>, Option<Vec<u8>>)>,
}

/// Keys and values in order, with writes held back until [`Store::flush`].
pub struct Store {
    path: PathBuf,
    database: Database,
    file: Mutex<File>,
    pending: HashMap<Vec<u8>, Pending>,
    pending_bytes: usize,
    /// The last synchronised commit, and what was written since.
    kept_at: Instant,
    unkept_bytes: usize,
}

/// Never fails for the types kept here: no maps of unknown length.
fn encoded<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_allocvec(value).unwrap_or_default()
}

impl Store {
    /// `identity` names what the file is a fold of (cluster, topic, partition); a file of anything else is discarded.
    pub fn open(path: &Path, identity: &str, cache_bytes: usize) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|source| StoreError::Folder { path: folder.to_owned(), source })?;
        }
        match sound(|| Self::try_open(path, identity, cache_bytes)) {
            Ok(Some(store)) => Ok(store),
            Ok(None) | Err(_) => {
                // A cache: whatever is wrong with the file, the log has the truth.
                let _ = std::fs::remove_file(path);
                match Self::try_open(path, identity, cache_bytes) {
                    Ok(Some(store)) => Ok(store),
                    Ok(None) => Err(StoreError::Open {
                        path: path.to_owned(),
                        source: Box::new(redb::Error::Corrupted("identity does not stay".to_owned())),
                    }),
                    Err(source) => Err(StoreError::Open { path: path.to_owned(), source: Box::new(source) }),
                }
            }
        }
    }

    fn try_open(path: &Path, identity: &str, cache_bytes: usize) -> Result<Option<Self>, redb::Error> {
        let fresh = !path.exists();
        let mut database = Database::builder().set_cache_size(cache_bytes).create(path)?;
        // What was not closed was verified by the opening; what was closed may have been damaged since, and a page that
        // reads as empty would make finished commands unknown.
        let small = std::fs::metadata(path).is_ok_and(|file| file.len() <= VERIFIED_BYTES);
        if !fresh && small && !database.check_integrity()? {
            return Ok(None);
        }
        OPEN.fetch_add(1, Ordering::Relaxed);
        let mut store = Self {
            path: path.to_owned(),
            database,
            file: Mutex::default(),
            pending: HashMap::new(),
            pending_bytes: 0,
            kept_at: Instant::now(),
            unkept_bytes: KEPT_BYTES,
        };
        if fresh {
            store.put(b"identity", identity.as_bytes().to_vec());
            store.flush()?;
        }
        Ok((store.get(b"identity").as_deref() == Some(identity.as_bytes())).then_some(store))
    }

    /// A file that can no longer be read ends the process: guessing "unknown" here could apply a command twice. The
    /// file goes with it, so that the next start folds the log again.
    pub fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        if let Some(pending) = self.pending.get(key) {
            return pending.value.clone();
        }
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, value)) = file.last.as_ref().filter(|(last, _)| last == key) {
            return value.clone();
        }
        let read = || -> Result<Option<Vec<u8>>, redb::Error> {
            if file.table.is_none() {
                file.table = Some(self.database.begin_read()?.open_table(TABLE)?);
            }
            let Some(table) = &file.table else { return Ok(None) };
            Ok(table.get(key)?.map(|value| value.value().to_vec()))
        };
        let value = match sound(read) {
            Ok(value) => value,
            Err(redb::Error::TableDoesNotExist(_)) => None,
            Err(error) => self.give_up(&error),
        };
        file.last = Some((key.to_vec(), value.clone()));
        value
    }

    /// As [`Store::get`]; what cannot be decoded is as bad as what cannot be read.
    pub fn read<T: DeserializeOwned>(&self, key: &[u8]) -> Option<T> {
        self.get(key).map(|value| self.decoded(&value))
    }

    fn decoded<T: DeserializeOwned>(&self, value: &[u8]) -> T {
        match postcard::from_bytes(value) {
            Ok(value) => value,
            Err(error) => self.give_up(&redb::Error::Corrupted(error.to_string())),
        }
    }

    fn give_up(&self, error: &redb::Error) -> ! {
        tracing::error!(path = %self.path.display(), %error, "state file cannot be read; it will be rebuilt");
        let _ = std::fs::remove_file(&self.path);
        std::process::abort()
    }

    pub fn put(&mut self, key: &[u8], value: Vec<u8>) {
        self.write(key, Some(value), true);
    }

    /// Under a key that is not in use.
    pub fn add(&mut self, key: &[u8], value: Vec<u8>) {
        self.write(key, Some(value), false);
    }

    /// What came and went since the last flush never reaches the file.
    pub fn delete(&mut self, key: &[u8]) {
        if self.pending.get(key).is_some_and(|pending| !pending.stored) {
            self.pending.remove(key);
        } else {
            self.write(key, None, true);
        }
    }

    fn write(&mut self, key: &[u8], value: Option<Vec<u8>>, stored: bool) {
        let bytes = |value: &Option<Vec<u8>>| value.as_ref().map_or(0, Vec::len);
        if let Some(pending) = self.pending.get_mut(key) {
            self.pending_bytes = (self.pending_bytes + bytes(&value)).saturating_sub(bytes(&pending.value));
            pending.value = value;
        } else {
            self.pending_bytes += ENTRY_BYTES + key.len() + bytes(&value);
            self.pending.insert(key.to_vec(), Pending { value, stored });
        }
    }

    /// Every pair whose key begins with `prefix`, in key order.
    pub fn scan(&self, prefix: &[u8]) -> Vec<Pair> {
        let mut found: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        let read = || -> Result<Vec<Pair>, redb::Error> {
            let table = self.database.begin_read()?.open_table(TABLE)?;
            let mut pairs = Vec::new();
            for pair in table.range(prefix..)? {
                let (key, value) = pair?;
                if !key.value().starts_with(prefix) {
                    break;
                }
                pairs.push((key.value().to_vec(), value.value().to_vec()));
            }
            Ok(pairs)
        };
        match sound(read) {
            Ok(pairs) => found.extend(pairs),
            Err(redb::Error::TableDoesNotExist(_)) => {}
            Err(error) => self.give_up(&error),
        }
        for (key, pending) in self.pending.iter().filter(|(key, _)| key.starts_with(prefix)) {
            match &pending.value {
                Some(value) => found.insert(key.clone(), value.clone()),
                None => found.remove(key),
            };
        }
        found.into_iter().collect()
    }

    pub fn wants_flush(&self) -> bool {
        let share = FLUSH_BYTES / OPEN.load(Ordering::Relaxed).max(1);
        self.pending_bytes >= share.clamp(*SHARE_BYTES.start(), *SHARE_BYTES.end())
    }

    /// Call only between records, so that the file never holds half of one.
    pub fn flush(&mut self) -> Result<(), redb::Error> {
        if self.pending.is_empty() {
            return Ok(());
        }
        // A reader would keep the pages it may still read from being used again.
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = File::default();
        // In order each page of the tree is visited once.
        let mut pending: Vec<_> = self.pending.iter().collect();
        pending.sort_unstable_by_key(|(key, _)| *key);
        let unkept = self.unkept_bytes + self.pending_bytes;
        let keep = unkept >= KEPT_BYTES || self.kept_at.elapsed() >= KEPT_AFTER;
        let write = || {
            let mut write = self.database.begin_write()?;
            if !keep {
                write.set_durability(redb::Durability::None)?;
            }
            {
                let mut table = write.open_table(TABLE)?;
                for (key, pending) in pending {
                    match &pending.value {
                        Some(value) => table.insert(key.as_slice(), value.as_slice())?,
                        None => table.remove(key.as_slice())?,
                    };
                }
            }
            Ok(write.commit()?)
        };
        match sound(write) {
            Err(error @ redb::Error::Corrupted(_)) => self.give_up(&error),
            other => other?,
        }
        self.pending.clear();
        self.pending_bytes = 0;
        self.unkept_bytes = if keep { 0 } else { unkept };
        if keep {
            self.kept_at = Instant::now();
        }
        Ok(())
    }

    /// As [`Store::flush`], and on disk: at a graceful end, so that the next start has little to fold.
    pub fn close(mut self) -> Result<(), redb::Error> {
        self.flush()?;
        let mut write = self.database.begin_write()?;
        write.set_durability(redb::Durability::Immediate)?;
        write.commit()?;
        Ok(())
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a process that is killed leaves is what another reads in the file at that moment.
    #[test]
    fn a_killed_process_finds_all_but_what_was_written_last() {
        let folder = tempfile::tempdir().unwrap();
        let (path, left) = (folder.path().join("a.redb"), folder.path().join("left.redb"));
        let mut store = Store::open(&path, "a", 1 << 20).unwrap();
        store.put(b"early", vec![7; KEPT_BYTES]);
        store.flush().unwrap();
        store.put(b"late", vec![7]);
        store.flush().unwrap();
        std::fs::copy(&path, &left).unwrap();
        let found = Store::open(&left, "a", 1 << 20).unwrap();
        assert_eq!(found.get(b"early").map(|value| value.len()), Some(KEPT_BYTES));
        assert_eq!(found.get(b"late"), None);
        assert_eq!(store.get(b"late"), Some(vec![7]));
    }

    /// Every page in turn, of a file that was closed and of one that was not.
    #[test]
    fn a_file_with_a_blank_page_gives_what_was_written_or_is_rebuilt() {
        let folder = tempfile::tempdir().unwrap();
        let original = folder.path().join("original.redb");
        let pairs: Vec<Pair> = (0..2_000u32).map(|n| (n.to_be_bytes().to_vec(), vec![7; 40])).collect();
        let mut store = Store::open(&original, "a", 1 << 20).unwrap();
        for (key, value) in &pairs {
            store.put(key, value.clone());
        }
        store.close().unwrap();
        let whole = std::fs::read(&original).unwrap();
        let mut rebuilt = 0;
        for page in 0..whole.len() / 4096 {
            let path = folder.path().join("damaged.redb");
            let mut bytes = whole.clone();
            bytes[page * 4096..(page + 1) * 4096].fill(0);
            std::fs::write(&path, bytes).unwrap();
            let store = Store::open(&path, "a", 1 << 20).unwrap();
            let found: Vec<Pair> = store.scan(&[0, 0]);
            rebuilt += usize::from(found.is_empty());
            assert!(found.is_empty() || found == pairs, "page {page}: {} of {} pairs", found.len(), pairs.len());
            drop(store);
            std::fs::remove_file(&path).unwrap();
        }
        assert!(rebuilt > 20, "only {rebuilt} pages mattered");
    }
}
