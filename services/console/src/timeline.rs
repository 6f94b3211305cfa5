//! The read model: a pure fold of the log into what happened to each case. Bounded, whatever the log holds.
//!
//! The order of records between partitions does not matter: a fold of the same records in another order shows the same
//! histories, as long as nothing was cut.

mod case;
mod entry;
mod letters;
mod read;
mod say;
mod standing;
#[cfg(test)]
mod tests;

pub use case::{Line, MAX_ENTRIES};
pub use entry::{Entry, Kind, Place};
pub use letters::{Letter, MAX_LETTERS};
pub use read::{Read, TOPICS, read};

use case::{Case, System};
use domain::{Envelope, Meta, Outcome, Side, SubjectKind, UseCase};
use entry::{MAX_LINE, bounded, side_word};
use runtime::record;
use runtime::tail::Record;
use say::Said;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Cases that are kept: those that the log spoke of last.
pub const MAX_CASES: usize = 500;
/// Latencies behind the median.
const MAX_LATENCIES: usize = 100;

/// Counted since the beginning of the log, but for what is open now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    pub events: u64,
    pub commands: u64,
    pub applied: u64,
    pub refused: u64,
    /// Dead letters that have not been sent back.
    pub held: usize,
    /// Commands that failed, are in doubt, wait or are parked.
    pub waiting: usize,
    /// Milliseconds from an event's record to its command's effect; the median of the last hundred.
    pub latency_ms: Option<i64>,
    pub cases: usize,
    /// Cases, entries and dead letters no longer kept.
    pub cut: u64,
    /// Records that no schema explains.
    pub unreadable: u64,
    /// Link and version of the bundle that came into use last.
    pub bundle: String,
}

#[derive(Clone, Debug, Default)]
pub struct Timeline {
    cases: BTreeMap<String, Case>,
    letters: BTreeMap<Place, Letter>,
    /// Marks whose dead letter has not been read yet.
    resolved: BTreeSet<Place>,
    latencies: VecDeque<i64>,
    counted: Totals,
    bundle_at: i64,
}

/// A case with its whole history.
#[derive(Clone, Debug, Serialize)]
pub struct History {
    #[serde(flatten)]
    pub line: Line,
    pub entries: Vec<Entry>,
    /// Entries no longer kept, after the first.
    pub cut: u64,
}

impl Timeline {
    /// The newest first.
    pub fn board(&self) -> Vec<Line> {
        let mut lines: Vec<Line> = self.cases.iter().map(|(subject, case)| case.line(subject)).collect();
        lines.sort_by_key(|line| std::cmp::Reverse((line.first_at, line.last_at)));
        lines
    }

    /// What carries a business reference that begins so: documents, discrepancies and issues, the newest first.
    pub fn with_reference(&self, number: &str) -> Vec<Line> {
        let found = self.cases.iter().filter(|(_, case)| case.refers_to(number));
        let mut lines: Vec<Line> = found.map(|(subject, case)| case.line(subject)).collect();
        lines.sort_by_key(|line| std::cmp::Reverse((line.last_at, line.first_at)));
        lines
    }

    pub fn history(&self, subject: &str) -> Option<History> {
        let case = self.cases.get(subject)?;
        Some(History { line: case.line(subject), entries: case.entries.clone(), cut: case.cut })
    }

    /// Open ones, the newest first.
    pub fn letters(&self) -> Vec<Letter> {
        let mut letters: Vec<Letter> = self.letters.values().cloned().collect();
        letters.sort_by_key(|letter| std::cmp::Reverse(letter.at));
        letters
    }

    pub fn totals(&self) -> Totals {
        let mut sorted: Vec<i64> = self.latencies.iter().copied().collect();
        sorted.sort_unstable();
        Totals {
            held: self.letters.len(),
            waiting: self.cases.values().map(Case::stuck).sum(),
            latency_ms: sorted.get(sorted.len() / 2).copied(),
            cases: self.cases.len(),
            cut: self.counted.cut + self.cases.values().map(|case| case.cut).sum::<u64>(),
            ..self.counted.clone()
        }
    }

