use super::{Store, StoreError, encoded};
use delivery::ingest::{Memory, OpenCommand};
use domain::{MessageId, NativeId, PartnerId, Subject};
use std::path::Path;

/// Counts up whenever what is stored changes.
const FORMAT: u32 = 2;

/// What ingest remembers of its own system's outcomes, all partitions in one file. Keys: `n` next offset by
/// partition, `o` barriers, `b` bonds by native id, `e` effects, `k` known commands, `u` commands under way.
pub struct IngestStore {
    store: Store,
}

fn key(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = vec![kind];
    for part in parts {
        key.extend_from_slice(part);
        key.push(0);
    }
    key
}

impl IngestStore {
    pub fn open(path: &Path, identity: &str, cache_bytes: usize) -> Result<Self, StoreError> {
        Ok(Self { store: Store::open(path, &format!("{identity}#{FORMAT}"), cache_bytes)? })
    }

    pub const fn store(&mut self) -> &mut Store {
        &mut self.store
    }
}

impl Memory for IngestStore {
    fn next_outcome(&self, partition: i32) -> i64 {
        self.store.read(&key(b'n', &[&partition.to_be_bytes()])).unwrap_or(0)
    }

    fn set_next_outcome(&mut self, partition: i32, offset: i64) {
        self.store.put(&key(b'n', &[&partition.to_be_bytes()]), encoded(&offset));
    }

    fn barrier(&self, partition: i32) -> Option<String> {
        self.store.read(&key(b'o', &[&partition.to_be_bytes()]))
    }

    fn set_barrier(&mut self, partition: i32, owner: &str) {
        self.store.put(&key(b'o', &[&partition.to_be_bytes()]), encoded(&owner));
    }

    fn bond(&self, native: &NativeId) -> Option<(Subject, Option<PartnerId>)> {
        self.store.read(&key(b'b', &[native.as_str().as_bytes()]))
    }

    fn set_bond(&mut self, native: &NativeId, subject: &Subject, partner: Option<&PartnerId>) {
        self.store.put(&key(b'b', &[native.as_str().as_bytes()]), encoded(&(subject, partner)));
    }

    fn is_effect(&self, native: &NativeId, effect: &str) -> bool {
        self.store.get(&key(b'e', &[native.as_str().as_bytes(), effect.as_bytes()])).is_some()
    }

    fn add_effect(&mut self, native: &NativeId, effect: &str) {
        self.store.put(&key(b'e', &[native.as_str().as_bytes(), effect.as_bytes()]), Vec::new());
    }

    fn knows_command(&self, id: &MessageId) -> bool {
        self.store.get(&key(b'k', &[id.as_bytes()])).is_some()
    }

    fn add_command(&mut self, id: &MessageId) {
        self.store.put(&key(b'k', &[id.as_bytes()]), Vec::new());
    }

    fn open_commands(&self) -> Vec<OpenCommand> {
        self.store.scan(b"u").into_iter().map(|(_, value)| self.store.decoded(&value)).collect()
    }

    fn set_open(&mut self, command: &OpenCommand) {
        self.store.put(&key(b'u', &[command.id.as_bytes()]), encoded(command));
    }

    fn close(&mut self, id: &MessageId) {
        self.store.delete(&key(b'u', &[id.as_bytes()]));
    }
}
