//! What a record of X says of a programme or of one of its tasks: the same for every adapter, for it decides who may see
//! what.

use super::{Blocker, InternalEvent, MilestonesChanged, Programme, ReadinessChanged, Task, TaskComment};
use crate::{Marked, TicketEvent, Visibility};
use std::collections::BTreeMap;

/// Custom fields of the programme's record.
pub const PROGRAMME: &str = "TG Programme";
pub const TARGET_LIVE: &str = "TG Target Live";
pub const MILESTONE_LINES: &str = "TG Milestones";
/// What the computation of readiness writes, for the partner; what it writes for agents is `TG Blockers`.
pub const READINESS_LINES: &str = "TG Readiness";
/// Of programme and task: why something changed, for the partner.
pub const PUBLIC_REASON: &str = "TG Public Reason";

/// Custom fields of a task's record.
pub const OWNER_SIDE: &str = "TG Owner Side";
pub const MANDATORY: &str = "TG Mandatory";
pub const DOCUMENT_TYPE: &str = "TG Document Type";
pub const DEPENDS_ON: &str = "TG Depends On";
pub const SHOWN: &str = "TG Shown To Partner";
pub const INSTRUCTIONS: &str = "TG Instructions";

/// Names under which an adapter tells changes of a record's own title and due date.
pub const TITLE: &str = "Subject";
pub const DUE: &str = "Due";

const OF_TASKS: [&str; 8] = [TITLE, DUE, OWNER_SIDE, MANDATORY, DOCUMENT_TYPE, DEPENDS_ON, SHOWN, INSTRUCTIONS];

/// A record of X as it is after a change.
#[derive(Clone, Copy, Debug)]
pub struct Record<'r> {
    pub id: &'r str,
    pub title: &'r str,
    pub status: &'r str,
    /// RFC 3339; empty where none is set.
    pub due_at: &'r str,
    /// A member of a programme; else the programme itself.
    pub is_task: bool,
    /// Custom fields by name.
    pub fields: &'r BTreeMap<String, String>,
}

fn ids(text: &str) -> Vec<String> {
    let words = text.split([',', ';', ' ', '\n', '#']).map(str::trim).filter(|word| !word.is_empty());
    words.take(100).map(str::to_owned).collect()
}

