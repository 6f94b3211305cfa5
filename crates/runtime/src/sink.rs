//! Hosts `delivery::sink` on Kafka: commands in, calls to a target, outcomes out.
//!
//! Three threads of librdkafka (the group's member, the tail of outcomes, the producer) and one task per partition,
//! which owns that partition's rules and memory. Work is concurrent over subjects; the rules keep one subject in order.

mod again;
pub(crate) mod append;
mod calls;
mod gate;
mod guard;
mod partition;
mod read;

use crate::config::{KafkaConfig, StateConfig};
use crate::entry::{Shutdown, StartError, prepare_topics};
use crate::service::PULSE;
use again::Again;
use append::Appender;
pub use calls::CallsConfig;
use codec::{Codec, Record};
use domain::{Command, Envelope, SystemId};
use gate::Gate;
use partition::{Inbox, Worker};
use ports::Target;
use read::{Raw, Settled, Tail};
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use telemetry::admin::Health;
use tokio::sync::mpsc::{self, Sender};
use tokio::task::JoinHandle;

/// What makes a sink this sink.
pub struct SinkSpec<T> {
    /// Also the group's name.
    pub role: &'static str,
    /// `internal` or `partner`: the side of the target.
    pub side: &'static str,
    pub commands: &'static str,
    pub outcomes: &'static str,
    pub target: Arc<T>,
    /// The id of the target's system. Subjects that began there are its own records and need no bond.
    pub system: SystemId,
    /// Subjects with a call under way at once, per partition.
    pub concurrency: usize,
    /// Calls and looks a second of the whole process; `None` leaves it to the target.
    pub per_second: Option<NonZeroU32>,
    pub call_timeout: Duration,
    /// Beyond a foreign call's end: how long until a look at the target tells the truth.
    pub settle: Duration,
}

/// What the threads tell the dispatcher.
#[derive(Debug)]
pub(crate) enum Event {
    Assigned(Vec<i32>),
    Revoked(Vec<i32>),
    Command(Raw),
    Outcome(Raw),
}

/// What every partition's worker shares.
pub(crate) struct Common<T> {
    pub config: KafkaConfig,
    pub state: StateConfig,
    pub codec: Codec,
    pub spec: SinkSpec<T>,
    pub appender: Appender,
    pub settled: Settled,
    pub shutdown: Shutdown,
    pub cluster: String,
    pub gate: Gate,
    pub again: Again,
}

struct Running {
    inbox: Sender<Inbox>,
    task: JoinHandle<Result<(), StartError>>,
}

/// Runs until shutdown or until it cannot go on. Ready once the first restore has ended.
pub async fn run<T>(
    config: KafkaConfig,
    state: StateConfig,
    codec: Codec,
    spec: SinkSpec<T>,
    shutdown: Shutdown,
    health: Health,
) -> Result<(), StartError>
where
    T: Target,
    T::Command: Command + Clone + Send + Sync + 'static,
    Envelope<T::Command>: Record,
{
    prepare_topics(&codec, &[spec.outcomes], &shutdown).await?;
    let (topics, admin_config) = (vec![spec.commands, spec.outcomes], config.clone());
    let cluster = tokio::task::spawn_blocking(move || crate::admin::verify_partitions(&admin_config, &topics))
        .await
        .map_err(|_| StartError::Worker("admin"))??;
    let appender = Appender::new(&config, spec.role)?;
    let (events, inbox) = mpsc::channel(2_000);
    let (tail, control) = std::sync::mpsc::channel();
    let settled = Settled::default();
    let gate = Gate::new(spec.system.as_str(), spec.target.max_calls(), spec.per_second, spec.call_timeout);
    let again = Again::start(&config, spec.role, spec.commands, &shutdown)?;
    let common = Arc::new(Common { config, state, codec, spec, appender, settled, shutdown, cluster, gate, again });

    let (member, sender) = (common.clone(), events.clone());
    let pulses = [health.pulse("commands", PULSE), health.pulse("outcomes", PULSE)];
    let [beat_commands, beat_outcomes] = pulses;
    let commands = tokio::task::spawn_blocking(move || {
        let spec = &member.spec;
        read::commands(
            &member.config,
            spec.role,
            spec.commands,
            &sender,
            &member.settled,
            &member.shutdown,
            &beat_commands,
        )
    });
    let reader = common.clone();
    let outcomes = tokio::task::spawn_blocking(move || {
        let spec = &reader.spec;
        read::outcomes(&reader.config, spec.role, spec.outcomes, &control, &events, &reader.shutdown, &beat_outcomes)
    });
    let result = dispatch(&common, inbox, &tail, commands, outcomes, health).await;
    common.shutdown.begin();
    let last = common.clone();
    let _ = tokio::task::spawn_blocking(move || last.appender.flush(Duration::from_secs(10))).await;
    result
}

