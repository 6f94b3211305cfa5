//! Commands: what the rules want done, and which status the case then has.

use super::{Said, after};
use domain::DiscrepancyStatus as Status;
use domain::discrepancy::{InternalCommand as DI, PartnerCommand as DP};
use domain::document::{InternalCommand as FI, PartnerCommand as FP};
use domain::issue::{InternalCommand as I, PartnerCommand as P};
use domain::onboarding::InternalCommand as OI;
use domain::{CaseStatus, DocumentStatus, InternalCommand, PartnerCommand, TicketCommand};

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
        "internal.discrepancy.create-case" => "make the ticket",
        "internal.discrepancy.update-fields" => "update the ticket’s fields",
        "internal.discrepancy.add-public-comment" => "put the partner’s words on the ticket",
        "internal.discrepancy.add-internal-note" => "leave a note for the agents",
        "internal.discrepancy.resume-case" => "put the ticket back to work",
        "internal.discrepancy.cancel-case" => "cancel the ticket",
        "internal.discrepancy.settle-case" => "settle the ticket",
        "internal.discrepancy.reinvestigate-case" => "begin another round",
        "internal.discrepancy.escalate-case" => "pass the contest upwards",
        "partner.discrepancy.acknowledge" => "tell the partner the discrepancy was taken on",
        "partner.discrepancy.set-status" => "set the status the partner sees",
        "partner.discrepancy.post-comment" => "show the reply to the partner",
        "partner.discrepancy.request-evidence" => "ask the partner for evidence",
        "partner.discrepancy.propose-outcome" => "offer the outcome to the partner",
        "partner.discrepancy.mark-escalated" => "tell the partner of the escalation",
        "partner.discrepancy.settle" => "settle the partner’s discrepancy",
        "internal.onboarding.accept-invitation" => "move the programme: the partner joins",
        "internal.onboarding.decline-invitation" => "move the programme: the partner does not join",
        "internal.onboarding.expire-invitation" => "move the programme: nobody answered",
        "internal.onboarding.submit-task" => "move the task: the partner handed in",
        "internal.onboarding.add-internal-note" => "leave a note for the agents",
        "partner.onboarding.open-space" => "show the partner its programme",
        "partner.onboarding.update-space" => "show the partner the change of its programme",
        "partner.onboarding.set-status" => "set the status the partner sees",
        "partner.onboarding.upsert-task" => "show the partner a task",
        "partner.onboarding.set-task-status" => "set the status of the partner’s task",
        "partner.onboarding.set-milestone" => "tell the partner of a milestone",
        "partner.onboarding.set-readiness" => "tell the partner how ready it is",
        "partner.onboarding.post-comment" => "show the reply to the partner",
        "internal.document.create-case" => "make the ticket",
        "internal.document.add-version" => "say on the ticket what the newer version says",
        "internal.document.add-public-comment" => "put the partner’s words on the ticket",
        "internal.document.add-internal-note" => "leave a note for the agents",
        "internal.document.add-file" => "put the file of a version to the ticket",
        "internal.document.withhold-file" => "leave a note in the place of a file",
        "internal.document.restart-review" => "begin the review again",
        "internal.document.cancel-case" => "cancel the ticket",
        "internal.document.link-case" => "link the ticket to that of the case",
        "partner.document.acknowledge" => "tell the partner the document was received",
        "partner.document.set-status" => "set the status the partner sees",
        "partner.document.post-comment" => "show the reply to the partner",
        "partner.document.decide" => "tell the partner what the review came to",
        "partner.document.reject-file" => "tell the partner that a file could not be accepted",
        "partner.document.request-renewal" => "ask the partner for a newer version",
        "partner.document.publish" => "share the document with the partner",
        "partner.document.publish-version" => "share a newer version with the partner",
        _ => "carry the command out",
    }
}

