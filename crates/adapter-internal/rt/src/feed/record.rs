//! The tickets behind the rows of one page: read once per page, in one search.

use super::outward;
use crate::api::Api;
use crate::config::Ready;
use crate::http::{Failure, User};
use crate::query;
use crate::wire::Ticket;
use domain::document::outward::begun_in;
use domain::{NativeId, PartnerId, Subject, SubjectKind, UseCase};
use std::collections::{BTreeMap, BTreeSet};

/// Extra values longer than this are left out: they are a convenience, and the log's records are bounded.
const MAX_EXTRA: usize = 32 * 1024;

/// What is known of a row's ticket, at the time of reading.
#[derive(Debug)]
pub enum Record {
    Ours(Box<Known>),
    /// Agents put it into another ticket; RT answers under that one's number and forgets whose it was.
    Merged(Box<Merged>),
    /// By a rule: why nothing of it is carried.
    Not(&'static str),
}

/// Into which ticket, and whose that is.
#[derive(Debug)]
pub struct Merged {
    pub into: u64,
    pub partner_id: Option<PartnerId>,
    /// Of the ticket that ended; one that names none is an issue.
    pub use_case: UseCase,
}

#[derive(Debug)]
pub struct Known {
    pub subject: Subject,
    pub partner_id: Option<PartnerId>,
    pub use_case: UseCase,
    /// Of a task: its programme.
    pub task_of: Option<u64>,
    /// Of a document of the house's own: the row of the gesture that first shared it.
    pub outward: Option<u64>,
    pub ticket: Ticket,
    pub ext: BTreeMap<String, String>,
}

pub async fn read(api: &Api, ids: &BTreeSet<u64>) -> Result<BTreeMap<u64, Record>, Failure> {
    let mut records = BTreeMap::new();
    if ids.is_empty() {
        return Ok(records);
    }
    for ticket in api.tickets(&query::any_ticket(ids.iter().copied()), api.default_deadline()).await? {
        records.insert(ticket.id, told(api, ticket).await?);
    }
    for id in ids {
        // A search leaves out the deleted, the merged, and what is only visible by role: one by one, then.
        if !records.contains_key(id) {
            let record = match api.ticket(User::Sync, *id, api.default_deadline()).await {
                Ok(ticket) if ticket.id == *id => told(api, ticket).await?,
                Ok(winner) => {
                    // A search by what a ticket counts as finds the merged ones with fields of their own.
                    let sql = query::merged(*id, winner.id);
                    let own = api.tickets(&sql, api.default_deadline()).await?.into_iter().find(|own| own.id == *id);
                    let ended = own.as_ref().unwrap_or(&winner);
                    Record::Merged(Box::new(Merged {
                        into: winner.id,
                        partner_id: PartnerId::new(winner.value(&api.ready.partner_id_field)).ok(),
                        use_case: UseCase::from_word(ended.value(&api.ready.use_case_field)),
                    }))
                }
                Err(Failure::Status { status: 403 | 404, .. }) => Record::Not("not-visible"),
                Err(other) => return Err(other),
            };
            records.insert(*id, record);
        }
    }
    Ok(records)
}

/// The custom field that a scrip keeps at a task: the number of its programme.
pub const TASK_OF: &str = "TG Task Of";

fn programme(ready: &Ready, ticket: u64) -> Option<Subject> {
    let native = NativeId::new(ticket.to_string()).ok()?;
    Some(Subject::new(SubjectKind::Onboarding, &ready.system, &native))
}

/// As [`of`], with what only the history says.
async fn told(api: &Api, ticket: Ticket) -> Result<Record, Failure> {
    let first = outward::first_gesture(api, &ticket).await?;
    Ok(of(api, ticket, first))
}

fn of(api: &Api, ticket: Ticket, outward: Option<u64>) -> Record {
    let ready = &api.ready;
    let said = UseCase::from_word(ticket.value(&ready.use_case_field));
    let use_case = if outward.is_some() { UseCase::Document } else { said };
    let external = ticket.value(&ready.external_id_field).to_owned();
    let task_of = ticket.value(TASK_OF).parse::<u64>().ok().filter(|_| use_case == UseCase::Onboarding);
    // A programme began here; everything else bears the subject that it was made for.
    let subject = match use_case {
        UseCase::Onboarding => programme(ready, task_of.unwrap_or(ticket.id)),
        UseCase::Document if outward.is_some() => {
            NativeId::new(ticket.id.to_string()).ok().map(|id| begun_in(&ready.system, &id))
        }
        UseCase::Issue | UseCase::Discrepancy | UseCase::Document => Subject::try_from(external).ok(),
    };
    let Some(subject) = subject else { return Record::Not("not-ours") };
    let partner_id = PartnerId::new(ticket.value(&ready.partner_id_field)).ok();
    let mut ext = BTreeMap::new();
    for field in &ticket.custom_fields {
        let value = field.texts().collect::<Vec<_>>().join("\n");
        if !value.is_empty() && value.len() <= MAX_EXTRA {
            ext.insert(format!("cf.{}", field.name), value);
        }
    }
    let queue = if ticket.queue.name.is_empty() { &ticket.queue.id } else { &ticket.queue.name };
    for (name, value) in [("queue", queue), ("priority", &ticket.priority), ("owner", &ticket.owner.id)] {
        ext.insert(name.to_owned(), value.clone());
    }
    Record::Ours(Box::new(Known { subject, partner_id, use_case, task_of, outward, ticket, ext }))
}
