use super::script::Told;
use domain::outcome::FieldHash;
use domain::{ContentHash, MessageId, NativeId, PartnerId, Subject, SubjectKind, SystemId};
use ports::{Applied, CallContext, CallError, Look};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What somebody does to a record, a person or we.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Create {
        subject: Subject,
        partner: Option<PartnerId>,
        text: String,
    },
    Comment {
        text: String,
        public: bool,
    },
    Status {
        to: String,
        only_if: Option<Vec<String>>,
    },
    /// Of a scenario: a write of ours to a field, which the feed tells by field and value.
    Written(FieldHash),
    /// By a person of a scenario.
    Told(Rc<Told>),
}

/// One line of a system's history: what its change feed tells, and the truth for the checker.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) id: String,
    pub(super) at: i64,
    pub(super) record: usize,
    pub(super) op: Op,
    pub(super) from: String,
    /// The command behind it. The feed shows it only where `marked`.
    pub(super) command: Option<MessageId>,
    pub(super) marked: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) native: NativeId,
    pub(super) subject: Option<Subject>,
    pub(super) partner: Option<PartnerId>,
    pub(super) status: String,
    /// Effects by command, and when a look can find them.
    applied: BTreeMap<MessageId, (i64, Applied)>,
}

impl Record {
    /// Its subject, where it began at `system`.
    pub(super) fn own(&self, system: &SystemId) -> Subject {
        let kind = self.subject.as_ref().map_or(SubjectKind::Case, Subject::kind);
        Subject::new(kind, system, &self.native)
    }
}

/// Of the native id of the record: whether the system takes the command.
pub(super) type Judge<'a> = dyn FnMut(&str) -> Result<(), CallError> + 'a;

/// One system: the community, or the case system. Deliberately simple, and independent of the rules.
#[derive(Debug)]
pub(super) struct Desk {
    prefix: &'static str,
    pub(super) records: Vec<Record>,
    pub(super) history: Vec<Change>,
    /// Repeats of a command id, and calls after their deadline, are refused by the system itself.
    pub(super) refuses_stale: bool,
    pub(super) shows_markers: bool,
    /// A record tells which subject it belongs to.
    pub(super) shows_subject: bool,
    /// The feed tells our own users from others.
    pub(super) names_users: bool,
}

impl Desk {
    pub(super) const fn new(prefix: &'static str) -> Self {
        Self {
            prefix,
            records: Vec::new(),
            history: Vec::new(),
            refuses_stale: false,
            shows_markers: true,
            shows_subject: true,
            names_users: true,
        }
    }

    pub(super) fn find(&self, native: &str) -> Option<usize> {
        self.records.iter().position(|r| r.native.as_str() == native)
    }

    /// A person at work.
    pub(super) fn act(&mut self, now: i64, record: Option<usize>, op: Op) -> usize {
        self.write(now, record, op, None, 0).0
    }

    /// The native id of the record that is made next.
    fn next_native(&self) -> String {
        format!("{}{}", self.prefix, self.records.len() + 1)
    }

    /// A call of ours. `judge` decides where there is one; else the command's own condition.
    pub(super) fn call(
        &mut self,
        now: i64,
        id: MessageId,
        op: Op,
        context: &CallContext,
        lag: i64,
        judge: Option<&mut Judge<'_>>,
    ) -> Result<Applied, CallError> {
        if self.refuses_stale {
            if let Some((_, applied)) = self.effect(&id) {
                return Ok(applied);
            }
            if now > context.not_after.0 {
                return Err(CallError::NotApplied { reason: "stale".to_owned(), retry_after: None });
            }
        }
        let record = match (&op, &context.native_id) {
            (Op::Create { .. }, _) => None,
            (_, Some(native)) => match self.find(native.as_str()) {
                Some(record) => Some(record),
                None => return Err(refused("no such record")),
            },
            (_, None) => return Err(refused("no record named")),
        };
        if let Some(judge) = judge {
            judge(&record.map_or_else(|| self.next_native(), |at| self.records[at].native.to_string()))?;
        } else if let (Some(record), Op::Status { only_if: Some(one_of), .. }) = (record, &op) {
            let actual = &self.records[record].status;
            if !one_of.contains(actual) {
                return Err(CallError::ConditionNotMet { actual: actual.clone() });
            }
        }
        let (record, effect) = self.write(now, record, op, Some(id), lag);
        let native_id = self.records[record].native.to_string();
        let applied = Applied {
            native_id: native_id.clone(),
            reference: native_id,
            effects: vec![effect],
            version: String::new(),
        };
        self.records[record].applied.insert(id, (now + lag, applied.clone()));
        Ok(applied)
    }

    pub(super) fn look(&self, now: i64, id: &MessageId) -> Look {
        match self.effect(id) {
            Some((visible_at, applied)) if visible_at <= now => Look::Applied(applied),
            Some(_) | None => Look::Absent,
        }
    }

    fn effect(&self, id: &MessageId) -> Option<(i64, Applied)> {
        self.records.iter().find_map(|record| record.applied.get(id).cloned())
    }

    fn write(
        &mut self,
        now: i64,
        record: Option<usize>,
        op: Op,
        command: Option<MessageId>,
        _lag: i64,
    ) -> (usize, String) {
        let record = record.unwrap_or_else(|| {
            let native = NativeId::new(self.next_native()).expect("a short name");
            let (subject, partner) = match &op {
                Op::Create { subject, partner, .. } => (Some(subject.clone()), partner.clone()),
                Op::Told(told) => (told.subject.clone(), told.partner.clone()),
                Op::Comment { .. } | Op::Status { .. } | Op::Written(_) => (None, None),
            };
            let status = "new".to_owned();
            self.records.push(Record { native, subject, partner, status, applied: BTreeMap::new() });
            self.records.len() - 1
        });
        let from = self.records[record].status.clone();
        if let Some(to) = op.status() {
            to.clone_into(&mut self.records[record].status);
        }
        let id = format!("{}c{}", self.prefix, self.history.len());
        // A status change leaves no room for a marker; a comment or a new record may.
        let marked = self.shows_markers && !matches!(op, Op::Status { .. } | Op::Written(_));
        self.history.push(Change { id: id.clone(), at: now, record, op, from, command, marked });
        (record, id)
    }
}

impl Change {
    pub(super) fn field(&self) -> Option<FieldHash> {
        if let Op::Written(field) = &self.op {
            return Some(field.clone());
        }
        let to = self.op.status()?;
        Some(FieldHash { field: "status".to_owned(), hash: ContentHash::of_bytes(to.as_bytes()) })
    }
}

impl Op {
    fn status(&self) -> Option<&str> {
        match self {
            Self::Status { to, .. } => Some(to),
            Self::Told(told) => told.status.as_deref(),
            Self::Create { .. } | Self::Comment { .. } | Self::Written(_) => None,
        }
    }
}

fn refused(reason: &str) -> CallError {
    CallError::Refused { reason: reason.to_owned(), detail: String::new() }
}
