use super::{Memory, News, OpenCommand};
use domain::{CursorRecord, HeldKey, MessageId, NativeId, Subject};
use ports::{Change, Cursor};
use std::collections::BTreeSet;

/// What a change is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict<E> {
    Publish(News<E>),
    /// Our own write, come back.
    Echo,
    Skip {
        rule: &'static str,
    },
    /// Kept by the classifier until what it depends on has settled; its key belongs into the cursor record.
    Hold,
    /// For the dead letters, whole.
    DeadLetter {
        reason: String,
        bytes: Vec<u8>,
    },
}

/// Tells news from echo for one feed, in the feed's order.
///
/// Before each call the host has folded the outcomes of the system up to their end: an intent is on the log before its
/// effect can be in the feed. Where the host's transaction fails it starts a new classifier from the last cursor record,
/// held keys first: what was judged for an aborted transaction was not judged.
#[derive(Clone, Debug)]
pub struct Classifier<E> {
    held: Vec<Held<E>>,
}

#[derive(Clone, Debug)]
struct Held<E> {
    change: Change<E>,
    /// Commands that were open when the change came; those that open later do not prolong the wait.
    waits_for: BTreeSet<MessageId>,
}

enum Judged {
    Echo,
    Skip(&'static str),
    Wait(BTreeSet<MessageId>),
    News(Subject, Option<domain::PartnerId>),
}

impl<E> Default for Classifier<E> {
    fn default() -> Self {
        Self { held: Vec::new() }
    }
}

impl<E> Classifier<E> {
    pub fn new() -> Self {
        Self::default()
    }

    /// The next change of the feed, or after a restart one of the held keys, in their order, read again.
    pub fn classify(&mut self, memory: &dyn Memory, change: Change<E>) -> Verdict<E> {
        if self.held.iter().any(|held| held.change.entity == change.entity && held.change.id == change.id) {
            return Verdict::Hold;
        }
        self.judge_in_order(memory, change, None)
    }

    /// Judges what is held once more, in the order it came. To be called whenever outcomes were folded.
    pub fn release(&mut self, memory: &dyn Memory) -> Vec<Verdict<E>> {
        let mut verdicts = Vec::new();
        if self.held.is_empty() {
            return verdicts;
        }
        let open: BTreeSet<MessageId> = memory.open_commands().into_iter().map(|open| open.id).collect();
        for held in std::mem::take(&mut self.held) {
            let waits_for = held.waits_for.intersection(&open).copied().collect();
            match self.judge_in_order(memory, held.change, Some(waits_for)) {
                Verdict::Hold => {}
                verdict @ (Verdict::Publish(_) | Verdict::Echo | Verdict::Skip { .. } | Verdict::DeadLetter { .. }) => {
                    verdicts.push(verdict)
                }
            }
        }
        verdicts
    }

    /// Takes back news that cannot be published yet, in the order in which it was returned: it waits, and so does what
    /// comes after it of its record. [`Classifier::release`] returns it again.
    pub fn keep(&mut self, kept: Vec<News<E>>) {
        for news in kept.into_iter().rev() {
            let change = whole(news);
            // What is held of the record already came after it.
            let behind = self.held.iter().position(|held| held.change.entity == change.entity);
            let place = behind.unwrap_or(self.held.len());
            self.held.insert(place, Held { change, waits_for: BTreeSet::new() });
        }
    }

    /// Whether anything is held for an outcome of our own, which is near.
    pub fn waits_for_outcomes(&self) -> bool {
        self.held.iter().any(|held| !held.waits_for.is_empty())
    }

    /// What is held, in the order of the feed.
    pub fn held(&self) -> Vec<HeldKey> {
        self.held
            .iter()
            .map(|held| HeldKey { entity: held.change.entity.clone(), change: held.change.id.clone() })
            .collect()
    }

    /// The poller's durable state, for the transaction that publishes what it accounts for.
    pub fn cursor_record(&self, next: &Cursor) -> CursorRecord {
        CursorRecord { cursor: next.0.clone(), held: self.held() }
    }

    /// `still`: what a change that was held before may go on waiting for.
    fn judge_in_order(
        &mut self,
        memory: &dyn Memory,
        change: Change<E>,
        still: Option<BTreeSet<MessageId>>,
    ) -> Verdict<E> {
        match &change.news {
            ports::News::Skipped { rule } => return Verdict::Skip { rule },
            ports::News::Event(_) | ports::News::Malformed { .. } => {}
        }
        let judged = match &change.news {
            // Nobody can tell whose it is; a person will.
            ports::News::Malformed { .. } => None,
            ports::News::Event(_) | ports::News::Skipped { .. } => Some(judge(memory, &change, still.as_ref())),
        };
        match judged {
            Some(Judged::Echo) => Verdict::Echo,
            Some(Judged::Skip(rule)) => Verdict::Skip { rule },
            Some(Judged::Wait(waits_for)) => self.hold(change, waits_for),
            Some(Judged::News(..)) if self.is_held(&change.entity) => self.hold(change, BTreeSet::new()),
            Some(Judged::News(subject, partner_id)) => publish(change, subject, partner_id),
            None => dead_letter(change),
        }
    }

