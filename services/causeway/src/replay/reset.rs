//! A group set back while nobody is in it, and put where it was.

use super::Run;
use super::vanished::{Spans, Vanished};
use crate::moment;
use crate::tools::{confirmed, failed};
use runtime::KafkaConfig;
use runtime::history::{History, Part};
use runtime::reset::{self, Positions, ResetError};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Where the group stands and where it is to stand. It only ever goes back: going on would leave facts out.
fn target(run: &Run<'_>) -> Result<(Positions, Positions), ResetError> {
    let old = reset::positions(run.config, run.role)?;
    let history = History::open(run.config, "replay")?;
    let mut new = old.clone();
    for (topic, offsets) in new.offsets.iter_mut().filter(|(topic, _)| run.selection.is_of(topic)) {
        let partitions: Vec<i32> = offsets.keys().copied().collect();
        let wanted = history.offsets(topic, &partitions, run.selection.from)?;
        for (partition, offset) in offsets.iter_mut() {
            *offset = wanted.get(partition).copied().unwrap_or(*offset).min(*offset);
        }
    }
    Ok((old, new))
}

/// What would be read again, by topic.
pub(super) fn spans(run: &Run<'_>) -> Result<Spans, ResetError> {
    let (old, new) = target(run)?;
    let mut spans = BTreeMap::new();
    for (topic, from) in new.offsets {
        let until = old.offsets.get(&topic).cloned().unwrap_or_default();
        let part = |(partition, from): (i32, i64)| Part { partition, from, until: until.get(&partition).copied() };
        spans.insert(topic, from.into_iter().map(part).filter(|part| part.until > Some(part.from)).collect());
    }
    Ok(spans)
}

/// Before anything is looked up: what a running role has not committed yet would be missed.
pub(super) fn emptied(run: &Run<'_>) -> Result<(), ResetError> {
    if run.arguments.dry_run {
        println!("group {} is {}", run.config.group(run.role), reset::state(run.config, run.role)?);
        return Ok(());
    }
    wait(run.config, run.role, run.arguments.timeout)
}

pub(super) fn run(run: &Run<'_>, vanished: &[Vanished]) -> ExitCode {
    match acted(run, vanished) {
        Ok(code) => code,
        Err(error) => failed(&error),
    }
}

fn acted(run: &Run<'_>, vanished: &[Vanished]) -> Result<ExitCode, ResetError> {
    let arguments = run.arguments;
    let (old, new) = target(run)?;
    let mut any = false;
    for (topic, offsets) in &new.offsets {
        let before = old.offsets.get(topic).cloned().unwrap_or_default();
        let back = offsets.iter().filter(|(partition, to)| before.get(partition).is_some_and(|at| at > to));
        let (partitions, again) = back.fold((0, 0), |(count, sum), (partition, to)| {
            (count + 1, sum + before.get(partition).copied().unwrap_or(*to) - to)
        });
        any |= partitions > 0;
        println!("{topic}: {partitions} partitions go back, {again} offsets are read again");
    }
    for command in vanished {
        println!("no longer made: {command}");
    }
    if !vanished.is_empty() {
        println!("{} commands are no longer made; what they did stays until somebody takes it back", vanished.len());
    }
    if arguments.dry_run || !any {
        println!("{}", if any { "nothing was done" } else { "the group stands there already: nothing to do" });
        return Ok(ExitCode::SUCCESS);
    }
    if !confirmed(arguments.yes, &format!("Set {} back?", new.group)) {
        return Ok(ExitCode::FAILURE);
    }
    let file = match save(arguments.save.as_deref(), &old) {
        Ok(file) => file,
        Err(error) => return Ok(failed(&error)),
    };
    println!("old offsets: {}", file.display());
    reset::put(run.config, &new)?;
    let count: usize = new.offsets.values().map(BTreeMap::len).sum();
    println!("{} stands back, {count} partitions checked", new.group);
    println!("go on: start every process of {}", run.role);
    println!("undo: stop them, then `causeway replay restore {}`", file.display());
    Ok(ExitCode::SUCCESS)
}

fn wait(config: &KafkaConfig, role: &str, timeout: i64) -> Result<(), ResetError> {
    let patience = Duration::from_millis(timeout.unsigned_abs());
    reset::wait_until_empty(config, role, patience, |state| {
        eprintln!("group {} is {state}: waiting until nobody is in it", config.group(role));
    })
}

/// Never over a file that is there: it may be the only way back.
fn save(file: Option<&Path>, old: &Positions) -> Result<PathBuf, std::io::Error> {
    let stamp = moment::text(runtime::entry::now()).replace(':', "");
    let file = file.map_or_else(|| PathBuf::from(format!("{}-{stamp}.offsets.json", old.group)), Path::to_path_buf);
    let mut out = std::fs::File::create_new(&file)?;
    out.write_all(&serde_json::to_vec_pretty(old)?)?;
    out.sync_all()?;
    Ok(file)
}

pub(super) fn restore(config: &KafkaConfig, file: &Path, timeout: i64, yes: bool) -> ExitCode {
    let text = match std::fs::read(file) {
        Ok(text) => text,
        Err(error) => return failed(&error),
    };
    let positions: Positions = match serde_json::from_slice(&text) {
        Ok(positions) => positions,
        Err(error) => return failed(&error),
    };
    if positions.group != config.group(&positions.role) {
        return super::wrong(&format!("{} belongs to another installation", positions.group));
    }
    let restored = wait(config, &positions.role, timeout).and_then(|()| {
        if !confirmed(yes, &format!("Put {} back to where {} says?", positions.group, file.display())) {
            return Ok(ExitCode::FAILURE);
        }
        reset::put(config, &positions)?;
        println!("{} stands as {} says, every partition checked", positions.group, file.display());
        Ok(ExitCode::SUCCESS)
    });
    restored.unwrap_or_else(|error| failed(&error))
}
