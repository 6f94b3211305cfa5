//! Judges a finished run by what the two systems hold and by nothing the rules remember.

use super::desk::{Change, Op};
use super::half::Half;
use super::obey::{Obeys, Says};
use domain::{InternalCommand, InternalEvent, Outcome, PartnerCommand, PartnerEvent, Subject};
use std::collections::BTreeSet;
use std::fmt;

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    Lost {
        subject: String,
        what: String,
    },
    Duplicated {
        subject: String,
        what: String,
    },
    /// Also what nobody did.
    Reordered {
        subject: String,
        expected: Vec<String>,
        got: Vec<String>,
    },
    SecondRecord {
        subject: String,
    },
    EchoForwarded {
        what: String,
    },
    Leaked {
        what: String,
    },
    /// Something was due more than once.
    SaidTwice {
        what: String,
    },
    /// A command is neither finished nor parked.
    Unfinished {
        count: usize,
    },
    /// The run did not come to rest.
    Restless,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

type Partner = Half<PartnerEvent, PartnerCommand>;
type Internal = Half<InternalEvent, InternalCommand>;

pub(super) fn check(partner: &Partner, internal: &Internal) -> Vec<Violation> {
    let mut found = Vec::new();
    echoes(partner, &mut found);
    echoes(internal, &mut found);
    leaks(partner, internal, &mut found);
    let refused = |text: &str| refused_texts(partner).contains(text) || refused_texts(internal).contains(text);
    let mut excused = false;
    for (case, record) in partner.desk.records.iter().enumerate() {
        let subject = record.own(&partner.system);
        let tainted = is_tainted(partner, &subject) || is_tainted(internal, &subject);
        let made: Vec<usize> = internal
            .desk
            .records
            .iter()
            .enumerate()
            .filter(|(_, r)| r.subject.as_ref() == Some(&subject))
            .map(|(at, _)| at)
            .collect();
        let opened = partner.desk.history.iter().find(|c| c.record == case).map(|c| text_of(&c.op)).unwrap_or_default();
        if refused(&opened) {
            // Without a record nothing else can follow; the commands wait, and are parked in the end.
            excused = true;
            continue;
        }
        let name = subject.to_string();
        match made.len() {
            0 => found.push(Violation::Lost { subject: name.clone(), what: "the case".to_owned() }),
            1 => {}
            _ if tainted => continue,
            _ => found.push(Violation::SecondRecord { subject: name.clone() }),
        }
        let Some(made) = made.first().copied() else { continue };
        if tainted {
            continue;
        }
        let to_internal = Way { subject: &name, refused: &refused };
        to_internal.compare(
            said(&partner.desk.history, case, false, public_comment),
            said(&internal.desk.history, made, true, public_comment),
            |_| false,
            &mut found,
        );
        to_internal.compare(
            said(&internal.desk.history, made, false, public_comment),
            said(&partner.desk.history, case, true, public_comment),
            |_| false,
            &mut found,
        );
        // Where one of our own status writes was in doubt, an equal value counts as ours: documented, never more.
        let doubtful = internal.outcomes.all().any(|outcome| {
            outcome.meta.subject == subject
                && matches!(&outcome.payload, Outcome::Doubt(doubt) if doubt.command.kind.ends_with("resume-case"))
        });
        let refused_status = partner.commands.all().any(|command| {
            partner.refused.contains(&command.meta.id)
                && command.meta.subject == subject
                && command.meta.kind.ends_with("set-case-status")
        });
        to_internal.compare(
            said(&internal.desk.history, made, false, status),
            said(&partner.desk.history, case, true, status),
            |value| refused_status || (doubtful && value == "in-progress"),
            &mut found,
        );
    }
    let open = partner.open_commands() + internal.open_commands();
    if open > 0 && !excused {
        found.push(Violation::Unfinished { count: open });
    }
    found
}

/// What can be said of a scenario without knowing it; the rest are its own expectations.
pub(super) fn check_delivery(partner: &Partner, internal: &Internal) -> Vec<Violation> {
    let mut found = Vec::new();
    echoes(partner, &mut found);
    echoes(internal, &mut found);
    let open = partner.open_commands() + internal.open_commands();
    if open > 0 {
        found.push(Violation::Unfinished { count: open });
    }
    found
}

struct Way<'a> {
    subject: &'a str,
    refused: &'a dyn Fn(&str) -> bool,
}

