//! Commands, each with at most one request that changes something, and the marker in it.

mod create;
mod link;
mod message;
mod revise;
mod update;
mod upload;

use crate::api::Api;
use crate::config::Ready;
use crate::http::Terms;
use crate::wire::Change;
use domain::{Carries as _, Command as _, Envelope, InternalCommand, TicketCommand};
use ports::{Applied, BlobStore, CallContext, CallError, Capability, Look, Target};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Makes one simulated case system obey. Cheap to share; holds a bounded pool of connections.
pub struct DeskTarget {
    api: Api,
    max_calls: usize,
    /// Where the bytes of files are that commands carry.
    blobs: Option<Arc<dyn BlobStore>>,
}

impl DeskTarget {
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

/// No write begins after its call has ended (`X-Not-After`), so this is for the one that is on its way to the disk
/// then, and for a search by external id that lags behind.
const SETTLE: Duration = Duration::from_secs(2);

impl Target for DeskTarget {
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
        let files = command.payload.carried();
        if !files.is_empty() {
            // Bytes by their hash are no effect: nobody sees them before the write that names them.
            let by = Instant::now() + context.timeout.saturating_sub(context.timeout / 4);
            upload::bring(&self.api.client, self.blobs.as_deref(), &files, by).await?;
        }
        let mut call = Call::new(&self.api, context);
        call.at_task(command.payload.task()).await?;
        let asked = command.payload.of_ticket();
        if let Some(revision) = &context.revision
            && let Some(wanted) = wanted(asked)
        {
            return revise::apply(&call, call.ticket()?, &wanted, revision).await;
        }
        match asked {
            TicketCommand::Create(case) => create::apply(&call, command, case).await,
            TicketCommand::SetFields(update) => update::fields(&call, call.ticket()?, update).await,
            TicketCommand::Reply(comment) => message::reply(&call, call.ticket()?, comment).await,
            TicketCommand::Note(note) => {
                if let Some(only_if) = command.payload.only_if() {
                    update::holds(&call, call.ticket()?, only_if).await?;
                }
                message::note(&call, call.ticket()?, note).await
            }
            TicketCommand::SetStatus(to) => update::status(&call, call.ticket()?, &command.meta.subject, to).await,
            TicketCommand::Link(link) => link::apply(&call, command, call.ticket()?, link).await,
        }
    }

    async fn look(&self, command: &Envelope<InternalCommand>, context: &CallContext) -> Result<Look, CallError> {
        let mut call = Call::new(&self.api, context);
        call.at_task(command.payload.task()).await?;
        let asked = command.payload.of_ticket();
        if context.revision.is_some() && wanted(asked).is_some() {
            return revise::look(&call, call.ticket()?).await;
        }
        match asked {
            TicketCommand::Create(_) => create::look(&call, &command.meta).await,
            TicketCommand::SetFields(update) => update::look_fields(&call, call.ticket()?, update).await,
            TicketCommand::Reply(_) | TicketCommand::Note(_) | TicketCommand::Link(_) => {
                message::look(&call, call.ticket()?).await
            }
            TicketCommand::SetStatus(to) => update::look_status(&call, call.ticket()?, to).await,
        }
    }
}

/// The fields of a command that a revision may put right; `None` where it sets none that stay as they are.
fn wanted(asked: TicketCommand<'_>) -> Option<Vec<(&str, &str)>> {
    match asked {
        TicketCommand::Create(case) => Some(case.settable().collect()),
        TicketCommand::SetFields(update) => Some(update.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect()),
        TicketCommand::Reply(_) | TicketCommand::Note(_) | TicketCommand::SetStatus(_) | TicketCommand::Link(_) => None,
    }
}

/// One call: what every step of it needs.
struct Call<'a> {
    api: &'a Api,
    context: &'a CallContext,
    terms: Terms,
    /// The task of the subject's own ticket that the command is about.
    task: Option<u64>,
}

impl<'a> Call<'a> {
    fn new(api: &'a Api, context: &'a CallContext) -> Self {
        let terms = Terms { by: api.deadline(context.timeout), not_after: context.not_after, if_match: None };
        Self { api, context, terms, task: None }
    }

    /// Turns the call to a task of the subject's programme: to no ticket that is not a member of it, whoever named it.
    async fn at_task(&mut self, task: Option<&str>) -> Result<(), CallError> {
        let Some(task) = task else { return Ok(()) };
        let programme = self.ticket()?;
        let refused =
            || CallError::Refused { reason: "the task is none of this programme".into(), detail: String::new() };
        let id: u64 = task.parse().map_err(|_| refused())?;
        let found = self.api.ticket(id, self.terms.by).await.map_err(crate::error::before_write)?;
        if found.state.parent != programme {
            return Err(refused());
        }
        self.task = Some(id);
        Ok(())
    }

    fn ticket(&self) -> Result<u64, CallError> {
        if let Some(task) = self.task {
            return Ok(task);
        }
        let id = self.context.native_id.as_ref().and_then(|id| id.as_str().parse().ok());
        id.ok_or_else(|| CallError::Refused {
            reason: "no ticket number is known for the subject".into(),
            detail: String::new(),
        })
    }

    fn applied(&self, ticket: u64, changes: &[Change], version: u64) -> Applied {
        // The feed tells changes of a task at its programme: there the effects are looked for.
        let programme = self.context.native_id.as_ref().filter(|_| self.task.is_some()).map(ToString::to_string);
        Applied {
            native_id: programme.unwrap_or_else(|| ticket.to_string()),
            reference: ticket.to_string(),
            effects: self.api.ours(changes).map(|change| change.id.to_string()).collect(),
            version: version.to_string(),
        }
    }

    /// What bears our marker on a ticket; `None` where nothing does.
    async fn marked(&self, ticket: u64) -> Result<Option<Applied>, CallError> {
        let found = self.api.marked(ticket, &self.context.marker, self.terms.by).await;
        let mut found = found.map_err(crate::error::before_write)?;
        found.retain(|change| self.api.is_ours(&change.author.name));
        Ok(found.last().map(|newest| self.applied(ticket, &found, newest.id)))
    }
}
