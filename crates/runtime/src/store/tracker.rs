use super::{Store, StoreError};
use domain::Subject;
use std::path::Path;
use tracking::Tracked;

/// Counts up whenever what is stored, or what a record does to timers, changes: a file of another format is folded anew.
const FORMAT: u32 = 3;

/// What the tracker remembers of one partition. Keys: `n` next offset and `c` last committed offset by topic, `s` timers by
/// subject, `d` subjects with a timer that runs.
pub struct TrackerStore {
    store: Store,
}

fn key(kind: u8, name: &str) -> Vec<u8> {
    [&[kind], name.as_bytes()].concat()
}

impl TrackerStore {
    pub fn open(path: &Path, identity: &str, cache_bytes: usize) -> Result<Self, StoreError> {
        Ok(Self { store: Store::open(path, &format!("{identity}#{FORMAT}"), cache_bytes)? })
    }

    fn offset(&self, key: &[u8]) -> i64 {
        self.store.get(key).and_then(|bytes| Some(i64::from_be_bytes(bytes.try_into().ok()?))).unwrap_or(0)
    }

    /// The next offset to fold.
    pub fn next_offset(&self, topic: &str) -> i64 {
        self.offset(&key(b'n', topic))
    }

    pub fn set_next_offset(&mut self, topic: &str, offset: i64) {
        self.store.put(&key(b'n', topic), offset.to_be_bytes().to_vec());
    }

    /// What the group is known to have committed. A group that stands before it was put back by a person.
    pub fn committed(&self, topic: &str) -> i64 {
        self.offset(&key(b'c', topic))
    }

    pub fn set_committed(&mut self, topic: &str, offset: i64) {
        self.store.put(&key(b'c', topic), offset.to_be_bytes().to_vec());
    }

    pub fn tracked(&self, subject: &Subject) -> Tracked {
        let bytes = self.store.get(&key(b's', subject.as_str()));
        bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    pub fn set_tracked(&mut self, subject: &Subject, tracked: &Tracked) {
        self.store.put(&key(b's', subject.as_str()), serde_json::to_vec(tracked).unwrap_or_default());
        let runs = key(b'd', subject.as_str());
        if tracked.open().next().is_some() {
            self.store.put(&runs, Vec::new());
        } else {
            self.store.delete(&runs);
        }
    }

    /// Subjects with a timer that runs.
    pub fn running(&self) -> Vec<Subject> {
        let subject = |key: Vec<u8>| Subject::try_from(String::from_utf8(key.get(1..)?.to_vec()).ok()?).ok();
        self.store.scan(b"d").into_iter().filter_map(|(key, _)| subject(key)).collect()
    }

    pub fn wants_flush(&self) -> bool {
        self.store.wants_flush()
    }

    pub fn flush(&mut self) -> Result<(), redb::Error> {
        self.store.flush()
    }

    pub fn close(self) -> Result<(), redb::Error> {
        self.store.close()
    }
}
