//! Hosts `delivery::transform` on Kafka: what one side said in, commands for the other side out, exactly once.
//!
//! One thread reads and maps; a second one commits. While a batch is being committed the next one fills. A revoke
//! waits for the commit under way and drops what was read ahead; so does a transaction that did not happen.

mod commit;
pub(crate) mod member;
mod spec;

pub use spec::{MapFn, Mapped, TransformSpec};

use crate::config::KafkaConfig;
use crate::crash;
use crate::dead_letter::{self, Why, class};
use crate::entry::{Shutdown, StartError, fetch_schema, now, prepare_topics};
use crate::record::{self, Output, TRACEPARENT, with_headers};
use crate::service::PULSE;
use crate::{admin, client, observe};
use codec::{Codec, DecodeError, Record, headers};
use commit::Committer;
use delivery::transform::{Action, Batch, Input, Limits};
use domain::{Envelope, Fact, Outcome, ServiceLevelEvent};
use member::Member;
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{BorrowedMessage, Message, OwnedHeaders};
use std::collections::BTreeMap;
use std::time::Duration;
use telemetry::admin::{Health, Pulse};

/// Topic index (0 events, 1 outcomes, 2 service levels) and partition.
type Place = (usize, i32);

struct Transformer<'a, E, C> {
    codec: &'a Codec,
    spec: &'a TransformSpec<E, C>,
    shutdown: &'a Shutdown,
    consumer: BaseConsumer<Member>,
    committer: Committer,
    batch: Batch<Place, Output>,
    paused: bool,
    /// Places whose lag is not known to be zero.
    behind: std::collections::BTreeSet<Place>,
}

/// Runs until shutdown or until it cannot go on. Blocking: has a thread of its own, inside a tokio runtime.
pub fn run<E, C>(
    config: &KafkaConfig,
    codec: &Codec,
    spec: &TransformSpec<E, C>,
    shutdown: &Shutdown,
    health: &Health,
) -> Result<(), StartError>
where
    Envelope<E>: Record,
    Envelope<C>: Record,
{
    let runtime = tokio::runtime::Handle::current();
    runtime.block_on(prepare_topics(codec, &[spec.commands, spec.told], shutdown))?;
    let read = [spec.events, spec.outcomes, spec.service_levels];
    let mut topics = [read.as_slice(), &[spec.commands, spec.told]].concat();
    topics.extend(spec.dead_letters);
    admin::verify_partitions(config, &topics)?;
    let id = format!("{}-{}", config.group(spec.role), config.instance);
    let committer = Committer::start(client::transactional_producer(config, spec.role, &id))?;
    let consumer: BaseConsumer<Member> =
        client::group_consumer(config, spec.role).create_with_context(Member::new(committer.idle()))?;
    consumer.subscribe(&read)?;
    let limits = Limits {
        interval: config.commit_interval_ms as i64,
        records: 20_000,
        bytes: (config.memory_limit_mib as usize) << 20 >> 2,
    };
    let mut transformer = Transformer {
        codec,
        spec,
        shutdown,
        consumer,
        committer,
        batch: Batch::new(limits),
        paused: false,
        behind: std::collections::BTreeSet::new(),
    };
    health.set_ready();
    let result = transformer.consume(&health.pulse("consume", PULSE));
    health.set_not_ready("draining");
    result
}

