//! Statuses, which carry no token: those that were set in the case system must be found, in their order, among those
//! at the community; the pipeline sets none that nothing led to; and in the end both sides agree.

use super::{Case, Judge, Step};
use crate::finding::Kind;
use crate::observed::Author;
use std::collections::BTreeSet;

/// How the walk along both lists ended.
enum Walk {
    Agreed,
    /// The step that was not found, and whether it is the last one of all.
    Missing {
        step: usize,
        last: bool,
        earlier: bool,
    },
}

impl Judge<'_> {
    pub(super) fn judge_statuses(&mut self, subject: &str, case: &mut Case) {
        // Without a ticket the case is lost, which was said.
        if case.statuses_said || case.tickets.is_empty() {
            return;
        }
        let [community, internal] = std::mem::take(&mut case.steps);
        self.verdict.work += (community.len() + internal.len()) as u64;
        if self.uncaused(subject, case, &community, &internal) {
            return;
        }
        let mut asked: Vec<&Step> = internal
            .iter()
            .filter(|step| step.author != Author::Ours && !self.rules.agreeing(&step.status).is_empty())
            .collect();
        if !self.rules.every_status {
            asked.drain(..asked.len().saturating_sub(1));
        }
        self.verdict.look(Kind::Dropped, asked.len() as u64 + 1);
        self.verdict.look(Kind::Reordered, asked.len().saturating_sub(1) as u64);
        // A case that its partner ended takes no more statuses: both went their way at once.
        let ended = community.iter().any(|s| s.author == Author::Person && s.status == "cancelled");
        match self.walk(&asked, &community) {
            Walk::Agreed => self.judge_end(subject, case, &community, &internal),
            Walk::Missing { .. } if ended => self.verdict.conflicts += 1,
            Walk::Missing { step, last, earlier } => {
                let Some(step) = asked.get(step) else { return };
                let kind = match (earlier, last) {
                    (true, _) => Kind::Reordered,
                    (false, true) => Kind::Dropped,
                    (false, false) => Kind::Lost,
                };
                let token = self.token(step);
                let word = if earlier { "only before its turn" } else { "not" };
                self.find(kind, step.at, subject, &token, format!("`{}` is {word} at the community", step.status));
            }
        }
    }

    fn token(&self, step: &Step) -> String {
        step.act.and_then(|act| self.acts.get(act)).map(|known| known.act.token.clone()).unwrap_or_default()
    }

    /// Each step of `asked` in `told`, one after the other.
    fn walk(&self, asked: &[&Step], told: &[Step]) -> Walk {
        let mut used = vec![false; told.len()];
        let mut next = 0;
        for (index, step) in asked.iter().enumerate() {
            let agrees = |told: &Step| self.rules.agreeing(&step.status).contains(&told.status);
            // It stands there already: nothing had to be said.
            if next > 0 && told.get(next - 1).is_some_and(agrees) {
                continue;
            }
            let last = index + 1 == asked.len();
            match told.iter().skip(next).position(agrees) {
                Some(skipped) => {
                    next += skipped + 1;
                    used[next - 1] = true;
                }
                None => {
                    let earlier = told.iter().zip(&used).take(next).any(|(told, used)| !used && agrees(told));
                    return Walk::Missing { step: index, last, earlier };
                }
            }
        }
        Walk::Agreed
    }

    /// A status that the pipeline set and nothing led to, or one that it gave back to whoever had set it.
    fn uncaused(&mut self, subject: &str, case: &Case, community: &[Step], internal: &[Step]) -> bool {
        let agreeing = |steps: &mut dyn Iterator<Item = &Step>| -> BTreeSet<&str> {
            steps.flat_map(|step| self.rules.agreeing(&step.status)).map(String::as_str).collect()
        };
        let genuine = agreeing(&mut internal.iter().filter(|step| step.author != Author::Ours));
        let mut caused = agreeing(&mut internal.iter());
        caused.extend(self.rules.passing.iter().chain(self.rules.agreeing(&case.first_status)).map(String::as_str));
        let mut before: Option<&Step> = None;
        for step in community {
            if step.author == Author::Ours {
                let again = before.is_some_and(|b| b.author == Author::Person && b.status == step.status);
                if again && !genuine.contains(step.status.as_str()) {
                    let token = before.map(|b| self.token(b)).unwrap_or_default();
                    let detail = format!("`{}` came back to where it was set", step.status);
                    self.find(Kind::Echoed, step.at, subject, &token, detail);
                    return true;
                }
                if !caused.contains(step.status.as_str()) {
                    let detail = format!("`{}` was never a status of the ticket", step.status);
                    self.find(Kind::Uncaused, step.at, subject, "", detail);
                    return true;
                }
            }
            before = Some(step);
        }
        let answers = &self.rules.answers;
        let answered = |status: &str| answers.iter().any(|a| a.status == status && case.kinds.contains(&a.kind));
        let ours = internal.iter().find(|step| step.author == Author::Ours && !answered(&step.status));
        if let Some(step) = ours {
            let detail = format!("nothing at the community leads to `{}`", step.status);
            self.find(Kind::Uncaused, step.at, subject, "", detail);
        }
        ours.is_some()
    }

    fn judge_end(&mut self, subject: &str, case: &Case, community: &[Step], internal: &[Step]) {
        let here = internal.last().map_or(case.first_status.as_str(), |step| step.status.as_str());
        let agreeing = self.rules.agreeing(here);
        if agreeing.is_empty() {
            return;
        }
        let there = community.last();
        // A case that nobody has moved at the community is submitted.
        let status = there.map_or("submitted", |step| step.status.as_str());
        let word = there.filter(|step| step.author == Author::Person);
        let wanted = word.and_then(|word| self.rules.answers.iter().find(|a| a.must && a.kind == word.kind));
        let unheard = wanted.is_some_and(|answer| answer.status != here);
        if unheard || !agreeing.iter().any(|agreed| agreed == status) {
            let blamed = if unheard { there } else { internal.last().or(there) };
            let (token, at) = blamed.map_or((String::new(), (0, 0)), |step| (self.token(step), step.at));
            let detail = format!("`{status}` at the community, `{here}` in the case system");
            self.find(Kind::Dropped, at, subject, &token, detail);
        }
    }
}
