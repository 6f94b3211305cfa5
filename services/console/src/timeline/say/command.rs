//! Commands: what the rules want done, and which status the case then has.

use super::{Said, after};
use domain::issue::{InternalCommand as I, PartnerCommand as P};
use domain::{CaseStatus, InternalCommand, PartnerCommand};

/// What a command does, after "to"; by its type, so that an outcome can say it without its command.
pub fn doing(kind: &str) -> &'static str {
    match kind {
        "internal.issue.create-case" => "make the ticket",
        "internal.issue.update-fields" => "update the ticket’s fields",
        "internal.issue.add-public-comment" => "put the partner’s words on the ticket",
        "internal.issue.add-internal-note" => "leave a note for the agents",
        "internal.issue.resume-case" => "put the ticket back to work",
        "internal.issue.cancel-case" => "cancel the ticket",
        "internal.issue.close-case" => "close the ticket",
        "internal.issue.reopen-case" => "open the ticket again",
        "partner.issue.acknowledge-case" => "tell the partner the case was taken on",
        "partner.issue.set-case-status" => "set the status the partner sees",
        "partner.issue.post-comment" => "show the reply to the partner",
        "partner.issue.request-information" => "ask the partner",
        "partner.issue.propose-resolution" => "offer the answer to the partner",
        "partner.issue.close-case" => "close the partner’s case",
        "partner.issue.reopen-case" => "open the partner’s case again",
        _ => "carry the command out",
    }
}

/// What is said, and the status of the ticket once it is done; empty where it sets none.
pub fn internal_command(command: &InternalCommand) -> (Said, String) {
    let InternalCommand::Issue(command) = command;
    let plain = |sentence: String| (Said::plain(sentence), String::new());
    match command {
        I::CreateCase(c) => {
            let priority = if c.priority.is_empty() { String::new() } else { format!(", priority {}", c.priority) };
            let status = if c.status.is_empty() { "new".to_owned() } else { c.status.clone() };
            (Said::open(format!("Make a ticket in “{}”{priority}.", c.route), &c.title), status)
        }
        I::UpdateFields(c) => {
            let fields: Vec<String> = c.fields.iter().map(|(name, value)| format!("{name} = “{value}”")).collect();
            plain(format!("Set on the ticket: {}.", fields.join(", ")))
        }
        I::AddPublicComment(c) => {
            let said = Said::open(format!("Put {}’s words on the ticket, as the partner’s.", c.author), &c.text);
            (said, String::new())
        }
        I::AddInternalNote(c) => {
            let said = Said { inside: true, ..Said::open("Leave a note for the agents.", &c.text) };
            (said, String::new())
        }
        I::ResumeCase(c) => {
            (Said::plain(format!("Put the ticket back to work: {}{}.", c.to, only_if(c))), c.to.clone())
        }
        I::CancelCase(c) => (Said::plain(format!("Cancel the ticket: {}{}.", c.to, only_if(c))), c.to.clone()),
        I::CloseCase(c) => (Said::plain(format!("Close the ticket: {}{}.", c.to, only_if(c))), c.to.clone()),
        I::ReopenCase(c) => (Said::plain(format!("Open the ticket again: {}{}.", c.to, only_if(c))), c.to.clone()),
    }
}

fn only_if(write: &domain::issue::StatusWrite) -> String {
    write.only_if.as_ref().map_or_else(String::new, |rule| format!(", only if it is {}", rule.one_of.join(" or ")))
}

/// What is said, and the status the partner then sees.
pub fn partner_command(command: &PartnerCommand) -> (Said, Option<CaseStatus>) {
    let PartnerCommand::Issue(command) = command;
    match command {
        P::AcknowledgeCase(c) => {
            let reference = c.reference.as_ref().map_or_else(String::new, |r| format!(", reference {}", r.get()));
            (Said::plain(format!("Tell the partner: taken on{reference}.")), Some(CaseStatus::Acknowledged))
        }
        P::SetCaseStatus(c) => {
            let reason = c.reason.as_ref().map_or("", |r| r.get().as_str());
            let said = format!("Tell the partner: {} (“{}”){}.", c.status.as_str(), c.label.get(), after(reason));
            (Said::plain(said), Some(c.status))
        }
        P::PostComment(c) => {
            let author = c.author_label.as_ref().map_or("the house", |a| a.get().as_str());
            (Said::open(format!("Show the reply to the partner, signed “{author}”."), c.text.get()), None)
        }
        P::RequestInformation(c) => {
            (Said::open("Ask the partner.", c.question.get()), Some(CaseStatus::PendingPartner))
        }
        P::ProposeResolution(c) => {
            (Said::open("Offer the answer to the partner.", c.note.get()), Some(CaseStatus::Resolved))
        }
        P::CloseCase(c) => {
            let text = c.text.as_ref().map_or("", |t| t.get().as_str());
            (Said::open("Close the partner’s case.", text), Some(CaseStatus::Closed))
        }
        P::ReopenCase(c) => {
            let reason = c.reason.as_ref().map_or("", |r| r.get().as_str());
            (Said::open("Open the partner’s case again.", reason), Some(CaseStatus::InProgress))
        }
    }
}
