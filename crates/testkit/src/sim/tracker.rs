//! The tracker of the simulation: the same fold, on the simulated log, by the simulated clock.

use super::half::{Env, Event, Half};
use super::log::{PARTITIONS, partition_of};
use super::mapping::Timers;
use super::obey::{Obeys, Says};
use domain::{
    Envelope, InternalCommand, InternalEvent, MessageId, PartnerCommand, PartnerEvent, ServiceLevelEvent, Subject,
    Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};
use tracking::{Heard, Tracked};

#[derive(Debug, Default)]
pub(super) struct TrackerHost {
    /// By topic, in the order of [`TrackerHost::fold`].
    positions: [[i64; PARTITIONS]; 5],
    tracked: BTreeMap<Subject, Tracked>,
    scheduled: Option<i64>,
    stopped: bool,
    said: BTreeSet<MessageId>,
    /// Facts that were said more than once.
    pub(super) repeats: Vec<String>,
}

type PartnerHalf = Half<PartnerEvent, PartnerCommand>;
type InternalHalf = Half<InternalEvent, InternalCommand>;

impl TrackerHost {
    pub(super) const fn stop(&mut self) {
        self.stopped = true;
    }

    /// Takes in what is new and sees to it that it is awake when something is due.
    pub(super) fn nudge(&mut self, env: &mut Env, partner: &PartnerHalf, internal: &InternalHalf, timers: &Timers<'_>) {
        if self.stopped || timers.rules.is_empty() {
            return;
        }
        self.fold(partner, internal, timers);
        let now = timers.dated(Timestamp(env.now));
        let next = self.tracked.iter().filter_map(|(s, t)| tracking::next(s, t, timers.rules, now)).min();
        if let Some(Timestamp(at)) = next {
            let at = (at - timers.epoch).max(env.now);
            if self.scheduled.is_none_or(|scheduled| at < scheduled || scheduled < env.now) {
                self.scheduled = Some(at);
                env.at(at, Event::Track);
            }
        }
    }

    fn fold(&mut self, partner: &PartnerHalf, internal: &InternalHalf, timers: &Timers<'_>) {
        for p in 0..PARTITIONS {
            while let Some((offset, record)) = partner.events.read(p, self.positions[0][p]) {
                self.take(0, p, offset, Heard::Partner(&of(&record, timers)));
            }
            while let Some((offset, record)) = internal.events.read(p, self.positions[1][p]) {
                self.take(1, p, offset, Heard::Internal(&of(&record, timers)));
            }
            while let Some((offset, record)) = partner.outcomes.read(p, self.positions[2][p]) {
                self.take(2, p, offset, Heard::AtPartner(&of(&record, timers)));
            }
            while let Some((offset, record)) = internal.outcomes.read(p, self.positions[3][p]) {
                self.take(3, p, offset, Heard::AtInternal(&of(&record, timers)));
            }
            while let Some((offset, record)) = partner.service_levels.read(p, self.positions[4][p]) {
                self.take(4, p, offset, Heard::Said(&record));
            }
        }
    }

    fn take(&mut self, topic: usize, partition: usize, offset: i64, heard: Heard<'_>) {
        self.tracked.entry(heard.meta().subject.clone()).or_default().fold(heard);
        self.positions[topic][partition] = offset + 1;
    }

    /// Says what is due. Where everything happens twice, it has lost its cache before, and is asked two times.
    pub(super) fn say(
        &mut self,
        env: &mut Env,
        partner: &mut PartnerHalf,
        internal: &mut InternalHalf,
        timers: &Timers<'_>,
    ) {
        self.scheduled = None;
        if self.stopped {
            return;
        }
        let now = timers.dated(Timestamp(env.now));
        for _ in 0..1 + usize::from(env.faults.everything_twice) {
            if env.faults.everything_twice {
                self.positions = [[0; PARTITIONS]; 5];
                self.tracked.clear();
            }
            self.fold(partner, internal, timers);
            let due = self.tracked.iter().flat_map(|(s, t)| tracking::due(s, t, timers.rules, now));
            let facts: Vec<Envelope<ServiceLevelEvent>> = due.collect();
            for fact in facts {
                if !self.said.insert(fact.meta.id) {
                    self.repeats.push(format!("{} of {}", fact.meta.kind, fact.meta.subject));
                }
                let partition = partition_of(fact.meta.subject.as_str());
                partner.service_levels.append(partition, fact.clone());
                partner.service_levels.marker(partition);
                internal.service_levels.append(partition, fact);
                internal.service_levels.marker(partition);
            }
        }
    }
}

fn of<P: Clone>(record: &Envelope<P>, timers: &Timers<'_>) -> Envelope<P> {
    let mut record = record.clone();
    record.meta.recorded_at = timers.dated(record.meta.recorded_at);
    record
}

/// The halves keep a copy each of the one topic, so that both transformers read it as they read their own.
pub(super) fn copies_agree<E: Says, C: Obeys, E2: Says, C2: Obeys>(a: &Half<E, C>, b: &Half<E2, C2>) -> bool {
    a.service_levels.all().eq(b.service_levels.all())
}
