//! Which requests are taken, from whom. Every move of a status that the setup does not list is refused.

use super::super::request::{Action, NewLink, NewTicket, Question, Reply, Update};
use super::super::setup::{self, Author, Role, Rules};
use super::super::wire::{Created, State, Ticket, What};
use super::Model;
use crate::files::{File, named};

/// Why a request was not taken. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no such ticket")]
    UnknownTicket,
    #[error("a ticket that is {from} cannot become {to}")]
    Transition { from: String, to: String },
    /// Names what is not known; the words of the setup tell what is.
    #[error("there is no such {0}")]
    Unknown(&'static str),
    #[error("{0} is empty or too long")]
    Text(&'static str),
    #[error("this user may not do that")]
    Forbidden,
}

/// What a request changes: in the order in which the history shows it. Empty where everything is so already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    pub ticket_id: u64,
    pub changes: Vec<(Author, What)>,
}

const LINE: usize = 1024;
const WORD: usize = 128;
const TEXT: usize = 192 * 1024;

fn bounded(what: &'static str, text: &str, max: usize) -> Result<(), Refusal> {
    if text.len() > max { Err(Refusal::Text(what)) } else { Ok(()) }
}

fn given(what: &'static str, text: &str, max: usize) -> Result<(), Refusal> {
    if text.trim().is_empty() { Err(Refusal::Text(what)) } else { bounded(what, text, max) }
}

fn known(is: bool, what: &'static str) -> Result<(), Refusal> {
    if is { Ok(()) } else { Err(Refusal::Unknown(what)) }
}

impl Model {
    /// `ticket` is `None` only for making one.
    pub fn decide(&self, rules: &Rules, who: &Author, ticket: Option<u64>, action: Action) -> Result<Decided, Refusal> {
        allowed(who.role, &action)?;
        let marker = action.marker();
        let sound = marker.len() <= WORD && marker.bytes().all(|b| b.is_ascii_graphic());
        known(sound, "marker: up to 128 visible characters of ASCII")?;
        if let Action::Create(new) = action {
            let parent = match new.parent {
                0 => None,
                id => Some(self.ticket(id).ok_or(Refusal::UnknownTicket)?),
            };
            let mut created = create(rules, who, *new)?;
            if let (What::Created(made), Some(parent)) = (&mut created, parent) {
                super::onboarding::join(&mut made.state, &(parent.id, std::sync::Arc::clone(&parent.state)));
            }
            return Ok(Decided { ticket_id: self.next_ticket_id(), changes: vec![(who.clone(), created)] });
        }
        let ticket = ticket.and_then(|id| self.ticket(id)).ok_or(Refusal::UnknownTicket)?;
        let mut changes = match action {
            Action::Create(_) => Vec::new(),
            Action::Update(update) => set(rules, ticket, *update)?,
            Action::Reply(reply) => vec![replied(reply, &self.next_change_id().to_string())?],
            Action::Note(note) => {
                said(&note.text, &note.files)?;
                vec![What::Noted { text: note.text, files: named(note.files, &self.next_change_id().to_string()) }]
            }
            Action::Ask(question) => vec![asked(ticket, question)?],
            Action::Link(link) => vec![linked(ticket, link)?],
            Action::Unlink(id) => {
                let link = ticket.links.iter().find(|l| l.id == id).ok_or(Refusal::Unknown("link"))?;
                vec![What::Unlinked { link: id, relation: link.relation.clone(), to: link.to.clone() }]
            }
        }
        .into_iter()
        .map(|what| (who.clone(), what))
        .collect::<Vec<_>>();
        if rules.reply_opens && matches!(changes.first(), Some((_, What::Replied { .. }))) {
            changes.extend(opened(ticket, who.role).map(|what| (Author::system(), what)));
        }
        Ok(Decided { ticket_id: ticket.id, changes })
    }
}

fn allowed(role: Role, action: &Action) -> Result<(), Refusal> {
    let may = match (role, action) {
        (Role::Agent, _) => true,
        (Role::PartnerVoice, Action::Create(_) | Action::Reply(_)) => true,
        (Role::Pipeline, Action::Update(_) | Action::Note(_) | Action::Link(_) | Action::Unlink(_)) => true,
        (Role::PartnerVoice | Role::Pipeline | Role::System, _) => false,
    };
    if may { Ok(()) } else { Err(Refusal::Forbidden) }
}

fn field(name: &str, value: &str) -> Result<(), Refusal> {
    let values = setup::FIELDS.iter().find(|(field, _)| *field == name).map(|(_, values)| values);
    let values = values.ok_or(Refusal::Unknown("custom field"))?;
    known(values.is_empty() || value.is_empty() || values.contains(&value), "value of that custom field")?;
    bounded("a custom field", value, TEXT)
}

fn owner(rules: &Rules, name: &str) -> Result<(), Refusal> {
    known(name.is_empty() || rules.owners.contains(name), "owner")
}

