//! One act until it is certain, journalled on the way.

use super::{Case, End, Person};
use crate::LoadError;
use crate::answer::Answer;
use crate::case_system::{AgentAct, Done, Made};
use crate::community::PartnerAct;
use checker::{Act, Digest, Effect, Line, Settled, Side};
use serde_json::Value;
use std::collections::BTreeMap;

impl Person {
    pub(super) async fn open(&mut self) -> Result<(), LoadError> {
        let plan = &self.shared.plan;
        let (mix, acts_each) = (plan.mix.clone(), plan.acts_each);
        let partner = self.words.below(self.shared.plan.partners.len());
        let pair = |list: &[(String, String)], at: usize| list.get(at).cloned().unwrap_or_default();
        let mapped = &self.shared.plan.words;
        let severity = pair(&mapped.severities, self.words.below(mapped.severities.len()));
        let category = pair(&mapped.categories, self.words.below(mapped.categories.len()));
        let fields = [(mapped.severity_field.clone(), severity.1), (mapped.category_field.clone(), category.1)];
        let token = self.words.act();
        let (title, description) = (self.words.line(&token, 3), self.words.text(&token));
        let end =
            match self.words.weighed(&[mix.withdrawn, mix.resolved, 100 - (mix.withdrawn + mix.resolved).min(100)]) {
                0 => End::Withdraw,
                1 => End::Resolve,
                _ => End::Talk,
            };
        let left = 1 + self.words.below(acts_each);
        let mut case = Case {
            id: String::new(),
            partner,
            ticket: None,
            newest: 0,
            left,
            end,
            proposed: false,
            rejected: false,
            looks: 0,
        };
        let act = Act {
            effect: Effect::Created,
            texts: vec![Digest::of(&title), Digest::of(&description)],
            fields: fields.into_iter().collect(),
            ..self.act_of(&case, Side::Partner, "open", &token)
        };
        let asked = PartnerAct::Open { title, description, severity: severity.0, category: category.0 };
        if let Some(change) = self.until_answered(&case, act, &asked).await? {
            change["case_id"].as_str().unwrap_or_default().clone_into(&mut case.id);
            self.cases.push(case);
        }
        Ok(())
    }

    fn act_of(&self, case: &Case, side: Side, kind: &str, token: &str) -> Act {
        let partner = self.shared.plan.partners[case.partner].id.clone();
        let (token, kind, subject) = (token.to_owned(), kind.to_owned(), case.id.clone());
        Act { token, side, partner, subject, kind, ..Act::default() }
    }

    /// Whether it was taken.
    pub(super) async fn partner_does(
        &mut self,
        case: &Case,
        kind: &str,
        token: &str,
        asked: PartnerAct,
    ) -> Result<bool, LoadError> {
        let contact = || self.shared.plan.words.contact_field.clone();
        let (effect, text, fields) = match &asked {
            PartnerAct::Open { title, .. } => (Effect::Created, title, BTreeMap::new()),
            PartnerAct::Comment(text) | PartnerAct::Reject { comment: text, .. } => {
                (Effect::Said, text, BTreeMap::new())
            }
            PartnerAct::Change { field: "contact", to, .. } => {
                (Effect::Field, to, BTreeMap::from([(contact(), to.clone())]))
            }
            PartnerAct::Change { reason: text, .. }
            | PartnerAct::Withdraw(text)
            | PartnerAct::Accept { comment: text, .. } => (Effect::Noted, text, BTreeMap::new()),
        };
        let texts = vec![Digest::of(text)];
        let act = Act { effect, texts, fields, ..self.act_of(case, Side::Partner, kind, token) };
        self.until_answered(case, act, &asked).await.map(|change| change.is_some())
    }

    async fn until_answered(&self, case: &Case, act: Act, asked: &PartnerAct) -> Result<Option<Value>, LoadError> {
        let partner = &self.shared.plan.partners[case.partner];
        let mut lost = None;
        loop {
            match self.shared.community.act(partner, &case.id, &act.token, asked).await? {
                Answer::Taken(change) => {
                    let text = |name: &str| change[name].as_str().unwrap_or_default().to_owned();
                    self.taken(act, text("case_id"), text("id"), lost.is_some(), true).await?;
                    return Ok(Some(change));
                }
                Answer::Refused => return self.refused(&act, lost.is_some()).await.map(|()| None),
                Answer::Unknown => self.unanswered(&act, &mut lost).await?,
            }
        }
    }