impl Record<'_> {
    fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", |value| value.trim())
    }

    fn is(&self, name: &str) -> bool {
        self.field(name).eq_ignore_ascii_case("yes")
    }

    /// Who may read the texts that are meant for a partner: those of a task of the house that is not shown stay inside,
    /// and so do those of a task that does not say whose it is.
    pub fn visibility(&self) -> Visibility {
        let shown = !self.is_task || self.field(OWNER_SIDE) == "PARTNER" || self.is(SHOWN);
        if shown { Visibility::Partner } else { Visibility::Host }
    }

    fn marked(&self, text: &str) -> Marked<String> {
        Marked::new(text.to_owned(), self.visibility())
    }

    /// Mandatory unless it says that it is not: nobody becomes ready by an omission.
    fn is_mandatory(&self) -> bool {
        !self.field(MANDATORY).eq_ignore_ascii_case("no")
    }

    fn task(&self) -> Task {
        Task {
            task_id: self.id.to_owned(),
            title: self.marked(self.title),
            instructions: self.marked(self.field(INSTRUCTIONS)),
            owner_side: self.field(OWNER_SIDE).to_owned(),
            mandatory: self.is_mandatory(),
            document_type: self.field(DOCUMENT_TYPE).to_owned(),
            depends_on: ids(self.field(DEPENDS_ON)),
            due_at: self.due_at.to_owned(),
            status: self.status.to_owned(),
            from: String::new(),
            reason: self.marked(self.field(PUBLIC_REASON)),
            hidden: false,
        }
    }

    fn programme(&self) -> Programme {
        Programme {
            programme: self.field(PROGRAMME).to_owned(),
            status: self.status.to_owned(),
            target_live_at: self.field(TARGET_LIVE).to_owned(),
            milestones: self.field(MILESTONE_LINES).to_owned(),
        }
    }

    /// A change of the record as an event, with who may see it; or the rule by which it is none.
    pub fn says(&self, event: TicketEvent) -> Result<(InternalEvent, Visibility), &'static str> {
        use InternalEvent as E;
        use TicketEvent as T;
        let told = match event {
            // The status it was made with: what came after is told by itself.
            T::Created(e) if self.is_task => {
                E::TaskPublished(Task { status: or(e.status, self.status), ..self.task() })
            }
            T::Created(e) => E::Started(Programme { status: or(e.status, self.status), ..self.programme() }),
            T::StatusChanged(e) if self.is_task => {
                E::TaskStatusChanged(Task { status: e.to, from: e.from, ..self.task() })
            }
            T::StatusChanged(e) => {
                let reason = self.marked(self.field(PUBLIC_REASON));
                E::StatusChanged(crate::issue::StatusChanged { reason, ..e })
            }
            T::FieldChanged(e) if self.is_task && OF_TASKS.contains(&e.field.as_str()) => {
                let hides = [SHOWN, OWNER_SIDE].contains(&e.field.as_str());
                let hidden = hides && self.visibility() != Visibility::Partner;
                E::TaskChanged(Task { hidden, ..self.task() })
            }
            T::FieldChanged(e) if !self.is_task && e.field == MILESTONE_LINES => {
                E::MilestonesChanged(MilestonesChanged {
                    from: e.from.for_host().clone(),
                    // A change of a long text names none: what stands there now.
                    to: or(e.to.for_host().clone(), self.field(MILESTONE_LINES)),
                    reason: self.marked(self.field(PUBLIC_REASON)),
                })
            }
            T::FieldChanged(e) if !self.is_task && e.field == READINESS_LINES => {
                E::ReadinessChanged(readiness(&or(e.to.for_host().clone(), self.field(READINESS_LINES))))
            }
            T::FieldChanged(e) if !self.is_task && [PROGRAMME, TARGET_LIVE].contains(&e.field.as_str()) => {
                E::ProgrammeChanged(self.programme())
            }
            T::PublicCommentAdded(e) => E::CommentAdded(TaskComment {
                task_id: if self.is_task { self.id.to_owned() } else { String::new() },
                note_id: e.note_id,
                author: e.author,
                text: Marked::new(e.text.for_host().clone(), e.text.visibility().and(self.visibility())),
                format: e.format,
            }),
            T::FieldChanged(e) => return Ok((E::FieldChanged(e), Visibility::Host)),
            T::InternalNoteAdded(e) => return Ok((E::InternalNoteAdded(e), Visibility::Host)),
            T::Assigned(e) => return Ok((E::Assigned(e), Visibility::Host)),
            T::Merged(_) => return Err("merged"),
            T::PriorityChanged(_) => return Err("priority-changed"),
            T::InformationRequired(_) => return Err("asked-at-a-programme"),
        };
        Ok((told, self.visibility()))
    }
}

fn or(said: String, else_: &str) -> String {
    if said.is_empty() { else_.to_owned() } else { said }
}

