//! The judge: takes what was read, line by line, and says at the end what is wrong.

mod acts;
mod case;
mod damage;
mod effects;
mod statuses;

use crate::act::{Line, Side};
use crate::finding::{Finding, Kind, Place, Verdict};
use crate::observed::{Author, Observed, What};
use crate::rules::Rules;
use crate::token::tokens;
use acts::{Acts, Known, Taken};
use case::{Case, Step};
use std::collections::{HashMap, HashSet};

/// A journal by its position, a line from 1.
pub(crate) type At = (usize, u64);

pub(crate) struct Judge<'r> {
    rules: &'r Rules,
    verdict: Verdict,
    journals: Vec<String>,
    acts: Acts,
    cases: HashMap<String, Case>,
    /// Case by ticket.
    records: HashMap<String, String>,
    /// Tokens in writes of the pipeline that no journal of people knows, with their case.
    strange: Vec<(String, String, At)>,
    /// Tokens in damaged lines: whether they took effect cannot be said.
    unreadable: HashSet<String>,
}

impl<'r> Judge<'r> {
    pub fn new(rules: &'r Rules) -> Self {
        Self {
            rules,
            verdict: Verdict::default(),
            journals: Vec::new(),
            acts: Acts::default(),
            cases: HashMap::new(),
            records: HashMap::new(),
            strange: Vec::new(),
            unreadable: HashSet::new(),
        }
    }

    /// The journal that is read next, by its name.
    pub fn journal(&mut self, name: String) -> usize {
        self.journals.push(name);
        self.journals.len() - 1
    }

    pub fn read_well(&mut self) {
        self.verdict.look(Kind::Torn, 1);
    }

    /// A line of a journal of people.
    pub fn person(&mut self, at: At, line: Line) {
        match line {
            Line::Done(act) => self.acts.told(act, Taken::Yes, at),
            Line::Asked(act) => self.acts.told(act, Taken::Perhaps, at),
            Line::Settled(settled) => self.acts.settled(settled),
        }
    }

    fn find(&mut self, kind: Kind, at: At, subject: &str, act: &str, detail: impl Into<String>) {
        let place = Place { journal: self.journals.get(at.0).cloned().unwrap_or_default(), line: at.1 };
        let (subject, act) = (subject.to_owned(), act.to_owned());
        self.verdict.find(Finding { kind, subject, act, place, detail: detail.into() });
    }

    /// The same with the place and the case of an act, by its position.
    fn find_act(&mut self, kind: Kind, act: usize, at: Option<At>, detail: impl Into<String>) {
        let Some(Known { act, told, .. }) = self.acts.get(act) else { return };
        let (subject, token, at) = (act.subject.clone(), act.token.clone(), at.unwrap_or(*told));
        self.find(kind, at, &subject, &token, detail);
    }

    /// One change of one record.
    pub fn observe(&mut self, side: Side, at: At, o: Observed) {
        self.verdict.work += 1;
        if o.subject.is_empty() {
            return self.outside(side, at, &o);
        }
        let words = strings(&o.what);
        let mut seen: Vec<&str> = Vec::new();
        for (_, token) in words.iter().flat_map(|text| tokens(text)) {
            self.verdict.work += 1;
            if seen.last() != Some(&token) && !seen.contains(&token) {
                seen.push(token);
            }
        }
        let by_native = || self.acts.by_native(side, &o.native);
        let act = seen.first().and_then(|token| self.acts.find(token)).or_else(by_native);
        if o.author == Author::Ours {
            self.wrote(side, at, &o, &seen);
        } else {
            self.did(side, at, &o, &seen, act);
        }
        self.case(&o.subject).take(side, at, &o, act);
        if side == Side::Internal && matches!(o.what, What::Created { .. }) {
            self.records.insert(o.record, o.subject);
        }
    }

