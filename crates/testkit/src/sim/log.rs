use std::collections::BTreeMap;
use std::rc::Rc;

pub(super) const PARTITIONS: usize = 2;

/// One topic as a `read_committed` consumer sees it: an empty slot is a transaction marker or an aborted record.
#[derive(Debug)]
pub(super) struct Topic<R> {
    pub(super) name: String,
    partitions: [Vec<Option<Rc<R>>>; PARTITIONS],
    /// Committed offsets by group.
    committed: BTreeMap<(&'static str, usize), i64>,
}

impl<R> Topic<R> {
    pub(super) fn new(name: String) -> Self {
        Self { name, partitions: [Vec::new(), Vec::new()], committed: BTreeMap::new() }
    }

    pub(super) fn append(&mut self, partition: usize, record: R) {
        self.partitions[partition].push(Some(Rc::new(record)));
    }

    /// What a transaction leaves behind beside its records.
    pub(super) fn marker(&mut self, partition: usize) {
        self.partitions[partition].push(None);
    }

    /// The next visible record from `offset` on.
    pub(super) fn read(&self, partition: usize, offset: i64) -> Option<(i64, Rc<R>)> {
        let from = usize::try_from(offset).unwrap_or(0);
        let slots = self.partitions[partition].get(from..)?;
        slots.iter().enumerate().find_map(|(i, slot)| Some(((from + i) as i64, slot.clone()?)))
    }

    pub(super) fn at(&self, partition: usize, offset: i64) -> Option<Rc<R>> {
        self.partitions[partition].get(usize::try_from(offset).ok()?)?.clone()
    }

    pub(super) fn committed(&self, group: &'static str, partition: usize) -> i64 {
        self.committed.get(&(group, partition)).copied().unwrap_or(0)
    }

    pub(super) fn commit(&mut self, group: &'static str, partition: usize, offset: i64) {
        self.committed.insert((group, partition), offset);
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &R> {
        self.partitions.iter().flatten().filter_map(|slot| slot.as_deref())
    }
}

/// FNV-1a of the key.
pub(super) fn partition_of(key: &str) -> usize {
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    ((hash >> 32) % PARTITIONS as u64) as usize
}
