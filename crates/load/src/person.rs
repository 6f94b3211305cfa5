//! One person at both desks: opens cases as their partners, works on the tickets as an agent, one act after the other.
//! What was asked for without an answer is asked for again, as a careful person would: at the community under the same
//! key, in the case system after a look whether it is there.

mod acting;
mod case;

use crate::LoadError;
use crate::case_system::AgentAct;
use crate::community::PartnerAct;
use crate::load::Shared;
use crate::words::Words;
use case::{Case, End};
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub(crate) struct Person {
    shared: Arc<Shared>,
    words: Words,
    cases: Vec<Case>,
}

impl Person {
    pub fn new(shared: Arc<Shared>, number: u64) -> Self {
        let plan = &shared.plan;
        let words = Words::new(plan.seed, &plan.run, number, plan.people as u64);
        Self { shared, words, cases: Vec::new() }
    }

    /// Until the load ends. The act that is under way then is brought to its end.
    pub async fn work(mut self) -> Result<(), LoadError> {
        while self.shared.going.load(Ordering::Relaxed) {
            self.shared.turn().await;
            let room = self.cases.len() < self.shared.plan.cases_each;
            if self.cases.is_empty() || room && self.words.percent(30) {
                self.open().await?;
                continue;
            }
            let at = self.words.below(self.cases.len());
            let mut case = self.cases.swap_remove(at);
            if !self.go_on(&mut case).await? {
                self.cases.push(case);
            }
        }
        Ok(())
    }

    /// One act on a case; whether it was the last one.
    async fn go_on(&mut self, case: &mut Case) -> Result<bool, LoadError> {
        if case.left > 0 {
            case.left -= 1;
            self.talk(case).await?;
            return Ok(false);
        }
        match case.end {
            End::Talk => Ok(true),
            End::Withdraw => self.withdraw(case).await,
            End::Resolve => self.resolve(case).await,
        }
    }

    async fn talk(&mut self, case: &mut Case) -> Result<(), LoadError> {
        let mix = self.shared.plan.mix.clone();
        // Who withdraws does not meet an agent who moves the case at the same time: nobody would be right.
        let (status, question) = if case.end == End::Withdraw { (0, 0) } else { (mix.status, mix.question) };
        let partner = [mix.comment, mix.contact, mix.suggest];
        let agent = [mix.reply, mix.note, mix.root_cause, status, question];
        let sides = [partner.iter().sum(), agent.iter().sum()];
        if self.words.weighed(&sides) == 1 && self.ticket(case).await?.is_some() {
            let chosen = self.words.weighed(&agent);
            return self.as_agent(case, chosen).await;
        }
        let chosen = self.words.weighed(&partner);
        self.as_partner(case, chosen).await
    }

    async fn as_partner(&mut self, case: &mut Case, chosen: usize) -> Result<(), LoadError> {
        let token = self.words.act();
        let (kind, act) = match chosen {
            0 => ("comment", PartnerAct::Comment(self.words.text(&token))),
            1 => {
                let to = self.words.line(&token, 2);
                ("contact", PartnerAct::Change { field: "contact", to, reason: String::new() })
            }
            _ => {
                let categories = self.shared.plan.words.categories.len();
                let at = self.words.below(categories);
                let to = self.shared.plan.words.categories.get(at).map(|(code, _)| code.clone()).unwrap_or_default();
                ("suggest", PartnerAct::Change { field: "category", to, reason: self.words.text(&token) })
            }
        };
        self.partner_does(case, kind, &token, act).await.map(|_| ())
    }

    async fn as_agent(&mut self, case: &mut Case, chosen: usize) -> Result<(), LoadError> {
        let (kind, token, act) = match chosen {
            0 => {
                let token = self.words.act();
                let text = self.words.text(&token);
                ("reply", token, AgentAct::Reply(text))
            }
            1 | 2 => {
                let token = self.words.canary();
                let text = self.words.text(&token);
                let note = chosen == 1;
                let act = if note { AgentAct::Note(text) } else { AgentAct::RootCause(text) };
                (if note { "note" } else { "root-cause" }, token, act)
            }
            3 => {
                let to = if self.words.percent(50) { "open" } else { "stalled" };
                ("status", self.words.act(), AgentAct::Status(to.to_owned()))
            }
            _ => ("question", self.words.act(), AgentAct::Status("waiting-partner".to_owned())),
        };
        self.agent_does(case, kind, &token, act).await.map(|_| ())
    }

    async fn withdraw(&mut self, case: &mut Case) -> Result<bool, LoadError> {
        let token = self.words.act();
        let reason = self.words.text(&token);
        self.partner_does(case, "withdraw", &token, PartnerAct::Withdraw(reason)).await?;
        Ok(true)
    }

    /// The agent proposes; the partner, once it sees the proposal, takes it or talks on for a while.
    async fn resolve(&mut self, case: &mut Case) -> Result<bool, LoadError> {
        if !case.proposed {
            if self.ticket(case).await?.is_none() {
                return Ok(self.tired(case).await);
            }
            let token = self.words.act();
            let note = self.words.text(&token);
            case.proposed = true;
            case.looks = 0;
            self.agent_does(case, "resolve", &token, AgentAct::Resolve(note)).await?;
            return Ok(false);
        }
        let view = self.shared.community.look(&self.shared.plan.partners[case.partner], &case.id).await?;
        let Some(version) = view.and_then(|view| view.on_offer) else { return Ok(self.tired(case).await) };
        let token = self.words.act();
        let comment = self.words.text(&token);
        let rejects = !case.rejected && self.words.percent(self.shared.plan.mix.rejected);
        let (kind, act) = if rejects {
            ("reject", PartnerAct::Reject { version, comment })
        } else {
            ("accept", PartnerAct::Accept { version, comment })
        };
        let taken = self.partner_does(case, kind, &token, act).await?;
        if taken && !rejects {
            return Ok(true);
        }
        // Rejected, or the case was opened again by a word that was still under way.
        (case.proposed, case.rejected, case.left) = (false, case.rejected || rejects, 2);
        Ok(false)
    }

    /// Nothing to do here yet. Who has waited for long leaves the case as it is.
    async fn tired(&mut self, case: &mut Case) -> bool {
        case.looks += 1;
        self.shared.beat().await;
        case.looks > 1_000
    }
}
