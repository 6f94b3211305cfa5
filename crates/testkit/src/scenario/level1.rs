//! Level 1: the mapping alone. What people do becomes an event at once, commands are obeyed at once, and what became of
//! them goes back through the mapping.

use super::mapper::Mapper;
use super::player::Player;
use super::systems::{Systems, community_id, internal_id};
use super::waits::Waits;
use super::{Level, Scenario, Verdict};
use crate::sim::{Mapping as _, Next, People as _, Said, Told};
use domain::outcome::{Done, FieldHash, Refused, Skipped};
use domain::{
    Cause, Command, CommandRef, Envelope, Fact, InternalCommand, InternalEvent, Marked, MessageId, Meta, Outcome,
    PartnerCommand, PartnerEvent, ServiceLevelEvent, Subject, SystemId, Timestamp, Visibility,
};
use mapping::Bundle;
use ports::CallError;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

pub(super) enum Said1 {
    Partner(&'static str, Envelope<Fact<PartnerEvent>>),
    Internal(&'static str, Envelope<Fact<InternalEvent>>),
    Due(Envelope<ServiceLevelEvent>),
}

struct Host<'a> {
    mapper: Mapper<'a>,
    systems: Rc<RefCell<Systems>>,
    facts: VecDeque<Said1>,
    /// Commands that were carried out: a repeat does nothing.
    obeyed: BTreeSet<MessageId>,
    tickets: BTreeMap<Subject, String>,
    /// Until there is a ticket.
    waiting: Vec<Envelope<InternalCommand>>,
    untold: Vec<Envelope<PartnerCommand>>,
    timers: Waits,
    next: i64,
    twice: bool,
}

/// Plays a scenario; with `twice`, every fact and every command is delivered two times.
pub fn play_on_mapping(scenario: &Scenario, bundle: &Bundle, twice: bool) -> Verdict {
    let systems = Rc::new(RefCell::new(Systems::default()));
    let mut host = Host {
        mapper: Mapper::new(bundle, systems.clone()),
        systems: systems.clone(),
        facts: VecDeque::new(),
        obeyed: BTreeSet::new(),
        tickets: BTreeMap::new(),
        waiting: Vec::new(),
        untold: Vec::new(),
        timers: Waits::default(),
        next: 0,
        twice,
    };
    let mut player = Player::new(scenario, systems);
    let mut now = 0;
    loop {
        match player.next(now) {
            Next::Do(_, told) => {
                host.tell(now, *told);
                host.settle();
            }
            Next::Later => now += 60_000,
            Next::At(at) => {
                host.pass(at);
                now = at;
            }
            Next::Over => break,
        }
        now += 1;
    }
    player.verdict(Level::Mapping)
}

impl Host<'_> {
    fn tell(&mut self, now: i64, told: Told) {
        self.next += 1;
        let (system, kind) = match &told.said {
            Said::Partner(event) => (community_id(), event.kind()),
            Said::Internal(event) => (internal_id(), event.kind()),
        };
        let Some(subject) = told.subject else { return };
        let partner_id = told.partner.or_else(|| self.partner_of(&subject));
        let meta = Meta {
            id: MessageId::of_event(&system, subject.native(), &self.next.to_string(), &subject),
            subject,
            system,
            partner_id,
            kind: kind.to_owned(),
            occurred_at: Timestamp(now),
            recorded_at: Timestamp(now),
            source_version: String::new(),
            causation_id: None,
            actor: told.actor,
            visibility: told.visibility,
            environment: told.environment,
            ext: told.ext,
            mapping_version: 0,
            cause: None,
        };
        self.facts.push_back(match told.said {
            Said::Partner(event) => Said1::Partner("partner.events", Envelope { meta, payload: Fact::Event(event) }),
            Said::Internal(event) => Said1::Internal("internal.events", Envelope { meta, payload: Fact::Event(event) }),
        });
    }

    fn partner_of(&self, subject: &Subject) -> Option<domain::PartnerId> {
        let systems = self.systems.borrow();
        if let Some(partner) = systems.begun.get(subject) {
            return Some(partner.clone());
        }
        let case = systems.community.cases.iter().find(|case| case.id() == subject.native());
        case.filter(|_| subject.system() == community_id().as_str())
            .and_then(|case| domain::PartnerId::new(case.partner()).ok())
    }

    /// Time goes on; what becomes due on the way is said at its moment.
    fn pass(&mut self, to: i64) {
        while let Some(facts) = self.timers.due(&self.mapper, to) {
            self.facts.extend(facts.into_iter().map(Said1::Due));
            self.settle();
        }
    }

