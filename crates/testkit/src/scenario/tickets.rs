//! A plain model of the case system: tickets with a queue, a status, fields, and messages for inside or outside. Agents
//! move a ticket as they like, as in Request Tracker; commands keep their own conditions.

mod outward;
mod programme;

use super::{Agent, CANARY, NewProgramme, TicketView};
use domain::issue::{
    Assigned, Closed, Created, FieldChanged, InformationRequired, InternalEvent as E, InternalNoteAdded, Merged,
    PriorityChanged, PublicCommentAdded, Reopened, Resolved, StatusChanged,
};
use domain::{
    Command as _, InternalCommand, InternalEvent, Marked, Meta, Subject, TicketCommand, TicketEvent as T, UseCase,
    Visibility,
};
use ports::CallError;
use std::collections::BTreeMap;

const NOTES: &str = "nobody acts on a ticket that is not there";

#[derive(Clone, Debug, Default)]
pub(super) struct Tickets {
    pub(super) tickets: Vec<Ticket>,
    notes: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Ticket {
    pub(super) id: String,
    pub(super) subject: Option<Subject>,
    use_case: UseCase,
    pub(super) status: String,
    queue: String,
    priority: String,
    title: String,
    owner: String,
    /// Put into another ticket: gone for everybody.
    pub(super) merged: bool,
    /// By whom, what.
    public: Vec<(&'static str, String)>,
    internal: Vec<(&'static str, String)>,
    /// Of partners, as [`super::step::file_line`] has them.
    files: Vec<String>,
    fields: BTreeMap<String, String>,
    /// Of a programme.
    tasks: Vec<programme::Task>,
    /// Title of the ticket that it refers to.
    pub(super) refers_to: String,
    /// Of a document of the house's own.
    pub(super) own: Option<outward::Own>,
}

impl Tickets {
    pub(super) fn of<'a>(&'a self, subject: &'a Subject) -> impl Iterator<Item = &'a Ticket> {
        self.tickets.iter().filter(move |ticket| ticket.subject.as_ref() == Some(subject))
    }

    fn make(&mut self, subject: Option<Subject>, use_case: UseCase, title: &str) -> &mut Ticket {
        let at = self.tickets.len();
        self.tickets.push(Ticket {
            id: format!("T{}", at + 1),
            subject,
            use_case,
            status: "new".to_owned(),
            queue: "Partner Cases".to_owned(),
            priority: String::new(),
            title: title.to_owned(),
            owner: String::new(),
            merged: false,
            public: Vec::new(),
            internal: Vec::new(),
            files: Vec::new(),
            fields: BTreeMap::new(),
            tasks: Vec::new(),
            refers_to: String::new(),
            own: None,
        });
        &mut self.tickets[at]
    }

    /// An agent's own ticket: its id, and what is said of it.
    pub(super) fn open_own(&mut self, title: &str, use_case: UseCase) -> (String, InternalEvent) {
        let ticket = self.make(None, use_case, &internal(title));
        let created = Created {
            record_id: ticket.id.clone(),
            number: ticket.id.clone(),
            queue: ticket.queue.clone(),
            status: ticket.status.clone(),
        };
        let event = use_case.says(T::Created(created)).expect("a use case whose records are cases");
        (ticket.id.clone(), event)
    }

    /// A programme begins; its title is the house's.
    pub(super) fn start(&mut self, subject: Subject, new: &NewProgramme) -> (InternalEvent, Visibility) {
        let ticket = self.make(Some(subject), UseCase::Onboarding, &internal("Onboarding"));
        "Partner Onboarding".clone_into(&mut ticket.queue);
        for (name, value) in [
            (domain::onboarding::PROGRAMME, &new.programme),
            (domain::onboarding::TARGET_LIVE, &new.target),
            (domain::onboarding::MILESTONE_LINES, &new.milestones),
        ] {
            if !value.is_empty() {
                ticket.fields.insert(name.to_owned(), value.clone());
            }
        }
        ticket.starts()
    }

    pub(super) fn next_id(&self) -> String {
        format!("T{}", self.tickets.len() + 1)
    }

    /// What the case system says by itself after its agents.
    pub(super) fn computes(&mut self, id: &str) -> Option<(InternalEvent, Visibility)> {
        self.tickets.iter_mut().find(|ticket| ticket.id == id)?.computes()
    }

    /// An agent puts a ticket into that of another case.
    pub(super) fn merge(&mut self, id: &str, into: &str, whose: &str) -> InternalEvent {
        let ticket = self.tickets.iter_mut().find(|ticket| ticket.id == id).expect(NOTES);
        ticket.merged = true;
        let merged = Merged { into_record: internal(into), into_partner: whose.to_owned() };
        ticket.use_case.says(T::Merged(merged)).expect("a use case whose records are cases")
    }

    /// What an agent does to a ticket, and who may see what is said of it.
    pub(super) fn act(&mut self, id: &str, act: &Agent) -> (InternalEvent, Visibility) {
        self.notes += 1;
        let note_id = format!("note-{}", self.notes);
        let ticket = self.tickets.iter_mut().find(|ticket| ticket.id == id).expect(NOTES);
        let partner = |text: &str| Marked::new(text.to_owned(), Visibility::Partner);
        let author = "agent1".to_owned();
        let event = match act {
            Agent::Replies { text } => {
                ticket.public.push(("agent", text.clone()));
                let said = PublicCommentAdded {
                    note_id,
                    author,
                    text: partner(text),
                    format: "plain".to_owned(),
                    files: Vec::new(),
                };
                return ticket.says(T::PublicCommentAdded(said), Visibility::Partner);
            }
            Agent::SendsFiles { text, files } => {
                ticket.public.push(("agent", text.clone()));
                let said = PublicCommentAdded {
                    note_id,
                    author,
                    text: partner(text),
                    format: "plain".to_owned(),
                    files: super::step::claims(files)
                        .into_iter()
                        .map(|file| file.map_name(|name| partner(&name)))
                        .collect(),
                };
                return ticket.says(T::PublicCommentAdded(said), Visibility::Partner);
            }
            Agent::Notes { text } => {
                ticket.internal.push(("agent", text.clone()));
                let text = Marked::new(internal(text), Visibility::Host);
                T::InternalNoteAdded(InternalNoteAdded { note_id, author, text })
            }
            Agent::SetsStatus { to, reason } => {
                let from = ticket.set_status(to);
                T::StatusChanged(StatusChanged {
                    from,
                    to: to.clone(),
                    reason: partner(reason),
                    expected_resolution_at: None,
                })
            }
            Agent::SetsField { field, value, shared } => {
                let value = if *shared { value.clone() } else { internal(value) };
                let from = ticket.fields.insert(field.clone(), value.clone()).unwrap_or_default();
                T::FieldChanged(FieldChanged {
                    field: field.clone(),
                    from: Marked::new(from, Visibility::Host),
                    to: Marked::new(value, Visibility::Host),
                })
            }
            Agent::Assigns { to } => {
                ticket.owner.clone_from(to);
                T::Assigned(Assigned { owner: internal(to), group: String::new() })
            }
            Agent::ChangesPriority { to } => {
                let from = std::mem::replace(&mut ticket.priority, to.clone());
                T::PriorityChanged(PriorityChanged { from, to: to.clone() })
            }
            Agent::AddsTask(new) => return ticket.adds(new),
            Agent::AtTask { task, act } => return ticket.act_at(task, act, note_id),
            Agent::HearsOfExpiry { version, valid_to, days_left } => {
                let (version_no, valid_to, days_left) = (*version, valid_to.clone(), *days_left);
                let expiry = domain::document::Expiry { version_no, valid_to, days_left };
                let said = domain::document::InternalEvent::Expiring;
                let over = domain::document::InternalEvent::Expired;
                let event = if days_left < 0 { over(expiry) } else { said(expiry) };
                return (InternalEvent::Document(event), Visibility::Host);
            }
            Agent::OpensOwnTicket { .. }
            | Agent::StartsProgramme(_)
            | Agent::BeginsDocument(_)
            | Agent::PutsFile { .. }
            | Agent::Merges { .. } => unreachable!("{NOTES}"),
            Agent::RequiresInformation { question } => {
                ticket.set_status("waiting-partner");
                let status = ticket.status.clone();
                T::InformationRequired(InformationRequired { question: partner(question), due_at: None, status })
            }
            Agent::Resolves { note, code } => {
                ticket.set_status("resolved");
                let resolved = E::Resolved(Resolved { code: code.clone(), note: partner(note) });
                return (ticket.of_issue(resolved), Visibility::Host);
            }
            Agent::Closes => {
                ticket.set_status("closed");
                return (ticket.of_issue(E::Closed(Closed { kind: "agent".to_owned() })), Visibility::Host);
            }
            Agent::Reopens { reason } => {
                ticket.set_status("open");
                return (ticket.of_issue(E::Reopened(Reopened { reason: partner(reason) })), Visibility::Host);
            }
        };
        ticket.says(event, Visibility::Host)
    }

    /// `native` is the ticket that the command names, or the one it makes.
    pub(super) fn obey(&mut self, native: &str, meta: &Meta, command: &InternalCommand) -> Result<(), CallError> {
        let asked = command.of_ticket();
        if let TicketCommand::Create(c) = asked {
            let ticket = self.make(Some(meta.subject.clone()), command.use_case(), &c.title);
            ticket.queue.clone_from(&c.route);
            ticket.priority.clone_from(&c.priority);
            ticket.status.clone_from(&c.status);
            ticket.fields.clone_from(&c.fields);
            return Ok(());
        }
        if let TicketCommand::Link(link) = asked {
            return self.link(native, &link.case);
        }
        let gone = || CallError::Refused { reason: "no such ticket".to_owned(), detail: String::new() };
        let ticket = self.tickets.iter_mut().find(|ticket| ticket.id == native).ok_or_else(gone)?;
        if ticket.merged {
            return Err(CallError::LeftAlone { rule: "merged" });
        }
        let status = match command.task() {
            None => ticket.status.clone(),
            Some(task) => ticket.task(task).map(|task| task.status.clone()).ok_or_else(gone)?,
        };
        if let Some(condition) = command.only_if()
            && !condition.one_of.contains(&status)
        {
            return Err(CallError::ConditionNotMet { actual: status });
        }
        if let Some(task) = command.task().and_then(|task| ticket.task(task)) {
            match asked {
                TicketCommand::Note(c) => task.internal.push(("causeway", c.text.clone())),
                TicketCommand::SetStatus(c) => task.status.clone_from(&c.to),
                TicketCommand::SetFields(c) => task.fields.extend(c.fields.clone()),
                TicketCommand::Create(_) | TicketCommand::Reply(_) | TicketCommand::Link(_) => return Err(gone()),
            }
            return Ok(());
        }
        // What looks into files stands before the case system; this one knows one bad file by its name.
        if matches!(asked, TicketCommand::Reply(c) if !c.files.is_empty() && c.text.contains("eicar")) {
            return Err(CallError::Refused { reason: "infected".to_owned(), detail: CANARY.to_owned() });
        }
        match asked {
            TicketCommand::Create(_) => {}
            TicketCommand::SetFields(c) => ticket.fields.extend(c.fields.clone()),
            TicketCommand::Reply(c) => {
                ticket.public.push(("partner", c.text.clone()));
                ticket.files.extend(c.files.iter().map(|file| super::step::file_line(&file.file_name, &file.sha256)));
            }
            TicketCommand::Note(c) => ticket.internal.push(("causeway", c.text.clone())),
            TicketCommand::SetStatus(c) => {
                ticket.set_status(&c.to);
            }
            TicketCommand::Link(_) => {}
        }
        Ok(())
    }
}

/// Marks a text that no partner may see.
fn internal(text: &str) -> String {
    format!("{text} {CANARY}")
}

impl Ticket {
    /// Words that case systems have for cases alone.
    fn of_issue(&self, event: E) -> InternalEvent {
        assert_eq!(self.use_case, UseCase::Issue, "a ticket of another use case has no word for {event:?}");
        InternalEvent::Issue(event)
    }

    fn says(&self, event: T, visibility: Visibility) -> (InternalEvent, Visibility) {
        match self.use_case {
            UseCase::Onboarding => self.as_programme(event),
            UseCase::Issue | UseCase::Discrepancy | UseCase::Document => {
                (self.use_case.says(event).expect("a use case whose records are cases"), visibility)
            }
        }
    }

    fn set_status(&mut self, to: &str) -> String {
        std::mem::replace(&mut self.status, to.to_owned())
    }

    pub(super) fn hears(&self, text: &str) -> bool {
        self.public.iter().any(|(_, said)| said == text)
    }

    /// What a change of this ticket carries beside itself: its fields as they are then.
    pub(super) fn extras(&self) -> BTreeMap<String, String> {
        let fields = self.fields.iter().map(|(name, value)| (format!("cf.{name}"), value.clone()));
        let own = [("queue", &self.queue), ("priority", &self.priority), ("owner", &self.owner)];
        fields.chain(own.into_iter().map(|(name, value)| (name.to_owned(), value.clone()))).collect()
    }

    /// What stands at its tasks, by task.
    fn at_tasks(&self) -> Vec<String> {
        let notes = |task: &programme::Task| {
            let lines = task.internal.iter().map(|(who, text)| format!("{who} at {}: {text}", task.id));
            lines.collect::<Vec<_>>()
        };
        self.tasks.iter().flat_map(notes).collect()
    }

    pub(super) fn show(&self) -> TicketView {
        let lines = |said: &[(&str, String)]| said.iter().map(|(who, text)| format!("{who}: {text}")).collect();
        TicketView {
            number: self.id.clone(),
            queue: self.queue.clone(),
            status: self.status.clone(),
            priority: self.priority.clone(),
            title: self.title.clone(),
            owner: self.owner.clone(),
            public: lines(&self.public),
            internal: lines(&self.internal).into_iter().chain(self.at_tasks()).collect(),
            fields: self.fields.clone(),
            files: self.files.clone(),
            tasks: self.tasks.iter().map(|task| format!("{} {}", task.id, task.status)).collect(),
            refers_to: self.refers_to.clone(),
        }
    }
}
