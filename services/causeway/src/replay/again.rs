//! The facts of one subject or partner, mapped again with the bundle in use, and their commands written again.
//!
//! A group's offsets cannot be set back for single subjects. So this does what the transformer would do, beside it: the
//! same commands with the same ids, in transactions, of facts that the transformer has read already. The sinks answer
//! them by what they remember, as after any reset.

use super::Run;
use super::sides::{Side, each_fact};
use super::vanished::{Spans, vanished};
use crate::tools::{confirmed, failed};
use codec::headers;
use mapping::Bundle;
use runtime::history::{History, Part};
use runtime::record::{Output, TRACEPARENT};
use runtime::transaction::{Batch, Transactions};
use runtime::{StartError, client, reset};
use std::process::ExitCode;

/// Records of one transaction.
const CHUNK: usize = 500;

#[derive(Default)]
struct Counts {
    facts: u64,
    commands: u64,
    held: u64,
    unreadable: u64,
}

pub(super) fn run<S: Side>(run: &Run<'_>, bundle: &Bundle) -> Result<ExitCode, ExitCode> {
    let used = runtime::bundles::latest(run.config, run.codec, bundle.link()).map_err(|error| failed(&error))?;
    let in_use = used.is_some_and(|used| used.version == bundle.version() && used.digest == bundle.digest());
    if !in_use {
        return Err(super::wrong("this bundle is not the one in use: start the transformers with it first"));
    }
    acted::<S>(run, bundle).map_err(|error| failed(&error))
}

fn acted<S: Side>(run: &Run<'_>, bundle: &Bundle) -> Result<ExitCode, StartError> {
    let history = History::open(run.config, "replay")?;
    let spans = spans::<S>(run, &history)?;
    let lost = vanished::<S>(run, bundle, &spans)?;
    let counted = each::<S>(run, &history, bundle, &spans, |_| Ok(()))?;
    println!("{} facts make {} commands, {} are held", counted.facts, counted.commands, counted.held);
    if counted.unreadable > 0 {
        println!("{} records could not be read and are left out", counted.unreadable);
    }
    for command in &lost {
        println!("no longer made: {command}");
    }
    if run.arguments.dry_run {
        println!("nothing was written");
        return Ok(ExitCode::SUCCESS);
    }
    if !confirmed(run.arguments.yes, &format!("Write them to {} again?", S::COMMANDS)) {
        return Ok(ExitCode::FAILURE);
    }
    run.prepare(S::COMMANDS)?;
    let mut writer = Writer::new(run, counted.commands);
    each::<S>(run, &history, bundle, &spans, |output| writer.write(output))?;
    let written = writer.finish()?;
    println!("{written} commands written to {}", S::COMMANDS);
    Ok(ExitCode::SUCCESS)
}

/// Up to where the role has read: what comes after is its own.
fn spans<S: Side>(run: &Run<'_>, history: &History) -> Result<Spans, StartError> {
    let read = reset::positions(run.config, S::ROLE).map_err(|error| StartError::SetUp(error.to_string()))?;
    let mut spans = Spans::new();
    for topic in S::FACTS {
        let committed = read.offsets.get(topic);
        let parts = run.selection.parts(history, topic)?.into_iter().map(|part| {
            let read = committed.and_then(|offsets| offsets.get(&part.partition)).copied().unwrap_or(0);
            Part { until: Some(part.until.unwrap_or(read).min(read)), ..part }
        });
        spans.insert(topic.to_owned(), parts.filter(|part| part.until > Some(part.from)).collect());
    }
    Ok(spans)
}

/// Every command of the selected facts, as the transformer writes it.
fn each<S: Side>(
    run: &Run<'_>,
    history: &History,
    bundle: &Bundle,
    spans: &Spans,
    mut write: impl FnMut(Output) -> Result<(), StartError>,
) -> Result<Counts, StartError> {
    let mut counts = Counts::default();
    run.prepare(S::COMMANDS)?;
    for (topic, parts) in spans {
        counts.unreadable += each_fact::<S>(history, run.codec, topic, parts, &run.selection, |found| {
            counts.facts += 1;
            let mapped = S::map(bundle, &found.fact, &found.cause);
            counts.held += u64::from(mapped.held.is_some());
            for command in &mapped.commands {
                let mut payload = Vec::with_capacity(512);
                S::encode(run.codec, command, &mut payload).map_err(|error| StartError::SetUp(error.to_string()))?;
                let mut headers = headers::cloud_event(&command.meta);
                headers.extend(found.record.header(TRACEPARENT).map(|trace| (TRACEPARENT, trace.to_owned())));
                let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
                let key = command.meta.subject.as_str().as_bytes().to_vec();
                counts.commands += 1;
                write(Output::new(S::COMMANDS, key, payload, headers))?;
            }
            Ok(())
        })?;
    }
    Ok(counts)
}

/// Writes what it is given in transactions, in order.
pub(super) struct Writer {
    transactions: Transactions,
    chunk: Vec<Output>,
    written: usize,
    progress: Box<dyn FnMut(usize)>,
}

impl Writer {
    pub(super) fn new(run: &Run<'_>, expected: u64) -> Self {
        // One operator at a time: a second one fences the first.
        let id = format!("{}.replay", run.config.application);
        let transactions = Transactions::new(client::transactional_producer(run.config, "replay", &id));
        let progress = Box::new(crate::tools::progress(usize::try_from(expected).unwrap_or(usize::MAX)));
        Self { transactions, chunk: Vec::with_capacity(CHUNK), written: 0, progress }
    }

    pub(super) fn write(&mut self, output: Output) -> Result<(), StartError> {
        self.chunk.push(output);
        if self.chunk.len() >= CHUNK { self.commit() } else { Ok(()) }
    }

    fn commit(&mut self) -> Result<(), StartError> {
        let records = std::mem::take(&mut self.chunk);
        if !records.is_empty() {
            self.written += records.len();
            self.transactions.commit(&Batch { records, inputs: None })?;
            (self.progress)(self.written);
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<usize, StartError> {
        self.commit()?;
        Ok(self.written)
    }
}
