//! A process that is killed leaves some beginning of its writes, the last of them perhaps in part. Here every such
//! beginning of a history of transactions is recovered: none is lost, torn, or visible though aborted.

use super::*;
use crate::batch::{self, Head};
use crate::meta::Position;
use crate::tape::{self, Write};
use crate::topics::Settings;
use std::collections::BTreeMap;
use uuid::Uuid;

const IDS: [&str; 2] = ["x", "y"];
const PARTITIONS: i32 = 2;

/// A transaction of the history.
struct Past {
    id: usize,
    number: i64,
    commits: bool,
    /// Where its records went.
    records: Vec<(i32, i64)>,
    /// How many writes there were when its end was answered.
    answered: usize,
}

fn opened(folder: &Path) -> State {
    State::open(folder, Durability::System, Limits::default()).unwrap()
}

fn record(claim: (i64, i16), sequence: i32) -> Vec<u8> {
    let mut bytes = batch::marker(claim.0, claim.1, true, now_ms());
    bytes[21..23].copy_from_slice(&0x10_i16.to_be_bytes());
    bytes[53..57].copy_from_slice(&sequence.to_be_bytes());
    let crc = crc32c::crc32c(&bytes[21..]);
    bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    bytes
}

fn write(state: &mut State, partition: i32, claim: (i64, i16), sequence: i32) -> i64 {
    let shape = state.topic("t").unwrap().shape();
    let mut bytes = record(claim, sequence);
    let head = Head::checked(&bytes).unwrap();
    state.log_mut("t", partition).unwrap().append(&mut bytes, &head, &shape).unwrap()
}

/// Two owners take turns; every third transaction is aborted, every seventh by a new owner.
fn history(state: &mut State) -> Vec<Past> {
    let mut past = Vec::new();
    let mut claims = IDS.map(|id| (state.own(id, 60_000, None).unwrap(), 0));
    for number in 1..=24_i64 {
        let at = usize::from(number % 2 == 0);
        let id = IDS[at];
        let (claim, sequence) = claims[at];
        state.enlist(id, claim, (0..PARTITIONS).map(|partition| ("t".to_owned(), partition)).collect()).unwrap();
        let mut records = Vec::new();
        for n in 0..2 {
            for partition in 0..PARTITIONS {
                records.push((partition, write(state, partition, claim, sequence + n)));
            }
        }
        let offset = Position { topic: "t".to_owned(), partition: 0, offset: number, metadata: None };
        state.pend(id, claim, id, vec![offset]).unwrap();
        let commits = number % 3 != 0 && number % 7 != 0;
        if number % 7 == 0 {
            claims[at] = (state.own(id, 60_000, None).unwrap(), 0);
        } else {
            state.end(id, claim, commits).unwrap();
            claims[at].1 += 2;
        }
        past.push(Past { id: at, number, commits, records, answered: tape::length() });
    }
    past
}

/// What a kill after these writes, the last one cut to `part` of its bytes, would have left.
fn killed(folder: &Path, writes: &[Write], count: usize, part: u64) -> tempfile::TempDir {
    let left = tempfile::tempdir().unwrap();
    let mut lengths: BTreeMap<&Path, u64> = BTreeMap::new();
    for (at, (path, before, after)) in writes.iter().enumerate() {
        let length = lengths.entry(path).or_insert(*before);
        match at.cmp(&count) {
            std::cmp::Ordering::Less => *length = *after,
            std::cmp::Ordering::Equal => *length = before + (after - before) * part / 4,
            std::cmp::Ordering::Greater => {}
        }
    }
    for (path, length) in lengths.into_iter().filter(|(_, length)| *length > 0) {
        let to = left.path().join(path.strip_prefix(folder).unwrap());
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, &std::fs::read(path).unwrap()[..usize::try_from(length).unwrap()]).unwrap();
    }
    left
}

fn is_visible(state: &State, producer: i64, partition: i32, offset: i64) -> bool {
    let log = state.log("t", partition).unwrap();
    let aborted = |a: &crate::producers::Aborted| a.producer == producer && (a.first..=a.last).contains(&offset);
    offset < log.stable() && !log.aborted(0, i64::MAX).any(aborted)
}

#[test]
fn every_beginning_of_the_writes_recovers_whole_transactions() {
    let folder = tempfile::tempdir().unwrap();
    let mut state = opened(folder.path());
    let settings = Settings::from([("segment.bytes".to_owned(), "1024".to_owned())]);
    state.put_topic("t", Topic { id: Uuid::new_v4(), partitions: PARTITIONS, settings }).unwrap();
    let producers = IDS.map(|id| state.own(id, 60_000, None).unwrap().0);
    let begun = tape::length();
    let past = history(&mut state);
    let writes = tape::take();
    drop(state);
    assert!(writes.len() > begun + 240);
    for count in begun..writes.len() {
        for part in [0, 1, 3] {
            let left = killed(folder.path(), &writes, count, part);
            let mut state = opened(left.path());
            for id in IDS {
                // Ends what is still open, as the next owner does.
                state.own(id, 60_000, None).unwrap();
            }
            let mut last = [0; IDS.len()];
            for one in &past {
                let there =
                    |(partition, offset): &&(i32, i64)| is_visible(&state, producers[one.id], *partition, *offset);
                let visible = one.records.iter().filter(there).count();
                let place = format!("transaction {} after {count} writes and {part}/4", one.number);
                assert!(visible == 0 || visible == one.records.len(), "torn: {place}");
                assert!(one.commits || visible == 0, "aborted and visible: {place}");
                assert!(!one.commits || one.answered > count || visible > 0, "lost: {place}");
                if visible > 0 {
                    last[one.id] = one.number;
                }
            }
            for (id, last) in IDS.iter().zip(last) {
                let stored = state.meta.offsets.get(*id).map_or(0, |offsets| offsets[&("t".to_owned(), 0)].offset);
                assert_eq!(stored, last, "offset of {id} after {count} writes and {part}/4");
            }
        }
    }
}
