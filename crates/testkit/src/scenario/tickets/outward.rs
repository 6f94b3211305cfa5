//! Documents of the house's own: a ticket that nobody hears of until an agent shares what was put to it.

use super::{Ticket, Tickets, internal};
use crate::scenario::step::{LIMIT, hash_of};
use crate::scenario::{Agent, File, NewPaper};
use domain::document::outward::{SHARE, Standing, says};
use domain::issue::{FieldChanged, PublicCommentAdded};
use domain::{FileClaim, InternalEvent, Marked, Subject, TicketEvent as T, UseCase, Visibility};
use ports::CallError;

/// What only such a ticket holds.
#[derive(Clone, Debug, Default)]
pub(in crate::scenario) struct Own {
    shared: bool,
    /// Of the newest public reply.
    files: Vec<FileClaim<Marked<String>>>,
}

type Told = Option<(InternalEvent, Visibility)>;

impl Tickets {
    /// Its title is the house's.
    pub(in crate::scenario) fn begin(&mut self, subject: Subject, new: &NewPaper) {
        let ticket = self.make(Some(subject), UseCase::Document, &internal("For a partner"));
        "Partner Documents".clone_into(&mut ticket.queue);
        ticket.fields.extend(new.fields().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
        ticket.own = Some(Own::default());
    }

    /// What an agent does to such a ticket, and what is heard of it.
    pub(in crate::scenario) fn act_outward(&mut self, id: &str, act: &Agent) -> Told {
        let author = "agent1".to_owned();
        let (event, standing) = match act {
            Agent::PutsFile { text, file } => {
                self.notes += 1;
                let note_id = format!("note-{}", self.notes);
                let ticket = self.own(id);
                ticket.public.push(("agent", text.clone()));
                let files = vec![claim(file, &note_id)];
                let own = ticket.own.get_or_insert_default();
                own.files.clone_from(&files);
                let standing = if own.shared { Standing::Shared } else { Standing::Inside };
                let (text, format) = (Marked::new(text.clone(), Visibility::Partner), "plain".to_owned());
                (T::PublicCommentAdded(PublicCommentAdded { note_id, author, text, format, files }), standing)
            }
            Agent::SetsField { field, value, .. } if field == SHARE && !value.trim().is_empty() => {
                let ticket = self.own(id);
                let from = ticket.fields.insert(field.clone(), value.clone()).unwrap_or_default();
                let own = ticket.own.get_or_insert_default();
                own.shared = true;
                let host = |text: &str| Marked::new(text.to_owned(), Visibility::Host);
                let changed = FieldChanged { field: field.clone(), from: host(&from), to: host(value) };
                (T::FieldChanged(changed), Standing::Gesture(own.files.clone()))
            }
            other @ (Agent::Replies { .. }
            | Agent::SendsFiles { .. }
            | Agent::Notes { .. }
            | Agent::SetsStatus { .. }
            | Agent::SetsField { .. }
            | Agent::Assigns { .. }
            | Agent::Merges { .. }
            | Agent::ChangesPriority { .. }
            | Agent::HearsOfExpiry { .. }
            | Agent::OpensOwnTicket { .. }
            | Agent::StartsProgramme(_)
            | Agent::AddsTask(_)
            | Agent::BeginsDocument(_)
            | Agent::AtTask { .. }
            | Agent::RequiresInformation { .. }
            | Agent::Resolves { .. }
            | Agent::Closes
            | Agent::Reopens { .. }) => {
                let shared = self.own(id).own.as_ref().is_some_and(|own| own.shared);
                let told = self.act(id, other);
                return shared.then_some(told);
            }
        };
        says(event, standing).ok().map(|(event, visibility)| (InternalEvent::Document(event), visibility))
    }

    /// To the ticket of a case, where that has one.
    pub(super) fn link(&mut self, id: &str, case: &str) -> Result<(), CallError> {
        let of_case = self.tickets.iter().find(|other| other.subject.as_ref().is_some_and(|s| s.as_str() == case));
        let Some(title) = of_case.map(|case| case.title.clone()) else {
            return Err(CallError::LeftAlone { rule: "case-without-ticket" });
        };
        self.own(id).refers_to = title;
        Ok(())
    }

    fn own(&mut self, id: &str) -> &mut Ticket {
        self.tickets.iter_mut().find(|ticket| ticket.id == id).expect("nobody acts on a ticket that is not there")
    }
}

/// As ingest settles it.
fn claim(file: &File, note_id: &str) -> FileClaim<Marked<String>> {
    let content = file.content();
    let size = i64::try_from(content.len()).unwrap_or(i64::MAX);
    let name = Marked::new(file.name.clone(), Visibility::Partner);
    let named = FileClaim::named(note_id, name, file.media_type.clone(), size);
    if size > LIMIT {
        let withheld = domain::file::withheld::OVERSIZE.to_owned();
        return FileClaim { withheld, limit: LIMIT, ..named };
    }
    FileClaim { sha256: hash_of(&content), ..named }
}