async fn dispatch<T>(
    common: &Arc<Common<T>>,
    mut events: mpsc::Receiver<Event>,
    tail: &std::sync::mpsc::Sender<Tail>,
    mut commands: JoinHandle<Result<(), rdkafka::error::KafkaError>>,
    mut outcomes: JoinHandle<Result<(), StartError>>,
    health: Health,
) -> Result<(), StartError>
where
    T: Target,
    T::Command: Command + Clone + Send + Sync + 'static,
    Envelope<T::Command>: Record,
{
    let mut running: BTreeMap<i32, Running> = BTreeMap::new();
    let mut ending: BTreeMap<i32, JoinHandle<Result<(), StartError>>> = BTreeMap::new();
    let mut beat = tokio::time::interval(Duration::from_millis(500));
    let mut consuming = true;
    let pulse = health.pulse("dispatch", PULSE);
    let result = loop {
        tokio::select! {
            event = events.recv() => match event {
                None => break Ok(()),
                Some(Event::Assigned(partitions)) => {
                    for partition in partitions {
                        let before = ending.remove(&partition);
                        running.insert(partition, start(common, partition, before, tail, health.clone()));
                    }
                    crate::observe::assigned(common.spec.commands, running.len());
                }
                Some(Event::Revoked(partitions)) => {
                    for partition in partitions {
                        if let Some(Running { inbox, task }) = running.remove(&partition) {
                            let _ = tail.send(Tail::Remove { partition });
                            drop(inbox);
                            ending.insert(partition, task);
                        }
                    }
                }
                Some(Event::Command(raw)) => deliver(&running, raw.partition, Inbox::Command(raw)).await,
                Some(Event::Outcome(raw)) => deliver(&running, raw.partition, Inbox::Outcome(raw)).await,
            },
            ended = &mut commands, if consuming => {
                consuming = false;
                match ended {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => break Err(error.into()),
                    Err(_) => break Err(StartError::Worker("commands")),
                }
            }
            ended = &mut outcomes => break match ended {
                Ok(result) => result,
                Err(_) => Err(StartError::Worker("outcomes")),
            },
            _ = beat.tick() => {
                pulse.beat();
                if common.appender.has_failed() {
                    break Err(StartError::Worker("outcome producer"));
                }
                if let Some(partition) = running.iter().find(|(_, r)| r.task.is_finished()).map(|(p, _)| *p)
                    && let Some(ended) = running.remove(&partition)
                {
                    let _ = tail.send(Tail::Remove { partition });
                    match ended.task.await {
                        // Deposed by a barrier that came late while the group still names us: what was delivered
                        // before is gone with the worker, so the group must deliver it again from what is settled.
                        Ok(Ok(())) => break Err(StartError::Worker("deposed partition")),
                        Ok(Err(error)) => break Err(error),
                        Err(_) => break Err(StartError::Worker("partition")),
                    }
                }
            }
        }
    };
    common.shutdown.begin();
    for (_, Running { inbox, task }) in running {
        drop(inbox);
        ending.insert(-1 - ending.len() as i32, task);
    }
    // Calls under way are given their time: their outcomes spare the next owner a look.
    let deadline = tokio::time::Instant::now() + common.spec.call_timeout.min(Duration::from_secs(20));
    for (_, task) in ending {
        let _ = tokio::time::timeout_at(deadline, task).await;
    }
    result
}

async fn deliver(running: &BTreeMap<i32, Running>, partition: i32, message: Inbox) {
    if let Some(worker) = running.get(&partition) {
        // A worker that has ended is found by the health tick; what it did not see is read again by the next owner.
        let _ = worker.inbox.send(message).await;
    }
}

fn start<T>(
    common: &Arc<Common<T>>,
    partition: i32,
    before: Option<JoinHandle<Result<(), StartError>>>,
    tail: &std::sync::mpsc::Sender<Tail>,
    health: Health,
) -> Running
where
    T: Target,
    T::Command: Command + Clone + Send + Sync + 'static,
    Envelope<T::Command>: Record,
{
    let (inbox, receiver) = mpsc::channel(1_000);
    let (common, tail) = (common.clone(), tail.clone());
    let task = tokio::spawn(async move {
        if let Some(before) = before {
            // One worker at a time holds a partition's file.
            let _ = before.await;
        }
        Worker::open(common, partition, &tail)?.run(receiver, &health).await
    });
    Running { inbox, task }
}