/// What is said, and the status of the ticket once it is done; empty where it sets none.
pub fn internal_command(command: &InternalCommand) -> (Said, String) {
    let plain = |sentence: String| (Said::plain(sentence), String::new());
    match command.of_ticket() {
        TicketCommand::Create(c) => {
            let priority = if c.priority.is_empty() { String::new() } else { format!(", priority {}", c.priority) };
            let status = if c.status.is_empty() { "new".to_owned() } else { c.status.clone() };
            (Said::open(format!("Make a ticket in “{}”{priority}.", c.route), &c.title), status)
        }
        TicketCommand::SetFields(c) => {
            let fields: Vec<String> = c.fields.iter().map(|(name, value)| format!("{name} = “{value}”")).collect();
            plain(format!("Set on the ticket: {}.", fields.join(", ")))
        }
        TicketCommand::Reply(c) => {
            let said = Said::open(format!("Put {}’s words on the ticket, as the partner’s.", c.author), &c.text);
            (said, String::new())
        }
        TicketCommand::Note(c) => {
            let said = Said { inside: true, ..Said::open("Leave a note for the agents.", &c.text) };
            (said, String::new())
        }
        TicketCommand::SetStatus(c) => {
            let what = moving(command);
            let moved = Said::plain(format!("{what}: {}{}.", c.to, only_if(c)));
            // Of a task: the programme's own ticket stays where it is.
            (moved, if command.task().is_some() { String::new() } else { c.to.clone() })
        }
        TicketCommand::Link(c) => plain(format!("Link the ticket to that of {}, where it has one.", c.case)),
    }
}

/// Why the status of a ticket is set.
fn moving(command: &InternalCommand) -> &'static str {
    match command {
        InternalCommand::Issue(I::ResumeCase(_)) | InternalCommand::Discrepancy(DI::ResumeCase(_)) => {
            "Put the ticket back to work"
        }
        InternalCommand::Issue(I::CancelCase(_)) | InternalCommand::Discrepancy(DI::CancelCase(_)) => {
            "Cancel the ticket"
        }
        InternalCommand::Issue(I::CloseCase(_)) => "Close the ticket",
        InternalCommand::Issue(I::ReopenCase(_)) => "Open the ticket again",
        InternalCommand::Document(FI::RestartReview(_)) => "Begin the review again",
        InternalCommand::Document(FI::CancelCase(_)) => "Cancel the ticket",
        InternalCommand::Discrepancy(DI::SettleCase(_)) => "Settle the ticket",
        InternalCommand::Discrepancy(DI::ReinvestigateCase(_)) => "Begin another round",
        InternalCommand::Onboarding(OI::AcceptInvitation(_)) => "The partner joins",
        InternalCommand::Onboarding(OI::DeclineInvitation(_)) => "The partner does not join",
        InternalCommand::Onboarding(OI::ExpireInvitation(_)) => "Nobody answered the invitation",
        InternalCommand::Onboarding(OI::SubmitTask(_)) => "The partner handed in",
        InternalCommand::Issue(
            I::CreateCase(_) | I::UpdateFields(_) | I::AddPublicComment(_) | I::AddInternalNote(_),
        )
        | InternalCommand::Discrepancy(
            DI::CreateCase(_)
            | DI::UpdateFields(_)
            | DI::AddPublicComment(_)
            | DI::AddInternalNote(_)
            | DI::EscalateCase(_),
        )
        | InternalCommand::Onboarding(OI::AddInternalNote(_) | OI::UpdateFields(_))
        | InternalCommand::Document(
            FI::CreateCase(_)
            | FI::AddVersion(_)
            | FI::AddPublicComment(_)
            | FI::AddInternalNote(_)
            | FI::AddFile(_)
            | FI::WithholdFile(_)
            | FI::LinkCase(_)
            | FI::UpdateFields(_),
        ) => "Set the status",
    }
}

fn only_if(write: &domain::issue::StatusWrite) -> String {
    write.only_if.as_ref().map_or_else(String::new, |rule| format!(", only if it is {}", rule.one_of.join(" or ")))
}

/// What is said, and the status the partner then sees; empty where it sets none.
pub fn partner_command(command: &PartnerCommand) -> (Said, &'static str) {
    match command {
        PartnerCommand::Issue(command) => {
            let (said, status) = of_issue(command);
            (said, status.map_or("", CaseStatus::as_str))
        }
        PartnerCommand::Discrepancy(command) => {
            let (said, status) = of_discrepancy(command);
            (said, status.map_or("", Status::as_str))
        }
        PartnerCommand::Onboarding(command) => super::onboarding::partner_command(command),
        PartnerCommand::Document(command) => {
            let (said, status) = of_document(command);
            (said, status.map_or("", DocumentStatus::as_str))
        }
    }
}

