//! `causeway exposure`: what a partner could see of a subject at a moment, field by field, from the log alone.

use crate::moment;
use crate::tools::{codec, failed, kafka, within};
use clap::Args;
use codec::Codec;
use domain::{Envelope, MessageId, Meta, Outcome, PartnerId, Timestamp};
use runtime::history::{History, Part};
use runtime::partitioner::partition_of;
use runtime::redrive::{describe, with_schema};
use runtime::{KafkaConfig, StartError, admin};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

const COMMANDS: &str = "partner.commands";
const OUTCOMES: &str = "partner.outcomes";

#[derive(Args)]
pub struct Exposure {
    /// Whose eyes.
    #[arg(long)]
    partner: String,
    /// The record, such as `case/tg/C-000001`.
    #[arg(long)]
    subject: String,
    /// A time such as 2026-11-01T08:00:00Z or a span ago such as 3d; now by default.
    #[arg(long, value_parser = moment::parse)]
    at: Option<Timestamp>,
}

/// How certain it is that the community held it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Seen {
    /// Neither was it carried out nor is a call open.
    No,
    /// A call was under way, or nobody knows what became of it.
    Perhaps,
    Yes,
}

/// One command for the partner and what had become of it by then.
struct Sent {
    meta: Meta,
    offset: i64,
    payload: Value,
    seen: Seen,
    since: Timestamp,
}

pub fn run(file: Option<&Path>, arguments: &Exposure) -> ExitCode {
    let (config, codec) = match kafka(file).and_then(|config| Ok((config, codec(file)?))) {
        Ok(opened) => opened,
        Err(code) => return code,
    };
    within(|| match read(&config, &codec, arguments) {
        Ok(sent) => {
            print(arguments, &sent);
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    })
}

/// In the order of the log. Commands and outcomes of one subject have one partition number.
fn read(config: &KafkaConfig, codec: &Codec, arguments: &Exposure) -> Result<Vec<Sent>, StartError> {
    let history = History::open(config, "exposure")?;
    let key = arguments.subject.as_bytes();
    let part = |topic: &str| -> Result<[Part; 1], StartError> {
        let partition = partition_of(key, admin::contract_of(topic)?.partitions);
        Ok([Part { partition, from: 0, until: None }])
    };
    let mut sent: Vec<Sent> = Vec::new();
    let mut known: BTreeMap<MessageId, Vec<usize>> = BTreeMap::new();
    history.records(COMMANDS, &part(COMMANDS)?, |record| {
        if record.key != key {
            return Ok(());
        }
        let Ok(described) = describe(codec, COMMANDS, &record.payload)? else { return Ok(()) };
        let Ok(meta) = serde_json::from_value::<Meta>(described.meta) else { return Ok(()) };
        if meta.partner_id.as_ref().map(PartnerId::as_str) == Some(arguments.partner.as_str()) {
            known.entry(meta.id).or_default().push(sent.len());
            let since = meta.recorded_at;
            sent.push(Sent { meta, offset: record.offset, payload: described.payload, seen: Seen::No, since });
        }
        Ok(())
    })?;
    history.records(OUTCOMES, &part(OUTCOMES)?, |record| {
        if record.key != key {
            return Ok(());
        }
        let Ok(outcome) = with_schema(codec, || codec.decode::<Envelope<Outcome>>(OUTCOMES, &record.payload))? else {
            return Ok(());
        };
        let at = record.written_ms.map_or(outcome.meta.recorded_at, Timestamp);
        if arguments.at.is_some_and(|until| at.0 > until.0) {
            return Ok(());
        }
        let Some(command) = outcome.payload.command() else { return Ok(()) };
        let seen = match &outcome.payload {
            Outcome::Done(_) => Seen::Yes,
            Outcome::Intent(_) | Outcome::Doubt(_) => Seen::Perhaps,
            // Parked and waiting keep the doubt that was there before.
            Outcome::Parked(_) | Outcome::Waiting(_) | Outcome::Barrier(_) => return Ok(()),
            Outcome::NotApplied(_) | Outcome::Refused(_) | Outcome::Skipped(_) | Outcome::Superseded(_) => Seen::No,
        };
        // The command at that offset; an earlier one of the same id had other content.
        let places = known.get(&command.id).map_or(&[][..], Vec::as_slice);
        let place = places.iter().rev().find(|at| sent[**at].offset <= command.offset).or(places.first());
        if let Some(sent) = place.and_then(|at| sent.get_mut(*at))
            // What was shown once was shown.
            && sent.seen != Seen::Yes
        {
            (sent.seen, sent.since) = (seen, at);
        }
        Ok(())
    })?;
    Ok(sent)
}

fn print(arguments: &Exposure, sent: &[Sent]) {
    let mut fields = 0;
    for (word, which) in [("SEEN", Seen::Yes), ("PERHAPS", Seen::Perhaps)] {
        for sent in sent.iter().filter(|sent| sent.seen == which) {
            let cause = sent.meta.cause.as_ref();
            let place = cause.map_or_else(|| "-".to_owned(), |c| format!("{}/{}@{}", c.topic, c.partition, c.offset));
            let event = sent.meta.causation_id.map_or_else(|| "-".to_owned(), |id| id.to_string());
            let kind = sent.meta.kind.trim_start_matches("partner.");
            for (path, value) in leaves("", &sent.payload) {
                fields += 1;
                println!(
                    "{word}  {}  {kind}.{path} = {value}  because of {event} at {place}",
                    moment::text(sent.since)
                );
            }
            // A command without a field says something all the same.
            println!("{word}  {}  {kind}  command {}", moment::text(sent.since), sent.meta.id);
        }
    }
    let unseen = sent.iter().filter(|sent| sent.seen == Seen::No).count();
    println!(
        "{} of {} as {} could see it{}: {fields} values, {unseen} commands that were never carried out",
        arguments.subject,
        sent.len() - unseen,
        arguments.partner,
        arguments.at.map_or_else(String::new, |at| format!(" at {}", moment::text(at))),
    );
}

/// Every value that says something, by its path; one line each.
fn leaves(path: &str, value: &Value) -> Vec<(String, String)> {
    let under = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::Object(members) => members.iter().flat_map(|(name, value)| leaves(&under(name), value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(at, item)| leaves(&format!("{path}[{at}]"), item)).collect()
        }
        Value::Null => Vec::new(),
        Value::String(text) if text.is_empty() => Vec::new(),
        // As JSON: a line break in a text must not look like another line of this answer.
        Value::String(_) | Value::Bool(_) | Value::Number(_) => vec![(path.to_owned(), value.to_string())],
    }
}