fn create(rules: &Rules, who: &Author, new: NewTicket) -> Result<What, Refusal> {
    given("title", &new.title, LINE)?;
    bounded("description", &new.description, TEXT)?;
    for (what, word) in [
        ("external_id", &new.external_id),
        ("partner_id", &new.partner_id),
        ("requestor", &new.requestor),
        ("due_at", &new.due_at),
    ] {
        bounded(what, word, 2 * WORD)?;
    }
    known(setup::QUEUES.contains(&new.queue.as_str()), "queue")?;
    known(new.priority <= 100, "priority: 0 to 100")?;
    owner(rules, &new.owner)?;
    let status = if new.status.is_empty() { "new".to_owned() } else { new.status };
    known(setup::is_status(&status), "status")?;
    if !setup::INITIAL.contains(&status.as_str()) {
        return Err(Refusal::Transition { from: "not there yet".to_owned(), to: status });
    }
    for (name, value) in &new.fields {
        field(name, value)?;
    }
    Ok(What::Created(Box::new(Created {
        state: State {
            queue: new.queue,
            title: new.title,
            status,
            priority: new.priority,
            owner: new.owner,
            external_id: new.external_id,
            partner_id: new.partner_id,
            due_at: new.due_at,
            parent: 0,
            fields: new.fields.into_iter().filter(|(_, value)| !value.is_empty()).collect(),
        },
        description: new.description,
        requestor: if new.requestor.is_empty() { who.name.clone() } else { new.requestor },
    })))
}

/// Staying where it is is no move and no change.
fn step(from: &str, to: String) -> Result<Option<What>, Refusal> {
    known(setup::is_status(&to), "status")?;
    if from == to {
        return Ok(None);
    }
    let from = from.to_owned();
    if setup::may_become(&from, &to) {
        Ok(Some(What::StatusChanged { from, to }))
    } else {
        Err(Refusal::Transition { from, to })
    }
}

fn set(rules: &Rules, ticket: &Ticket, update: Update) -> Result<Vec<What>, Refusal> {
    let now = &ticket.state;
    let mut changes = Vec::new();
    if let Some(to) = update.title.filter(|to| *to != now.title) {
        given("title", &to, LINE)?;
        changes.push(What::TitleChanged { from: now.title.clone(), to });
    }
    if let Some(to) = update.due_at.filter(|to| *to != now.due_at) {
        bounded("due_at", &to, WORD)?;
        changes.push(What::DueChanged { from: now.due_at.clone(), to });
    }
    if let Some(to) = update.queue.filter(|to| *to != now.queue) {
        known(setup::QUEUES.contains(&to.as_str()), "queue")?;
        changes.push(What::QueueChanged { from: now.queue.clone(), to });
    }
    if let Some(to) = update.priority.filter(|to| *to != now.priority) {
        known(to <= 100, "priority: 0 to 100")?;
        changes.push(What::PriorityChanged { from: now.priority, to });
    }
    if let Some(to) = update.owner.filter(|to| *to != now.owner) {
        owner(rules, &to)?;
        changes.push(What::OwnerChanged { from: now.owner.clone(), to });
    }
    for (name, to) in update.fields {
        field(&name, &to)?;
        let from = now.fields.get(&name).cloned().unwrap_or_default();
        if from != to {
            changes.push(What::FieldChanged { field: name, from, to });
        }
    }
    if let Some(to) = update.status {
        changes.extend(step(&now.status, to)?);
    }
    Ok(changes)
}

/// A message says something, or brings something.
fn said(text: &str, files: &[File]) -> Result<(), Refusal> {
    if files.is_empty() { given("text", text, TEXT) } else { bounded("text", text, TEXT) }
}

fn replied(reply: Reply, message: &str) -> Result<What, Refusal> {
    said(&reply.text, &reply.files)?;
    bounded("on_behalf_of", &reply.on_behalf_of, LINE)?;
    let files = named(reply.files, message);
    Ok(What::Replied { text: reply.text, on_behalf_of: reply.on_behalf_of, files })
}

fn asked(ticket: &Ticket, question: Question) -> Result<What, Refusal> {
    given("text", &question.text, TEXT)?;
    let (from, to) = (ticket.state.status.clone(), setup::WAITING.to_owned());
    // A second question while the first one waits is no move.
    step(&from, to.clone())?;
    Ok(What::Asked { question: question.text, due_at: question.due_at, from, to })
}

fn linked(ticket: &Ticket, link: NewLink) -> Result<What, Refusal> {
    known(setup::LINKS.contains(&link.relation.as_str()), "relation")?;
    given("to", &link.to, LINE)?;
    known(ticket.links.len() < 200, "room for another link")?;
    Ok(What::Linked { relation: link.relation, to: link.to })
}

fn opened(ticket: &Ticket, by: Role) -> Option<What> {
    let from = ticket.state.status.clone();
    let rests = setup::INACTIVE.contains(&from.as_str()) || (from == "new" && by != Role::PartnerVoice);
    rests.then(|| What::StatusChanged { from, to: "open".to_owned() })
}
