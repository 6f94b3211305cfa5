//! Hosts `delivery::ingest` on Kafka: what changed in one system becomes events, each exactly once.
//!
//! One poller per system, elected by owning the partition of `ingest.cursors` in its group. Events and cursor go into
//! one transaction, whose id fences a poller that does not know yet that it was replaced. A webhook only ends a wait.

mod config;
mod cursor;
mod election;
mod outcomes;

use crate::config::{KafkaConfig, StateConfig};
use crate::crash;
use crate::dead_letter::{self, class};
use crate::entry::{Backoff, Shutdown, StartError, now, pause, prepare_topics};
use crate::record::{Output, TRACEPARENT, with_headers};
use crate::service::PULSE;
use crate::store::IngestStore;
use crate::transaction::{Batch, TransactionError, Transactions};
use crate::{admin, client, observe};
use codec::{Codec, Record, headers};
pub use config::{Begin, FeedConfig};
use cursor::LastCursor;
use delivery::ingest::{Classifier, News, Verdict, envelope};
use domain::{CursorRecord, Envelope};
use election::Election;
use outcomes::Outcomes;
use ports::{Change, Cursor, Feed, FeedError, Gather, Gathered};
use rdkafka::message::OwnedHeaders;
use std::sync::Arc;
use std::time::Duration;
use telemetry::admin::{Health, Pulse};
use tokio::sync::Notify;

pub const CURSORS: &str = "ingest.cursors";

/// A feed has no partitions; its lag is told as that of this one.
const FEED: i32 = 0;

/// What makes a poller this poller.
pub struct IngestSpec<F: Feed> {
    pub role: &'static str,
    pub events: &'static str,
    pub outcomes: &'static str,
    pub dead_letters: &'static str,
    pub feed: F,
    /// The `type` of an event.
    pub kind: fn(&F::Event) -> &'static str,
    /// Ends the wait between two polls; rung by a webhook that was found genuine.
    pub nudge: Arc<Notify>,
    pub poll_interval: Duration,
    /// What a first start begins with, where it is not what the feed says.
    pub first: Option<Cursor>,
    /// Brings the files that an event names into the blob store before it is published.
    pub files: Box<dyn Gather<F>>,
}

struct Poller<'a, F: Feed> {
    codec: &'a Codec,
    spec: &'a mut IngestSpec<F>,
    shutdown: &'a Shutdown,
    election: &'a Election,
    transactions: Transactions,
    outcomes: Outcomes,
    memory: IngestStore,
    classifier: Classifier<F::Event>,
    cursor: Cursor,
    /// Bytes of files are coming: the next round begins at once.
    files_are_coming: bool,
    runtime: tokio::runtime::Handle,
    pulse: &'a Pulse,
}

