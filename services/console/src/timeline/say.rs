//! Plain sentences: what a fact, a command or an outcome means to somebody who has never seen the log.

mod command;
mod file;
mod onboarding;
mod outcome;
mod timer;

pub use command::{doing, internal_command, partner_command};
use file::{of_document_file, with_files};
pub use outcome::outcome;
pub use timer::service_level;

use super::entry::{MAX_LINE, MAX_TEXT, bounded};
use domain::discrepancy::{InternalEvent as DI, PartnerEvent as DP};
use domain::document::{InternalEvent as FI, PartnerEvent as FP};
use domain::issue::{InternalEvent as I, PartnerEvent as P};
use domain::onboarding::InternalEvent as OI;
use domain::{InternalEvent, Marked, PartnerEvent, Visibility};

/// A sentence with what somebody wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub sentence: String,
    pub text: String,
    pub inside: bool,
}

impl Said {
    fn plain(sentence: impl AsRef<str>) -> Self {
        Self { sentence: bounded(sentence.as_ref(), MAX_LINE), ..Self::default() }
    }
    fn open(sentence: impl AsRef<str>, text: &str) -> Self {
        Self { text: bounded(text, MAX_TEXT), ..Self::plain(sentence) }
    }
    fn marked(sentence: impl AsRef<str>, text: &Marked<String>) -> Self {
        let plain = Self::plain(sentence);
        if text.for_host().is_empty() {
            return plain;
        }
        match text.visibility() {
            Visibility::Partner => Self { text: bounded(text.for_host(), MAX_TEXT), ..plain },
            Visibility::Host => Self { text: bounded(text.for_host(), MAX_TEXT), inside: true, ..plain },
            // Named roles only, and the console does not know who reads it.
            Visibility::Restricted => Self { text: "(restricted)".to_owned(), inside: true, ..plain },
        }
    }
}

/// `: text`, or nothing.
fn after(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {text}") }
}

pub fn partner_event(event: &PartnerEvent) -> Said {
    match event {
        PartnerEvent::Issue(event) => of_issue(event),
        PartnerEvent::Discrepancy(event) => of_discrepancy(event),
        PartnerEvent::Onboarding(event) => onboarding::partner_event(event),
        PartnerEvent::Document(event) => of_document(event),
    }
}

fn of_discrepancy(event: &DP) -> Said {
    match event {
        DP::Raised(e) => {
            let code = if e.code.is_empty() { String::new() } else { format!(", {} {}", e.code_list, e.code) };
            let what =
                format!("The partner raised a discrepancy: “{}” ({}{code}, {} lines).", e.title, e.kind, e.lines.len());
            Said::open(what, &e.description)
        }
        DP::LineCorrected(e) => Said::open(format!("The partner corrected line {}.", e.line_no), &e.reason),
        DP::CommentAdded(e) => Said::open(with_files("The partner wrote a comment", &e.files), &e.text),
        DP::EvidenceGiven(e) => {
            Said::open(format!("The partner gave evidence, with {} references.", e.documents.len()), &e.text)
        }
        DP::OutcomeConfirmed(e) => {
            Said::open(format!("The partner confirmed the outcome of round {}.", e.round), &e.comment)
        }
        DP::OutcomeContested(e) => {
            Said::open(format!("The partner contested the outcome of round {}.", e.round), &e.comment)
        }
        DP::Withdrawn(e) => Said::open("The partner withdrew the discrepancy.", &e.reason),
    }
}

/// Neither title nor file name: what is restricted is known to the bundle, and not here.
fn of_document(event: &FP) -> Said {
    let valid = |day: &str| if day.is_empty() { String::new() } else { format!(", valid until {day}") };
    match event {
        FP::Shared(e) => {
            let numbers: Vec<_> = e.references.iter().map(|r| r.number.as_str()).filter(|n| !n.is_empty()).collect();
            let of = if numbers.is_empty() { String::new() } else { format!(", for {}", numbers.join(", ")) };
            let what = format!("The partner shared a document of type {}{of}{}", e.type_code, valid(&e.valid_to));
            Said::plain(what + &of_document_file(&e.file))
        }
        FP::VersionAdded(e) => {
            let what = format!("The partner added version {}{}", e.version_no, valid(&e.valid_to));
            Said::plain(what + &of_document_file(&e.file))
        }
        FP::CommentAdded(e) => Said::open(with_files("The partner wrote a comment", &e.files), &e.text),
        FP::Withdrawn(e) => Said::open("The partner withdrew the document.", &e.reason),
    }
}

fn of_issue(event: &P) -> Said {
    match event {
        P::Opened(e) => {
            let what = format!("The partner raised an issue: “{}” ({}, {}).", e.title, e.severity, e.category);
            Said::open(what, &e.description)
        }
        P::DetailsChanged(e) => {
            let fields: Vec<String> = e.changes.iter().map(|c| format!("{} to “{}”", c.field, c.new)).collect();
            Said::open(format!("The partner changed {}.", fields.join(", ")), &e.reason)
        }
        P::CommentAdded(e) => Said::open(with_files("The partner wrote a comment", &e.files), &e.text),
        P::CommentRevised(e) => Said::open("The partner wrote a comment anew.", &e.text),
        P::CommentRemoved(_) => Said::plain("The partner took a comment away."),
        P::Withdrawn(e) => Said::open("The partner withdrew the issue.", &e.reason),
        P::ResolutionAccepted(e) => Said::open("The partner accepted the answer.", &e.comment),
        P::ResolutionRejected(e) => Said::open("The partner rejected the answer.", &e.comment),
    }
}

