//! Takes the steps of a scenario one after the other, as soon as each is possible, then judges.

use super::systems::{Acted, Acting, Systems, Thing};
use super::{Act, Agent, Case, Depth, Expect, Level, Open, Partner, Scenario, Step, Verdict, sentinel};
use crate::sim::{Next, People};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How long, in milliseconds of simulated time, something may take to come. Above what retries of one call need.
const PATIENCE: i64 = 900_000;

pub(super) struct Player<'s> {
    scenario: &'s Scenario,
    systems: Rc<RefCell<Systems>>,
    things: BTreeMap<Case, Thing>,
    at: usize,
    acted: bool,
    since: i64,
    failures: Vec<String>,
    sentinels: Option<Sentinels>,
}

#[derive(Default)]
struct Sentinels {
    to_send: Vec<(Thing, Act)>,
    awaited: Vec<(Thing, Act)>,
}

enum Tried {
    Acted(Box<Acted>),
    /// It happened, and nobody tells.
    Silent,
    /// As expected.
    Refused,
    NotYet,
    Wrong(&'static str),
}

impl<'s> Player<'s> {
    pub(super) fn new(scenario: &'s Scenario, systems: Rc<RefCell<Systems>>) -> Self {
        Self {
            scenario,
            systems,
            things: BTreeMap::new(),
            at: 0,
            acted: false,
            since: 0,
            failures: Vec::new(),
            sentinels: None,
        }
    }

    /// After everything has come to rest.
    pub(super) fn verdict(mut self, level: Level) -> Verdict {
        if self.failures.is_empty() {
            self.failures = self.unmet();
        }
        let systems = self.systems.borrow();
        self.failures.extend(systems.leaked());
        let name = &self.scenario.name;
        let failures = self.failures.iter().map(|failure| format!("{name} ({}): {failure}", level.as_str()));
        Verdict { failures: failures.collect(), kinds: systems.kinds.clone() }
    }

    fn differences(&self, case: &Case, expect: &Expect) -> Vec<String> {
        let Some(thing) = self.things.get(case) else { return vec![format!("case {case} was not opened")] };
        let lines = expect.differences(&self.systems.borrow().view(thing), Depth::Everything);
        lines.into_iter().map(|line| format!("line {}, case {case}: {line}", expect.line)).collect()
    }

    /// Final expectations that do not hold.
    fn unmet(&self) -> Vec<String> {
        self.scenario.expect.iter().flat_map(|(case, expect)| self.differences(case, expect)).collect()
    }

    fn fail(&mut self, failures: Vec<String>) -> Next {
        self.failures.extend(failures);
        Next::Over
    }

    fn wait(&mut self, now: i64, failures: impl FnOnce(&Self) -> Vec<String>) -> Next {
        if now - self.since < PATIENCE {
            return Next::Later;
        }
        let failures = failures(self);
        self.fail(failures)
    }

    fn go_on(&mut self, now: i64) {
        self.at += 1;
        self.acted = false;
        self.since = now;
    }

    fn attempt(&mut self, step: &Step) -> Tried {
        let mut systems = self.systems.borrow_mut();
        let subject = |name: &str| self.things.get(name).map(|thing| systems.subject(thing));
        let act = step.act.clone().belonging(subject);
        if let Some((thing, acted)) = systems.open(&act) {
            self.things.insert(step.case.clone(), thing);
            return Tried::Acted(Box::new(acted));
        }
        if let Some(thing) = systems.begin(&act) {
            self.things.insert(step.case.clone(), thing);
            return Tried::Silent;
        }
        let Some(thing) = self.things.get(&step.case) else { return Tried::Wrong("acts on nothing") };
        let answers = matches!(&step.act, Act::Partner(act) if act.answers());
        if let Thing::Case(at) = thing
            && answers
            && !step.refused
            && !systems.community.cases[*at].has_offer()
        {
            return Tried::NotYet;
        }
        let acting = match &step.act {
            Act::Agent(Agent::Merges { into }) => match self.things.get(into) {
                Some(into) => Ok(systems.merge(thing, into)),
                None => return Tried::Wrong("merges into nothing"),
            },
            act @ (Act::Partner(_) | Act::Agent(_) | Act::Time { .. }) => systems.act(thing, act),
        };
        match acting {
            Ok(Acting::NotYet) => Tried::NotYet,
            Ok(_) if step.refused => Tried::Wrong("was taken by the community, expected a refusal"),
            Ok(Acting::Acted(acted)) => Tried::Acted(acted),
            Ok(Acting::Silent) => Tried::Silent,
            Err(_) if step.refused => Tried::Refused,
            Err(_) => Tried::Wrong("was refused by the community"),
        }
    }

    /// Takes what crosses the step that was just taken: at the same moment, told after it. Gives the line that cannot.
    fn cross(&mut self) -> Result<(), usize> {
        let scenario = self.scenario;
        while let Some(step) = scenario.steps.get(self.at + 1).filter(|step| step.crosses) {
            let Tried::Acted(acted) = self.attempt(step) else { return Err(step.line) };
            self.systems.borrow_mut().computed.push_back(*acted);
            self.at += 1;
        }
        Ok(())
    }

