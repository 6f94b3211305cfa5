//! The scenarios on the real parts: each on cases of its own, some at a time.
//!
//! `E2E_SCENARIO=01-issue/03` plays those that begin so.

mod answers;
mod outward;
mod people;
mod programmes;
mod seen;

use crate::Test;
use crate::stack::Stack;
use crate::wait::until;
use people::{People, Thing};
use programmes::Programme;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testkit::scenario::{self, Act, Agent, Depth, Expect, Level, Open, Partner, Scenario, Step, sentinel};

pub const TESTS: &[(&str, Test)] = &[("scenarios_hold_on_the_real_parts", |stack| Box::pin(all(stack)))];

pub const LAST: &[(&str, Test)] =
    &[("an_answer_stays_outside_where_the_bundle_says_so", |stack| Box::pin(answers::test(stack)))];

/// Above what one hop takes while others are under way.
const PATIENCE: Duration = Duration::from_secs(120);
/// Scenarios at a time: Request Tracker has few workers.
const AT_ONCE: usize = 4;

async fn all(stack: Arc<Stack>) {
    let prefix = std::env::var("E2E_SCENARIO").unwrap_or_default();
    let mut chosen = scenario::read_folder(&scenario::folder()).unwrap_or_else(|fault| panic!("{fault}"));
    chosen.retain(|scenario| scenario.name.starts_with(&prefix));
    assert!(!chosen.is_empty(), "no scenario begins with {prefix}");
    for left in chosen.iter().filter(|scenario| !scenario.runs_at(Level::Real)) {
        println!("not on this level: {} cannot be said on the real parts, see `why` in its file", left.name);
    }
    chosen.retain(|scenario| scenario.runs_at(Level::Real));
    let (mut failed, mut ended) = (Vec::new(), Vec::new());
    for some in chosen.chunks(AT_ONCE) {
        let mut running = Vec::new();
        for scenario in some {
            let (stack, scenario) = (stack.clone(), scenario.clone());
            running
                .push((scenario.name.clone(), tokio::spawn(async move { Play::new(&stack, &scenario).play().await })));
        }
        for (name, play) in running {
            match play.await {
                Ok(left) => {
                    println!("{name}: as expected");
                    ended.extend(left);
                }
                // The panic has told what was otherwise.
                Err(_) => failed.push(name),
            }
        }
    }
    let watched = ended.len();
    for name in watch_resting(&stack, ended).await {
        if !failed.contains(&name) {
            failed.push(name);
        }
    }
    println!(
        "{} scenarios, {watched} cases without a sentinel of their own looked at again after everything had crossed",
        chosen.len()
    );
    assert!(failed.is_empty(), "{} of {} scenarios failed, see above: {failed:?}", failed.len(), chosen.len());
}

/// A case whose ticket an agent's reply would move, so that it cannot have a sentinel of its own.
struct Resting {
    scenario: Scenario,
    things: BTreeMap<String, Thing>,
    case: String,
}

/// Something said later on another ticket has crossed, and every group has read to its end: what a resting case has not
/// become by now it will not become. Gives the names of those that are not as expected.
async fn watch_resting(stack: &Stack, ended: Vec<Resting>) -> Vec<String> {
    if ended.is_empty() {
        return Vec::new();
    }
    let people = People::new(stack);
    let other = people.opens(&sentinel_case("ACME")).await;
    let subject = format!("case/tg/{other}");
    let ticket =
        until("the last sentinel's ticket", PATIENCE, || async { stack.rt.tickets(&subject).await.first().copied() })
            .await;
    stack.rt.reply(ticket, &sentinel::text(3)).await;
    until("the last sentinel at the community", PATIENCE, || async {
        people.case(&other).await.to_string().contains(&sentinel::text(3)).then_some(())
    })
    .await;
    crate::reset::settled(stack).await;
    let mut wrong = Vec::new();
    for Resting { scenario, things, case } in ended {
        let play = Play { stack, scenario: &scenario, people: People::new(stack), things };
        for (_, expect) in scenario.expect.iter().filter(|(named, _)| *named == case) {
            let differences = play.differences(&case, expect, Depth::Everything).await;
            if !differences.is_empty() {
                println!("{}: case {case} after everything has crossed: {differences:#?}", scenario.name);
                wrong.push(scenario.name.clone());
            }
        }
    }
    wrong
}

fn sentinel_case(partner: &str) -> Open {
    Open {
        by: partner.to_owned(),
        title: sentinel::text(0),
        description: String::new(),
        severity: "MINOR".to_owned(),
        category: "ORDER".to_owned(),
        document: String::new(),
    }
}

struct Play<'a> {
    stack: &'a Stack,
    scenario: &'a Scenario,
    people: People<'a>,
    things: BTreeMap<String, Thing>,
}