/// Runs until shutdown or until it cannot go on. Blocking: has a thread of its own, inside a tokio runtime.
pub fn run<F>(
    config: &KafkaConfig,
    state: &StateConfig,
    codec: &Codec,
    mut spec: IngestSpec<F>,
    shutdown: &Shutdown,
    health: &Health,
) -> Result<(), StartError>
where
    F: Feed,
    Envelope<F::Event>: Record,
{
    let runtime = tokio::runtime::Handle::current();
    runtime.block_on(prepare_topics(codec, &[spec.events, CURSORS], shutdown))?;
    let cluster = admin::verify_partitions(config, &[spec.events, spec.outcomes, spec.dead_letters, CURSORS])?;
    let system = spec.feed.system().clone();
    let name = format!("{}.{system}", spec.role);
    let election = Election::start(config, &name, shutdown)?;
    let mut backoff = Backoff::default();
    let pulse = health.pulse("poll", PULSE);
    while !shutdown.has_begun() {
        pulse.beat();
        if !election.is_owner() {
            if election.stands_by() {
                health.set_ready();
            }
            runtime.block_on(pause(shutdown, Duration::from_millis(100)));
            continue;
        }
        let path = state.dir.join(spec.role).join(format!("{system}.redb"));
        let identity = format!("{cluster}/{}", spec.outcomes);
        let memory = IngestStore::open(&path, &identity, (config.memory_limit_mib as usize) << 20 >> 3)?;
        let transactional_id = config.group(&name);
        let spec_outcomes = spec.outcomes;
        let mut poller = Poller {
            codec,
            spec: &mut spec,
            shutdown,
            election: &election,
            transactions: Transactions::new(client::transactional_producer(config, &name, &transactional_id)),
            outcomes: Outcomes::open(config, &name, spec_outcomes, &memory, &path)?,
            memory,
            classifier: Classifier::new(),
            cursor: Cursor::default(),
            files_are_coming: false,
            runtime: runtime.clone(),
            pulse: &pulse,
        };
        match poller.own(config, health) {
            Ok(()) => backoff.reset(),
            // Nothing of the batch is visible, or all of it is: the cursor on the log says which.
            Err(StartError::Transaction(error)) => {
                observe::aborted(poller.spec.events, &error);
                runtime.block_on(pause(shutdown, backoff.delay()));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

impl<F> Poller<'_, F>
where
    F: Feed,
    Envelope<F::Event>: Record,
{
    /// The poller's life from winning the election until it loses it or a transaction fails.
    fn own(&mut self, config: &KafkaConfig, health: &Health) -> Result<(), StartError> {
        self.transactions.prepare()?;
        let system = self.spec.feed.system().clone();
        self.restore()?;
        match LastCursor::read(config, self.codec, &self.runtime, self.shutdown, system.as_str())? {
            Some(record) => {
                self.cursor = Cursor(record.cursor.clone());
                self.take_up(&record)?;
            }
            None => {
                let cursor = match self.spec.first.clone() {
                    Some(first) => Some(first),
                    None => self.patiently(|feed, runtime| runtime.block_on(feed.begin()))?,
                };
                let Some(cursor) = cursor else { return Ok(()) };
                tracing::info!(system = system.as_str(), "first start");
                self.cursor = cursor;
                self.commit(Vec::new())?;
            }
        }
        // From here on nothing that happens in the system is missed.
        health.set_ready();
        while !self.shutdown.has_begun() && self.election.is_owner() {
            let from = self.cursor.clone();
            let Some(page) = self.patiently(|feed, runtime| {
                let began = std::time::Instant::now();
                let page = runtime.block_on(feed.fetch(&from));
                observe::feed_read(feed.system().as_str(), &page, began.elapsed());
                page
            })?
            else {
                return Ok(());
            };
            crash::reached("ingest.fetched");
            let oldest = page.changes.iter().map(|change| change.occurred_at.0).min();
            if let Some(oldest) = oldest {
                observe::lag(self.spec.events, FEED, Some(oldest));
            }
            let more = page.more;
            // After the page, not before: what we did before the page was read is then known. Where there is nothing to
            // judge by it, it can wait.
            let nothing_to_judge = page.changes.is_empty() && self.classifier.held().is_empty();
            let learned = !nothing_to_judge && self.catch_up()?;
            let held_before = self.classifier.held();
            // What waits for its files asks no outcome.
            let due = learned || !held_before.is_empty();
            let mut verdicts = if due { self.classifier.release(&self.memory) } else { Vec::new() };
            verdicts.extend(page.changes.into_iter().map(|change| self.classifier.classify(&self.memory, change)));
            let outputs = self.outputs(verdicts)?;
            crash::reached("ingest.judged");
            observe::held_changes(self.spec.feed.system().as_str(), self.classifier.held().len());
            let moved = page.next != self.cursor || self.classifier.held() != held_before;
            self.cursor = page.next;
            if moved || !outputs.is_empty() {
                self.commit(outputs)?;
            }
            if !more && !self.files_are_coming {
                observe::no_lag(self.spec.events, FEED);
                observe::progress(self.spec.events, FEED);
                self.wait();
            }
        }
        Ok(())
    }

    /// Changes that were held when the last poller ended, in their order.
    fn take_up(&mut self, record: &CursorRecord) -> Result<(), StartError> {
        if record.held.is_empty() {
            return Ok(());
        }
        let mut again: Vec<Change<F::Event>> = Vec::new();
        for held in &record.held {
            let Some(change) =
                self.patiently(|feed, runtime| runtime.block_on(feed.reread(&held.entity, &held.change)))?
            else {
                return Ok(());
            };
            match change {
                Some(change) => again.push(change),
                None => tracing::warn!(entity = %held.entity, change = held.change, "a held change is gone"),
            }
        }
        self.catch_up()?;
        let verdicts = again.into_iter().map(|change| self.classifier.classify(&self.memory, change)).collect();
        let outputs = self.outputs(verdicts)?;
        self.commit(outputs)
    }

    /// What was written to the log since the memory's last flush, before the first page is judged by it.
    fn restore(&mut self) -> Result<(), StartError> {
        let began = std::time::Instant::now();
        let before = self.outcomes.folded(&self.memory);
        self.catch_up()?;
        let records = self.outcomes.folded(&self.memory).saturating_sub(before);
        observe::restored(self.spec.role, -1, records, began.elapsed());
        Ok(())
    }

    fn catch_up(&mut self) -> Result<bool, StartError> {
        let learned = self.outcomes.catch_up(self.codec, &self.runtime, self.shutdown, &mut self.memory)?;
        if learned && let Err(error) = self.memory.store().flush() {
            tracing::error!(%error, "state file cannot be written");
            return Err(StartError::Worker("state store"));
        }
        Ok(learned)
    }

    /// Until the feed answers; `None` when the poller's time is over meanwhile.
    fn patiently<R>(
        &mut self,
        ask: impl Fn(&mut F, &tokio::runtime::Handle) -> Result<R, FeedError>,
    ) -> Result<Option<R>, StartError> {
        let mut backoff = Backoff::default();
        loop {
            self.pulse.beat();
            if self.shutdown.has_begun() || !self.election.is_owner() {
                return Ok(None);
            }
            match ask(&mut self.spec.feed, &self.runtime) {
                Ok(answer) => return Ok(Some(answer)),
                // Nobody but a person can say what was lost.
                Err(error @ FeedError::CursorLost { .. }) => return Err(error.into()),
                Err(error) => {
                    let delay = match &error {
                        FeedError::Unavailable { retry_after: Some(after), .. } => *after,
                        FeedError::Unavailable { .. }
                        | FeedError::Misconfigured { .. }
                        | FeedError::CursorLost { .. } => backoff.delay(),
                    };
                    observe::feed_failed(self.spec.feed.system().as_str(), &error);
                    self.runtime.block_on(pause(self.shutdown, delay.min(Duration::from_secs(60))));
                }
            }
        }
    }

    fn wait(&self) {
        let interval = if self.classifier.waits_for_outcomes() {
            // An outcome of ours is near.
            self.spec.poll_interval.min(Duration::from_millis(200))
        } else {
            self.spec.poll_interval
        };
        self.runtime.block_on(async {
            tokio::select! {
                () = self.shutdown.begun() => {}
                () = self.spec.nudge.notified() => {}
                () = tokio::time::sleep(interval) => {}
            }
        });
    }

    fn outputs(&mut self, verdicts: Vec<Verdict<F::Event>>) -> Result<Vec<Output>, StartError> {
        let mut outputs = Vec::new();
        let mut kept = Vec::new();
        self.files_are_coming = false;
        for verdict in verdicts {
            match verdict {
                Verdict::Publish(mut news) => {
                    if !self.with_files(&mut news, &kept) {
                        kept.push(news);
                        continue;
                    }
                    if news.change.by_us == Some(true) {
                        observe::own_news(self.spec.feed.system().as_str(), news.subject.as_str());
                    }
                    let event = envelope(self.spec.feed.system(), self.spec.kind, news, now());
                    outputs.push(self.event(&event)?);
                }
                Verdict::Echo => observe::echo(self.spec.feed.system().as_str()),
                Verdict::Skip { rule } => observe::skipped(self.spec.events, rule),
                Verdict::Hold => observe::skipped(self.spec.events, "held-for-own-write"),
                Verdict::DeadLetter { reason, bytes } => {
                    observe::dead_letter(self.spec.events, class::MALFORMED, &reason, -1, -1);
                    let why = [
                        (dead_letter::CLASS, class::MALFORMED.to_owned()),
                        (dead_letter::REASON, dead_letter::bounded_reason(&reason)),
                        (dead_letter::SERVICE, self.spec.role.to_owned()),
                    ];
                    outputs.push(Output {
                        topic: self.spec.dead_letters,
                        key: self.spec.feed.system().as_str().as_bytes().to_vec(),
                        payload: bytes,
                        headers: with_headers(OwnedHeaders::new(), why),
                    });
                }
            }
        }
        self.classifier.keep(kept);
        Ok(outputs)
    }

    /// Whether the event's files are all settled, so that it may be published. A file that is not keeps only what comes
    /// after it of its own record.
    fn with_files(&mut self, news: &mut News<F::Event>, kept: &[News<F::Event>]) -> bool {
        if kept.iter().any(|before| before.change.entity == news.change.entity) {
            return false;
        }
        let spec = &mut *self.spec;
        match self.runtime.block_on(spec.files.gather(&mut spec.feed, &mut news.event)) {
            Gathered::Whole => return true,
            Gathered::Going => self.files_are_coming = true,
            Gathered::Later => {}
        }
        observe::skipped(self.spec.events, "held-for-file");
        false
    }

    fn event(&self, event: &Envelope<F::Event>) -> Result<Output, StartError> {
        let kind = (self.spec.kind)(&event.payload);
        let span = tracing::info_span!("send", otel.name = %format!("send {kind}"), otel.kind = "producer");
        let mut payload = Vec::with_capacity(512);
        self.codec.encode(self.spec.events, event, &mut payload).map_err(|e| self.unwritable(&e.to_string()))?;
        let mut headers = with_headers(OwnedHeaders::new(), headers::cloud_event(&event.meta));
        if let Some(trace) = telemetry::inject(&span) {
            headers = with_headers(headers, [(TRACEPARENT, trace)]);
        }
        observe::published(self.spec.feed.system().as_str());
        let key = event.meta.subject.as_str().as_bytes().to_vec();
        Ok(Output { topic: self.spec.events, key, payload, headers })
    }

    fn unwritable(&self, reason: &str) -> StartError {
        let topic = self.spec.events.to_owned();
        StartError::Unreadable { topic, partition: -1, offset: -1, reason: reason.to_owned() }
    }

    /// Events and the position behind them, all or nothing.
    fn commit(&mut self, mut records: Vec<Output>) -> Result<(), StartError> {
        let record = self.classifier.cursor_record(&self.cursor);
        let mut payload = Vec::new();
        self.codec.encode(CURSORS, &record, &mut payload).map_err(|e| self.unwritable(&e.to_string()))?;
        let key = self.spec.feed.system().as_str().as_bytes().to_vec();
        records.push(Output { topic: CURSORS, key, payload, headers: OwnedHeaders::new() });
        let batch = Batch { records, inputs: None };
        let began = std::time::Instant::now();
        self.transactions.commit(&batch).map_err(|error: TransactionError| StartError::Transaction(error))?;
        crash::reached("ingest.committed");
        observe::committed(self.spec.events, batch.records.len(), began.elapsed());
        Ok(())
    }
}
