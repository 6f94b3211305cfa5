//! What the group's rebalances told, kept until the consuming thread has time for it. Callbacks run inside `poll`.

use super::Place;
use super::commit::Idle;
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, ConsumerContext, Rebalance};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

#[derive(Default)]
pub struct News {
    pub assigned: Vec<(String, i32)>,
    pub revoked: Vec<(String, i32)>,
    /// Records that came together with a rebalance, to be read again: the first offset of each place.
    pub put_back: BTreeMap<Place, i64>,
}

#[derive(Default)]
pub struct Member {
    idle: Idle,
    news: Mutex<News>,
    any: AtomicBool,
}

impl Member {
    pub fn new(idle: Idle) -> Self {
        Self { idle, ..Self::default() }
    }
    pub fn has_news(&self) -> bool {
        self.any.load(Ordering::Relaxed)
    }
    pub fn take_news(&self) -> Option<News> {
        self.any
            .swap(false, Ordering::Relaxed)
            .then(|| std::mem::take(&mut *self.news.lock().unwrap_or_else(PoisonError::into_inner)))
    }
    pub fn put_back(&self, place: Place, offset: i64) {
        self.note(|news| {
            let first = news.put_back.entry(place).or_insert(offset);
            *first = offset.min(*first);
        });
    }
    fn note(&self, write: impl FnOnce(&mut News)) {
        write(&mut self.news.lock().unwrap_or_else(PoisonError::into_inner));
        self.any.store(true, Ordering::Relaxed);
    }
}

impl ClientContext for Member {}
impl ConsumerContext for Member {
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(list) = rebalance {
            // The partitions go when this returns: a transaction that holds their offsets must have ended before.
            self.idle.wait(Duration::from_secs(30));
            let gone = list.elements().iter().map(|e| (e.topic().to_owned(), e.partition())).collect::<Vec<_>>();
            self.note(|news| {
                news.assigned.retain(|place| !gone.contains(place));
                news.revoked.extend(gone);
            });
        }
    }
    fn post_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(list) = rebalance {
            let new = list.elements().iter().map(|e| (e.topic().to_owned(), e.partition())).collect::<Vec<_>>();
            self.note(|news| news.assigned.extend(new));
        }
    }
}