    fn is_held(&self, entity: &NativeId) -> bool {
        self.held.iter().any(|held| held.change.entity == *entity)
    }

    fn hold(&mut self, change: Change<E>, waits_for: BTreeSet<MessageId>) -> Verdict<E> {
        self.held.push(Held { change, waits_for });
        Verdict::Hold
    }
}

fn judge<E>(memory: &dyn Memory, change: &Change<E>, still: Option<&BTreeSet<MessageId>>) -> Judged {
    let known = |marker: &String| crate::sink::command_of(marker).is_some_and(|id| memory.knows_command(&id));
    if change.marker.as_ref().is_some_and(known) || memory.is_effect(&change.entity, &change.id) {
        return Judged::Echo;
    }
    let open = memory.open_commands();
    let by_others = change.by_us == Some(false);
    let may_wait = |id: &MessageId| still.is_none_or(|still| still.contains(id));
    let mut waits_for = BTreeSet::new();
    for command in open.iter().filter(|open| open.native_id == change.entity.as_str()) {
        if !by_others && change.field.as_ref().is_some_and(|field| command.fields.contains(field)) {
            if command.in_doubt {
                return Judged::Echo;
            }
            if may_wait(&command.id) {
                waits_for.insert(command.id);
            }
        }
    }
    // Nothing in the change says whose it is, and one of our own writes that would look like this is under way: its
    // outcome will name its effects.
    let nameless = !by_others && change.marker.is_none() && change.field.is_none();
    let here = |open: &&OpenCommand| {
        let record = if open.creates {
            change.subject.as_ref() == Some(&open.subject)
        } else {
            open.native_id == change.entity.as_str()
        };
        record && (open.creates || open.fields.is_empty()) && may_wait(&open.id)
    };
    if nameless {
        waits_for.extend(open.iter().filter(here).map(|open| open.id));
    }
    if !waits_for.is_empty() {
        return Judged::Wait(waits_for);
    }
    let bonded = memory.bond(&change.entity);
    let partner_id = change.partner_id.clone().or_else(|| bonded.as_ref().and_then(|(_, partner)| partner.clone()));
    if let Some(subject) = change.subject.clone().or(bonded.map(|(subject, _)| subject)) {
        return Judged::News(subject, partner_id);
    }
    waits_for.extend(open.iter().filter(|open| open.creates && may_wait(&open.id)).map(|open| open.id));
    if waits_for.is_empty() { Judged::Skip("not-bonded") } else { Judged::Wait(waits_for) }
}

fn publish<E>(change: Change<E>, subject: Subject, partner_id: Option<domain::PartnerId>) -> Verdict<E> {
    let (change, news) = split(change);
    match news {
        ports::News::Event(event) => Verdict::Publish(News { subject, partner_id, event, change: Box::new(change) }),
        ports::News::Skipped { rule } => Verdict::Skip { rule },
        ports::News::Malformed { reason, bytes } => Verdict::DeadLetter { reason, bytes },
    }
}

fn dead_letter<E>(change: Change<E>) -> Verdict<E> {
    match change.news {
        ports::News::Malformed { reason, bytes } => Verdict::DeadLetter { reason, bytes },
        ports::News::Skipped { rule } => Verdict::Skip { rule },
        ports::News::Event(_) => Verdict::Skip { rule: "no-subject" },
    }
}

/// The change that became this news.
fn whole<E>(news: News<E>) -> Change<E> {
    let News { event, change, .. } = news;
    let Change {
        entity,
        id,
        marker,
        subject,
        partner_id,
        field,
        occurred_at,
        version,
        by_us,
        actor,
        visibility,
        environment,
        ext,
        news: _,
    } = *change;
    let news = ports::News::Event(event);
    Change {
        entity,
        id,
        marker,
        subject,
        partner_id,
        field,
        occurred_at,
        version,
        by_us,
        actor,
        visibility,
        environment,
        ext,
        news,
    }
}

fn split<E>(change: Change<E>) -> (Change<()>, ports::News<E>) {
    let Change {
        entity,
        id,
        marker,
        subject,
        partner_id,
        field,
        occurred_at,
        version,
        by_us,
        actor,
        visibility,
        environment,
        ext,
        news,
    } = change;
    let news_less = Change {
        entity,
        id,
        marker,
        subject,
        partner_id,
        field,
        occurred_at,
        version,
        by_us,
        actor,
        visibility,
        environment,
        ext,
        news: ports::News::Event(()),
    };
    (news_less, news)
}

#[cfg(test)]
mod tests;