    /// Whether it was taken.
    pub(super) async fn agent_does(
        &mut self,
        case: &mut Case,
        kind: &str,
        token: &str,
        asked: AgentAct,
    ) -> Result<bool, LoadError> {
        let (effect, texts) = match &asked {
            AgentAct::Reply(text) => (Effect::Said, vec![Digest::of(text)]),
            AgentAct::Note(text) | AgentAct::RootCause(text) => (Effect::None, vec![Digest::of(text)]),
            AgentAct::Status(_) => (Effect::None, Vec::new()),
            AgentAct::Resolve(note) => (Effect::Status, vec![Digest::of(note)]),
        };
        let act = Act { effect, texts, ..self.act_of(case, Side::Internal, kind, token) };
        let ticket = case.ticket.clone().unwrap_or_default();
        let mut lost = None;
        let made = loop {
            match self.shared.case_system.act(&ticket, &asked).await? {
                Done::Made(made) => break Some(made),
                Done::Not => break None,
                Done::Unknown => self.unanswered(&act, &mut lost).await?,
            }
            // It may have been done. Who does not look says it twice.
            let found = loop {
                if let Some(found) = self.shared.case_system.find(&ticket, case.newest, &asked).await? {
                    break found;
                }
                self.unanswered(&act, &mut lost).await?;
            };
            if found.is_some() {
                break found;
            }
        };
        let Some(Made { native, newest, moved }) = made else {
            self.refused(&act, lost.is_some()).await?;
            return Ok(false);
        };
        case.newest = case.newest.max(newest);
        // A note of a resolution that resolved nothing says nothing to the partner.
        let as_meant = moved || effect != Effect::Status;
        self.taken(act, case.id.clone(), native, lost.is_some(), as_meant).await?;
        Ok(true)
    }

    /// The case's ticket, once there is one.
    pub(super) async fn ticket(&self, case: &mut Case) -> Result<Option<()>, LoadError> {
        if case.ticket.is_none() {
            let external_id = format!("{}{}", self.shared.plan.words.subject_prefix, case.id);
            case.ticket = self.shared.case_system.ticket(&external_id).await?.flatten();
        }
        Ok(case.ticket.as_ref().map(|_| ()))
    }

    async fn taken(
        &self,
        mut act: Act,
        subject: String,
        native: String,
        was_lost: bool,
        as_meant: bool,
    ) -> Result<(), LoadError> {
        let kind = act.kind.clone();
        let line = if was_lost && as_meant {
            Line::Settled(Settled { token: act.token, taken: true, subject, native })
        } else {
            (act.subject, act.native) = (subject, native);
            act.effect = if as_meant { act.effect } else { Effect::None };
            Line::Done(act)
        };
        self.shared.journal.say(&line).await?;
        self.shared.count(&kind);
        Ok(())
    }

    async fn refused(&self, act: &Act, was_lost: bool) -> Result<(), LoadError> {
        if was_lost {
            let settled =
                Settled { token: act.token.clone(), taken: false, subject: String::new(), native: String::new() };
            self.shared.journal.say(&Line::Settled(settled)).await?;
        }
        self.shared.count("refused");
        Ok(())
    }

    /// Says once that an answer was lost, and waits before it is asked again.
    async fn unanswered(&self, act: &Act, lost: &mut Option<tokio::time::Instant>) -> Result<(), LoadError> {
        match lost {
            None => {
                self.shared.journal.say(&Line::Asked(act.clone())).await?;
                self.shared.count("answers lost");
                *lost = Some(tokio::time::Instant::now());
            }
            Some(since) if since.elapsed() > self.shared.plan.patience => {
                return Err(LoadError::Silent { act: act.token.clone() });
            }
            Some(_) => {}
        }
        self.shared.beat().await;
        Ok(())
    }
}
