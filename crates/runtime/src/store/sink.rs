use super::{Store, StoreError, encoded};
use delivery::sink::{Bond, Memory, Remembered, SecondLook, SetBy};
use domain::{MessageId, NativeId, PartnerId, Subject};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Counts up whenever what is stored changes: a file of another format is discarded and rebuilt from the log. Read as
/// it is, its commands would be taken for unknown ones and carried out once more.
const FORMAT: u32 = 3;

/// What a sink remembers of one partition. Keys: `n` next offset, `o` owner of the last barrier, `b` bonds,
/// `c` commands by subject and id, `p` the open ones by offset, `w` watermarks, `s` second looks. Commands lie beside
/// those of the same subject: what is at work now is on few pages, where ids alone would scatter it over all.
pub struct SinkStore {
    store: Store,
    /// Asked and told at every outcome; written with the rest.
    next: i64,
    noted: i64,
    barrier: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredBond {
    native_id: NativeId,
    reference: String,
    partner_id: Option<PartnerId>,
}

fn key(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = vec![kind];
    for part in parts {
        key.extend_from_slice(part);
        key.push(0);
    }
    key
}

fn open_key(offset: i64, id: &MessageId) -> Vec<u8> {
    let mut key = vec![b'p'];
    key.extend_from_slice(&offset.max(0).to_be_bytes());
    key.extend_from_slice(id.as_bytes());
    key
}

impl SinkStore {
    pub fn open(path: &Path, identity: &str, cache_bytes: usize) -> Result<Self, StoreError> {
        let store = Store::open(path, &format!("{identity}#{FORMAT}"), cache_bytes)?;
        let next = store.read(b"n").unwrap_or(0);
        Ok(Self { next, noted: next, barrier: store.read(b"o"), store })
    }

    pub fn wants_flush(&self) -> bool {
        self.store.wants_flush()
    }

    /// Call only between outcomes.
    pub fn flush(&mut self) -> Result<(), redb::Error> {
        self.note_next();
        self.store.flush()
    }

    pub fn close(mut self) -> Result<(), redb::Error> {
        self.note_next();
        self.store.close()
    }

    fn note_next(&mut self) {
        if self.noted != self.next {
            self.store.put(b"n", encoded(&self.next));
            self.noted = self.next;
        }
    }
}

impl Memory for SinkStore {
    fn next_outcome(&self) -> i64 {
        self.next
    }

    fn set_next_outcome(&mut self, offset: i64) {
        self.next = offset;
    }

    fn barrier(&self) -> Option<String> {
        self.barrier.clone()
    }

    fn set_barrier(&mut self, owner: &str) {
        self.barrier = Some(owner.to_owned());
        self.store.put(b"o", encoded(&owner));
    }

    fn bond(&self, subject: &Subject) -> Option<Bond> {
        let stored: StoredBond = self.store.read(&key(b'b', &[subject.as_str().as_bytes()]))?;
        Some(Bond { native_id: stored.native_id, reference: stored.reference, partner_id: stored.partner_id })
    }

    fn set_bond(&mut self, subject: &Subject, bond: &Bond) {
        let stored = StoredBond {
            native_id: bond.native_id.clone(),
            reference: bond.reference.clone(),
            partner_id: bond.partner_id.clone(),
        };
        self.store.put(&key(b'b', &[subject.as_str().as_bytes()]), encoded(&stored));
    }

    fn command(&self, subject: &Subject, id: &MessageId) -> Option<Remembered> {
        self.store.read(&key(b'c', &[subject.as_str().as_bytes(), id.as_bytes()]))
    }

    fn set_command(&mut self, id: &MessageId, subject: &Subject, remembered: &Remembered) {
        let open_at = |known: &Remembered| (!known.state.is_final()).then_some(known.offset);
        let (before, now) = (self.command(subject, id).as_ref().and_then(open_at), open_at(remembered));
        if before != now {
            if let Some(offset) = before {
                self.store.delete(&open_key(offset, id));
            }
            if let Some(offset) = now {
                self.store.add(&open_key(offset, id), encoded(subject));
            }
        }
        self.store.put(&key(b'c', &[subject.as_str().as_bytes(), id.as_bytes()]), encoded(remembered));
    }

    fn watermark(&self, subject: &Subject, field: &str, topic: &str) -> Option<SetBy> {
        self.store.read(&key(b'w', &[subject.as_str().as_bytes(), field.as_bytes(), topic.as_bytes()]))
    }

    fn set_watermark(&mut self, subject: &Subject, field: &str, set_by: &SetBy) {
        let key = key(b'w', &[subject.as_str().as_bytes(), field.as_bytes(), set_by.cause.topic.as_bytes()]);
        self.store.put(&key, encoded(set_by));
    }

    fn second_looks(&self) -> Vec<(MessageId, SecondLook)> {
        let looks = self.store.scan(b"s").into_iter().filter_map(|(key, look)| {
            let id = MessageId::from_bytes(key.get(1..17)?.try_into().ok()?);
            Some((id, self.store.decoded(&look)))
        });
        looks.collect()
    }

    fn set_second_look(&mut self, id: &MessageId, look: Option<&SecondLook>) {
        let key = key(b's', &[id.as_bytes()]);
        match look {
            Some(look) => self.store.put(&key, encoded(look)),
            None => self.store.delete(&key),
        }
    }

    fn open(&self) -> Vec<(MessageId, Subject, Remembered)> {
        let open = self.store.scan(b"p").into_iter().filter_map(|(key, subject)| {
            let id = MessageId::from_bytes(key.get(9..25)?.try_into().ok()?);
            let subject = self.store.decoded(&subject);
            let known = self.command(&subject, &id)?;
            Some((id, subject, known))
        });
        open.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use delivery::sink::State;
    use domain::ContentHash;

    fn remembered(state: State, offset: i64) -> Remembered {
        Remembered {
            state,
            hash: ContentHash::default(),
            mapping_version: 1,
            offset,
            attempt: 1,
            first_failed_at: None,
            in_doubt_until: None,
            revises: false,
        }
    }

    #[test]
    fn what_was_flushed_survives_a_reopen_and_open_commands_come_in_offset_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.redb");
        let subject = Subject::try_from("case/tg/1".to_owned()).unwrap();
        let ids: Vec<_> = (0..3u8).map(|n| MessageId::from_bytes([n; 16])).collect();
        let mut store = SinkStore::open(&path, "a", 1 << 20).unwrap();
        store.set_command(&ids[0], &subject, &remembered(State::Doubt, 9));
        store.set_command(&ids[1], &subject, &remembered(State::Doubt, 4));
        store.set_command(&ids[2], &subject, &remembered(State::Doubt, 5));
        store.set_command(&ids[2], &subject, &remembered(State::Done, 5));
        store.set_next_outcome(7);
        store.close().unwrap();
        let store = SinkStore::open(&path, "a", 1 << 20).unwrap();
        assert_eq!(store.next_outcome(), 7);
        assert_eq!(store.open().iter().map(|(_, _, r)| r.offset).collect::<Vec<_>>(), [4, 9]);
    }

    #[test]
    fn a_file_of_another_log_and_a_torn_file_are_rebuilt_from_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.redb");
        let mut store = SinkStore::open(&path, "cluster-a", 1 << 20).unwrap();
        store.set_next_outcome(7);
        store.close().unwrap();
        assert_eq!(SinkStore::open(&path, "cluster-b", 1 << 20).unwrap().next_outcome(), 0);
        std::fs::write(&path, b"torn").unwrap();
        assert_eq!(SinkStore::open(&path, "cluster-b", 1 << 20).unwrap().next_outcome(), 0);
    }
}
