//! The scenarios on the real parts: each on cases of its own, some at a time.
//!
//! `E2E_SCENARIO=01-issue/03` plays those that begin so.

mod answers;
mod files;
mod outward;
mod passing;
mod people;
mod programmes;
mod resting;
mod seen;
mod statuses;

use crate::Test;
use crate::stack::Stack;
use crate::wait::until;
use people::{People, Thing};
use programmes::Programme;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testkit::scenario::{self, Act, Agent, Depth, Expect, Level, Partner, Scenario, Step, sentinel};

pub const TESTS: &[(&str, Test)] = &[
    ("scenarios_hold_on_the_real_parts", |stack| Box::pin(all(stack))),
    ("scenarios_hold_about_a_status_that_only_the_case_system_has", |stack| Box::pin(statuses::test(stack))),
    ("scenarios_hold_while_time_passes", |stack| Box::pin(passing::test(stack))),
];

pub const LAST: &[(&str, Test)] =
    &[("an_answer_stays_outside_where_the_bundle_says_so", |stack| Box::pin(answers::test(stack)))];

/// Above what one hop takes while others are under way: two minutes, unless `E2E_PATIENCE` says otherwise, in seconds.
fn patience() -> Duration {
    let seconds = std::env::var("E2E_PATIENCE").ok().and_then(|n| n.parse().ok());
    Duration::from_secs(seconds.unwrap_or(120))
}

/// Of what an agent says there the partner reads that there is a message, and no word of it.
const RESTRICTED: &str = "Partner Restricted Documents";
/// Scenarios at a time: Request Tracker has few workers.
const AT_ONCE: usize = 6;

/// Scenarios that begin as `E2E_SCENARIO` says, one of several beginnings with commas between them, as if they were told
/// today.
fn chosen(keep: impl Fn(&Scenario) -> bool) -> Vec<Scenario> {
    let prefix = std::env::var("E2E_SCENARIO").unwrap_or_default();
    let days = scenario::days_since_told(seen::now());
    let told = |text: &str| seen::timeless(&scenario::moved(text, days));
    let all = scenario::read_folder_as(&scenario::folder(), &told).unwrap_or_else(|fault| panic!("{fault}"));
    let some: Vec<Scenario> =
        all.into_iter().filter(|s| prefix.split(',').any(|prefix| s.name.starts_with(prefix))).collect();
    assert!(!some.is_empty(), "no scenario begins with {prefix}");
    some.into_iter().filter(keep).collect()
}

fn is_plain(scenario: &Scenario) -> bool {
    !passing::is_about_time(scenario) && statuses::unknown(scenario).is_none()
}

async fn all(stack: Arc<Stack>) {
    for left in chosen(|scenario| !scenario.runs_at(Level::Real)) {
        println!("not on this level: {} cannot be said on the real parts, see `why` in its file", left.name);
    }
    play(&stack, chosen(|scenario| scenario.runs_at(Level::Real) && is_plain(scenario)), AT_ONCE).await;
}

/// So many at a time; panics with the names of those that failed.
async fn play(stack: &Arc<Stack>, chosen: Vec<Scenario>, at_once: usize) {
    let (mut failed, mut ended) = (Vec::new(), Vec::new());
    let turns = Arc::new(tokio::sync::Semaphore::new(at_once));
    let mut running = Vec::new();
    for scenario in &chosen {
        let (stack, scenario, turns) = (stack.clone(), scenario.clone(), turns.clone());
        let name = scenario.name.clone();
        let play = async move {
            let _turn = turns.acquire().await.unwrap();
            let left = Play::new(&stack, &scenario).play().await;
            println!("{}: as expected", scenario.name);
            left
        };
        running.push((name, tokio::spawn(play)));
    }
    for (name, play) in running {
        match play.await {
            Ok(left) => ended.extend(left),
            // The panic has told what was otherwise.
            Err(_) => failed.push(name),
        }
    }
    let watched = ended.len();
    for name in resting::watch(stack, ended).await {
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
    async fn play(mut self) -> Vec<resting::Resting> {
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
            if let Thing::Case(id) = &self.things[case] {
                files::crossed(self.stack, &self.people, self.scenario, case, id).await;
            }
            if !self.watch(case).await {
                let (scenario, things) = (self.scenario.clone(), self.things.clone());
                ended.push(resting::Resting { scenario, things, case: case.to_owned() });
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
                    until(&format!("{line}: an offer"), patience(), || async {
                        let status = self.people.case(&case).await["status"].clone();
                        (status == "resolved" || status == "outcome-proposed").then_some(())
                    })
                    .await;
                }
                let taken = self.people.partner_does(&partner, &case, act).await;
                assert_eq!(taken, !step.refused, "{line}: whether the community takes it");
            }
            Act::Time { passes } => passing::wait(*passes).await,
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
        until(&format!("{line}: a ticket of {subject}"), patience(), || async {
            self.stack.rt.tickets(&subject).await.first().copied()
        })
        .await
    }

    /// Waits for what is expected; tells what is otherwise when it does not come.
    async fn meet(&self, case: &str, expect: &Expect, line: &str) {
        let last = Mutex::new(Vec::new());
        let met = until(line, 2 * patience(), || async {
            let differences = self.differences(case, expect, Depth::Everything).await;
            let met = differences.is_empty().then_some(());
            *last.lock().unwrap() = differences;
            met
        });
        if tokio::time::timeout(patience(), met).await.is_err() {
            panic!("{line}, case {case}, not within {:?}: {:#?}", patience(), last.lock().unwrap());
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
        let mut expect = expect.clone();
        if self.programme(case).is_some() {
            // Request Tracker tells a beginning with the create and again with the mark of its scrip.
            view.held.dedup();
            expect.held.iter_mut().for_each(Vec::dedup);
        }
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
                let other = self.people.opens(&resting::sentinel_case()).await;
                self.ticket(&other, &name).await;
            }
            Some(ticket) => {
                let status = self.stack.rt.status(ticket).await;
                let restricted = format!("id = {ticket} AND Queue = '{RESTRICTED}'");
                if self.is_merged(case) || !self.stack.rt.search(&restricted).await.is_empty() {
                    return false;
                }
                let text = sentinel::text(1);
                self.stack.rt.reply(ticket, &text).await;
                until(&format!("{name} at the community"), patience(), || async {
                    self.people.case(id).await.to_string().contains(&text).then_some(())
                })
                .await;
                let waits = self.people.case(id).await["status"] == "pending-partner" || status == "waiting-partner";
                let said = Partner::Comments { text: sentinel::text(2), format: "plain".to_owned() };
                if !waits && self.people.partner_does(partner, id, &said).await {
                    until(&format!("{name} in Request Tracker"), patience(), || async {
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

    /// Nobody can act on it any more, and its case is over.
    fn is_merged(&self, case: &str) -> bool {
        let merged = |step: &Step| step.case == case && matches!(step.act, Act::Agent(Agent::Merges { .. }));
        self.scenario.steps.iter().any(merged)
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