pub fn internal_event(event: &InternalEvent) -> Said {
    match event {
        InternalEvent::Issue(event) => of_case(event),
        InternalEvent::Discrepancy(event) => match event {
            DI::Created(e) => of_case(&I::Created(e.clone())),
            DI::StatusChanged(e) => of_case(&I::StatusChanged(e.clone())),
            DI::PublicCommentAdded(e) => of_case(&I::PublicCommentAdded(e.clone())),
            DI::InformationRequired(e) => of_case(&I::InformationRequired(e.clone())),
            DI::FindingRecorded(e) => {
                let what = format!("A finding of {} was recorded. It stays inside.", e.source);
                Said { inside: true, ..Said::marked(what, &e.text) }
            }
            DI::Merged(e) => of_case(&I::Merged(e.clone())),
            DI::InternalNoteAdded(e) => of_case(&I::InternalNoteAdded(e.clone())),
            DI::Assigned(e) => of_case(&I::Assigned(e.clone())),
            DI::PriorityChanged(e) => of_case(&I::PriorityChanged(e.clone())),
            DI::FieldChanged(e) => of_case(&I::FieldChanged(e.clone())),
        },
        InternalEvent::Onboarding(event) => onboarding::internal_event(event).unwrap_or_else(|| match event {
            OI::StatusChanged(e) => of_case(&I::StatusChanged(e.clone())),
            OI::InternalNoteAdded(e) => of_case(&I::InternalNoteAdded(e.clone())),
            OI::Assigned(e) => of_case(&I::Assigned(e.clone())),
            OI::FieldChanged(e) => of_case(&I::FieldChanged(e.clone())),
            OI::Started(_)
            | OI::ProgrammeChanged(_)
            | OI::TaskPublished(_)
            | OI::TaskChanged(_)
            | OI::TaskStatusChanged(_)
            | OI::MilestonesChanged(_)
            | OI::ReadinessChanged(_)
            | OI::CommentAdded(_) => Said::default(),
        }),
        InternalEvent::Document(event) => match event {
            FI::Created(e) => of_case(&I::Created(e.clone())),
            FI::StatusChanged(e) => of_case(&I::StatusChanged(e.clone())),
            FI::PublicCommentAdded(e) => of_case(&I::PublicCommentAdded(e.clone())),
            FI::InformationRequired(e) => of_case(&I::InformationRequired(e.clone())),
            // What the partner is told of it stands in the command; the rest may be of a form that few should read.
            FI::ReviewDecided(_) => Said::plain("A reviewer decided about a version."),
            // What it says stands in the command, where it may be seen.
            FI::SharedOutward(_) => Said::plain("An agent shared a version of a document with the partner."),
            FI::Expiring(e) => {
                Said::plain(format!("Version {} expires on {}, in {} days.", e.version_no, e.valid_to, e.days_left))
            }
            FI::Expired(e) => Said::plain(format!("Version {} expired on {}.", e.version_no, e.valid_to)),
            FI::Merged(e) => of_case(&I::Merged(e.clone())),
            FI::InternalNoteAdded(e) => of_case(&I::InternalNoteAdded(e.clone())),
            FI::Assigned(e) => of_case(&I::Assigned(e.clone())),
            FI::PriorityChanged(e) => of_case(&I::PriorityChanged(e.clone())),
            FI::FieldChanged(e) => of_case(&I::FieldChanged(e.clone())),
        },
    }
}

/// A ticket's changes read the same in every use case.
fn of_case(event: &I) -> Said {
    match event {
        I::Created(e) => Said::plain(format!("Ticket {} appeared in queue “{}”.", e.number, e.queue)),
        I::StatusChanged(e) => {
            Said::marked(format!("The agent moved the ticket from {} to {}.", e.from, e.to), &e.reason)
        }
        I::PublicCommentAdded(e) => Said::marked(with_files("The agent replied to the partner", &e.files), &e.text),
        I::InformationRequired(e) => Said::marked("The agent asked the partner for information.", &e.question),
        I::Resolved(e) => {
            let code = if e.code.is_empty() { String::new() } else { format!(" ({})", e.code) };
            Said::marked(format!("The agent resolved the ticket{code}."), &e.note)
        }
        I::Closed(e) => Said::plain(format!("The ticket was closed ({}).", e.kind)),
        I::Merged(e) => {
            Said::plain(format!("The ticket was merged into {}. It is over for this partner.", e.into_record))
        }
        I::Reopened(e) => Said::marked("The ticket was opened again.", &e.reason),
        I::InternalNoteAdded(e) => {
            // Whatever the record says of itself: a note stays inside.
            Said { inside: true, ..Said::marked("The agent wrote an internal note. It stays inside.", &e.text) }
        }
        I::Assigned(e) => {
            let owner = if e.owner.is_empty() { "nobody" } else { &e.owner };
            let group = if e.group.is_empty() { String::new() } else { format!(" ({})", e.group) };
            Said::plain(format!("The ticket now belongs to {owner}{group}. That stays inside."))
        }
        I::PriorityChanged(e) => Said::plain(format!("The priority is now {}. That stays inside.", e.to)),
        I::FieldChanged(e) => Said::marked(format!("The field “{}” changed.", e.field), &e.to),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::issue::InternalNoteAdded;

    #[test]
    fn a_note_is_shown_as_staying_inside_whatever_its_record_says_and_restricted_text_not_at_all() {
        for (visibility, shown) in [
            (Visibility::Partner, "watch list"),
            (Visibility::Host, "watch list"),
            (Visibility::Restricted, "(restricted)"),
        ] {
            let text = Marked::new("watch list".to_owned(), visibility);
            let note = InternalNoteAdded { note_id: "1".to_owned(), author: "ann".to_owned(), text };
            let said = internal_event(&InternalEvent::Issue(I::InternalNoteAdded(note)));
            assert_eq!((said.inside, said.text.as_str()), (true, shown));
        }
    }
}
