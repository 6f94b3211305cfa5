//! Commands whose content a corrected bundle has changed after they were done, and that a sink does not change by
//! itself: texts, which it counts as `needs-revise`, and fields of closed records, which it skips by the rule `closed`.
//! They are listed, and written again with a person's word for it. Fields that somebody has changed since stay theirs.

use super::again::Writer;
use super::sides::Side;
use super::vanished::{each_command, each_outcome};
use super::{Run, Scope};
use crate::tools::{confirmed, failed};
use domain::{Command, ContentHash, MessageId, Outcome};
use runtime::StartError;
use runtime::history::{History, Part};
use runtime::record::Output;
use runtime::redrive::again::{REDRIVEN_BY, REVISE, with_ext};
use std::collections::{BTreeSet, HashMap};
use std::process::ExitCode;

/// What is remembered of a command: its latest record on the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Latest {
    hash: u64,
    version: i64,
    offset: i64,
    /// Appends a text; otherwise it sets fields.
    appends: bool,
    /// It was written with other content before.
    differs: bool,
}

/// Enough of a hash to tell two contents of one command apart.
fn short(hash: &ContentHash) -> u64 {
    hash.as_str().get(..16).and_then(|head| u64::from_str_radix(head, 16).ok()).unwrap_or_default()
}

/// One partition's commands against what became of them. About 50 bytes for each command.
#[derive(Default)]
struct Fold {
    latest: HashMap<MessageId, Latest>,
    done: HashMap<MessageId, (u64, i64)>,
    /// Left alone because the record was closed, with this content.
    closed: HashMap<MessageId, u64>,
}

/// The rule of a target that does not touch what is closed.
const CLOSED: &str = "closed";

impl Fold {
    fn command(&mut self, id: MessageId, hash: u64, version: i64, offset: i64, appends: bool) {
        let differs = self.latest.get(&id).is_some_and(|before| before.differs || before.hash != hash);
        self.latest.insert(id, Latest { hash, version, offset, appends, differs });
    }

    fn outcome(&mut self, outcome: &Outcome, version: i64) {
        let Some(command) = outcome.command().filter(|c| self.latest.get(&c.id).is_some_and(|l| l.differs)) else {
            return;
        };
        match outcome {
            Outcome::Done(_) => {
                self.done.insert(command.id, (short(&command.hash), version));
            }
            Outcome::Skipped(skipped) if skipped.rule == CLOSED => {
                self.closed.insert(command.id, short(&command.hash));
            }
            Outcome::Skipped(_)
            | Outcome::Intent(_)
            | Outcome::NotApplied(_)
            | Outcome::Doubt(_)
            | Outcome::Refused(_)
            | Outcome::Superseded(_)
            | Outcome::Waiting(_)
            | Outcome::Parked(_)
            | Outcome::Barrier(_) => {}
        }
    }

    /// Offsets of what waits for a person's word.
    fn wait(&self, scope: Scope) -> BTreeSet<i64> {
        let (texts, closed) = match scope {
            Scope::Closed => (false, true),
            Scope::Texts => (true, false),
            Scope::All => (true, true),
        };
        let waits = |(id, latest): (&MessageId, &Latest)| {
            let (hash, version) = self.done.get(id)?;
            let left_alone = self.closed.get(id) == Some(&latest.hash);
            let in_scope = (texts && latest.appends) || (closed && left_alone);
            (latest.hash != *hash && latest.version > *version && in_scope).then_some(latest.offset)
        };
        self.latest.iter().filter_map(waits).collect()
    }
}

pub(super) fn run<S: Side>(run: &Run<'_>, scope: Scope) -> ExitCode {
    acted::<S>(run, scope).unwrap_or_else(|error| failed(&error))
}

