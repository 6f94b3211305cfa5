//! Commands about a task: a ticket of its own, and a member of the programme that the subject names.

use super::{fields, history, message, status, ticket_of};
use crate::api::Api;
use crate::error::before_write;
use crate::feed::TASK_OF;
use crate::http::User;
use domain::{Command as _, Envelope, InternalCommand, TicketCommand};
use ports::{Applied, CallContext, CallError, Look};
use tokio::time::Instant;

pub async fn apply(
    api: &Api,
    command: &Envelope<InternalCommand>,
    task: &str,
    context: &CallContext,
) -> Result<Applied, CallError> {
    let by = api.deadline(context.timeout);
    let id = member(api, task, ticket_of(context)?, by).await?;
    let done = match command.payload.of_ticket() {
        TicketCommand::Note(note) => {
            if let Some(only_if) = command.payload.only_if() {
                status::holds(api, id, only_if, by).await?;
            }
            message::apply(api, id, &message::Message::inside(&note.text, &context.marker), None, by).await
        }
        TicketCommand::SetStatus(to) => {
            status::apply(api, id, &command.meta.subject, to, context.revision.as_ref(), by).await
        }
        // Said with other words by a later bundle: what was said since is newer.
        TicketCommand::SetFields(_) if context.revision.is_some() => {
            Err(CallError::LeftAlone { rule: "changed-since" })
        }
        TicketCommand::SetFields(update) => fields::apply(api, id, update, by).await,
        TicketCommand::Create(_) | TicketCommand::Reply(_) | TicketCommand::Link(_) => Err(refused()),
    };
    Ok(at_programme(done?, context))
}

pub async fn look(
    api: &Api,
    command: &Envelope<InternalCommand>,
    task: &str,
    context: &CallContext,
) -> Result<Look, CallError> {
    let by = api.deadline(context.timeout);
    let id = member(api, task, ticket_of(context)?, by).await?;
    let found = match command.payload.of_ticket() {
        TicketCommand::SetStatus(to) => status::look(api, id, to, by).await?,
        TicketCommand::SetFields(update) => fields::look(api, id, update, by).await?,
        TicketCommand::Note(_) | TicketCommand::Create(_) | TicketCommand::Reply(_) | TicketCommand::Link(_) => {
            message::look(api, id, &context.marker, by).await?
        }
    };
    Ok(match found {
        Look::Applied(applied) => Look::Applied(at_programme(applied, context)),
        other @ (Look::Absent | Look::Undecidable { .. }) => other,
    })
}

/// The feed tells changes of a task at its programme: there the effects are looked for.
fn at_programme(applied: Applied, context: &CallContext) -> Applied {
    let native_id = context.native_id.as_ref().map(ToString::to_string).unwrap_or_default();
    Applied { native_id, ..applied }
}

fn refused() -> CallError {
    CallError::Refused { reason: "the task is none of this programme".into(), detail: String::new() }
}

/// No ticket that is not a member of the programme is touched, whoever named it.
async fn member(api: &Api, task: &str, programme: u64, by: Instant) -> Result<u64, CallError> {
    let id: u64 = task.parse().map_err(|_| refused())?;
    let ticket = history::ticket(api, User::Sync, id, by).await.map_err(before_write)?;
    if ticket.value(TASK_OF) == programme.to_string() { Ok(id) } else { Err(refused()) }
}
