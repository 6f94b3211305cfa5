//! `causeway dlq`: a workflow for people. Nothing is dropped by it.

mod groups;
mod show;

use crate::moment;
use crate::tools::{codec, failed, kafka, operator, progress, within};
use clap::{Args, Subcommand};
use codec::Codec;
use domain::Timestamp;
use runtime::KafkaConfig;
use runtime::redrive::{DeadLetter, Filter, Letters};
use std::path::Path;
use std::process::ExitCode;

#[derive(Subcommand)]
pub enum Dlq {
    /// Lists open dead letters, grouped by class, topic and cause.
    List {
        #[command(flatten)]
        select: Select,
        /// A line for each letter, with its place.
        #[arg(long)]
        each: bool,
    },
    /// Prints one letter whole: its headers, its record as JSON, and what became of its command.
    Show {
        /// As `list --each` prints it first: `partner.events.dead-letters/3/17`.
        place: String,
    },
    /// Sends letters back to where they came from, with key, trace and first cause, in their first order.
    ///
    /// Letters of class REFUSED go back only where `--class REFUSED` is said: each is another call at the target.
    Redrive {
        #[command(flatten)]
        select: Select,
        /// Says what would be sent and sends nothing.
        #[arg(long)]
        dry_run: bool,
        /// Also those that came back this often already.
        #[arg(long, default_value_t = 10)]
        max_redrives: u32,
        /// Who asks; noted in commands that are asked for again. The name of the account by default.
        #[arg(long)]
        by: Option<String>,
    },
}

#[derive(Args, Clone)]
pub struct Select {
    /// HOLD, MALFORMED or REFUSED.
    #[arg(long)]
    class: Option<String>,
    /// The topic they came from, such as `partner.events`.
    #[arg(long)]
    topic: Option<String>,
    /// A subject, such as `case/tg/4711`.
    #[arg(long, visible_alias = "subject")]
    key: Option<String>,
    /// A part of the reason.
    #[arg(long)]
    reason: Option<String>,
    /// The partner that the record names.
    #[arg(long)]
    partner: Option<String>,
    /// Written before this: a span such as `2h` or `3d`, or a time such as `2026-11-01T08:00:00Z`.
    #[arg(long, value_parser = moment::parse)]
    older_than: Option<Timestamp>,
    /// Written since.
    #[arg(long, value_parser = moment::parse)]
    newer_than: Option<Timestamp>,
}

impl From<Select> for Filter {
    fn from(select: Select) -> Self {
        Self {
            class: select.class,
            topic: select.topic,
            key: select.key,
            reason: select.reason,
            partner: select.partner,
            since: select.newer_than,
            before: select.older_than,
        }
    }
}

pub fn run(file: Option<&Path>, command: Dlq) -> ExitCode {
    let config = match kafka(file) {
        Ok(config) => config,
        Err(code) => return code,
    };
    match command {
        Dlq::List { select, each } => {
            let codec = match needed(file, select.partner.is_some()) {
                Ok(codec) => codec,
                Err(code) => return code,
            };
            within(|| list(&config, codec.as_ref(), &select.into(), each))
        }
        Dlq::Show { place } => match codec(file) {
            Ok(codec) => within(|| show::show(&config, &codec, &place)),
            Err(code) => code,
        },
        Dlq::Redrive { select, dry_run, max_redrives, by } => {
            let refused = select.class.as_deref().is_some_and(|class| class.eq_ignore_ascii_case("REFUSED"));
            let codec = match needed(file, refused || select.partner.is_some()) {
                Ok(codec) => codec,
                Err(code) => return code,
            };
            let act = Act { filter: select.into(), refused, dry_run, max_redrives, by: operator(by) };
            within(|| redrive(&config, codec.as_ref(), &act))
        }
    }
}

/// The registry is asked for only where bytes are looked into: a list must work while it is down.
fn needed(file: Option<&Path>, is: bool) -> Result<Option<Codec>, ExitCode> {
    if is { codec(file).map(Some) } else { Ok(None) }
}

fn list(config: &KafkaConfig, codec: Option<&Codec>, filter: &Filter, each: bool) -> ExitCode {
    match Letters::open(config, codec).and_then(|letters| letters.list(filter)) {
        Ok(letters) if each => {
            for letter in &letters {
                println!("{letter}");
            }
            println!("{} open", letters.len());
            ExitCode::SUCCESS
        }
        Ok(letters) => {
            print!("{}", groups::table(&letters));
            println!("{} open", letters.len());
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    }
}

struct Act {
    filter: Filter,
    refused: bool,
    dry_run: bool,
    max_redrives: u32,
    by: String,
}

impl Act {
    /// Why a letter stays where it is.
    fn stays(&self, letter: &DeadLetter) -> Option<&'static str> {
        match letter {
            letter if letter.is_refused() && !self.refused => {
                Some("refused: say --class REFUSED to have it tried again")
            }
            letter if letter.redrives >= self.max_redrives => Some("came back too often"),
            _ => None,
        }
    }
}

fn redrive(config: &KafkaConfig, codec: Option<&Codec>, act: &Act) -> ExitCode {
    let listed = Letters::open(config, codec).and_then(|mut letters| {
        if !act.dry_run {
            letters.take_over()?;
        }
        let found = letters.list(&act.filter)?;
        Ok((letters, found))
    });
    let (mut letters, found) = match listed {
        Ok(listed) => listed,
        Err(error) => return failed(&error),
    };
    let (again, tired): (Vec<_>, Vec<_>) = found.into_iter().partition(|letter| act.stays(letter).is_none());
    for letter in &tired {
        println!("left: {}: {letter}", act.stays(letter).unwrap_or_default());
    }
    if act.dry_run {
        for letter in &again {
            println!("would send to {}: {letter}", letter.source);
        }
        println!("{} would be sent, {} left", again.len(), tired.len());
        return ExitCode::SUCCESS;
    }
    match letters.send(&again, &act.by, progress(again.len())) {
        Ok(redriven) => {
            for left in &redriven.left {
                println!("left: {}: {}", left.why, left.letter);
            }
            println!("{} sent back, {} left", redriven.sent, redriven.left.len() + tired.len());
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    }
}
