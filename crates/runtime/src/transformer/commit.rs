//! The committing thread: one transaction at a time, while the consuming thread goes on.

use crate::entry::StartError;
use crate::record::Output;
use crate::transaction::{Batch, TransactionError, Transactions};
use rdkafka::consumer::ConsumerGroupMetadata;
use rdkafka::{ClientConfig, TopicPartitionList};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

type Outcome = Result<(usize, Duration), TransactionError>;

/// Whether a commit is under way, for the rebalance callback, which must not let go of a partition before it ended.
#[derive(Clone, Default)]
pub struct Idle(Arc<(Mutex<bool>, Condvar)>);

impl Idle {
    fn set_busy(&self, busy: bool) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = busy;
        self.0.1.notify_all();
    }
    pub fn wait(&self, patience: Duration) {
        let busy = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.0.1.wait_timeout_while(busy, patience, |busy| *busy));
    }
}

pub struct Committer {
    batches: Sender<Batch>,
    outcomes: Receiver<Outcome>,
    idle: Idle,
    busy: bool,
}

impl Committer {
    /// Makes the transactional producer, which fences every other with the same id.
    pub fn start(config: ClientConfig) -> Result<Self, StartError> {
        let mut transactions = Transactions::new(config);
        transactions.prepare()?;
        let (batches, work) = channel::<Batch>();
        let (results, outcomes) = channel();
        let idle = Idle::default();
        let done = idle.clone();
        std::thread::Builder::new()
            .name("commit".to_owned())
            .spawn(move || {
                while let Ok(batch) = work.recv() {
                    let began = Instant::now();
                    let outcome = transactions.commit(&batch).map(|()| (batch.records.len(), began.elapsed()));
                    let told = results.send(outcome).is_ok();
                    done.set_busy(false);
                    if !told {
                        return;
                    }
                }
            })
            .map_err(|_| StartError::Worker("commit"))?;
        Ok(Self { batches, outcomes, idle, busy: false })
    }

    pub const fn is_busy(&self) -> bool {
        self.busy
    }

    pub fn idle(&self) -> Idle {
        self.idle.clone()
    }

    /// One at a time: the batch rules see to that.
    pub fn submit(
        &mut self,
        records: Vec<Output>,
        offsets: TopicPartitionList,
        group: ConsumerGroupMetadata,
    ) -> Result<(), StartError> {
        self.busy = true;
        self.idle.set_busy(true);
        self.batches.send(Batch { records, inputs: Some((offsets, group)) }).map_err(|_| StartError::Worker("commit"))
    }

    /// What became of the transaction under way; `None` where there is none, or it has not ended and nobody waits.
    pub fn result(&mut self, wait: bool) -> Option<Outcome> {
        if !self.busy {
            return None;
        }
        let outcome = if wait {
            self.outcomes.recv().ok()
        } else {
            match self.outcomes.try_recv() {
                Ok(outcome) => Some(outcome),
                Err(TryRecvError::Empty) => return None,
                Err(TryRecvError::Disconnected) => None,
            }
        };
        self.busy = false;
        outcome.or_else(|| {
            let gone = rdkafka::error::KafkaError::Canceled;
            Some(Err(TransactionError::Fatal(gone)))
        })
    }
}
