//! What one partition knows of its producers: what they wrote last, to recognise repetition and gaps, and which
//! transactions are open or were aborted. A fold of the partition's batches, made again at every start.

use crate::batch::Head;
use kafka_protocol::error::ResponseError;
use std::collections::{BTreeMap, VecDeque};

/// As many requests as a producer may have in flight.
const REMEMBERED: usize = 5;
/// Producers without an open transaction that are remembered; the one that was silent longest is forgotten.
const KEPT: usize = 5_000;

#[derive(Clone, Copy)]
struct Written {
    first: i32,
    last: i32,
    base: i64,
}

struct Producer {
    epoch: i16,
    recent: VecDeque<Written>,
    /// First offset of the open transaction.
    open: Option<i64>,
    /// Offset of the last batch, to know who was silent longest.
    seen: i64,
}

/// A transaction that came to nothing: its records are hidden from whoever reads what is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aborted {
    pub producer: i64,
    pub first: i64,
    /// The offset of its marker.
    pub last: i64,
}

/// What to do with a batch.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    Append,
    /// It is in the log already, at this offset.
    Duplicate(i64),
    Refuse(ResponseError),
}

#[derive(Default)]
pub struct Producers {
    known: BTreeMap<i64, Producer>,
    aborted: Vec<Aborted>,
}

impl Producers {
    pub fn check(&self, head: &Head) -> Verdict {
        if head.producer < 0 {
            return Verdict::Append;
        }
        let Some(known) = self.known.get(&head.producer) else {
            // Forgotten, or new here: nothing to compare with, as in Kafka.
            return Verdict::Append;
        };
        if head.epoch < known.epoch {
            return Verdict::Refuse(ResponseError::InvalidProducerEpoch);
        }
        let last = known.recent.back().filter(|_| head.epoch == known.epoch).map(|written| written.last);
        if head.epoch == known.epoch
            && let Some(again) =
                known.recent.iter().find(|w| w.first == head.sequence && w.last == head.last_sequence())
        {
            return Verdict::Duplicate(again.base);
        }
        let expected = match last {
            Some(i32::MAX) => Some(0),
            Some(last) => Some(last + 1),
            None if head.epoch > known.epoch => Some(0),
            None => None,
        };
        match expected {
            Some(expected) if head.sequence != expected => Verdict::Refuse(ResponseError::OutOfOrderSequenceNumber),
            Some(_) | None => Verdict::Append,
        }
    }

    /// Notes a batch that is in the log now. `commits` is what a control batch says.
    pub fn appended(&mut self, head: &Head, commits: Option<bool>) {
        if head.producer < 0 {
            return;
        }
        let producer = self.known.entry(head.producer).or_insert_with(|| Producer {
            epoch: head.epoch,
            recent: VecDeque::new(),
            open: None,
            seen: head.base,
        });
        if head.epoch > producer.epoch {
            producer.epoch = head.epoch;
            producer.recent.clear();
        }
        producer.seen = head.base;
        if head.is_control() {
            if let (Some(first), Some(false)) = (producer.open.take(), commits) {
                self.aborted.push(Aborted { producer: head.producer, first, last: head.base });
            }
            return;
        }
        if head.is_transactional() {
            producer.open.get_or_insert(head.base);
        }
        if producer.recent.len() == REMEMBERED {
            producer.recent.pop_front();
        }
        producer.recent.push_back(Written { first: head.sequence, last: head.last_sequence(), base: head.base });
        self.forget();
    }

    fn forget(&mut self) {
        if self.known.len() > KEPT {
            let idle = self.known.iter().filter(|(_, producer)| producer.open.is_none());
            if let Some((&id, _)) = idle.min_by_key(|(_, producer)| producer.seen) {
                self.known.remove(&id);
            }
        }
    }

    /// Forgets aborted transactions that lie wholly before the log's start.
    pub fn truncated(&mut self, start: i64) {
        self.aborted.retain(|aborted| aborted.last >= start);
    }

    /// The end of what is decided: the first offset of the oldest open transaction, or the log's end.
    pub fn stable(&self, end: i64) -> i64 {
        self.known.values().filter_map(|producer| producer.open).min().unwrap_or(end)
    }

    /// Who has a transaction open here, and at which epoch.
    pub fn open(&self) -> impl Iterator<Item = (i64, i16)> {
        self.known.iter().filter(|(_, p)| p.open.is_some()).map(|(id, p)| (*id, p.epoch))
    }

    pub fn is_open(&self, producer: i64) -> bool {
        self.known.get(&producer).is_some_and(|known| known.open.is_some())
    }

    /// Aborted transactions with records in `from..to`, in the order of their markers.
    pub fn aborted(&self, from: i64, to: i64) -> impl Iterator<Item = &Aborted> {
        self.aborted.iter().filter(move |aborted| aborted.last >= from && aborted.first < to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{marker, place};

    /// A batch of one record, made of a marker's header.
    fn batch(base: i64, epoch: i16, sequence: i32) -> Head {
        let mut bytes = marker(7, epoch, true, 0);
        place(&mut bytes, base);
        bytes[21..23].copy_from_slice(&0x10_i16.to_be_bytes());
        bytes[53..57].copy_from_slice(&sequence.to_be_bytes());
        Head::read(&bytes).unwrap()
    }
    fn end(base: i64, epoch: i16) -> Head {
        let mut bytes = marker(7, epoch, true, 0);
        place(&mut bytes, base);
        Head::read(&bytes).unwrap()
    }

    #[test]
    fn repetition_is_recognised_and_a_gap_is_refused() {
        let mut producers = Producers::default();
        for sequence in 0..7 {
            assert_eq!(producers.check(&batch(0, 0, sequence)), Verdict::Append);
            producers.appended(&batch(100 + i64::from(sequence), 0, sequence), None);
        }
        assert_eq!(producers.check(&batch(0, 0, 4)), Verdict::Duplicate(104));
        let refused = Verdict::Refuse(ResponseError::OutOfOrderSequenceNumber);
        assert_eq!(producers.check(&batch(0, 0, 1)), refused, "older than what is remembered");
        assert_eq!(producers.check(&batch(0, 0, 8)), refused, "one is missing");
    }

    #[test]
    fn a_newer_epoch_begins_at_zero_and_shuts_out_the_older() {
        let mut producers = Producers::default();
        producers.appended(&batch(0, 3, 0), None);
        assert_eq!(producers.check(&batch(0, 4, 5)), Verdict::Refuse(ResponseError::OutOfOrderSequenceNumber));
        assert_eq!(producers.check(&batch(0, 4, 0)), Verdict::Append);
        producers.appended(&end(1, 4), Some(false));
        assert_eq!(producers.check(&batch(0, 3, 1)), Verdict::Refuse(ResponseError::InvalidProducerEpoch));
    }

    #[test]
    fn an_open_transaction_holds_the_stable_end_and_an_aborted_one_is_listed() {
        let mut producers = Producers::default();
        producers.appended(&batch(10, 0, 0), None);
        producers.appended(&batch(11, 0, 1), None);
        assert_eq!(producers.stable(12), 10);
        producers.appended(&end(12, 0), Some(false));
        assert_eq!(producers.stable(13), 13);
        assert_eq!(producers.aborted(11, 13).collect::<Vec<_>>(), [&Aborted { producer: 7, first: 10, last: 12 }]);
        assert_eq!(producers.aborted(13, 20).count() + producers.aborted(0, 10).count(), 0);
    }
}
