//! Commands, each with at most one request that changes something.

mod create;
mod double;
mod fields;
mod history;
mod link;
mod message;
mod revise;
mod status;
mod task;

use crate::api::Api;
use crate::config::Ready;
use domain::{Envelope, InternalCommand, TicketCommand};
use ports::{Applied, BlobStore, CallContext, CallError, Capability, Doubles, Look, Target};
use std::sync::Arc;
use std::time::Duration;

/// Makes one Request Tracker obey. Cheap to share; holds a bounded pool of connections.
pub struct RtTarget {
    api: Api,
    max_calls: usize,
    /// Where the bytes of files are that commands carry.
    blobs: Option<Arc<dyn BlobStore>>,
}

impl RtTarget {
    pub fn new(ready: Ready) -> Result<Self, String> {
        let max_calls = ready.max_connections;
        Ok(Self { api: Api::new(ready)?, max_calls, blobs: None })
    }

    /// With the store that holds the bytes of the files that commands carry.
    #[must_use]
    pub fn with_blobs(self, blobs: Option<Arc<dyn BlobStore>>) -> Self {
        Self { blobs, ..self }
    }
}

/// RT goes on with a request whose client has hung up; a create was seen to appear half a second later, and the
/// slowest one under load took 8 s.
const SETTLE: Duration = Duration::from_secs(30);

impl Target for RtTarget {
    type Command = InternalCommand;

    fn capability(&self, kind: &str) -> Capability {
        if TicketCommand::KINDS.contains(&kind) {
            Capability::Findable { settle: SETTLE }
        } else {
            Capability::Unsupported
        }
    }

    /// A call has one request under way at a time.
    fn max_calls(&self) -> usize {
        self.max_calls
    }

    async fn apply(&self, command: &Envelope<InternalCommand>, context: &CallContext) -> Result<Applied, CallError> {
        if let Some(task) = command.payload.task() {
            return task::apply(&self.api, command, task, context).await;
        }
        let api = &self.api;
        let by = api.deadline(context.timeout);
        let asked = command.payload.of_ticket();
        if let Some(revision) = &context.revision
            && let Some(wanted) = wanted(asked)
        {
            return revise::apply(api, ticket_of(context)?, &wanted, revision, by).await;
        }
        match asked {
            TicketCommand::Create(case) => create::apply(api, command, case, by).await,
            TicketCommand::SetFields(update) => fields::apply(api, ticket_of(context)?, update, by).await,
            TicketCommand::Reply(comment) => {
                let message = message::Message::reply(comment, &context.marker);
                message::apply(api, ticket_of(context)?, &message, self.blobs.as_deref(), by).await
            }
            TicketCommand::Note(note) => {
                let message = message::Message::inside(&note.text, &context.marker);
                message::apply(api, ticket_of(context)?, &message, None, by).await
            }
            TicketCommand::SetStatus(to) => {
                let (ticket, subject) = (ticket_of(context)?, &command.meta.subject);
                status::apply(api, ticket, subject, to, context.revision.as_ref(), by).await
            }
            TicketCommand::Link(link) => link::apply(api, command, ticket_of(context)?, link, by).await,
        }
    }

    async fn look(&self, command: &Envelope<InternalCommand>, context: &CallContext) -> Result<Look, CallError> {
        if let Some(task) = command.payload.task() {
            return task::look(&self.api, command, task, context).await;
        }
        let api = &self.api;
        let by = api.deadline(context.timeout);
        let asked = command.payload.of_ticket();
        if let Some(revision) = &context.revision
            && let Some(wanted) = wanted(asked)
        {
            return revise::look(api, ticket_of(context)?, &wanted, revision, by).await;
        }
        match asked {
            TicketCommand::Create(_) => create::look(api, &command.meta, by).await,
            TicketCommand::SetFields(update) => fields::look(api, ticket_of(context)?, update, by).await,
            TicketCommand::Reply(_) | TicketCommand::Note(_) => {
                message::look(api, ticket_of(context)?, &context.marker, by).await
            }
            TicketCommand::SetStatus(to) => status::look(api, ticket_of(context)?, to, by).await,
            TicketCommand::Link(link) => link::look(api, command, ticket_of(context)?, link, by).await,
        }
    }

    async fn look_twice(
        &self,
        command: &Envelope<InternalCommand>,
        context: &CallContext,
    ) -> Result<Doubles, CallError> {
        let by = self.api.deadline(context.timeout);
        match command.payload.of_ticket() {
            TicketCommand::Create(case) => double::close(&self.api, &command.meta, case, ticket_of(context)?, by).await,
            TicketCommand::SetFields(_)
            | TicketCommand::Reply(_)
            | TicketCommand::Note(_)
            | TicketCommand::SetStatus(_)
            | TicketCommand::Link(_) => Ok(Doubles::default()),
        }
    }
}

/// The fields of a command that a revision may put right; `None` where it sets none that stay as they are.
fn wanted(asked: TicketCommand<'_>) -> Option<revise::Wanted<'_>> {
    match asked {
        TicketCommand::Create(case) => Some(revise::of_create(case)),
        TicketCommand::SetFields(update) => Some(update.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect()),
        TicketCommand::Reply(_) | TicketCommand::Note(_) | TicketCommand::SetStatus(_) | TicketCommand::Link(_) => None,
    }
}

fn ticket_of(context: &CallContext) -> Result<u64, CallError> {
    let id = context.native_id.as_ref().and_then(|id| id.as_str().parse().ok());
    id.ok_or_else(|| CallError::Refused {
        reason: "no ticket number is known for the subject".into(),
        detail: String::new(),
    })
}

fn applied(ticket: u64, effects: impl IntoIterator<Item = u64>, version: String) -> Applied {
    Applied {
        native_id: ticket.to_string(),
        reference: ticket.to_string(),
        effects: effects.into_iter().map(|id| id.to_string()).collect(),
        version,
    }
}

/// PostgreSQL refuses a zero byte in a text, with a 500 that would look like an unknown outcome for ever.
fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