    /// A record of no case: a person's own affair, but none of the pipeline's.
    fn outside(&mut self, side: Side, at: At, o: &Observed) {
        if o.author != Author::Ours {
            return;
        }
        let words = strings(&o.what);
        let token = words.iter().flat_map(|text| tokens(text)).find_map(|(_, token)| self.acts.find(token));
        match token.and_then(|act| Some((act, self.acts.get_mut(act)?))) {
            Some((act, known)) if known.act.side != side => {
                known.elsewhere = true;
                self.find_act(Kind::Misplaced, act, Some(at), format!("its effect is on {}, of no case", o.record));
            }
            _ if matches!(o.what, What::Created { .. } | What::Said { .. }) => {
                self.find(Kind::Uncaused, at, "", "", format!("record {} belongs to no case", o.record));
            }
            _ => {}
        }
    }

    fn case(&mut self, subject: &str) -> &mut Case {
        if !self.cases.contains_key(subject) {
            self.cases.insert(subject.to_owned(), Case::default());
        }
        self.cases.entry(subject.to_owned()).or_default()
    }

    /// A person, or the system by itself, did something.
    fn did(&mut self, side: Side, at: At, o: &Observed, seen: &[&str], by_native: Option<usize>) {
        let speaks = matches!(&o.what, What::Created { .. } | What::Said { .. } | What::Status { .. });
        if seen.is_empty() && speaks && strings(&o.what).iter().any(|text| !text.trim().is_empty()) {
            self.case(&o.subject).plain_of_people[case::index(side)] += 1;
        }
        let known: Vec<usize> = match (seen, by_native) {
            ([], Some(act)) => vec![act],
            ([], None) => return,
            (tokens, _) => tokens.iter().map(|token| self.acts.or_unknown(token, side, o, at)).collect(),
        };
        for act in known {
            let ordinal = self.verdict.work;
            let Some(known) = self.acts.get_mut(act) else { continue };
            // A person may quote what came from the other side.
            if known.act.side != side {
                continue;
            }
            if known.origins == 0 {
                known.origin_kind.clone_from(&o.kind);
            }
            known.origins += u32::from(known.origin_kind == o.kind);
            known.first.get_or_insert(at);
            known.ordinal.get_or_insert(ordinal);
            known.moves |= matches!(o.what, What::Status { .. });
            if known.act.subject.is_empty() {
                known.act.subject.clone_from(&o.subject);
            }
            let fields: Vec<String> = known.act.fields.keys().cloned().collect();
            let (is_field, opens) = (
                known.act.effect == crate::Effect::Field,
                known.act.effect == crate::Effect::Created && side == Side::Partner,
            );
            let case = self.case(&o.subject);
            if opens {
                case.opening.get_or_insert(act);
            }
            if is_field {
                fields.into_iter().for_each(|field| {
                    case.newest_of_field.insert(field, act);
                });
            }
        }
    }

    pub fn finish(mut self) -> Verdict {
        self.verdict.cases = self.cases.len() as u64;
        self.judge_acts();
        let mut cases: Vec<(String, Case)> = std::mem::take(&mut self.cases).into_iter().collect();
        cases.sort_by(|a, b| a.0.cmp(&b.0));
        for (subject, mut case) in cases {
            self.judge_order(&case);
            self.judge_plain(&subject, &case);
            self.judge_tickets(&subject, &case);
            self.judge_statuses(&subject, &mut case);
        }
        for (token, subject, at) in std::mem::take(&mut self.strange) {
            if self.acts.find(&token).is_none() && !self.unreadable.contains(&token) {
                self.find(Kind::Uncaused, at, &subject, &token, "no journal of people knows this act");
            }
        }
        self.verdict
    }
}

/// All that may hold a token.
fn strings(what: &What) -> Vec<&str> {
    match what {
        What::Created { title, text, fields, .. } => {
            let fields = fields.values().map(String::as_str);
            [title.as_str(), text.as_str()].into_iter().chain(fields).collect()
        }
        What::Said { text } | What::Noted { text } | What::Other { text } | What::Status { text, .. } => vec![text],
        What::Field { to, .. } => vec![to],
    }
}