fn of_document(command: &FP) -> (Said, Option<DocumentStatus>) {
    match command {
        FP::Acknowledge(c) => {
            let reference = c.reference.as_ref().map_or_else(String::new, |r| format!(", reference {}", r.get()));
            (Said::plain(format!("Tell the partner: received{reference}.")), Some(DocumentStatus::Available))
        }
        FP::SetStatus(c) => {
            let reason = c.reason.as_ref().map_or("", |r| r.get().as_str());
            let said = format!("Tell the partner: {} (“{}”){}.", c.status.as_str(), c.label.get(), after(reason));
            (Said::plain(said), Some(c.status))
        }
        FP::PostComment(c) => {
            let author = c.author_label.as_ref().map_or("the house", |a| a.get().as_str());
            (Said::open(format!("Show the reply to the partner, signed “{author}”."), c.text.get()), None)
        }
        FP::Decide(c) => {
            let terms = c.corrections.iter().map(|one| one.term.get().as_str()).collect::<Vec<_>>().join(", ");
            let terms = if terms.is_empty() { terms } else { format!(", to correct: {terms}") };
            let what = format!("Tell the partner: version {} is {}{terms}.", c.version_no, c.decision.get());
            (Said::open(what, c.comment.as_ref().map_or("", |text| text.get().as_str())), Some(c.status))
        }
        FP::RejectFile(c) => {
            let what = format!("Tell the partner: the file of version {} could not be accepted.", c.version_no);
            (Said::open(what, c.text.get()), Some(DocumentStatus::Quarantined))
        }
        FP::Publish(c) => of_version(1, &c.file, c.note.as_ref()),
        FP::PublishVersion(c) => of_version(c.version_no, &c.file, c.note.as_ref()),
        FP::RequestRenewal(c) => {
            let what = format!("Ask the partner for a newer version than {}, in {} days.", c.version_no, c.days_left);
            (Said::open(what, c.text.get()), Some(DocumentStatus::Expiring))
        }
    }
}

/// A version of a document of the house's own; one that is withheld goes nowhere.
fn of_version(
    version: i64,
    file: &domain::FileClaim<domain::Shared<String>>,
    note: Option<&domain::Shared<String>>,
) -> (Said, Option<DocumentStatus>) {
    if !file.withheld.is_empty() {
        let what = format!("Do not share version {version}: {}.", file.withheld);
        return (Said::plain(what), None);
    }
    let what = format!("Share version {version} with the partner: {}.", file.file_name.get());
    (Said::open(what, note.map_or("", |note| note.get().as_str())), Some(DocumentStatus::Available))
}

fn of_discrepancy(command: &DP) -> (Said, Option<Status>) {
    let text = |text: &Option<domain::Shared<String>>| text.as_ref().map_or_else(String::new, |t| t.get().clone());
    match command {
        DP::Acknowledge(c) => {
            let reference = c.reference.as_ref().map_or_else(String::new, |r| format!(", reference {}", r.get()));
            (Said::plain(format!("Tell the partner: taken on{reference}.")), Some(Status::Triaged))
        }
        DP::SetStatus(c) => {
            let reason = text(&c.reason);
            let said = format!("Tell the partner: {} (“{}”){}.", c.status.as_str(), c.label.get(), after(&reason));
            (Said::plain(said), Some(c.status))
        }
        DP::PostComment(c) => {
            let author = c.author_label.as_ref().map_or("the house", |a| a.get().as_str());
            (Said::open(format!("Show the reply to the partner, signed “{author}”."), c.text.get()), None)
        }
        DP::RequestEvidence(c) => {
            (Said::open("Ask the partner for evidence.", c.question.get()), Some(Status::EvidenceRequested))
        }
        DP::ProposeOutcome(c) => {
            let lines = c.lines.iter().map(|l| format!("{}: {}", l.line_no.get(), l.decision.get()));
            let what = format!("Offer an outcome to the partner ({}).", lines.collect::<Vec<_>>().join(", "));
            (Said::open(what, c.note.get()), Some(Status::OutcomeProposed))
        }
        DP::MarkEscalated(c) => (Said::open("Tell the partner of the escalation.", c.text.get()), None),
        DP::Settle(c) => (Said::open("Settle the partner’s discrepancy.", &text(&c.text)), Some(Status::Settled)),
    }
}

fn of_issue(command: &P) -> (Said, Option<CaseStatus>) {
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