impl Way<'_> {
    /// What came out must be what went in, in its order; missing may be what was refused or `may_miss`.
    fn compare(
        &self,
        expected: Vec<String>,
        got: Vec<String>,
        may_miss: impl Fn(&str) -> bool,
        found: &mut Vec<Violation>,
    ) {
        let may_miss = |text: &str| (self.refused)(text) || may_miss(text);
        // reachable[j]: the expected so far can have come out as the first j of what came out.
        let mut reachable = vec![false; got.len() + 1];
        reachable[0] = true;
        for text in &expected {
            let mut next = vec![false; got.len() + 1];
            for at in (0..=got.len()).filter(|at| reachable[*at]) {
                next[at] |= may_miss(text);
                if got.get(at) == Some(text) {
                    next[at + 1] = true;
                }
            }
            reachable = next;
        }
        if reachable[got.len()] {
            return;
        }
        let count = |list: &[String], text: &String| list.iter().filter(|other| *other == text).count();
        let subject = self.subject.to_owned();
        if let Some(text) = expected.iter().find(|t| count(&got, t) < count(&expected, t) && !may_miss(t)) {
            found.push(Violation::Lost { subject, what: text.clone() });
        } else if let Some(text) = got.iter().find(|t| count(&got, t) > count(&expected, t)) {
            found.push(Violation::Duplicated { subject, what: text.clone() });
        } else {
            found.push(Violation::Reordered { subject, expected, got });
        }
    }
}

fn said(history: &[Change], record: usize, ours: bool, what: impl Fn(&Op) -> Option<String>) -> Vec<String> {
    let of_record = history.iter().filter(|change| change.record == record && change.command.is_some() == ours);
    of_record.filter_map(|change| what(&change.op)).collect()
}

fn public_comment(op: &Op) -> Option<String> {
    match op {
        Op::Comment { text, public: true } => Some(text.clone()),
        Op::Comment { .. } | Op::Create { .. } | Op::Status { .. } | Op::Written(_) | Op::Told(_) => None,
    }
}

/// In the community's words. The acknowledgement is left out: it is caused by us, not by an agent.
fn status(op: &Op) -> Option<String> {
    match op {
        Op::Status { to, only_if: None } => Some(
            match to.as_str() {
                "stalled" | "pending-partner" => "pending-partner",
                "resolved" => "resolved",
                _ => "in-progress",
            }
            .to_owned(),
        ),
        Op::Status { .. } | Op::Create { .. } | Op::Comment { .. } | Op::Written(_) | Op::Told(_) => None,
    }
}

fn text_of(op: &Op) -> String {
    match op {
        Op::Create { text, .. } | Op::Comment { text, .. } => text.clone(),
        Op::Status { .. } | Op::Written(_) | Op::Told(_) => String::new(),
    }
}

fn refused_texts<E: Says, C: Obeys>(half: &Half<E, C>) -> BTreeSet<String> {
    let refused = half.commands.all().filter(|command| half.refused.contains(&command.meta.id));
    refused.map(|command| text_of(&C::op(command))).filter(|text| !text.is_empty()).collect()
}

fn is_tainted<E: Says, C: Obeys>(half: &Half<E, C>, subject: &Subject) -> bool {
    half.commands.all().any(|command| command.meta.subject == *subject && half.tainted.contains(&command.meta.id))
}

/// An event about a change that a command of ours made.
fn echoes<E: Says, C: Obeys>(half: &Half<E, C>, found: &mut Vec<Violation>) {
    // The second effect of a call in the one window has no outcome that could name it.
    let ours = |change: &&Change| change.command.is_some_and(|id| !half.tainted.contains(&id));
    for change in half.desk.history.iter().filter(ours) {
        let record = &half.desk.records[change.record];
        for event in half.events.all() {
            let subject = &event.meta.subject;
            let id = domain::MessageId::of_event(&half.system, record.native.as_str(), &change.id, subject);
            if event.meta.id == id {
                found.push(Violation::EchoForwarded { what: change.id.clone() });
            }
        }
    }
}

fn leaks(partner: &Partner, internal: &Internal, found: &mut Vec<Violation>) {
    for change in &internal.desk.history {
        let Op::Comment { text, public: false } = &change.op else { continue };
        let seen = partner.desk.history.iter().any(|c| text_of(&c.op).contains(text.as_str()))
            || partner.commands.all().any(|c| text_of(&PartnerCommand::op(c)).contains(text.as_str()));
        if seen {
            found.push(Violation::Leaked { what: text.clone() });
        }
    }
}