    fn follow(&mut self, now: i64) -> Option<Next> {
        if let Some((native, told)) = self.systems.borrow_mut().computed.pop_front() {
            return Some(Next::Do(native, Box::new(told)));
        }
        let scenario = self.scenario;
        while let Some(step) = scenario.steps.get(self.at) {
            if !self.acted {
                if let Act::Time { passes } = step.act {
                    self.acted = true;
                    self.since = now + passes;
                    return Some(Next::At(self.since));
                }
                match self.attempt(step) {
                    Tried::Acted(acted) => {
                        self.acted = true;
                        self.since = now;
                        let (native, told) = *acted;
                        if let Err(line) = self.cross() {
                            return Some(self.fail(vec![format!("line {line}: was too late to cross")]));
                        }
                        return Some(Next::Do(native, Box::new(told)));
                    }
                    Tried::Refused | Tried::Silent => self.acted = true,
                    Tried::NotYet => {
                        let line = format!("line {}: the step never became possible", step.line);
                        return Some(self.wait(now, |_| vec![line]));
                    }
                    Tried::Wrong(what) => return Some(self.fail(vec![format!("line {}: {what}", step.line)])),
                }
            }
            let differences = step.then.as_ref().map(|expect| self.differences(&step.case, expect)).unwrap_or_default();
            if !differences.is_empty() {
                return Some(self.wait(now, |_| differences));
            }
            self.go_on(now);
        }
        None
    }

    fn sentinels(&self) -> Sentinels {
        let systems = self.systems.borrow();
        let mut to_send = Vec::new();
        for case in self.scenario.cases() {
            let Some(thing @ Thing::Case(at)) = self.things.get(case) else { continue };
            let seen = &systems.community.cases[*at];
            let subject = systems.subject(thing);
            let text = sentinel::text(to_send.len());
            match systems.tickets.of(&subject).next() {
                None => {
                    let open = Open {
                        by: "ACME".to_owned(),
                        title: text,
                        description: String::new(),
                        severity: "MINOR".to_owned(),
                        category: "ORDER".to_owned(),
                        document: String::new(),
                    };
                    to_send.push((thing.clone(), Act::Partner(Partner::Opens(Box::new(open)))));
                }
                // Nobody can act on it any more, and its case is over.
                Some(ticket) if ticket.merged => {}
                Some(ticket) => {
                    to_send.push((thing.clone(), Act::Agent(Agent::Replies { text: text.clone() })));
                    // A comment would move a ticket that waits for one.
                    if !seen.is_final() && ticket.status != "waiting-partner" {
                        let said = Partner::Comments { text, format: "plain".to_owned() };
                        to_send.push((thing.clone(), Act::Partner(said)));
                    }
                }
            }
        }
        to_send.reverse();
        Sentinels { to_send, awaited: Vec::new() }
    }

    fn has_arrived(&self, thing: &Thing, act: &Act) -> bool {
        let systems = self.systems.borrow();
        let Thing::Case(at) = thing else { return false };
        let case = &systems.community.cases[*at];
        match act {
            Act::Partner(Partner::Opens(_)) => !case.is_new(),
            Act::Partner(Partner::Comments { text, .. }) => {
                systems.tickets.of(&systems.subject(thing)).any(|ticket| ticket.hears(text))
            }
            Act::Agent(Agent::Replies { text }) => case.says(text),
            Act::Partner(_) | Act::Agent(_) | Act::Time { .. } => false,
        }
    }

    fn watch(&mut self, now: i64) -> Next {
        let Some(mut sentinels) = self.sentinels.take() else {
            let unmet = self.unmet();
            if !unmet.is_empty() {
                return self.wait(now, |_| unmet);
            }
            self.since = now;
            self.sentinels = Some(self.sentinels());
            return self.watch(now);
        };
        if let Some((thing, act)) = sentinels.to_send.pop() {
            let mut systems = self.systems.borrow_mut();
            let done = match systems.open(&act) {
                Some((thing, acted)) => Some((thing, acted)),
                None => match systems.act(&thing, &act) {
                    Ok(Acting::Acted(acted)) => Some((thing, *acted)),
                    Ok(Acting::Silent | Acting::NotYet) | Err(_) => None,
                },
            };
            drop(systems);
            let Some((thing, acted)) = done else { return self.fail(vec!["a sentinel was refused".to_owned()]) };
            sentinels.awaited.push((thing, act));
            self.sentinels = Some(sentinels);
            return Next::Do(acted.0, Box::new(acted.1));
        }
        let missing = sentinels.awaited.iter().filter(|(thing, act)| !self.has_arrived(thing, act)).count();
        self.sentinels = Some(sentinels);
        if missing == 0 { Next::Over } else { self.wait(now, |_| vec![format!("{missing} sentinels never arrived")]) }
    }
}

impl People for Player<'_> {
    fn next(&mut self, now: i64) -> Next {
        match self.follow(now) {
            Some(next) => next,
            None => self.watch(now),
        }
    }
}