/// `NOT_READY 1/3`, then a line for each task that stands in the way and is shown, `12 W9` or `12 -`, then `+2` where
/// tasks do that are not shown. Total: what is not as it should be is a state that no bundle knows.
pub fn readiness(text: &str) -> ReadinessChanged {
    let mut found = ReadinessChanged::default();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    if let Some(first) = lines.next() {
        let (state, of) = first.split_once(' ').unwrap_or((first, ""));
        let (done, total) = of.split_once('/').unwrap_or_default();
        state.clone_into(&mut found.state);
        (found.done, found.total) = (done.trim().parse().unwrap_or(0), total.trim().parse().unwrap_or(0));
    }
    for line in lines.take(500) {
        if let Some(hidden) = line.strip_prefix('+') {
            found.hidden = hidden.trim().parse().unwrap_or(0);
            continue;
        }
        let (task, document) = line.split_once(' ').unwrap_or((line, ""));
        let document = document.trim();
        let document_type = if document == "-" { "" } else { document }.to_owned();
        found.blockers.push(Blocker { task_id: task.to_owned(), document_type });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::{Created, FieldChanged, PublicCommentAdded};

    fn record<'r>(fields: &'r BTreeMap<String, String>, is_task: bool) -> Record<'r> {
        Record { id: "12", title: "Send a W-9", status: "new", due_at: "", is_task, fields }
    }

    fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn created() -> TicketEvent {
        let none = String::new;
        TicketEvent::Created(Created { record_id: none(), number: none(), queue: none(), status: none() })
    }

    #[test]
    fn a_task_is_for_the_partner_only_where_it_says_so() {
        for (said, seen) in [
            (fields(&[(OWNER_SIDE, "PARTNER")]), true),
            (fields(&[(OWNER_SIDE, "HOST")]), false),
            (fields(&[(OWNER_SIDE, "HOST"), (SHOWN, "yes")]), true),
            (fields(&[(OWNER_SIDE, "HOST"), (SHOWN, "no")]), false),
            (fields(&[(OWNER_SIDE, "partner?")]), false),
            (fields(&[]), false),
        ] {
            let (event, visibility) = record(&said, true).says(created()).unwrap();
            assert_eq!(visibility == Visibility::Partner, seen, "{said:?}");
            let InternalEvent::TaskPublished(task) = event else { panic!("{event:?}") };
            assert_eq!(task.title.for_partner().is_some(), seen, "{said:?}");
            assert!(task.mandatory, "mandatory unless it says otherwise");
        }
    }

    #[test]
    fn a_comment_at_a_hidden_task_stays_inside() {
        let hidden = fields(&[(OWNER_SIDE, "HOST")]);
        let text = Marked::new("done by Friday".to_owned(), Visibility::Partner);
        let said = PublicCommentAdded {
            note_id: "7".to_owned(),
            author: String::new(),
            text,
            format: String::new(),
            files: Vec::new(),
        };
        let (event, visibility) = record(&hidden, true).says(TicketEvent::PublicCommentAdded(said)).unwrap();
        let InternalEvent::CommentAdded(comment) = event else { panic!("{event:?}") };
        assert_eq!((visibility, comment.text.for_partner()), (Visibility::Host, None));
    }

    #[test]
    fn a_task_that_is_no_longer_shown_says_so() {
        let now = fields(&[(OWNER_SIDE, "HOST"), (SHOWN, "no")]);
        let change = |field: &str| {
            let (from, to) = (Marked::default(), Marked::default());
            TicketEvent::FieldChanged(FieldChanged { field: field.to_owned(), from, to })
        };
        for (field, hidden) in [(SHOWN, true), (OWNER_SIDE, true), (DUE, false)] {
            let (event, visibility) = record(&now, true).says(change(field)).unwrap();
            let InternalEvent::TaskChanged(task) = event else { panic!("{event:?}") };
            assert_eq!((task.hidden, visibility), (hidden, Visibility::Host), "{field}");
        }
        let (other, _) = record(&now, true).says(change("TG Blockers")).unwrap();
        assert!(matches!(other, InternalEvent::FieldChanged(_)));
    }

    #[test]
    fn readiness_is_read_from_its_lines_and_nonsense_is_no_state() {
        let found = readiness("NOT_READY 1/4\n12 W9\n13 -\n+1\n");
        assert_eq!((found.state.as_str(), found.done, found.total, found.hidden), ("NOT_READY", 1, 4, 1));
        assert_eq!(found.blockers[0], Blocker { task_id: "12".to_owned(), document_type: "W9".to_owned() });
        assert_eq!(found.blockers[1].document_type, "");
        assert_eq!(readiness("READY 4/4").blockers, Vec::new());
        assert_eq!(readiness("").state, "");
        assert_eq!(ids("12, #13;14"), ["12", "13", "14"]);
    }
}
