//! Comparing a command with what a test expects of it: only the fields that the test names.

use domain::discrepancy::PartnerCommand as D;
use domain::document::PartnerCommand as F;
use domain::issue::PartnerCommand as P;
use domain::onboarding::PartnerCommand as O;
use domain::{InternalCommand, PartnerCommand, TicketCommand};
use serde::Serialize;
use toml::{Table, Value};

fn table<T: Serialize>(payload: &T) -> Result<Table, String> {
    Table::try_from(payload).map_err(|e| format!("the command cannot be shown as TOML: {e}"))
}

pub(super) fn internal(command: &InternalCommand) -> Result<Table, String> {
    if let InternalCommand::Onboarding(domain::onboarding::InternalCommand::SubmitTask(c)) = command {
        return table(c);
    }
    if let InternalCommand::Onboarding(domain::onboarding::InternalCommand::AddInternalNote(c)) = command {
        return table(c);
    }
    match command.of_ticket() {
        TicketCommand::Create(c) => table(c),
        TicketCommand::SetFields(c) => table(c),
        TicketCommand::Reply(c) => table(c),
        TicketCommand::Note(c) => table(c),
        TicketCommand::SetStatus(c) => table(c),
        TicketCommand::Link(c) => table(c),
    }
}

pub(super) fn partner(command: &PartnerCommand) -> Result<Table, String> {
    match command {
        PartnerCommand::Issue(command) => match command {
            P::AcknowledgeCase(c) => table(c),
            P::SetCaseStatus(c) => table(c),
            P::PostComment(c) => table(c),
            P::RequestInformation(c) => table(c),
            P::ProposeResolution(c) => table(c),
            P::CloseCase(c) => table(c),
            P::ReopenCase(c) => table(c),
        },
        PartnerCommand::Discrepancy(command) => match command {
            D::Acknowledge(c) => table(c),
            D::SetStatus(c) => table(c),
            D::PostComment(c) => table(c),
            D::RequestEvidence(c) => table(c),
            D::ProposeOutcome(c) => table(c),
            D::MarkEscalated(c) => table(c),
            D::Settle(c) => table(c),
        },
        PartnerCommand::Onboarding(command) => match command {
            O::OpenSpace(c) | O::UpdateSpace(c) => table(c),
            O::SetStatus(c) => table(c),
            O::UpsertTask(c) => table(c),
            O::SetTaskStatus(c) => table(c),
            O::SetMilestone(c) => table(c),
            O::SetReadiness(c) => table(c),
            O::PostComment(c) => table(c),
        },
        PartnerCommand::Document(command) => match command {
            F::Acknowledge(c) => table(c),
            F::SetStatus(c) => table(c),
            F::PostComment(c) => table(c),
            F::Decide(c) => table(c),
            F::RejectFile(c) => table(c),
            F::RequestRenewal(c) => table(c),
            F::Publish(c) => table(c),
            F::PublishVersion(c) => table(c),
        },
    }
}

/// What differs, in words. A table in the expectation names only the members it cares for; `absent` in capital
/// letters expects a field to be missing or empty.
pub(super) fn differs(command: &str, key: &str, wanted: &Value, actual: Option<&Value>) -> Option<String> {
    let empty = actual.is_none_or(|v| v.as_str().is_some_and(str::is_empty));
    match (wanted, actual) {
        (Value::String(word), _) if word == "ABSENT" && empty => None,
        (Value::Table(wanted), Some(Value::Table(actual))) => wanted
            .iter()
            .find_map(|(name, wanted)| differs(command, &format!("{key}.{name}"), wanted, actual.get(name))),
        (wanted, Some(actual)) if wanted == actual => None,
        (wanted, actual) => {
            let actual = actual.map_or_else(|| "absent".to_owned(), Value::to_string);
            Some(format!("{command}: {key} is {actual}, expected {wanted}"))
        }
    }
}
