//! What is known of one case.

use super::entry::{Entry, Kind, Place};
use super::letters::Letter;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Entries of one case; the oldest are cut.
pub const MAX_ENTRIES: usize = 400;
/// References of one case that can be searched by; more are not kept.
const MAX_REFERENCES: usize = 50;
/// Commands whose standing is remembered, per case.
const MAX_COMMANDS: usize = 400;

/// A status word and since when it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    at: i64,
    pub word: String,
}

impl Word {
    /// The later one stays; partitions of several topics come in any order.
    fn set(&mut self, at: i64, word: &str) {
        // A taking-on moves only a case that nobody has moved yet.
        let moved = !["", "submitted", "reported", "uploaded"].contains(&self.word.as_str());
        if word.is_empty() || at < self.at || (["acknowledged", "triaged", "available"].contains(&word) && moved) {
            return;
        }
        *self = Self { at, word: word.to_owned() };
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    Community,
    CaseSystem,
}

/// A command by its id: its effect comes from the command, its standing from outcomes, in either order.
#[derive(Clone, Debug, Default)]
struct Commanded {
    effect: Option<(System, String)>,
    standing: Option<((i64, u8, i64), Kind)>,
}

#[derive(Clone, Debug, Default)]
pub struct Case {
    pub title: String,
    pub partner: String,
    pub partner_status: Word,
    pub internal_status: Word,
    /// Native ids of the two records.
    pub case_id: String,
    pub ticket_id: String,
    /// `issue`, `discrepancy` or `document`, by what was said first.
    pub use_case: String,
    /// Of a document the newest version; 0 for others.
    pub version: i64,
    /// What it is a number of, and the number: order, invoice, shipment.
    references: BTreeSet<(&'static str, String)>,
    pub first_at: i64,
    pub last_at: i64,
    /// In the order of the log.
    pub entries: Vec<Entry>,
    /// Entries no longer kept.
    pub cut: u64,
    commands: HashMap<String, Commanded>,
    held: BTreeSet<Place>,
}

/// A line of the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    pub subject: String,
    pub title: String,
    pub partner: String,
    pub partner_status: String,
    pub internal_status: String,
    pub case_id: String,
    pub ticket_id: String,
    pub use_case: String,
    pub version: i64,
    /// As `order 4500001`.
    pub references: Vec<String>,
    pub held: usize,
    /// Commands that failed, are in doubt, wait or are parked.
    pub stuck: usize,
    pub first_at: i64,
    pub last_at: i64,
}

impl Case {
    pub fn line(&self, subject: &str) -> Line {
        Line {
            subject: subject.to_owned(),
            title: self.title.clone(),
            partner: self.partner.clone(),
            partner_status: self.partner_status.word.clone(),
            internal_status: self.internal_status.word.clone(),
            case_id: self.case_id.clone(),
            ticket_id: self.ticket_id.clone(),
            use_case: self.use_case.clone(),
            version: self.version,
            references: self.references.iter().map(|(of, number)| format!("{of} {number}")).collect(),
            held: self.held.len(),
            stuck: self.stuck(),
            first_at: self.first_at,
            last_at: self.last_at,
        }
    }

    /// A number of an order, an invoice, a shipment that a partner gave with it.
    pub fn refer(&mut self, of: &'static str, number: &str) {
        if !number.is_empty() && self.references.len() < MAX_REFERENCES {
            self.references.insert((of, number.to_owned()));
        }
    }

    /// Whether one of its numbers begins with this one; blanks and case do not count.
    pub fn refers_to(&self, wanted: &str) -> bool {
        let plain =
            |text: &str| text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect::<String>();
        let wanted = plain(wanted);
        !wanted.is_empty() && self.references.iter().any(|(_, number)| plain(number).starts_with(&wanted))
    }

    pub fn stuck(&self) -> usize {
        self.commands.values().filter(|c| c.standing.is_some_and(|(_, kind)| kind.is_stuck())).count()
    }

    pub fn word(&mut self, system: System, at: i64, word: &str) {
        match system {
            System::Community => self.partner_status.set(at, word),
            System::CaseSystem => self.internal_status.set(at, word),
        }
    }

    /// False for a record that is here already.
    pub fn add(&mut self, entry: Entry) -> bool {
        let order = entry.order();
        let at = self.entries.partition_point(|other| other.order() <= order);
        // A repeat has the same time, so it can only stand among its equals.
        let equals = self.entries[..at].iter().rev().take_while(|other| other.at == entry.at);
        if equals.into_iter().any(|other| other.place == entry.place) {
            return false;
        }
        self.first_at = if self.entries.is_empty() { entry.at } else { self.first_at.min(entry.at) };
        self.last_at = self.last_at.max(entry.at);
        self.entries.insert(at, entry);
        if self.entries.len() > MAX_ENTRIES {
            // The beginning says what the case is; what is cut is what followed it.
            self.entries.remove(1);
            self.cut += 1;
        }
        true
    }

    fn command(&mut self, id: &str) -> &mut Commanded {
        if self.commands.len() >= MAX_COMMANDS && !self.commands.contains_key(id) {
            let done = |c: &Commanded| c.standing.is_some_and(|(_, kind)| kind.is_final());
            let oldest = self.commands.iter().filter(|(_, c)| done(c)).min_by_key(|(_, c)| c.standing.map(|(o, _)| o));
            let oldest = oldest.or_else(|| self.commands.iter().next()).map(|(id, _)| id.clone());
            oldest.map(|id| self.commands.remove(&id));
        }
        self.commands.entry(id.to_owned()).or_default()
    }

    /// A command, and the status that its system has once it is done.
    pub fn commanded(&mut self, id: &str, system: System, status: &str) {
        let command = self.command(id);
        command.effect = Some((system, status.to_owned()));
        self.settle(id);
    }

    pub fn became(&mut self, id: &str, order: (i64, u8, i64), kind: Kind) {
        let command = self.command(id);
        if command.standing.is_none_or(|(earlier, _)| earlier <= order) {
            command.standing = Some((order, kind));
        }
        self.settle(id);
    }

    fn settle(&mut self, id: &str) {
        let Some(Commanded { effect: Some((system, status)), standing: Some((order, Kind::Applied)) }) =
            self.commands.get(id).cloned()
        else {
            return;
        };
        self.word(system, order.0, &status);
    }

    pub fn hold(&mut self, place: &Place) {
        self.held.insert(place.clone());
    }

    pub fn sent_back(&mut self, place: &Place) {
        self.held.remove(place);
        for entry in self.entries.iter_mut().filter(|entry| entry.place == *place) {
            entry.sent_back = true;
        }
    }

    /// What is still held here, against letters that were cut.
    pub fn keep_held(&mut self, letters: &BTreeMap<Place, Letter>) {
        self.held.retain(|place| letters.contains_key(place));
    }
}
