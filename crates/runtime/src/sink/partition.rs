//! One partition: its rules, its memory, and what the rules ask for.

use super::Common;
use super::append::Record as Append;
use super::read::{self, Raw, Tail};
use crate::dead_letter::{self, class};
use crate::entry::{StartError, fetch_schema, now};
use crate::record::{self, TRACEPARENT, with_headers};
use crate::store::SinkStore;
use codec::{DecodeError, Record, headers};
use delivery::sink::{Action, Input, Memory, Partition, Rules};
use domain::{Cause, Command, Envelope, MessageId, Outcome, Timestamp};
use ports::{CallContext, CallError, Target};
use rdkafka::message::OwnedHeaders;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, UnboundedReceiver, UnboundedSender, unbounded_channel};
use tracing::Instrument;

/// What the dispatcher hands to a partition.
pub enum Inbox {
    Command(Raw),
    Outcome(Raw),
}

type Results<C> = (UnboundedSender<Input<C>>, UnboundedReceiver<Input<C>>);

pub struct Worker<T: Target> {
    common: Arc<Common<T>>,
    partition: i32,
    owner: String,
    rules: Partition<T::Command>,
    memory: SinkStore,
    /// Results of calls, looks and fetches that this worker started.
    results: Results<T::Command>,
    under_way: usize,
    wake_at: Option<Timestamp>,
    traces: HashMap<MessageId, String>,
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
            under_way: 0,
            wake_at: None,
            traces: HashMap::new(),
            deposed: false,
        })
    }

    /// Ends when the partition is no longer ours and no call is under way, when another owner's barrier came after ours,
    /// or when it cannot go on.
    pub async fn run(mut self, mut inbox: Receiver<Inbox>, live: impl Fn()) -> Result<(), StartError> {
        self.step(Input::Assigned).await?;
        let mut flush = tokio::time::interval(Duration::from_secs(1));
        flush.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut owned = true;
        let mut announced = false;
        while (owned || self.under_way > 0) && !self.deposed {
            let wake = self.wake_at.map(|at| Duration::from_millis(at.millis_since(now()).max(0).unsigned_abs()));
            tokio::select! {
                biased;
                Some(result) = self.results.1.recv() => {
                    self.under_way -= 1;
                    self.step(result).await?;
                }
                message = inbox.recv(), if owned => match message {
                    Some(Inbox::Outcome(raw)) => {
                        let outcome = self.decode_outcome(&raw).await?;
                        self.step(Input::Outcome { offset: raw.offset, outcome: Box::new(outcome) }).await?;
                    }
                    Some(Inbox::Command(raw)) => self.command(raw).await?,
                    None => owned = false,
                },
                () = tokio::time::sleep(wake.unwrap_or(Duration::from_secs(3600))), if wake.is_some() && owned => {
                    self.wake_at = None;
                    self.step(Input::Tick).await?;
                }
                _ = flush.tick() => self.flush()?,
            }
            if self.memory.store().wants_flush() {
                self.flush()?;
            }
            if !announced && self.memory.barrier().as_ref() == Some(&self.owner) {
                announced = true;
                live();
            }
        }
        self.memory.close().map_err(|e| state_error(&e))
    }

    fn flush(&mut self) -> Result<(), StartError> {
        self.memory.store().flush().map_err(|e| state_error(&e))
    }

    async fn command(&mut self, raw: Raw) -> Result<(), StartError> {
        crate::observe::consumed(self.common.spec.commands, 1);
        match self.decode::<Envelope<T::Command>>(self.common.spec.commands, &raw).await? {
            Ok(command) => {
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
            Action::Append(outcome) => self.append(&outcome).await?,
            Action::Call { command, context } => self.call(*command, context, false),
            Action::Look { command, context } => self.call(*command, context, true),
            Action::DeadLetter { offset, command, class: _, reason } => {
                let common = self.common.clone();
                let partition = self.partition;
                let again = tokio::task::spawn_blocking(move || {
                    read::again(&common.config, common.spec.role, common.spec.commands, partition, offset)
                });
                if let Some(raw) = again.await.map_err(|_| StartError::Worker("reader"))?? {
                    let cause = command.meta.cause.clone();
                    self.dead_letter_with(&raw, class::REFUSED, &reason, cause).await?;
                }
            }
            Action::Fetch { offset } => self.fetch(offset),
            Action::WakeAt(at) => self.wake_at = Some(self.wake_at.map_or(at, |before| before.min(at))),
            Action::Settled { next_offset } => self.common.settled.set(self.partition, next_offset),
            Action::Counted { rule } => crate::observe::counted(self.common.spec.commands, rule),
            Action::Deposed => {
                crate::observe::deposed(self.common.spec.commands, self.partition);
                self.deposed = true;
            }
        }
        Ok(())
    }

    async fn append(&mut self, outcome: &Envelope<Outcome>) -> Result<(), StartError> {
        let spec = &self.common.spec;
        let mut payload = Vec::with_capacity(512);
        self.common.codec.encode(spec.outcomes, outcome, &mut payload).map_err(|error| StartError::Unreadable {
            topic: spec.outcomes.to_owned(),
            partition: self.partition,
            offset: -1,
            reason: error.to_string(),
        })?;
        let mut headers = with_headers(OwnedHeaders::new(), headers::cloud_event(&outcome.meta));
        let command = outcome.payload.command().map(|c| c.id);
        if let Some(trace) = command.and_then(|id| self.traces.get(&id)) {
            headers = with_headers(headers, [(TRACEPARENT, trace.clone())]);
        }
        if let (Some(id), true) = (command, outcome.payload.is_final()) {
            self.traces.remove(&id);
        }
        crate::observe::outcome(spec.outcomes, outcome.payload.word());
        if let Outcome::Parked(parked) = &outcome.payload {
            crate::observe::parked(spec.system.as_str(), &parked.command.kind, outcome.meta.subject.as_str());
        }
        self.common
            .appender
            .append(Append {
                topic: spec.outcomes,
                partition: self.partition,
                key: outcome.meta.subject.as_str().as_bytes(),
                payload: &payload,
                headers,
            })
            .await?;
        Ok(())
    }

    fn call(&mut self, command: Envelope<T::Command>, context: CallContext, look: bool) {
        let (common, results) = (self.common.clone(), self.results.0.clone());
        let span = tracing::info_span!(
            "apply",
            otel.name = %format!("{} {}", if look { "look" } else { "apply" }, command.meta.kind),
            otel.kind = "client",
            causeway.command.id = %command.meta.id,
            causeway.attempt = context.attempt,
        );
        if let Some(trace) = self.traces.get(&command.meta.id) {
            telemetry::set_parent(&span, trace);
            if let Some(own) = telemetry::inject(&span) {
                self.traces.insert(command.meta.id, own);
            }
        }
        self.under_way += 1;
        tokio::spawn(
            async move {
                let (id, attempt) = (command.meta.id, context.attempt);
                // A pause since the decision must not carry a call past the moment at which others may look.
                let left = context.not_after.millis_since(now()).max(0).unsigned_abs();
                let limit = context.timeout.min(Duration::from_millis(left));
                let timed_out = || CallError::Unknown { reason: "no answer in time".to_owned() };
                let began = std::time::Instant::now();
                let input = if look {
                    let looked = tokio::time::timeout(limit, common.spec.target.look(&command, &context)).await;
                    let result = looked.unwrap_or_else(|_| Err(timed_out()));
                    crate::observe::look(common.spec.system.as_str(), &command.meta.kind, &result);
                    Input::Looked { command: id, attempt, result }
                } else {
                    let result = if left == 0 {
                        Err(CallError::NotApplied { reason: "too late to call".to_owned(), retry_after: None })
                    } else {
                        let called = tokio::time::timeout(limit, common.spec.target.apply(&command, &context)).await;
                        called.unwrap_or_else(|_| Err(timed_out()))
                    };
                    crate::observe::call(common.spec.system.as_str(), &command.meta.kind, &result, began.elapsed());
                    Input::Called { command: id, attempt, result }
                };
                let _ = results.send(input);
            }
            .instrument(span),
        );
    }

    fn fetch(&mut self, offset: i64) {
        let (common, results, partition) = (self.common.clone(), self.results.0.clone(), self.partition);
        self.under_way += 1;
        tokio::spawn(async move {
            let reader = common.clone();
            let mut backoff = crate::entry::Backoff::default();
            let command = loop {
                let reader = reader.clone();
                let again = tokio::task::spawn_blocking(move || {
                    read::again(&reader.config, reader.spec.role, reader.spec.commands, partition, offset)
                });
                match again.await {
                    Ok(Ok(raw)) => {
                        let decoded = raw.and_then(|raw| common.codec.decode(common.spec.commands, &raw.payload).ok());
                        break decoded.map(Box::new);
                    }
                    Ok(Err(error)) => tracing::info!(offset, %error, "reading a command again, trying on"),
                    Err(_) => break None,
                }
                crate::entry::pause(&common.shutdown, backoff.delay()).await;
                if common.shutdown.has_begun() {
                    return;
                }
            };
            let _ = results.send(Input::Fetched { offset, command });
        });
    }

    async fn dead_letter(&self, raw: &Raw, class: &'static str, reason: &str) -> Result<(), StartError> {
        self.dead_letter_with(raw, class, reason, None).await
    }

    async fn dead_letter_with(
        &self,
        raw: &Raw,
        class: &'static str,
        reason: &str,
        cause: Option<Cause>,
    ) -> Result<(), StartError> {
        let spec = &self.common.spec;
        let place = Cause { topic: spec.commands.to_owned(), partition: raw.partition, offset: raw.offset };
        let headers = with_headers(
            raw.headers.clone(),
            [
                (dead_letter::CLASS, class.to_owned()),
                (dead_letter::REASON, dead_letter::bounded_reason(reason)),
                (dead_letter::SERVICE, spec.role.to_owned()),
                (dead_letter::PLACE, record::cause_text(&place)),
                (record::FIRST_CAUSE, record::cause_text(cause.as_ref().unwrap_or(&place))),
            ],
        );
        crate::observe::dead_letter(spec.commands, class, reason, raw.partition, raw.offset);
        self.common
            .appender
            .append_and_wait(Append {
                topic: &dead_letter::topic_of(spec.commands),
                partition: raw.partition,
                key: &raw.key,
                payload: &raw.payload,
                headers,
            })
            .await?;
        Ok(())
    }
}

fn state_error(error: &redb::Error) -> StartError {
    tracing::error!(%error, "state file cannot be written");
    StartError::Worker("state store")
}
