//! Hosts `tracking` on Kafka: all events and outcomes in, what is due out, once for ever.
//!
//! One thread. The group's member reads nothing: being given a partition of the first topic means to own that partition of
//! all of them, which a second client reads from where the cache of the partition ends. What is due is written together
//! with the positions of the partition in one transaction, so that an owner that was replaced writes nothing more; the
//! next one reads its own topic to the end before it says anything.

mod agenda;
mod partition;
mod places;
mod read;

use crate::config::{KafkaConfig, StateConfig};
use crate::entry::{Shutdown, StartError, now, prepare_topics};
use crate::record::{Output, with_headers};
use crate::service::PULSE;
use crate::transaction::{Batch, TransactionError, Transactions};
use crate::transformer::member::Member;
use crate::{admin, client, crash, observe};
use codec::{Codec, headers};
use domain::timer::Rule;
use domain::{Envelope, ServiceLevelEvent};
use partition::Owned;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::message::OwnedHeaders;
use rdkafka::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use telemetry::admin::{Health, Pulse};

/// What is due goes here, and is read back from here.
pub const FACTS: &str = "service-level.events";
/// Owning a partition of the first is owning it of all.
pub const TOPICS: [&str; 5] = ["partner.events", "internal.events", "partner.outcomes", "internal.outcomes", FACTS];
/// What the group commits: everything but its own word.
const INPUTS: usize = 4;
/// Facts of one transaction.
const AT_ONCE: usize = 500;
/// Nothing waits for a rebalance to be noticed, or for a shutdown, longer than this.
const ROUND: Duration = Duration::from_millis(250);
/// How often positions are committed and caches written while records come.
const KEEP: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(30);

/// What makes a tracker this tracker.
pub struct TrackerSpec {
    /// Also the group's name.
    pub role: &'static str,
    pub rules: Vec<Rule>,
}

struct Tracker<'a> {
    config: &'a KafkaConfig,
    state: &'a StateConfig,
    codec: &'a Codec,
    spec: &'a TrackerSpec,
    shutdown: &'a Shutdown,
    cluster: String,
    member: BaseConsumer<Member>,
    reader: BaseConsumer<client::Reader>,
    asker: BaseConsumer,
    transactions: Transactions,
    owned: BTreeMap<i32, Owned>,
    kept: Instant,
}

/// Runs until shutdown or until it cannot go on. Blocking: has a thread of its own, inside a tokio runtime.
pub fn run(
    config: &KafkaConfig,
    state: &StateConfig,
    codec: &Codec,
    spec: &TrackerSpec,
    shutdown: &Shutdown,
    health: &Health,
) -> Result<(), StartError> {
    tokio::runtime::Handle::current().block_on(prepare_topics(codec, &[FACTS], shutdown))?;
    let cluster = admin::verify_partitions(config, &TOPICS)?;
    let id = format!("{}-{}", config.group(spec.role), config.instance);
    let mut transactions = Transactions::new(client::transactional_producer(config, spec.role, &id));
    transactions.prepare()?;
    let member: BaseConsumer<Member> =
        client::group_consumer(config, spec.role).create_with_context(Member::default())?;
    member.subscribe(&[TOPICS[0]])?;
    let mut settings = client::log_reader(config, spec.role);
    settings.set("fetch.wait.max.ms", "1000");
    let reader: BaseConsumer<client::Reader> = settings.create_with_context(client::Reader)?;
    let asker: BaseConsumer = client::admin(config).create()?;
    let (owned, kept) = (BTreeMap::new(), Instant::now());
    let mut tracker =
        Tracker { config, state, codec, spec, shutdown, cluster, member, reader, asker, transactions, owned, kept };
    health.set_ready();
    let result = tracker.go(&health.pulse("tracker", PULSE));
    health.set_not_ready("draining");
    result
}