    fn settle(&mut self) {
        while let Some(said) = self.facts.pop_front() {
            self.next += 1;
            self.timers.fold(&self.mapper, &said);
            let offset = self.next;
            let cause = |topic: &str| Cause { topic: topic.to_owned(), partition: 0, offset };
            for _ in 0..1 + usize::from(self.twice) {
                match &said {
                    Said1::Partner(topic, fact) => {
                        for command in self.mapper.partner(fact, &cause(topic)).commands {
                            self.case_system_takes(command);
                        }
                    }
                    Said1::Internal(topic, fact) => {
                        let mapped = self.mapper.internal(fact, &cause(topic));
                        for command in mapped.commands {
                            self.community_takes(&command);
                        }
                        for command in mapped.back {
                            self.case_system_takes(command);
                        }
                    }
                    Said1::Due(fact) => {
                        let cause = cause("service-level.events");
                        for command in self.mapper.partner(&Fact::service_level(fact.clone()), &cause).commands {
                            self.case_system_takes(command);
                        }
                        for command in self.mapper.internal(&Fact::service_level(fact.clone()), &cause).commands {
                            self.community_takes(&command);
                        }
                    }
                }
            }
        }
    }

    fn case_system_takes(&mut self, command: Envelope<InternalCommand>) {
        let creates = command.payload.creates_bond();
        let next = || self.systems.borrow().tickets.next_id();
        let subject = &command.meta.subject;
        // What began here is known here.
        let own = (subject.system() == internal_id().as_str()).then(|| subject.native().to_owned());
        let native = own.or_else(|| self.tickets.get(subject).cloned()).or_else(|| creates.then(next));
        let Some(native) = native else {
            self.waiting.push(command);
            return;
        };
        if !self.obeyed.insert(command.meta.id) {
            return;
        }
        let result = self.systems.borrow_mut().internal_obeys(&native, &command);
        if creates && result.is_ok() {
            self.tickets.insert(command.meta.subject.clone(), native.clone());
        }
        let fact = outcome("internal", &internal_id(), &command, self.obeyed.len(), &native, result);
        self.facts.push_back(Said1::Internal("internal.outcomes", Fact::outcome(fact)));
        if creates {
            for waiting in std::mem::take(&mut self.waiting) {
                self.case_system_takes(waiting);
            }
        }
    }

    fn community_takes(&mut self, command: &Envelope<PartnerCommand>) {
        let subject = &command.meta.subject;
        let creates = command.payload.creates_bond();
        let begun_here = subject.system() == community_id().as_str();
        if !begun_here && !creates && self.systems.borrow().community.space_of(subject).is_none() {
            // What is said of something that is not there yet waits for it.
            if self.untold.iter().all(|waiting| waiting.meta.id != command.meta.id) {
                self.untold.push(command.clone());
            }
            return;
        }
        if !self.obeyed.insert(command.meta.id) {
            return;
        }
        let native = {
            let systems = self.systems.borrow();
            let cases = &systems.community.cases;
            match systems.community.space_of(subject) {
                Some(at) => cases[at].id().to_owned(),
                None if command.payload.creates_bond() => format!("C{}", cases.len() + 1),
                None => subject.native().to_owned(),
            }
        };
        let result = self.systems.borrow_mut().community_obeys(&native, command);
        let fact = outcome("partner", &community_id(), command, self.obeyed.len(), &native, result);
        self.facts.push_back(Said1::Partner("partner.outcomes", Fact::outcome(fact)));
        if creates {
            for waiting in std::mem::take(&mut self.untold) {
                self.community_takes(&waiting);
            }
        }
    }
}

fn outcome<C: Command>(
    side: &str,
    system: &SystemId,
    command: &Envelope<C>,
    offset: usize,
    native: &str,
    result: Result<(), CallError>,
) -> Envelope<Outcome> {
    let named = CommandRef {
        id: command.meta.id,
        kind: command.meta.kind.clone(),
        hash: command.payload.content_hash(),
        offset: offset as i64,
    };
    let hashed = |(field, hash)| FieldHash { field, hash };
    let payload = match result {
        Ok(()) => Outcome::Done(Done {
            command: named,
            native_id: native.to_owned(),
            reference: Marked::new(native.to_owned(), Visibility::Host),
            effects: Vec::new(),
            fields: command.payload.fields().into_iter().map(hashed).collect(),
            version: String::new(),
            created: command.payload.creates_bond(),
        }),
        Err(CallError::ConditionNotMet { .. }) => {
            Outcome::Skipped(Skipped { command: named, rule: "only-if".to_owned() })
        }
        Err(CallError::LeftAlone { rule }) => Outcome::Skipped(Skipped { command: named, rule: rule.to_owned() }),
        Err(CallError::Refused { reason, detail }) => Outcome::Refused(Refused { command: named, reason, detail }),
        Err(error) => Outcome::Refused(Refused { command: named, reason: error.to_string(), detail: String::new() }),
    };
    let mut meta = command.meta.clone();
    meta.id = MessageId::of_outcome(command.meta.id, payload.word(), "");
    meta.system = system.clone();
    meta.kind = format!("{side}.outcome.{}", payload.word());
    meta.visibility = Visibility::Host;
    // The time of what caused it, without what the mapping was told in addition.
    meta.recorded_at = meta.occurred_at;
    Envelope { meta, payload }
}
