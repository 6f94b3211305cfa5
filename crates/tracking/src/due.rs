//! From timers and rules to what is due.

use crate::{Open, Tracked};
use domain::timer::{Due, Event, Rule};
use domain::{Envelope, MessageId, ServiceLevelEvent, Subject, Timestamp};

/// Something that a rule wants said about a timer.
struct Pending<'t> {
    open: &'t Open,
    rule: &'t Rule,
    fires_at: Timestamp,
    deadline: Option<Timestamp>,
}

impl Pending<'_> {
    /// A reminder of a deadline that has passed would only confuse: the deadline speaks for itself.
    fn is_stale(&self, now: Timestamp) -> bool {
        self.deadline.is_some_and(|deadline| self.fires_at < deadline && deadline <= now)
    }
}

fn pending<'t>(subject: &Subject, tracked: &'t Tracked, rules: &'t [Rule]) -> impl Iterator<Item = Pending<'t>> {
    let of_open = move |open: &'t Open| {
        rules.iter().filter(|rule| rule.kind == open.kind).map(|rule| Pending {
            open,
            rule,
            fires_at: open.from.plus_millis(rule.fires),
            deadline: rule.deadline.map(|deadline| open.from.plus_millis(deadline)),
        })
    };
    let subject = subject.clone();
    tracked.open().flat_map(of_open).filter(move |pending| {
        let open = pending.open;
        let instant = open.from.0.to_string();
        let id = MessageId::of_timer(&subject, open.kind.as_str(), &open.item, &pending.rule.id, &instant);
        !tracked.said.contains(&id)
    })
}

/// When something is due next; an instant that has passed where something is due already.
pub fn next(subject: &Subject, tracked: &Tracked, rules: &[Rule], now: Timestamp) -> Option<Timestamp> {
    pending(subject, tracked, rules).filter(|pending| !pending.is_stale(now)).map(|pending| pending.fires_at).min()
}

/// What is due at `now` and not said yet, the earliest first.
pub fn due(subject: &Subject, tracked: &Tracked, rules: &[Rule], now: Timestamp) -> Vec<Envelope<ServiceLevelEvent>> {
    let mut found: Vec<Pending<'_>> =
        pending(subject, tracked, rules).filter(|pending| pending.fires_at <= now && !pending.is_stale(now)).collect();
    found.sort_by(|a, b| (a.fires_at, &a.rule.id, &a.open.item).cmp(&(b.fires_at, &b.rule.id, &b.open.item)));
    found.iter().filter_map(|pending| fact(subject, pending)).collect()
}

fn fact(subject: &Subject, pending: &Pending<'_>) -> Option<Envelope<ServiceLevelEvent>> {
    let Pending { open, rule, fires_at, deadline } = pending;
    let due = Due {
        timer: open.kind.as_str().to_owned(),
        rule: rule.id.clone(),
        use_case: open.about.use_case.clone(),
        item: open.item.clone(),
        counted_from: open.from,
        deadline: *deadline,
    };
    let passed = deadline.is_some_and(|deadline| deadline <= *fires_at);
    let event = if passed { Event::DeadlinePassed(due) } else { Event::ReminderDue(due) };
    // A subject always names a system: it was checked when it was read.
    let meta = event.meta(subject, &open.about, *fires_at).ok()?;
    Some(Envelope { meta, payload: ServiceLevelEvent::Timer(event) })
}
