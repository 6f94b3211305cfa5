//! The embedded store under every cache of the log: one redb file per partition.
//!
//! Writes collect in memory and reach the file together with the log position they belong to, in one commit, so that
//! the file is at every moment the fold of a prefix of the log. It is never synchronised for its own sake: what a
//! crash takes away is folded again. A file that cannot be opened is deleted and rebuilt.

mod ingest;
mod sink;
mod tracker;

pub use ingest::IngestStore;
pub use sink::SinkStore;
pub use tracker::TrackerStore;

use redb::{Database, ReadableDatabase, TableDefinition};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A key and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("fold");
/// A larger file is not read whole at every start.
const VERIFIED_BYTES: u64 = 64 << 20;
/// Pending bytes after which a commit happens without waiting for the next tick.
const FLUSH_BYTES: usize = 4 << 20;

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

/// Keys and values in order, with writes held back until [`Store::flush`].
pub struct Store {
    path: PathBuf,
    database: Database,
    /// `None` deletes.
    pending: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    pending_bytes: usize,
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
        let mut store = Self { path: path.to_owned(), database, pending: BTreeMap::new(), pending_bytes: 0 };
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
            return pending.clone();
        }
        let read = || -> Result<Option<Vec<u8>>, redb::Error> {
            let table = self.database.begin_read()?.open_table(TABLE)?;
            Ok(table.get(key)?.map(|value| value.value().to_vec()))
        };
        match sound(read) {
            Ok(value) => value,
            Err(redb::Error::TableDoesNotExist(_)) => None,
            Err(error) => self.give_up(&error),
        }
    }

    fn give_up(&self, error: &redb::Error) -> ! {
        tracing::error!(path = %self.path.display(), %error, "state file cannot be read; it will be rebuilt");
        let _ = std::fs::remove_file(&self.path);
        std::process::abort()
    }

    pub fn put(&mut self, key: &[u8], value: Vec<u8>) {
        self.pending_bytes += key.len() + value.len();
        self.pending.insert(key.to_vec(), Some(value));
    }

    pub fn delete(&mut self, key: &[u8]) {
        self.pending_bytes += key.len();
        self.pending.insert(key.to_vec(), None);
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
        for (key, value) in self.pending.range(prefix.to_vec()..).take_while(|(key, _)| key.starts_with(prefix)) {
            match value {
                Some(value) => found.insert(key.clone(), value.clone()),
                None => found.remove(key),
            };
        }
        found.into_iter().collect()
    }

    pub const fn wants_flush(&self) -> bool {
        self.pending_bytes >= FLUSH_BYTES
    }

    /// Call only between records, so that the file never holds half of one.
    pub fn flush(&mut self) -> Result<(), redb::Error> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let write = || {
            let mut write = self.database.begin_write()?;
            // Not made durable on its own: a cache that a power cut takes back is folded again from the log.
            write.set_durability(redb::Durability::None)?;
            {
                let mut table = write.open_table(TABLE)?;
                for (key, value) in &self.pending {
                    match value {
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

#[cfg(test)]
mod tests {
    use super::*;

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
