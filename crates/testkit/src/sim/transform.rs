use super::faults::Sabotage;
use super::half::{Env, Event, Half, SideId};
use super::log::{PARTITIONS, Topic, partition_of};
use super::mapping::Mapped;
use super::obey::{Obeys, Says};
use delivery::transform::{Action, Batch, Input, Limits};
use domain::{Cause, Envelope, Fact, Timestamp};
use std::collections::BTreeMap;

const GROUP: &str = "transform";

/// Which of the three topics (events, outcomes, what is due), and the partition.
type Key = (u8, usize);

/// A command for the other side, or one that goes back to the side that was read.
#[derive(Clone, Debug)]
enum Out<C, B> {
    On(Envelope<C>),
    Back(Envelope<B>),
}

/// Records and next offsets of the transaction under way.
type Committing<C, B> = (Vec<Out<C, B>>, BTreeMap<Key, i64>);

/// What a transaction wrote, or its trace where it failed.
fn append<C: Obeys>(commands: &mut Topic<Envelope<C>>, command: Envelope<C>, failed: bool) {
    let partition = partition_of(command.meta.subject.as_str());
    if !failed {
        commands.append(partition, command);
    }
    commands.marker(partition);
}

/// The transformer that reads one side and commands the other.
#[derive(Debug)]
pub(super) struct TransformHost<C, B> {
    pub(super) side: SideId,
    pub(super) generation: u32,
    batch: Batch<Key, Out<C, B>>,
    positions: BTreeMap<Key, i64>,
    committing: Option<Committing<C, B>>,
    scheduled: bool,
    paused: bool,
    started: bool,
    rejoin: Option<Key>,
}

impl<C: Obeys, B: Obeys> TransformHost<C, B> {
    pub(super) fn new(side: SideId) -> Self {
        Self {
            side,
            generation: 0,
            batch: Batch::new(Limits { interval: 40, records: 4, bytes: 10_000 }),
            positions: BTreeMap::new(),
            committing: None,
            scheduled: false,
            paused: false,
            started: false,
            rejoin: None,
        }
    }

    pub(super) fn crash(&mut self) {
        *self = Self { generation: self.generation + 1, ..Self::new(self.side) };
    }

    fn start<E: Says>(&mut self, env: &mut Env, source: &Half<E, B>) {
        if !std::mem::replace(&mut self.started, true) {
            for partition in 0..PARTITIONS {
                for topic in 0..3 {
                    self.assign(env, source, (topic, partition));
                }
            }
        }
    }

    fn assign<E: Says>(&mut self, env: &mut Env, source: &Half<E, B>, key: Key) {
        let committed = match key.0 {
            0 => source.events.committed(GROUP, key.1),
            1 => source.outcomes.committed(GROUP, key.1),
            _ => source.service_levels.committed(GROUP, key.1),
        };
        self.positions.insert(key, committed);
        self.step(env, Input::Assigned { partition: key, committed });
    }

    pub(super) fn nudge<E: Says>(&mut self, env: &mut Env, source: &Half<E, B>) {
        if self.scheduled || self.paused {
            return;
        }
        let work = !self.started || self.positions.keys().any(|key| self.is_ready(source, *key));
        if work {
            self.scheduled = true;
            env.within(1, 20, Event::Transform(self.side, self.generation));
        }
    }

    fn is_ready<E: Says>(&self, source: &Half<E, B>, key: Key) -> bool {
        let Some(from) = self.positions.get(&key).copied() else { return false };
        match key.0 {
            0 => source.events.read(key.1, from).is_some(),
            1 => source.outcomes.read(key.1, from).is_some(),
            _ => source.service_levels.read(key.1, from).is_some(),
        }
    }

    fn peek<E: Says>(&self, source: &Half<E, B>, (topic, partition): Key) -> Option<(i64, Envelope<Fact<E>>)> {
        let from = *self.positions.get(&(topic, partition))?;
        match topic {
            0 => source.events.read(partition, from).map(|(offset, record)| (offset, Fact::event((*record).clone()))),
            1 => {
                source.outcomes.read(partition, from).map(|(offset, record)| (offset, Fact::outcome((*record).clone())))
            }
            _ => {
                let read = source.service_levels.read(partition, from);
                read.map(|(offset, record)| (offset, Fact::service_level((*record).clone())))
            }
        }
    }

