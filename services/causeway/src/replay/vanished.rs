//! Commands that were made of facts which are to be mapped again, and that the bundle no longer makes of them.

use super::Run;
use super::sides::{Selection, Side, each_fact};
use domain::{Envelope, MessageId, Outcome, PartnerId};
use mapping::Bundle;
use runtime::StartError;
use runtime::history::{History, Part};
use runtime::redrive::with_schema;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

/// What is mapped again, by topic of facts.
pub type Spans = BTreeMap<String, Vec<Part>>;

/// One command that is no longer made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vanished {
    pub id: MessageId,
    pub kind: String,
    pub subject: String,
    pub partner: String,
    /// The latest outcome's word; empty where there is none.
    pub stands: &'static str,
}

impl fmt::Display for Vanished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stands = if self.stands.is_empty() { "no outcome" } else { self.stands };
        write!(f, "{}  {}  {}  {}  {stands}", self.id, self.kind, self.subject, self.partner)
    }
}

/// By partition and offset. What concerns one subject has one partition number everywhere, so that one partition's
/// commands are all that is remembered at once.
pub fn vanished<S: Side>(run: &Run<'_>, bundle: &Bundle, spans: &Spans) -> Result<Vec<Vanished>, StartError> {
    let history = History::open(run.config, "replay")?;
    let mut partitions: Vec<i32> = spans.values().flatten().map(|part| part.partition).collect();
    partitions.sort_unstable();
    partitions.dedup();
    let mut all = Vec::new();
    for partition in partitions {
        let made = made::<S>(run, &history, bundle, spans, partition)?;
        let mut lost = Vec::new();
        let mut seen = HashSet::new();
        each_command::<S>(run, &history, partition, |_, command| {
            let covered = command.meta.cause.as_ref().is_some_and(|cause| {
                let within = |part: &Part| {
                    part.partition == cause.partition
                        && part.from <= cause.offset
                        && part.until.is_none_or(|until| cause.offset < until)
                };
                spans.get(&cause.topic).is_some_and(|parts| parts.iter().any(within))
            });
            let id = command.meta.id;
            if covered && !made.contains(&id) && seen.insert(id) {
                let partner = command.meta.partner_id.as_ref().map_or("", PartnerId::as_str).to_owned();
                let (kind, subject) = (command.meta.kind.clone(), command.meta.subject.to_string());
                lost.push(Vanished { id, kind, subject, partner, stands: "" });
            }
            Ok(())
        })?;
        if !lost.is_empty() {
            let stands = stands::<S>(run, &history, partition, &seen)?;
            for command in &mut lost {
                command.stands = stands.get(&command.id).copied().unwrap_or_default();
            }
        }
        all.extend(lost);
    }
    Ok(all)
}

/// Ids of the commands that the bundle makes of a partition's facts.
fn made<S: Side>(
    run: &Run<'_>,
    history: &History,
    bundle: &Bundle,
    spans: &Spans,
    partition: i32,
) -> Result<HashSet<MessageId>, StartError> {
    let mut made = HashSet::new();
    for topic in S::FACTS {
        let of_topic = spans.get(topic).into_iter().flatten();
        let parts: Vec<Part> = of_topic.filter(|part| part.partition == partition).copied().collect();
        if parts.is_empty() {
            continue;
        }
        let selection: &Selection = &run.selection;
        each_fact::<S>(history, run.codec, topic, &parts, selection, |found| {
            made.extend(S::map(bundle, &found.fact, &found.cause).commands.iter().map(|command| command.meta.id));
            Ok(())
        })?;
    }
    Ok(made)
}

/// Every command of a partition that the selection takes, with its record.
pub(super) fn each_command<S: Side>(
    run: &Run<'_>,
    history: &History,
    partition: i32,
    mut hear: impl FnMut(&runtime::tail::Record, &Envelope<S::Command>) -> Result<(), StartError>,
) -> Result<(), StartError> {
    history.records(S::COMMANDS, &[Part { partition, from: 0, until: None }], |record| {
        let Ok(command) = with_schema(run.codec, || S::command(run.codec, &record.payload))? else { return Ok(()) };
        if run.selection.takes(&record.key, command.meta.partner_id.as_ref().map(PartnerId::as_str)) {
            hear(record, &command)?;
        }
        Ok(())
    })
}

/// Every outcome of a partition.
pub(super) fn each_outcome<S: Side>(
    run: &Run<'_>,
    history: &History,
    partition: i32,
    mut hear: impl FnMut(&Envelope<Outcome>),
) -> Result<(), StartError> {
    history.records(S::OUTCOMES, &[Part { partition, from: 0, until: None }], |record| {
        let decode = || run.codec.decode::<Envelope<Outcome>>(S::OUTCOMES, &record.payload);
        if let Ok(outcome) = with_schema(run.codec, decode)? {
            hear(&outcome);
        }
        Ok(())
    })
}

fn stands<S: Side>(
    run: &Run<'_>,
    history: &History,
    partition: i32,
    wanted: &HashSet<MessageId>,
) -> Result<HashMap<MessageId, &'static str>, StartError> {
    let mut stands = HashMap::new();
    each_outcome::<S>(run, history, partition, |outcome| {
        if let Some(command) = outcome.payload.command().filter(|command| wanted.contains(&command.id)) {
            stands.insert(command.id, outcome.payload.word());
        }
    })?;
    Ok(stands)
}