    /// Takes one record in; the subject whose history changed, where one did.
    pub fn fold(&mut self, found: &Record, read: Read) -> Option<String> {
        match read {
            Read::PartnerEvent(e) => {
                let (title, status) = standing::of_partner_event(&e.payload);
                let said = say::partner_event(&e.payload);
                let version = standing::version(&e.payload);
                let references = standing::references(&e.payload);
                self.event(found, &e.meta, Side::Partner, said, |case, at| {
                    if let Some(title) = title {
                        case.title = bounded(title, MAX_LINE);
                    }
                    case.word(System::Community, at, status);
                    case.version = case.version.max(version);
                    for (of, number) in references {
                        case.refer(of, &bounded(number, 80));
                    }
                })
            }
            Read::InternalEvent(e) => {
                let status = standing::of_internal_event(&e.payload);
                let said = say::internal_event(&e.payload);
                let title = standing::title_of_internal_event(&e.payload);
                self.event(found, &e.meta, Side::Internal, said, |case, at| {
                    if let Some(title) = title {
                        case.title = bounded(title, MAX_LINE);
                    }
                    case.word(System::CaseSystem, at, status);
                })
            }
            Read::ServiceLevel(e) => {
                let said = say::service_level(&e.payload);
                self.event(found, &e.meta, Side::System, said, |_, _| {})
            }
            Read::InternalCommand(e) => {
                let (said, status) = say::internal_command(&e.payload);
                self.command(found, &e.meta, Side::Internal, said, &status)
            }
            Read::PartnerCommand(e) => {
                let (said, status) = say::partner_command(&e.payload);
                let subject = self.command(found, &e.meta, Side::Partner, said, status);
                if let Some(shared) = standing::shared(&e.payload) {
                    let case = self.case(e.meta.subject.as_str());
                    if let Some(title) = shared.title {
                        case.title = bounded(title, MAX_LINE);
                    }
                    case.version = case.version.max(shared.version);
                    for (of, number) in shared.references {
                        case.refer(of, &bounded(number, 80));
                    }
                }
                subject
            }
            Read::Outcome(side, e) => self.outcome(found, side, &e),
            Read::DeadLetter => Some(self.letter(found)),
            Read::SentBack(cause) => Some(self.sent_back(found, &Place::from(&cause))),
            Read::Bundle(bundle) => {
                let at = found.written_ms.unwrap_or_default();
                if at >= self.bundle_at {
                    self.bundle_at = at;
                    self.counted.bundle = format!("{} version {}", bounded(&bundle.link, 64), bundle.version);
                }
                None
            }
            Read::Nothing => None,
        }
    }

    /// A record that nobody can read: counted.
    pub fn unreadable(&mut self) {
        self.counted.unreadable += 1;
    }

    fn case(&mut self, subject: &str) -> &mut Case {
        if self.cases.len() >= MAX_CASES && !self.cases.contains_key(subject) {
            let oldest = self.cases.iter().min_by_key(|(_, case)| case.last_at).map(|(subject, _)| subject.clone());
            oldest.map(|subject| self.cases.remove(&subject));
            self.counted.cut += 1;
        }
        self.cases.entry(subject.to_owned()).or_default()
    }

    fn event(
        &mut self,
        found: &Record,
        meta: &Meta,
        side: Side,
        said: Said,
        tell: impl FnOnce(&mut Case, i64),
    ) -> Option<String> {
        let again = found.header(record::REDRIVES).is_some();
        let mut entry = entry_of(found, meta, Kind::Arrived, side, said);
        if again {
            entry.sentence = format!("Sent back by an operator: {}", entry.sentence);
        }
        let at = entry.at;
        let case = self.case(meta.subject.as_str());
        if case.add(entry) {
            tell(case, at);
            name(case, meta);
            match side {
                // What began in X has another name at the community: an outcome tells it.
                Side::Partner if meta.subject.system() == meta.system.as_str() => {
                    case.case_id = meta.subject.native().to_owned();
                }
                Side::Partner | Side::Internal | Side::System => {}
            }
            self.counted.events += u64::from(!again);
        }
        Some(meta.subject.to_string())
    }

    fn command(&mut self, found: &Record, meta: &Meta, side: Side, said: Said, status: &str) -> Option<String> {
        let mut entry = entry_of(found, meta, Kind::Mapped, side, said);
        entry.command = entry.id.clone();
        let case = self.case(meta.subject.as_str());
        let id = entry.id.clone();
        if case.add(entry) {
            name(case, meta);
            let system = if side == Side::Partner { System::Community } else { System::CaseSystem };
            case.commanded(&id, system, status);
            self.counted.commands += 1;
        }
        Some(meta.subject.to_string())
    }

