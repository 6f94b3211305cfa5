//! The real mapping engine as the simulation's mapping, watched.

use super::systems::Systems;
use super::{CANARY, starter_bundle};
use crate::sim::{Mapped, Mapping, Timers};
use domain::{Cause, Command, Envelope, Fact, InternalCommand, InternalEvent, PartnerCommand, PartnerEvent, Timestamp};
use mapping::Bundle;
use std::cell::RefCell;
use std::rc::Rc;

/// 2026-06-01T00:00:00Z: simulated time begins here, within the validity of the bundle's partners.
pub(super) const BEGINNING: i64 = 1_780_272_000_000;

pub(super) struct Mapper<'a> {
    pub(super) bundle: &'a Bundle,
    pub(super) rules: Vec<domain::timer::Rule>,
    pub(super) systems: Rc<RefCell<Systems>>,
}

impl<'a> Mapper<'a> {
    pub(super) fn new(bundle: &'a Bundle, systems: Rc<RefCell<Systems>>) -> Self {
        Self { bundle, rules: bundle.timer_rules(), systems }
    }

    fn note<E, C: Command, B>(
        &self,
        fact: &Envelope<Fact<E>>,
        mapped: mapping::Mapped<C>,
        kind: &'static str,
    ) -> Mapped<C, B> {
        let mut systems = self.systems.borrow_mut();
        if matches!(fact.payload, Fact::Event(_)) {
            systems.kinds.insert(kind);
        }
        let subject = &fact.meta.subject;
        if let Some(held) = &mapped.held {
            let reasons = systems.held.entry(subject.clone()).or_default();
            reasons.insert(fact.meta.id.to_string(), held.reason.to_owned());
        }
        systems.skipped.entry(subject.clone()).or_default().extend(&mapped.skipped);
        let held = mapped.held.iter().map(|held| held.reason.to_owned()).collect();
        Mapped { commands: mapped.commands, back: Vec::new(), held }
    }
}

impl Mapping for Mapper<'_> {
    fn partner(&self, fact: &Envelope<Fact<PartnerEvent>>, cause: &Cause) -> Mapped<InternalCommand, PartnerCommand> {
        let fact = dated(fact);
        let kind = if let Fact::Event(event) = &fact.payload { event.kind() } else { "" };
        self.note(&fact, mapping::to_internal(self.bundle, &fact, cause), kind)
    }

    fn internal(&self, fact: &Envelope<Fact<InternalEvent>>, cause: &Cause) -> Mapped<PartnerCommand, InternalCommand> {
        let fact = dated(fact);
        let kind = if let Fact::Event(event) = &fact.payload { event.kind() } else { "" };
        let mapped = mapping::to_partner(self.bundle, &fact, cause);
        for command in mapped.commands.iter().filter(|command| format!("{command:?}").contains(CANARY)) {
            self.systems.borrow_mut().leaks.insert(format!("an internal text is in {}", command.meta.kind));
        }
        let told = mapped.held.as_ref().map(|held| mapping::told_of_hold(self.bundle, &fact, cause, held));
        Mapped { back: told.unwrap_or_default(), ..self.note(&fact, mapped, kind) }
    }

    fn timers(&self) -> Timers<'_> {
        Timers { rules: &self.rules, epoch: BEGINNING }
    }
}

fn dated<E: Clone>(fact: &Envelope<Fact<E>>) -> Envelope<Fact<E>> {
    let mut fact = fact.clone();
    // An outcome bears the time that its command was dated with.
    if fact.meta.recorded_at.0 >= BEGINNING {
        return fact;
    }
    fact.meta.recorded_at = Timestamp(BEGINNING + fact.meta.recorded_at.0);
    fact
}

/// The bundle that ships, loaded; every fault of it otherwise.
pub fn load_starter_bundle() -> Result<Bundle, String> {
    Bundle::load(&starter_bundle())
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}
