//! One partition: its rules, its memory, and what the rules ask for.

mod call;
mod write;

use super::Common;
use super::guard;
use super::read::{Raw, Tail};
use crate::crash;
use crate::dead_letter::class;
use crate::entry::{StartError, fetch_schema, now};
use crate::store::SinkStore;
use codec::{DecodeError, Record};
use delivery::sink::{Action, Input, Memory, Partition, Rules};
use domain::{Command, Envelope, MessageId, Outcome, Timestamp};
use ports::Target;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};
use telemetry::admin::Health;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{Receiver, UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A request that nobody waits for any more was seen to take effect seconds later; a process that was asleep, later still.
const SECOND_LOOKS: [i64; 2] = [60_000, 900_000];

/// What the dispatcher hands to a partition.
pub enum Inbox {
    Command(Raw),
    Outcome(Raw),
}

/// What comes back of what a worker started.
enum Heard<C> {
    /// Of a call, a look or a fetch.
    Result(Input<C>),
    Place(OwnedSemaphorePermit),
    /// The process ends before there was an answer.
    Nothing,
}

type Results<C> = (UnboundedSender<Heard<C>>, UnboundedReceiver<Heard<C>>);

pub struct Worker<T: Target> {
    common: Arc<Common<T>>,
    partition: i32,
    owner: String,
    rules: Partition<T::Command>,
    memory: SinkStore,
    results: Results<T::Command>,
    /// Places among the calls of the whole process that the rules have.
    places: Vec<OwnedSemaphorePermit>,
    under_way: usize,
    wake_at: Option<Timestamp>,
    traces: HashMap<MessageId, String>,
    /// When each command that is not settled was written, by offset.
    unsettled: BTreeMap<i64, Option<i64>>,
    began: Instant,
    deposed: bool,
}

impl<T> Worker<T>
where
    T: Target,
    T::Command: Command + Clone + Send + Sync + 'static,
    Envelope<T::Command>: Record,
{
    pub fn open(
        common: Arc<Common<T>>,
        partition: i32,
        tail: &std::sync::mpsc::Sender<Tail>,
    ) -> Result<Self, StartError> {
        let spec = &common.spec;
        let path = common.state.dir.join(spec.role).join(format!("{}-{partition}.redb", spec.outcomes));
        let identity = format!("{}/{}/{partition}", common.cluster, spec.outcomes);
        let cache = (common.config.memory_limit_mib as usize) << 20 >> 5;
        let memory = SinkStore::open(&path, &identity, cache)?;
        let millis = |d: Duration| i64::try_from(d.as_millis()).unwrap_or(i64::MAX);
        let owner = format!("{}-{}-{}", spec.role, common.config.instance, uuid::Uuid::new_v4());
        let rules = Partition::new(Rules {
            side: spec.side,
            owner: owner.clone(),
            system: spec.system.clone(),
            call_timeout: millis(spec.call_timeout),
            settle: millis(spec.settle),
            backoff_base: 500,
            backoff_cap: 300_000,
            wait_after: 60_000,
            park_after: 72 * 3_600_000,
            second_looks: &SECOND_LOOKS,
            max_in_flight: spec.concurrency,
            max_held: 1_000,
        });
        let _ = tail.send(Tail::Add { partition, offset: memory.next_outcome() });
        Ok(Self {
            common,
            partition,
            owner,
            rules,
            memory,
            results: unbounded_channel(),
            places: Vec::new(),
            under_way: 0,
            wake_at: None,
            traces: HashMap::new(),
            unsettled: BTreeMap::new(),
            began: Instant::now(),
            deposed: false,
        })
    }

    /// Ends when the partition is no longer ours and no call is under way, when another owner's barrier came after ours,
    /// or when it cannot go on.
    pub async fn run(mut self, mut inbox: Receiver<Inbox>, health: &Health) -> Result<(), StartError> {
        self.step(Input::Assigned).await?;
        crash::reached("sink.assigned");
        let from = self.memory.next_outcome();
        let mut flush = tokio::time::interval(Duration::from_secs(2));
        flush.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut owned = true;
        let mut announced = false;
        while (owned || self.under_way > 0) && !self.deposed {
            let wake = self.wake_at.map(|at| Duration::from_millis(at.millis_since(now()).max(0).unsigned_abs()));
            tokio::select! {
                biased;
                Some(heard) = self.results.1.recv() => match heard {
                    Heard::Result(result) => {
                        self.under_way -= 1;
                        self.step(result).await?;
                    }
                    Heard::Nothing => self.under_way -= 1,
                    Heard::Place(place) if owned => {
                        self.places.push(place);
                        self.step(Input::Place).await?;
                    }
                    // Nothing new begins in a partition that is no longer ours.
                    Heard::Place(_) => {}
                },
                message = inbox.recv(), if owned => match message {
                    Some(Inbox::Outcome(raw)) => {
                        let mut outcome = self.decode_outcome(&raw).await?;
                        guard::overlook(&mut outcome.payload, announced, &self.owner);
                        self.step(Input::Outcome { offset: raw.offset, outcome: Box::new(outcome) }).await?;
                    }
                    Some(Inbox::Command(raw)) => self.command(raw).await?,
                    None => owned = false,
                },
                () = tokio::time::sleep(wake.unwrap_or(Duration::from_secs(3600))), if wake.is_some() && owned => {
                    self.wake_at = None;
                    self.step(Input::Tick).await?;
                }
                _ = flush.tick() => {
                    self.flush()?;
                    self.tell_standing();
                }
            }
            if self.memory.wants_flush() {
                self.flush()?;
            }
            if !announced && self.memory.barrier().as_ref() == Some(&self.owner) {
                announced = true;
                crash::reached("sink.restored");
                let records = self.memory.next_outcome().saturating_sub(from).unsigned_abs();
                crate::observe::restored(self.common.spec.role, self.partition, records, self.began.elapsed());
                health.set_ready();
            }
        }
        self.memory.close().map_err(|e| state_error(&e))
    }

    fn flush(&mut self) -> Result<(), StartError> {
        self.memory.flush().map_err(|e| state_error(&e))
    }

    fn tell_standing(&self) {
        let spec = &self.common.spec;
        let oldest = self.unsettled.first_key_value().and_then(|(_, written)| *written);
        let standing = self.rules.standing(&self.memory);
        let (waiting, parked) = (standing.waiting, standing.parked);
        crate::observe::standing(spec.commands, spec.system.as_str(), self.partition, oldest, waiting, parked);
    }

    async fn command(&mut self, raw: Raw) -> Result<(), StartError> {
        crate::observe::consumed(self.common.spec.commands, 1);
        self.unsettled.insert(raw.offset, raw.written_ms);
        match self.decode::<Envelope<T::Command>>(self.common.spec.commands, &raw).await? {
            Ok(command) => {
                crash::reached("sink.arrived");
                if let Some(trace) = raw.traceparent {
                    self.traces.insert(command.meta.id, trace);
                }
                self.step(Input::Command { offset: raw.offset, command: Box::new(command) }).await
            }
            Err(error) => {
                self.dead_letter(&raw, class::MALFORMED, &error.to_string()).await?;
                self.step(Input::Unreadable { offset: raw.offset }).await
            }
        }
    }

    async fn decode_outcome(&self, raw: &Raw) -> Result<Envelope<Outcome>, StartError> {
        // Without this record the memory would have a hole: better to stand still than to guess.
        self.decode(self.common.spec.outcomes, raw).await?.map_err(|error| StartError::Unreadable {
            topic: self.common.spec.outcomes.to_owned(),
            partition: raw.partition,
            offset: raw.offset,
            reason: error.to_string(),
        })
    }

    async fn decode<R: Record>(&self, topic: &str, raw: &Raw) -> Result<Result<R, DecodeError>, StartError> {
        loop {
            match self.common.codec.decode::<R>(topic, &raw.payload) {
                Err(error) => match error.missing_schema() {
                    Some(id) => match fetch_schema(&self.common.codec, id, &self.common.shutdown).await {
                        Ok(()) => {}
                        Err(codec::RegistryError::NotFound { .. } | codec::RegistryError::Unusable { .. }) => {
                            return Ok(Err(error));
                        }
                        Err(other) => return Err(other.into()),
                    },
                    None => return Ok(Err(error)),
                },
                done => return Ok(done),
            }
        }
    }

    async fn step(&mut self, input: Input<T::Command>) -> Result<(), StartError> {
        let actions = self.rules.step(&mut self.memory, now(), input);
        for action in actions {
            self.perform(action).await?;
        }
        Ok(())
    }

    async fn perform(&mut self, action: Action<T::Command>) -> Result<(), StartError> {
        match action {
            Action::Append(outcome) => {
                self.append(&outcome).await?;
                match &outcome.payload {
                    Outcome::Intent(_) => crash::reached("sink.intended"),
                    Outcome::Done(_) => crash::reached("sink.done-written"),
                    Outcome::Barrier(_)
                    | Outcome::NotApplied(_)
                    | Outcome::Doubt(_)
                    | Outcome::Refused(_)
                    | Outcome::Skipped(_)
                    | Outcome::Superseded(_)
                    | Outcome::Waiting(_)
                    | Outcome::Parked(_) => {}
                }
            }
            Action::Call { command, context } => {
                crash::reached("sink.read-back");
                self.call(*command, context, false);
            }
            Action::Look { command, context } => self.call(*command, context, true),
            Action::AskPlace => self.ask_place(),
            Action::FreePlace => drop(self.places.pop()),
            Action::DeadLetter { offset, command, class: _, reason } => {
                if let Some(raw) = self.common.again.read(self.partition, offset).await? {
                    let cause = command.meta.cause.clone();
                    self.dead_letter_with(&raw, class::REFUSED, &reason, cause).await?;
                }
            }
            Action::LookTwice { command, offset, native_id } => self.look_twice(command, offset, native_id),
            Action::Fetch { offset } => self.fetch(offset),
            Action::WakeAt(at) => self.wake_at = Some(self.wake_at.map_or(at, |before| before.min(at))),
            Action::Settled { next_offset } => {
                self.unsettled = self.unsettled.split_off(&next_offset);
                crate::observe::progress(self.common.spec.commands, self.partition);
                self.common.settled.set(self.partition, next_offset);
                crash::reached("sink.settled");
            }
            Action::Counted { rule } => crate::observe::counted(self.common.spec.commands, rule),
            Action::Deposed => {
                crate::observe::deposed(self.common.spec.commands, self.partition);
                self.deposed = true;
            }
        }
        Ok(())
    }
}

fn state_error(error: &redb::Error) -> StartError {
    tracing::error!(%error, "state file cannot be written");
    StartError::Worker("state store")
}