impl Tracker<'_> {
    fn go(&mut self, pulse: &Pulse) -> Result<(), StartError> {
        while !self.shutdown.has_begun() {
            pulse.beat();
            match self.member.poll(Duration::ZERO) {
                Some(Err(error)) if !client::is_passing(&error) => return Err(error.into()),
                // Its partitions are paused as soon as it has them: what came before that is read by the other client.
                Some(_) | None => {}
            }
            self.rebalanced()?;
            self.say()?;
            self.keep(false)?;
            self.read(self.wait())?;
        }
        self.keep(true)?;
        for (_, owned) in std::mem::take(&mut self.owned) {
            owned.close();
        }
        self.member.unsubscribe();
        let deadline = Instant::now() + Duration::from_secs(5);
        while self.member.assignment().is_ok_and(|a| a.count() > 0) && Instant::now() < deadline {
            let _ = self.member.poll(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Until something is due, but not longer than a round.
    fn wait(&self) -> Duration {
        let next = self.owned.values().filter_map(Owned::next).min();
        let until = next.map_or(i64::MAX, |at| at.saturating_sub(now().0)).max(1);
        ROUND.min(Duration::from_millis(until.unsigned_abs()))
    }

    fn rebalanced(&mut self) -> Result<(), StartError> {
        let Some(news) = self.member.context().take_news() else { return Ok(()) };
        let gone: Vec<i32> = news.revoked.iter().map(|(_, partition)| *partition).collect();
        self.release(&gone)?;
        let new: Vec<i32> = news.assigned.iter().map(|(_, partition)| *partition).collect();
        if !new.is_empty() {
            let mut list = TopicPartitionList::new();
            for partition in &new {
                list.add_partition(TOPICS[0], *partition);
            }
            self.member.pause(&list)?;
            self.take(&new)?;
        }
        observe::assigned(TOPICS[0], self.owned.len());
        Ok(())
    }

    fn release(&mut self, partitions: &[i32]) -> Result<(), StartError> {
        let mut list = TopicPartitionList::new();
        for partition in partitions {
            if let Some(owned) = self.owned.remove(partition) {
                owned.close();
                observe::timers(*partition, 0, None);
                for topic in TOPICS {
                    list.add_partition(topic, *partition);
                }
            }
        }
        if list.count() > 0 {
            self.reader.incremental_unassign(&list)?;
        }
        Ok(())
    }

    /// The answer about committed offsets waits for the end of every transaction that holds offsets of these partitions,
    /// so that what an earlier owner said is on the log by then, or never will be.
    fn take(&mut self, partitions: &[i32]) -> Result<(), StartError> {
        let committed = self.committed(partitions)?;
        let mut list = TopicPartitionList::new();
        for partition in partitions {
            let mut owned = Owned::open(self.state, self.config, self.spec, &self.cluster, *partition, &committed)?;
            for (index, topic) in TOPICS.into_iter().enumerate() {
                let ask = || self.asker.fetch_watermarks(topic, *partition, client::QUESTION);
                let (start, end) = client::patiently(PATIENCE, ask)?;
                let from = owned.begin(index, start, end)?;
                list.add_partition_offset(topic, *partition, Offset::Offset(from))?;
            }
            crash::reached("tracker.assigned");
            self.owned.insert(*partition, owned);
        }
        self.reader.incremental_assign(&list)?;
        Ok(())
    }

    fn committed(&self, partitions: &[i32]) -> Result<places::Places, StartError> {
        let mut list = TopicPartitionList::new();
        for (topic, partition) in TOPICS[..INPUTS].iter().flat_map(|topic| partitions.iter().map(move |p| (topic, p))) {
            list.add_partition(topic, *partition);
        }
        let ask = || self.member.committed_offsets(list.clone(), client::QUESTION);
        Ok(places::of(&client::patiently(PATIENCE, ask)?))
    }

    /// Says what is due at this moment.
    fn say(&mut self) -> Result<(), StartError> {
        let now = now();
        let mut facts: Vec<(i32, Envelope<ServiceLevelEvent>)> = Vec::new();
        for (partition, owned) in &mut self.owned {
            let room = AT_ONCE.saturating_sub(facts.len());
            facts.extend(owned.due(&self.spec.rules, now, room).into_iter().map(|fact| (*partition, fact)));
        }
        if facts.is_empty() {
            return Ok(());
        }
        crash::reached("tracker.due");
        let records = facts.iter().map(|(_, fact)| self.output(fact)).collect::<Result<Vec<_>, _>>()?;
        let mut partitions: Vec<i32> = facts.iter().map(|(partition, _)| *partition).collect();
        partitions.dedup();
        let Some(group) = self.member.group_metadata() else { return Err(StartError::Worker("group membership")) };
        let batch = Batch { records, inputs: Some((self.positions(&partitions)?, group)) };
        let began = Instant::now();
        match self.transactions.commit(&batch) {
            Ok(()) => {
                crash::reached("tracker.said");
                observe::committed(FACTS, batch.records.len(), began.elapsed());
                for (partition, fact) in &facts {
                    let ServiceLevelEvent::Timer(event) = &fact.payload;
                    observe::timer_fired(&event.due().timer, &event.due().rule, fact.meta.occurred_at);
                    if let Some(owned) = self.owned.get_mut(partition) {
                        owned.said(fact, &self.spec.rules, now);
                    }
                }
                Ok(())
            }
            Err(error @ TransactionError::Fenced(_)) => Err(error.into()),
            Err(error) => {
                // It may have happened after all: only the log's own word counts.
                observe::aborted(FACTS, &error);
                let all: Vec<i32> = self.owned.keys().copied().collect();
                self.release(&all)?;
                self.take(&all)
            }
        }
    }

    fn output(&self, fact: &Envelope<ServiceLevelEvent>) -> Result<Output, StartError> {
        let mut payload = Vec::with_capacity(256);
        self.codec.encode(FACTS, fact, &mut payload).map_err(|error| StartError::Unreadable {
            topic: FACTS.to_owned(),
            partition: -1,
            offset: -1,
            reason: error.to_string(),
        })?;
        let headers = with_headers(OwnedHeaders::new(), headers::cloud_event(&fact.meta));
        Ok(Output { topic: FACTS, key: fact.meta.subject.as_str().as_bytes().to_vec(), payload, headers })
    }

    fn positions(&self, partitions: &[i32]) -> Result<TopicPartitionList, StartError> {
        let mut list = TopicPartitionList::new();
        for (partition, owned) in partitions.iter().filter_map(|p| Some((*p, self.owned.get(p)?))) {
            for topic in &TOPICS[..INPUTS] {
                list.add_partition_offset(topic, partition, Offset::Offset(owned.next_offset(topic)))?;
            }
        }
        Ok(list)
    }

    /// Commits positions and writes caches, from time to time while records come, and in the end.
    fn keep(&mut self, last: bool) -> Result<(), StartError> {
        if !last && self.kept.elapsed() < KEEP {
            return Ok(());
        }
        self.kept = Instant::now();
        for (partition, owned) in &self.owned {
            observe::timers(*partition, owned.running(), owned.overdue(now()));
        }
        let moved: Vec<i32> = self.owned.iter().filter(|(_, owned)| owned.has_moved()).map(|(p, _)| *p).collect();
        if moved.is_empty() {
            return Ok(());
        }
        let list = self.positions(&moved)?;
        let committed = self.member.commit(&list, CommitMode::Sync);
        if let Err(error) = &committed {
            // Whoever owns them now commits them; what is here is a cache all the same.
            tracing::info!(%error, "positions are committed later");
        }
        for partition in moved {
            if let Some(owned) = self.owned.get_mut(&partition) {
                if committed.is_ok() {
                    owned.committed();
                }
                owned.flush()?;
            }
        }
        Ok(())
    }
}

const _: () = assert!(TOPICS.len() == INPUTS + 1);