    /// Maps one record, of whichever partition the dice choose.
    pub(super) fn read<E: Says>(
        &mut self,
        env: &mut Env,
        source: &Half<E, B>,
        map: impl Fn(&Envelope<Fact<E>>, &Cause) -> Mapped<C, B>,
    ) {
        self.scheduled = false;
        self.start(env, source);
        if self.paused {
            return;
        }
        let ready: Vec<Key> = self.positions.keys().copied().filter(|key| self.is_ready(source, *key)).collect();
        if ready.is_empty() {
            return;
        }
        let key = ready[env.rng.between(0, ready.len() as i64 - 1) as usize];
        let Some((offset, fact)) = self.peek(source, key) else { return };
        if env.dies("transform: read") {
            return self.crash();
        }
        let topic = [&source.events.name, &source.outcomes.name, &source.service_levels.name][usize::from(key.0)];
        let cause = Cause { topic: topic.clone(), partition: key.1 as i32, offset };
        let mapped = map(&fact, &cause);
        let mut outputs: Vec<_> = mapped.commands.into_iter().map(Out::On).collect();
        outputs.extend(mapped.back.into_iter().map(Out::Back));
        if env.faults.everything_twice {
            outputs.extend(outputs.clone());
        }
        self.positions.insert(key, offset + 1);
        if env.dies("transform: mapped") {
            return self.crash();
        }
        let bytes = outputs.len() * 100;
        self.step(env, Input::Mapped { partition: key, next_offset: offset + 1, outputs, bytes });
    }

    pub(super) fn tick(&mut self, env: &mut Env) {
        self.step(env, Input::Tick);
    }

    fn step(&mut self, env: &mut Env, input: Input<Key, Out<C, B>>) {
        for action in self.batch.step(Timestamp(env.now), input) {
            match action {
                Action::Commit { records, offsets } => {
                    self.committing = Some((records, offsets));
                    env.within(5, 60, Event::TransformCommit(self.side, self.generation));
                }
                Action::SeekBack { offsets } => self.positions.extend(offsets),
                Action::Pause => self.paused = true,
                Action::Resume => self.paused = false,
                // The commit is on the agenda already; the partition comes back after it.
                Action::Join => {}
                Action::WakeAt(at) => env.at(at.0, Event::TransformTick(self.side, self.generation)),
            }
        }
    }

    /// The transaction ends. Its records and offsets appear at once, or neither.
    pub(super) fn commit<E: Says, E2: Says>(&mut self, env: &mut Env, source: &mut Half<E, B>, sink: &mut Half<E2, C>) {
        let Some((records, offsets)) = self.committing.take() else { return };
        if env.dies("transform: sent") {
            return self.crash();
        }
        let failed = env.strikes(env.faults.commit_fails);
        if !failed || env.sabotaged(Sabotage::OffsetsBeforeRecords) {
            for ((topic, partition), offset) in offsets {
                match topic {
                    0 => source.events.commit(GROUP, partition, offset),
                    1 => source.outcomes.commit(GROUP, partition, offset),
                    _ => source.service_levels.commit(GROUP, partition, offset),
                }
            }
        }
        for record in records {
            match record {
                Out::On(command) => append(&mut sink.commands, command, failed),
                Out::Back(command) => append(&mut source.commands, command, failed),
            }
        }
        if failed && env.sabotaged(Sabotage::OffsetsBeforeRecords) {
            self.crash();
            return;
        }
        if env.dies("transform: committed") {
            return self.crash();
        }
        self.step(env, if failed { Input::Failed } else { Input::Committed });
        if let Some(key) = self.rejoin.take() {
            self.assign(env, source, key);
        }
    }

    /// One partition goes away and comes back.
    pub(super) fn revoke<E: Says>(&mut self, env: &mut Env, source: &Half<E, B>) {
        if !self.started || self.rejoin.is_some() {
            return;
        }
        let key = (u8::from(env.rng.percent(30)), env.rng.between(0, PARTITIONS as i64 - 1) as usize);
        self.positions.remove(&key);
        self.step(env, Input::Revoked { partitions: vec![key] });
        if self.committing.is_some() {
            self.rejoin = Some(key);
        } else {
            self.assign(env, source, key);
        }
    }

    /// An operator resets the group while the transformer is down.
    pub(super) fn rewind<E: Says>(env: &mut Env, source: &mut Half<E, B>) {
        for partition in 0..PARTITIONS {
            let to = env.rng.between(0, source.events.committed(GROUP, partition));
            source.events.commit(GROUP, partition, to);
            let to = env.rng.between(0, source.outcomes.committed(GROUP, partition));
            source.outcomes.commit(GROUP, partition, to);
            // A read from the beginning is as good as any.
            source.service_levels.commit(GROUP, partition, 0);
        }
    }
}