impl<E, C> Transformer<'_, E, C>
where
    Envelope<E>: Record,
    Envelope<C>: Record,
{
    fn consume(&mut self, pulse: &Pulse) -> Result<(), StartError> {
        while !self.shutdown.has_begun() {
            pulse.beat();
            self.rebalanced()?;
            self.reap(false)?;
            self.step(Input::Tick)?;
            self.read()?;
        }
        // What was read and not committed is read again by the next owner.
        self.reap(true)?;
        self.consumer.unsubscribe();
        let deadline = std::time::Instant::now() + Duration::from_secs(5);
        while self.consumer.assignment().is_ok_and(|a| a.count() > 0) && std::time::Instant::now() < deadline {
            let _ = self.consumer.poll(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Maps what has arrived, up to a few hundred records, so that the checks around it cost nothing per record.
    fn read(&mut self) -> Result<(), StartError> {
        // A record ends the wait at once; only a batch that is open needs the loop to go round.
        let idle = self.batch.is_idle() && !self.committer.is_busy();
        let mut wait = Duration::from_millis(match (self.committer.is_busy(), idle) {
            (true, _) => 2,
            (false, false) => 10,
            (false, true) => 250,
        });
        let mut newest: BTreeMap<Place, Option<i64>> = BTreeMap::new();
        let drained = self.read_into(&mut wait, &mut newest)?;
        for (place, stamped) in newest {
            observe::lag(self.name(place.0), place.1, stamped);
            self.behind.insert(place);
        }
        if drained {
            for (topic, partition) in std::mem::take(&mut self.behind) {
                observe::no_lag(self.name(topic), partition);
            }
        }
        Ok(())
    }

    const fn name(&self, topic: usize) -> &'static str {
        match topic {
            1 => self.spec.outcomes,
            2 => self.spec.service_levels,
            _ => self.spec.events,
        }
    }

    fn index(&self, topic: &str) -> usize {
        if topic == self.spec.outcomes { 1 } else { 2 * usize::from(topic == self.spec.service_levels) }
    }

    /// True when there was nothing more to read.
    fn read_into(
        &mut self,
        wait: &mut Duration,
        newest: &mut BTreeMap<Place, Option<i64>>,
    ) -> Result<bool, StartError> {
        for _ in 0..512 {
            if self.paused {
                self.reap(true)?;
            }
            let mapped = match self.consumer.poll(*wait) {
                None => return Ok(true),
                Some(Err(error)) if client::is_passing(&error) => {
                    tracing::info!(%error, "consuming goes on");
                    return Ok(false);
                }
                Some(Err(error)) => return Err(error.into()),
                Some(Ok(message)) => {
                    let place = (self.index(message.topic()), message.partition());
                    if self.consumer.context().has_news() {
                        // It came with a rebalance that is not dealt with yet; what it belongs to may be gone.
                        self.consumer.context().put_back(place, message.offset());
                        return Ok(false);
                    }
                    crash::reached("transform.read");
                    newest.insert(place, message.timestamp().to_millis());
                    observe::consumed(self.name(place.0), 1);
                    (place, message.offset() + 1, self.map(&message)?)
                }
            };
            *wait = Duration::ZERO;
            let (partition, next_offset, outputs) = mapped;
            crash::reached("transform.mapped");
            let bytes = outputs.iter().map(Output::size).sum();
            self.step(Input::Mapped { partition, next_offset, outputs, bytes })?;
        }
        Ok(false)
    }

    fn map(&self, message: &BorrowedMessage<'_>) -> Result<Vec<Output>, StartError> {
        let cause = record::cause_of(message);
        let index = self.index(message.topic());
        let topic = self.name(index);
        let payload = message.payload().unwrap_or_default();
        let fact = match index {
            1 => self.decode::<Envelope<Outcome>>(topic, payload)?.map(Fact::outcome),
            2 => self.decode::<Envelope<ServiceLevelEvent>>(topic, payload)?.map(Fact::service_level),
            _ => self.decode::<Envelope<E>>(topic, payload)?.map(Fact::event),
        };
        let dead = self.spec.dead_letters[index];
        let why = |class: &'static str, reason: &str| {
            observe::dead_letter(topic, class, reason, message.partition(), message.offset());
            let why = Why { class, reason, service: self.spec.role, mapping_version: self.spec.mapping_version };
            dead_letter::of_message(dead, message, &cause, &why)
        };
        let fact = match fact {
            Ok(fact) => fact,
            Err(error) => return Ok(vec![why(class::MALFORMED, &error.to_string())]),
        };
        let mapped = (self.spec.map)(&fact, &cause);
        for rule in mapped.skipped {
            observe::skipped(topic, rule);
        }
        if let Some((reason, detail)) = mapped.held {
            observe::held(topic, reason, message.partition(), message.offset());
            let mut outputs = vec![why(class::HOLD, &format!("{reason}: {detail}"))];
            for command in &mapped.told {
                outputs.push(self.output(self.spec.told, command, record::header(message, TRACEPARENT))?);
            }
            return Ok(outputs);
        }
        observe::mapped(topic, mapped.commands.len());
        let trace = record::header(message, TRACEPARENT).and_then(|parent| self.trace(parent, &fact.meta.kind));
        mapped.commands.iter().map(|command| self.output(self.spec.commands, command, trace.as_deref())).collect()
    }

    /// The span of this hop; nothing is made where the trace is not sampled.
    fn trace(&self, parent: &str, kind: &str) -> Option<String> {
        if !parent.ends_with("-01") {
            return Some(parent.to_owned());
        }
        let span = tracing::info_span!("process", otel.name = %format!("process {kind}"), otel.kind = "consumer");
        telemetry::set_parent(&span, parent);
        telemetry::inject(&span).or_else(|| Some(parent.to_owned()))
    }

    fn output<T>(&self, topic: &'static str, command: &Envelope<T>, trace: Option<&str>) -> Result<Output, StartError>
    where
        Envelope<T>: Record,
    {
        let mut payload = Vec::with_capacity(512);
        self.codec.encode(topic, command, &mut payload).map_err(|error| StartError::Unreadable {
            topic: topic.to_owned(),
            partition: -1,
            offset: -1,
            reason: error.to_string(),
        })?;
        let mut headers = with_headers(OwnedHeaders::new(), headers::cloud_event(&command.meta));
        if let Some(trace) = trace {
            headers = with_headers(headers, [(TRACEPARENT, trace.to_owned())]);
        }
        let key = command.meta.subject.as_str().as_bytes().to_vec();
        Ok(Output { topic, key, payload, headers })
    }

    fn decode<R: Record>(&self, topic: &str, bytes: &[u8]) -> Result<Result<R, DecodeError>, StartError> {
        loop {
            match self.codec.decode::<R>(topic, bytes) {
                Err(error) => match error.missing_schema() {
                    Some(id) => {
                        let fetch = fetch_schema(self.codec, id, self.shutdown);
                        match tokio::runtime::Handle::current().block_on(fetch) {
                            Ok(()) => {}
                            Err(codec::RegistryError::NotFound { .. } | codec::RegistryError::Unusable { .. }) => {
                                return Ok(Err(error));
                            }
                            Err(other) => return Err(other.into()),
                        }
                    }
                    None => return Ok(Err(error)),
                },
                done => return Ok(done),
            }
        }
    }

    fn step(&mut self, input: Input<Place, Output>) -> Result<(), StartError> {
        for action in self.batch.step(now(), input) {
            match action {
                Action::Commit { records, offsets } => {
                    let list = self.list(&offsets)?;
                    match self.consumer.group_metadata() {
                        Some(group) => self.committer.submit(records, list, group)?,
                        None => return Err(StartError::Worker("group membership")),
                    }
                }
                Action::SeekBack { offsets } => self.seek_back(offsets)?,
                Action::Pause => self.paused = true,
                Action::Resume => self.paused = false,
                Action::Join => self.reap(true)?,
                // The loop ticks more often than any interval.
                Action::WakeAt(_) => {}
            }
        }
        Ok(())
    }

    fn list(&self, offsets: &BTreeMap<Place, i64>) -> Result<TopicPartitionList, StartError> {
        let mut list = TopicPartitionList::new();
        for ((topic, partition), offset) in offsets {
            list.add_partition_offset(self.name(*topic), *partition, rdkafka::Offset::Offset(*offset))?;
        }
        Ok(list)
    }

    /// Takes in the result of the commit under way, if there is one; waits for it where asked.
    fn reap(&mut self, wait: bool) -> Result<(), StartError> {
        match self.committer.result(wait) {
            None => Ok(()),
            Some(Ok((records, took))) => {
                observe::committed(self.spec.commands, records, took);
                self.step(Input::Committed)
            }
            Some(Err(error @ crate::transaction::TransactionError::Fenced(_))) => Err(error.into()),
            Some(Err(error)) => {
                observe::aborted(self.spec.commands, &error);
                // The commit may have happened after all: only the group's own word counts.
                let assignment = self.consumer.assignment()?;
                for (place, committed) in self.committed(assignment)? {
                    self.step(Input::Assigned { partition: place, committed })?;
                }
                self.step(Input::Failed)
            }
        }
    }

    fn committed(&self, list: TopicPartitionList) -> Result<Vec<(Place, i64)>, StartError> {
        let patience = Duration::from_secs(30);
        let committed =
            client::patiently(patience, || self.consumer.committed_offsets(list.clone(), client::QUESTION))?;
        let place = |e: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>| {
            let offset = e.offset().to_raw().filter(|offset| *offset >= 0).unwrap_or(0);
            ((self.index(e.topic()), e.partition()), offset)
        };
        Ok(committed.elements().iter().map(place).collect())
    }

    /// Deals with what the last poll's rebalance callbacks noted.
    fn rebalanced(&mut self) -> Result<(), StartError> {
        let Some(news) = self.consumer.context().take_news() else { return Ok(()) };
        let place = |(topic, partition): &(String, i32)| (self.index(topic), *partition);
        if !news.revoked.is_empty() {
            let partitions = news.revoked.iter().map(place).collect();
            self.step(Input::Revoked { partitions })?;
        }
        let mut list = TopicPartitionList::new();
        for (topic, partition) in &news.assigned {
            list.add_partition(topic, *partition);
        }
        if list.count() > 0 {
            for (partition, committed) in self.committed(list)? {
                self.step(Input::Assigned { partition, committed })?;
            }
        }
        self.seek_back(news.put_back)
    }

    /// Only where the partition is still ours: what a rebalance has taken meanwhile is its next owner's.
    fn seek_back(&self, mut offsets: BTreeMap<Place, i64>) -> Result<(), StartError> {
        let owned = self.consumer.assignment()?;
        offsets.retain(|(topic, partition), _| owned.find_partition(self.name(*topic), *partition).is_some());
        if offsets.is_empty() {
            return Ok(());
        }
        let list = self.list(&offsets)?;
        let sought = self.consumer.seek_partitions(list, Duration::from_secs(10));
        let refused = sought.as_ref().map(|list| list.elements().iter().any(|e| e.error().is_err()));
        if matches!(refused, Ok(false)) {
            return Ok(());
        }
        // Lost since the question: the callback that says so is still to come. Anything else would leave a gap.
        let now = self.consumer.assignment()?;
        let all_ours = offsets.keys().all(|(t, p)| now.find_partition(self.name(*t), *p).is_some());
        if all_ours && !self.consumer.assignment_lost() {
            for element in sought?.elements() {
                element.error()?;
            }
        }
        Ok(())
    }
}