    fn outcome(&mut self, found: &Record, side: Side, envelope: &Envelope<Outcome>) -> Option<String> {
        let meta = &envelope.meta;
        let became = say::outcome(side, &envelope.payload)?;
        let command = envelope.payload.command()?;
        let mut entry = entry_of(found, meta, became.kind, side, Said::default());
        entry.sentence = became.sentence;
        entry.command = command.id.to_string();
        entry.attempt = became.attempt;
        entry.reference = became.reference.clone();
        entry.reason = became.reason;
        let commands = format!("{}.commands", side_word(side));
        entry.cause = Some(Place { topic: commands, partition: found.partition, offset: command.offset });
        let (order, kind, at) = (entry.order(), entry.kind, entry.at);
        let case = self.case(meta.subject.as_str());
        if case.add(entry) {
            name(case, meta);
            case.became(&command.id.to_string(), order, kind);
            if let Outcome::Done(done) = &envelope.payload {
                if side != Side::Partner {
                    case.ticket_id = bounded(&done.native_id, MAX_LINE);
                } else if meta.subject.kind() == SubjectKind::Onboarding {
                    case.case_id = bounded(&done.native_id, MAX_LINE);
                }
                self.counted.applied += 1;
                self.latencies.push_back(at.saturating_sub(meta.recorded_at.0).max(0));
                if self.latencies.len() > MAX_LATENCIES {
                    self.latencies.pop_front();
                }
            }
            self.counted.refused += u64::from(kind == Kind::Refused);
        }
        Some(meta.subject.to_string())
    }

    fn letter(&mut self, found: &Record) -> String {
        let place = place_of(found);
        let letter = Letter::of(found, place.clone());
        let (kind, sentence) = if letter.class == "HOLD" {
            (Kind::Held, "Held: the rules have no answer for this yet. Nothing is lost, no other case waits.")
        } else {
            (Kind::DeadLettered, "Kept whole as a dead letter: it could not go on.")
        };
        let sent_back = self.resolved.remove(&place);
        let side = if found.topic.starts_with("partner") { "partner" } else { "internal" };
        let entry = Entry {
            place: place.clone(),
            at: letter.at,
            id: letter.id.clone(),
            kind,
            side,
            record_type: letter.record_type.clone(),
            sentence: sentence.to_owned(),
            text: String::new(),
            inside: true,
            cause: letter.stood.clone(),
            command: String::new(),
            bundle_version: letter.bundle_version,
            attempt: 0,
            reference: String::new(),
            reason: letter.reason.clone(),
            class: letter.class.clone(),
            sent_back,
        };
        let subject = letter.subject.clone();
        let case = self.case(&subject);
        if case.add(entry) && !sent_back {
            case.hold(&place);
            self.letters.insert(place, letter);
        }
        if self.letters.len() > MAX_LETTERS {
            self.cut_letter();
        }
        subject
    }

    fn cut_letter(&mut self) {
        let oldest = self.letters.values().min_by_key(|letter| letter.at).cloned();
        let Some(oldest) = oldest else { return };
        self.letters.remove(&oldest.place);
        self.counted.cut += 1;
        if let Some(case) = self.cases.get_mut(&oldest.subject) {
            case.keep_held(&self.letters);
        }
    }

    fn sent_back(&mut self, found: &Record, letter: &Place) -> String {
        let subject = bounded(&String::from_utf8_lossy(&found.key), MAX_LINE);
        let known = self.letters.remove(letter).is_some();
        let case = self.case(&subject);
        let here = case.entries.iter().any(|entry| entry.place == *letter);
        case.sent_back(letter);
        // One partition: the mark stands after what it marks, so only a letter that was cut is missing.
        if !known && !here && self.resolved.len() < MAX_LETTERS {
            self.resolved.insert(letter.clone());
        }
        subject
    }
}

fn is_use_case(word: &str) -> bool {
    word == "issue" || UseCase::from_word(word) != UseCase::Issue
}

fn name(case: &mut Case, meta: &Meta) {
    if let Some(partner) = &meta.partner_id {
        case.partner = partner.as_str().to_owned();
    }
    // Events and commands have their use case in the middle of their name; outcomes have none.
    if let Some(use_case) = meta.kind.split('.').nth(1).filter(|word| is_use_case(word)) {
        use_case.clone_into(&mut case.use_case);
    }
    // A programme begins in X, and so does a document of the house's own: there its name is its record's.
    let own = meta.kind.starts_with("internal.") && meta.subject.system() == meta.system.as_str();
    if (own || meta.subject.kind() == SubjectKind::Onboarding) && case.ticket_id.is_empty() {
        case.ticket_id = meta.subject.native().to_owned();
    }
}

fn place_of(found: &Record) -> Place {
    Place { topic: found.topic.clone(), partition: found.partition, offset: found.offset }
}

fn entry_of(found: &Record, meta: &Meta, kind: Kind, side: Side, said: Said) -> Entry {
    Entry {
        place: place_of(found),
        at: found.written_ms.unwrap_or(meta.recorded_at.0),
        id: meta.id.to_string(),
        kind,
        side: side_word(side),
        record_type: bounded(&meta.kind, MAX_LINE),
        sentence: said.sentence,
        text: said.text,
        inside: said.inside,
        cause: meta.cause.as_ref().map(Place::from),
        command: String::new(),
        bundle_version: meta.mapping_version,
        attempt: 0,
        reference: String::new(),
        reason: String::new(),
        class: String::new(),
        sent_back: false,
    }
}
