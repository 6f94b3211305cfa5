//! What is waited for on level 1: the fold of `tracking`, without a log.

use super::level1::Said1;
use super::mapper::Mapper;
use crate::sim::{Mapping as _, Timers};
use domain::{Envelope, Fact, InternalEvent, Meta, PartnerEvent, ServiceLevelEvent, Subject, Timestamp};
use std::collections::BTreeMap;
use tracking::{Heard, Tracked};

#[derive(Default)]
pub(super) struct Waits(BTreeMap<Subject, Tracked>);

impl Waits {
    pub(super) fn fold(&mut self, mapper: &Mapper<'_>, said: &Said1) {
        let timers = mapper.timers();
        match said {
            Said1::Partner(_, fact) => match &fact.payload {
                Fact::Event(event) => {
                    let record: Envelope<PartnerEvent> = dated(&timers, &fact.meta, event.clone());
                    self.take(Heard::Partner(&record));
                }
                Fact::Outcome(outcome) => {
                    self.take(Heard::AtPartner(&dated(&timers, &fact.meta, outcome.as_ref().clone())));
                }
                Fact::ServiceLevel(_) => {}
            },
            Said1::Internal(_, fact) => match &fact.payload {
                Fact::Event(event) => {
                    let record: Envelope<InternalEvent> = dated(&timers, &fact.meta, event.clone());
                    self.take(Heard::Internal(&record));
                }
                Fact::Outcome(outcome) => {
                    self.take(Heard::AtInternal(&dated(&timers, &fact.meta, outcome.as_ref().clone())));
                }
                Fact::ServiceLevel(_) => {}
            },
            Said1::Due(fact) => self.take(Heard::Said(fact)),
        }
    }

    fn take(&mut self, heard: Heard<'_>) {
        self.0.entry(heard.meta().subject.clone()).or_default().fold(heard);
    }

    /// What is due next, unless that is later than `to`, at its own moment.
    pub(super) fn due(&self, mapper: &Mapper<'_>, to: i64) -> Option<Vec<Envelope<ServiceLevelEvent>>> {
        let timers = mapper.timers();
        let begin = Timestamp(timers.epoch);
        let next = self.0.iter().filter_map(|(s, t)| tracking::next(s, t, timers.rules, begin)).min()?;
        // What was due before the beginning is due at it.
        let next = next.max(begin);
        let due = |(subject, tracked)| tracking::due(subject, tracked, timers.rules, next);
        (next.0 <= timers.epoch + to).then(|| self.0.iter().flat_map(due).collect())
    }
}

fn dated<P>(timers: &Timers<'_>, meta: &Meta, payload: P) -> Envelope<P> {
    let mut meta = meta.clone();
    meta.recorded_at = timers.dated(meta.recorded_at);
    Envelope { meta, payload }
}