impl<'a> Play<'a> {
    fn new(stack: &'a Stack, scenario: &'a Scenario) -> Self {
        Self { stack, scenario, people: People::new(stack), things: BTreeMap::new() }
    }

    /// Gives the cases that can be looked at only when everything has crossed.
    async fn play(mut self) -> Vec<Resting> {
        for step in &self.scenario.steps {
            let line = format!("{} line {}", self.scenario.name, step.line);
            self.take(step, &line).await;
            if let Some(expect) = &step.then {
                self.meet(&step.case, expect, &line).await;
            }
        }
        for (case, expect) in &self.scenario.expect {
            self.meet(case, expect, &format!("{} in the end", self.scenario.name)).await;
        }
        let mut ended = Vec::new();
        for case in self.scenario.cases() {
            if !self.watch(case).await {
                let (scenario, things) = (self.scenario.clone(), self.things.clone());
                ended.push(Resting { scenario, things, case: case.to_owned() });
            }
        }
        ended
    }

    fn case(&self, name: &str) -> &str {
        match &self.things[name] {
            Thing::Case(id) => id,
            Thing::Own(_) | Thing::Programme(_) | Thing::Document(_) => panic!("no partner opened {name}"),
        }
    }

    fn programme(&self, name: &str) -> Option<&Programme> {
        match &self.things[name] {
            Thing::Programme(programme) => Some(programme),
            Thing::Case(_) | Thing::Own(_) | Thing::Document(_) => None,
        }
    }

    /// The ticket of a document of the house's own.
    fn document(&self, name: &str) -> Option<u64> {
        match &self.things[name] {
            Thing::Document(ticket) => Some(*ticket),
            Thing::Case(_) | Thing::Own(_) | Thing::Programme(_) => None,
        }
    }

    fn partner(&self, case: &str) -> &str {
        self.scenario.partner_of(&case.to_owned())
    }

    async fn take(&mut self, step: &Step, line: &str) {
        let act = step.act.clone().belonging(|name| {
            let Thing::Case(id) = self.things.get(name)? else { return None };
            people::subject(id).try_into().ok()
        });
        match &act {
            Act::Partner(Partner::Opens(open)) => {
                let id = self.people.opens(open).await;
                self.things.insert(step.case.clone(), Thing::Case(id));
            }
            Act::Partner(Partner::Raises(raise)) => {
                let id = self.people.raises(raise).await;
                self.things.insert(step.case.clone(), Thing::Case(id));
            }
            Act::Partner(Partner::Shares(share)) => {
                let id = self.people.shares(share).await;
                self.things.insert(step.case.clone(), Thing::Case(id));
            }
            Act::Agent(Agent::BeginsDocument(new)) => {
                let ticket = self.people.begins_document(new).await;
                self.things.insert(step.case.clone(), Thing::Document(ticket));
            }
            Act::Partner(act) if self.document(&step.case).is_some() => {
                let ticket = self.document(&step.case).unwrap();
                let taken = outward::partner_does(self.stack, self.partner(&step.case), ticket, act).await;
                assert_eq!(taken, !step.refused, "{line}: whether the community takes it");
            }
            Act::Partner(act) if self.programme(&step.case).is_some() => {
                let programme = self.programme(&step.case).unwrap();
                let taken = self.people.answers_in(self.stack, self.partner(&step.case), programme, act).await;
                assert_eq!(taken, !step.refused, "{line}: whether the community takes it");
            }
            Act::Partner(act) => {
                let (partner, case) = (self.partner(&step.case).to_owned(), self.case(&step.case).to_owned());
                if act.answers() && !step.refused {
                    until(&format!("{line}: an offer"), PATIENCE, || async {
                        let status = self.people.case(&case).await["status"].clone();
                        (status == "resolved" || status == "outcome-proposed").then_some(())
                    })
                    .await;
                }
                let taken = self.people.partner_does(&partner, &case, act).await;
                assert_eq!(taken, !step.refused, "{line}: whether the community takes it");
            }
            Act::Time { .. } => panic!("nobody waits for it here: leave the level out of the scenario"),
            Act::Agent(Agent::OpensOwnTicket { title, use_case }) => {
                let ticket = self.people.opens_own_ticket(title, use_case).await;
                self.things.insert(step.case.clone(), Thing::Own(ticket));
            }
            Act::Agent(Agent::Merges { into }) => {
                let (loser, winner) = (self.case(&step.case).to_owned(), self.case(into).to_owned());
                let (loser, winner) = (self.ticket(&loser, line).await, self.ticket(&winner, line).await);
                self.stack.rt.set(loser, &serde_json::json!({"MergeInto": winner})).await;
            }
            Act::Agent(Agent::StartsProgramme(new)) => {
                let programme = self.people.starts(new).await;
                self.things.insert(step.case.clone(), Thing::Programme(programme));
            }
            Act::Agent(act) => {
                if let Some(Thing::Programme(programme)) = self.things.get_mut(&step.case) {
                    return self.people.acts_in(programme, act).await;
                }
                let ticket = match &self.things[&step.case] {
                    Thing::Programme(programme) => programme.ticket,
                    Thing::Own(ticket) | Thing::Document(ticket) => *ticket,
                    Thing::Case(id) => self.ticket(id, line).await,
                };
                self.people.agent_does(ticket, act).await;
            }
        }
    }

