//! What both sides show of a case, and how it differs from what a scenario expects.

mod document;

pub use document::{DocumentExpect, DocumentView};

use std::collections::BTreeMap;
use std::fmt::Debug;

/// What is seen of one case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    pub status: String,
    pub label: String,
    pub reason: String,
    pub reference: String,
    /// `Author: text`, in order.
    pub comments: Vec<String>,
    pub question: String,
    pub resolution: String,
    pub resolution_code: String,
    /// Types of the documents that are wanted as evidence.
    pub evidence: Vec<String>,
    /// What is offered, a line each, see [`super::outcome_line`].
    pub outcome: Vec<String>,
    /// Of what is offered; 0 where nothing is.
    pub round: i64,
    pub escalated: String,
    pub closure: String,
    pub settlement: String,
    /// Of an onboarding: its name, its tasks as [`super::TaskLine`] has them, its milestones, its readiness.
    pub programme: String,
    pub tasks: Vec<String>,
    pub milestones: Vec<String>,
    pub readiness: String,
    pub document: DocumentView,
    pub tickets: Vec<TicketView>,
    /// Reasons of the dead letters of class HOLD.
    pub held: Vec<String>,
    /// Rules by which the mapping sent nothing; `None` where nobody can see them.
    pub skipped: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketView {
    pub number: String,
    pub queue: String,
    pub status: String,
    pub priority: String,
    pub title: String,
    pub owner: String,
    /// `partner: text` or `agent: text`, in order.
    pub public: Vec<String>,
    /// `causeway: text` or `agent: text`, in order, without the canary.
    pub internal: Vec<String>,
    /// Of partners, in order: name and hash of the bytes, see [`super::file_line`].
    pub files: Vec<String>,
    pub fields: BTreeMap<String, String>,
    /// `1 open`, in order.
    pub tasks: Vec<String>,
    /// Title of the ticket that it refers to; empty where it refers to none.
    pub refers_to: String,
}

/// What should be seen. What is `None` is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expect {
    pub line: usize,
    pub status: Option<String>,
    pub label: Option<String>,
    pub reason: Option<String>,
    /// The ticket's number, or nothing.
    pub reference: Option<bool>,
    pub comments: Option<Vec<String>>,
    pub question: Option<String>,
    pub resolution: Option<String>,
    pub resolution_code: Option<String>,
    pub evidence: Option<Vec<String>>,
    pub outcome: Option<Vec<String>>,
    pub round: Option<i64>,
    pub escalated: Option<String>,
    pub closure: Option<String>,
    pub settlement: Option<String>,
    pub programme: Option<String>,
    pub tasks: Option<Vec<String>>,
    pub milestones: Option<Vec<String>>,
    pub readiness: Option<String>,
    pub document: DocumentExpect,
    pub tickets: Option<usize>,
    pub ticket: TicketExpect,
    pub held: Option<Vec<String>>,
    pub skipped: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketExpect {
    pub queue: Option<String>,
    pub status: Option<String>,
    pub priority: Option<String>,
    pub title: Option<String>,
    pub owner: Option<String>,
    pub public: Option<Vec<String>>,
    pub internal: Option<Vec<String>>,
    pub files: Option<Vec<String>>,
    pub fields: BTreeMap<String, String>,
    pub tasks: Option<Vec<String>>,
    pub refers_to: Option<String>,
}

/// How much of an expectation is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    Everything,
    /// What only grows: after a sentinel whose own effects may have moved a status.
    WhatWasSaid,
}

struct Differences(Vec<String>);

impl Differences {
    fn equal<T: PartialEq + Debug>(&mut self, what: &str, wanted: Option<&T>, seen: &T) {
        if let Some(wanted) = wanted.filter(|wanted| *wanted != seen) {
            self.0.push(format!("{what} is {seen:?}, expected {wanted:?}"));
        }
    }
}

