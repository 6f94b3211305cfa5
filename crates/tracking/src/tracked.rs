//! The timers of one subject as a fold that does not depend on the order of its records.

use crate::Heard;
use crate::heard::Change;
use domain::timer::{About, Kind};
use domain::{MessageId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// When something was said: first by the time at which it was first seen, which everything that it led to keeps; then, of
/// what one word led to, by the offset of the command.
pub(crate) type Stamp = (i64, i64);

/// A timer that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    pub kind: Kind,
    /// Which of several, such as the number of a line; empty where there is one.
    #[serde(default)]
    pub item: String,
    /// The timer's own instant: since when somebody waits, or the deadline that a record names.
    pub from: Timestamp,
    pub about: About,
    pub(crate) at: Stamp,
}

/// The last word on the deadline of a task or a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Date {
    at: Stamp,
    /// Of the record, so that of two words of one moment the same one counts everywhere.
    by: MessageId,
    open: Option<Open>,
}

/// What is known of one subject. The last word on each thing is kept also when the timer is cleared, so that an earlier
/// one that comes late changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracked {
    #[serde(default)]
    set: Vec<Open>,
    #[serde(default)]
    cleared: BTreeMap<Kind, Stamp>,
    #[serde(default)]
    over: Option<Stamp>,
    /// Of an onboarding by task, of a document by version.
    #[serde(default)]
    dates: BTreeMap<String, Date>,
    /// Whether the partner is waited for, by task or version; of the whole programme where it is empty.
    #[serde(default)]
    waits: BTreeMap<String, (Stamp, bool)>,
    /// Facts that are on the log.
    #[serde(default)]
    pub(crate) said: BTreeSet<MessageId>,
}

impl Tracked {
    /// True where something is different from before. Total: odd history changes nothing it should not.
    pub fn fold(&mut self, heard: Heard<'_>) -> bool {
        let meta = heard.meta();
        if let Heard::Said(record) = heard {
            return self.said.insert(record.meta.id);
        }
        let Some(effect) = heard.effect() else { return false };
        let at = (meta.recorded_at.0, effect.order);
        let mut changed = false;
        for change in effect.changes {
            let about = || About {
                set_by: meta.id,
                partner_id: meta.partner_id.clone(),
                environment: meta.environment,
                use_case: effect.use_case.as_str().to_owned(),
            };
            changed |= match change {
                Change::Set { kind, item, from } => self.set(Open { kind, item, from, about: about(), at }),
                Change::Due { kind, item, from } => {
                    let open = |from| Open { kind, item: item.clone(), from, about: about(), at };
                    let date = Date { at, by: meta.id, open: from.map(open) };
                    self.date(&item, date)
                }
                Change::Waits { item, waits } => {
                    let later = self.waits.get(&item).is_none_or(|before| *before < (at, waits));
                    if later {
                        self.waits.insert(item, (at, waits));
                    }
                    later
                }
                Change::Clear(kind) => {
                    let before = self.cleared.get(&kind).copied();
                    let later = before.is_none_or(|before| before < at);
                    if later {
                        self.cleared.insert(kind, at);
                    }
                    later
                }
                Change::Over => {
                    let later = self.over.is_none_or(|before| before < at);
                    if later {
                        self.over = Some(at);
                    }
                    later
                }
            };
        }
        // What can never run again need not be remembered: an earlier word about it is cleared by the same stamp.
        let (cleared, over) = (&self.cleared, self.over);
        self.set.retain(|open| runs(open, cleared, over));
        changed
    }

    fn set(&mut self, new: Open) -> bool {
        match self.set.iter_mut().find(|open| open.kind == new.kind && open.item == new.item) {
            // Two owners that both found the effect tell of it at two moments: the first is the one that counts.
            Some(open) if (open.at, std::cmp::Reverse(open.from)) >= (new.at, std::cmp::Reverse(new.from)) => false,
            Some(open) => {
                *open = new;
                true
            }
            None => {
                let place = self.set.partition_point(|open| (open.kind, &open.item) < (new.kind, &new.item));
                self.set.insert(place, new);
                true
            }
        }
    }

    fn date(&mut self, item: &str, date: Date) -> bool {
        let later = self.dates.get(item).is_none_or(|before| (before.at, before.by) < (date.at, date.by));
        if later {
            self.dates.insert(item.to_owned(), date);
        }
        later
    }

    fn is_waited_for(&self, task: &str) -> bool {
        self.waits.get(task).is_some_and(|(_, waits)| *waits) && self.waits.get("").is_none_or(|(_, waits)| *waits)
    }

    /// In the order of kind and item.
    pub fn open(&self) -> impl Iterator<Item = &Open> {
        let dates =
            self.dates.iter().filter(|(item, _)| self.is_waited_for(item)).filter_map(|(_, date)| date.open.as_ref());
        self.set.iter().chain(dates.filter(|open| self.over.is_none_or(|at| at < open.at)))
    }
}

fn runs(open: &Open, cleared: &BTreeMap<Kind, Stamp>, over: Option<Stamp>) -> bool {
    // The same record may end what was and begin what is; what ends the subject ends all.
    cleared.get(&open.kind).is_none_or(|at| *at <= open.at) && over.is_none_or(|at| at < open.at)
}