    async fn ticket(&self, case: &str, line: &str) -> u64 {
        let subject = people::subject(case);
        until(&format!("{line}: a ticket of {subject}"), PATIENCE, || async {
            self.stack.rt.tickets(&subject).await.first().copied()
        })
        .await
    }

    /// Waits for what is expected; tells what is otherwise when it does not come.
    async fn meet(&self, case: &str, expect: &Expect, line: &str) {
        let last = Mutex::new(Vec::new());
        let met = until(line, PATIENCE * 2, || async {
            let differences = self.differences(case, expect, Depth::Everything).await;
            let met = differences.is_empty().then_some(());
            *last.lock().unwrap() = differences;
            met
        });
        if tokio::time::timeout(PATIENCE, met).await.is_err() {
            panic!("{line}, case {case}, not within {PATIENCE:?}: {:#?}", last.lock().unwrap());
        }
    }

    async fn differences(&self, case: &str, expect: &Expect, depth: Depth) -> Vec<String> {
        let (mut view, subject) = match self.programme(case) {
            Some(programme) => (programmes::view(self.stack, &self.people, programme).await, programme.subject()),
            None if self.document(case).is_some() => {
                let ticket = self.document(case).unwrap();
                (outward::view(self.stack, &self.people, ticket).await, outward::subject(ticket))
            }
            None => {
                let id = self.case(case);
                (seen::view(self.stack, &self.people, id).await, people::subject(id))
            }
        };
        // Dead letters are read by a tool that takes its time: last, and only where they are asked for.
        let without = Expect { held: None, ..expect.clone() };
        let found = without.differences(&view, depth);
        if !found.is_empty() || expect.held.is_none() {
            return found;
        }
        view.held = seen::held(self.stack, &subject);
        expect.differences(&view, depth)
    }

    /// What must cross does; what was said before and must not has not. False: not to be told yet.
    async fn watch(&self, case: &str) -> bool {
        let name = format!("{}: the sentinel of case {case}", self.scenario.name);
        if let Some(programme) = self.programme(case) {
            if !programmes::sentinels_cross(self.stack, &self.people, programme, self.partner(case), &name).await {
                return false;
            }
            self.nothing_else(case, &name).await;
            return true;
        }
        if let Some(ticket) = self.document(case) {
            outward::nobody_else_sees(self.stack, ticket).await;
            if !outward::sentinels_cross(self.stack, ticket, self.partner(case), &name).await {
                return false;
            }
            self.nothing_else(case, &name).await;
            return true;
        }
        let (id, partner) = (self.case(case), self.partner(case));
        let subject = people::subject(id);
        match self.stack.rt.tickets(&subject).await.first().copied() {
            None => {
                let other = self.people.opens(&sentinel_case("ACME")).await;
                self.ticket(&other, &name).await;
            }
            Some(ticket) => {
                let status = self.stack.rt.status(ticket).await;
                // Request Tracker opens a new or ended ticket by itself when an agent answers.
                if !["open", "waiting-partner", "stalled"].contains(&status.as_str()) {
                    return false;
                }
                let text = sentinel::text(1);
                self.stack.rt.reply(ticket, &text).await;
                until(&format!("{name} at the community"), PATIENCE, || async {
                    self.people.case(id).await.to_string().contains(&text).then_some(())
                })
                .await;
                let waits = self.people.case(id).await["status"] == "pending-partner" || status == "waiting-partner";
                let said = Partner::Comments { text: sentinel::text(2), format: "plain".to_owned() };
                if !waits && self.people.partner_does(partner, id, &said).await {
                    until(&format!("{name} in Request Tracker"), PATIENCE, || async {
                        let messages = self.stack.rt.messages(ticket).await;
                        messages.iter().any(|m| m.text.contains(&sentinel::text(2))).then_some(())
                    })
                    .await;
                }
            }
        }
        self.nothing_else(case, &name).await;
        true
    }

    /// After a sentinel has crossed.
    async fn nothing_else(&self, case: &str, name: &str) {
        let all = self.people.cases().await;
        assert!(!all.to_string().contains(scenario::CANARY), "{name}: an internal text is at the community");
        for (_, expect) in self.scenario.expect.iter().filter(|(named, _)| named == case) {
            let differences = self.differences(case, expect, Depth::Everything).await;
            assert!(differences.is_empty(), "{name} has arrived, and: {differences:#?}");
        }
    }
}