impl Expect {
    /// One line for each; none where everything is as expected.
    pub fn differences(&self, view: &View, depth: Depth) -> Vec<String> {
        let mut found = Differences(Vec::new());
        found.equal("comments at the community", self.comments.as_ref(), &view.comments);
        found.equal("tickets", self.tickets.as_ref(), &view.tickets.len());
        let sorted = |held: &Vec<String>| {
            let mut held = held.clone();
            held.sort_unstable();
            held
        };
        found.equal("held", self.held.as_ref().map(sorted).as_ref(), &sorted(&view.held));
        if let Some(skipped) = &view.skipped {
            for rule in self.skipped.iter().flatten().filter(|rule| !skipped.contains(rule)) {
                found.0.push(format!("rule `{rule}` skipped nothing, only {skipped:?}"));
            }
        }
        let first = TicketView::default();
        let ticket = view.tickets.first();
        if ticket.is_none() && self.ticket != TicketExpect::default() {
            found.0.push("there is no ticket".to_owned());
        }
        let (ticket, wanted) = (ticket.unwrap_or(&first), &self.ticket);
        found.equal("ticket.public", wanted.public.as_ref(), &ticket.public);
        found.equal("ticket.internal", wanted.internal.as_ref(), &ticket.internal);
        found.equal("ticket.files", wanted.files.as_ref(), &ticket.files);
        if depth == Depth::Everything {
            found.equal("status", self.status.as_ref(), &view.status);
            found.equal("label", self.label.as_ref(), &view.label);
            found.equal("reason", self.reason.as_ref(), &view.reason);
            let number = |shown: bool| if shown { ticket.number.clone() } else { String::new() };
            found.equal("reference", self.reference.map(number).as_ref(), &view.reference);
            found.equal("question", self.question.as_ref(), &view.question);
            found.equal("resolution", self.resolution.as_ref(), &view.resolution);
            found.equal("resolution_code", self.resolution_code.as_ref(), &view.resolution_code);
            found.equal("evidence", self.evidence.as_ref(), &view.evidence);
            found.equal("outcome", self.outcome.as_ref(), &view.outcome);
            found.equal("round", self.round.as_ref(), &view.round);
            found.equal("escalated", self.escalated.as_ref(), &view.escalated);
            found.equal("closure", self.closure.as_ref(), &view.closure);
            found.equal("settlement", self.settlement.as_ref(), &view.settlement);
            found.equal("programme", self.programme.as_ref(), &view.programme);
            found.equal("tasks", self.tasks.as_ref(), &view.tasks);
            found.equal("milestones", self.milestones.as_ref(), &view.milestones);
            found.equal("readiness", self.readiness.as_ref(), &view.readiness);
            found.equal("ticket.tasks", wanted.tasks.as_ref(), &ticket.tasks);
            found.equal("ticket.refers_to", wanted.refers_to.as_ref(), &ticket.refers_to);
            self.document.differences(&view.document, &mut found);
            found.equal("ticket.queue", wanted.queue.as_ref(), &ticket.queue);
            found.equal("ticket.status", wanted.status.as_ref(), &ticket.status);
            found.equal("ticket.priority", wanted.priority.as_ref(), &ticket.priority);
            found.equal("ticket.title", wanted.title.as_ref(), &ticket.title);
            found.equal("ticket.owner", wanted.owner.as_ref(), &ticket.owner);
            for (name, value) in &wanted.fields {
                let seen = ticket.fields.get(name).cloned().unwrap_or_default();
                found.equal(&format!("ticket.fields.{name}"), Some(value), &seen);
            }
        }
        found.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_is_not_compared_and_what_is_named_is() {
        let view = View { status: "closed".to_owned(), comments: vec!["ACME: hello".to_owned()], ..View::default() };
        assert!(Expect::default().differences(&view, Depth::Everything).is_empty());
        let wrong = Expect { status: Some("open".to_owned()), comments: Some(Vec::new()), ..Expect::default() };
        assert_eq!(wrong.differences(&view, Depth::Everything).len(), 2);
        assert_eq!(wrong.differences(&view, Depth::WhatWasSaid).len(), 1, "a status may have moved since");
    }

    #[test]
    fn a_reference_must_be_the_number_of_the_ticket() {
        let ticket = TicketView { number: "T7".to_owned(), ..TicketView::default() };
        let view = View { reference: "T8".to_owned(), tickets: vec![ticket], ..View::default() };
        for shown in [true, false] {
            let expect = Expect { reference: Some(shown), ..Expect::default() };
            assert_eq!(expect.differences(&view, Depth::Everything).len(), 1);
        }
    }
}