fn acted<S: Side>(run: &Run<'_>, scope: Scope) -> Result<ExitCode, StartError> {
    let history = History::open(run.config, "replay")?;
    let mut waiting: Vec<(i32, BTreeSet<i64>)> = Vec::new();
    for partition in run.selection.partitions(S::COMMANDS)? {
        let mut fold = Fold::default();
        each_command::<S>(run, &history, partition, |record, command| {
            let (payload, version) = (&command.payload, command.meta.mapping_version);
            let hash = short(&payload.content_hash());
            fold.command(command.meta.id, hash, version, record.offset, payload.fields().is_empty());
            Ok(())
        })?;
        each_outcome::<S>(run, &history, partition, |outcome| {
            fold.outcome(&outcome.payload, outcome.meta.mapping_version);
        })?;
        let offsets = fold.wait(scope);
        each_waiting::<S>(&history, partition, &offsets, |record| {
            let subject = String::from_utf8_lossy(&record.key).into_owned();
            let header = |name| record.header(name).unwrap_or_default();
            println!("waits: {}  {}  {subject}  {}", header("ce_id"), header("ce_type"), place(record));
            Ok(())
        })?;
        waiting.push((partition, offsets));
    }
    let count: usize = waiting.iter().map(|(_, offsets)| offsets.len()).sum();
    println!("{count} commands were done with other content and wait for a person's word");
    if run.arguments.dry_run || count == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    if !confirmed(run.arguments.yes, &format!("Write them to {} again, to be revised, by {}?", S::COMMANDS, run.by)) {
        return Ok(ExitCode::FAILURE);
    }
    run.prepare(S::COMMANDS)?;
    let mut writer = Writer::new(run, count as u64);
    let ext = [(REVISE, "1".to_owned()), (REDRIVEN_BY, run.by.clone())];
    for (partition, offsets) in &waiting {
        each_waiting::<S>(&history, *partition, offsets, |record| {
            let payload = with_ext(run.codec, S::COMMANDS, &record.payload, &ext)?
                .map_err(|error| StartError::SetUp(runtime::service::chain(&error)))?;
            let headers = record.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
            writer.write(Output::new(S::COMMANDS, record.key.clone(), payload, headers))
        })?;
    }
    println!("{} commands written to {} by {}", writer.finish()?, S::COMMANDS, run.by);
    Ok(ExitCode::SUCCESS)
}

fn place(record: &runtime::tail::Record) -> String {
    format!("{}/{}/{}", record.topic, record.partition, record.offset)
}

fn each_waiting<S: Side>(
    history: &History,
    partition: i32,
    offsets: &BTreeSet<i64>,
    mut hear: impl FnMut(&runtime::tail::Record) -> Result<(), StartError>,
) -> Result<(), StartError> {
    let (Some(first), Some(last)) = (offsets.first(), offsets.last()) else { return Ok(()) };
    let part = Part { partition, from: *first, until: Some(last.saturating_add(1)) };
    history.records(S::COMMANDS, &[part], |record| if offsets.contains(&record.offset) { hear(record) } else { Ok(()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::outcome::{Done, Skipped};
    use domain::{CommandRef, Marked};

    fn id(n: u8) -> MessageId {
        MessageId::from_bytes([n; 16])
    }

    fn command(n: u8, content: &str) -> CommandRef {
        CommandRef { id: id(n), kind: String::new(), hash: ContentHash::of_bytes(content.as_bytes()), offset: 0 }
    }

    fn done(n: u8, content: &str) -> Outcome {
        Outcome::Done(Done {
            command: command(n, content),
            native_id: "7".to_owned(),
            reference: Marked::default(),
            effects: Vec::new(),
            fields: Vec::new(),
            version: String::new(),
            created: false,
        })
    }

    fn hash(content: &str) -> u64 {
        short(&ContentHash::of_bytes(content.as_bytes()))
    }

    #[test]
    fn what_was_done_with_other_content_under_a_lower_version_waits_by_its_kind() {
        let mut fold = Fold::default();
        for (offset, (n, content, version, appends)) in [
            (1, "a", 1, true),
            (2, "a", 1, false),
            (3, "a", 1, true),
            (1, "b", 2, true),
            (2, "b", 2, false),
            (3, "b", 1, true),
        ]
        .into_iter()
        .enumerate()
        {
            fold.command(id(n), hash(content), version, offset as i64, appends);
        }
        for n in [1, 2, 3] {
            fold.outcome(&done(n, "a"), 1);
        }
        let skipped = |rule: &str| Outcome::Skipped(Skipped { command: command(2, "b"), rule: rule.to_owned() });
        fold.outcome(&skipped("changed-since"), 2);
        assert_eq!(fold.wait(Scope::All), BTreeSet::from([3]), "what somebody has changed since stays theirs");
        fold.outcome(&skipped("closed"), 2);
        assert_eq!(fold.wait(Scope::All), BTreeSet::from([3, 4]), "the third has no higher version");
        assert_eq!((fold.wait(Scope::Texts), fold.wait(Scope::Closed)), (BTreeSet::from([3]), BTreeSet::from([4])));
        fold.outcome(&done(1, "b"), 2);
        assert_eq!(fold.wait(Scope::All), BTreeSet::from([4]), "revised");
    }
}
