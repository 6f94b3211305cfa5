//! `causeway doubt`: commands of which nobody knows what became, for a person who can look.

use crate::moment;
use crate::tools::{codec, confirmed, failed, kafka, operator, within};
use clap::{Args, Subcommand};
use codec::Codec;
use domain::{MessageId, NativeId};
use runtime::KafkaConfig;
use runtime::doubt::{self, Found, Undecided};
use runtime::entry::now;
use std::path::Path;
use std::process::ExitCode;

#[derive(Subcommand)]
pub enum Doubt {
    /// Lists commands that stand undecided: a call without an answer whose time is over, a doubt, a parked one.
    ///
    /// What is `overdue`, `doubt` or `waiting` the sink looks at by itself; what is `parked` waits for a person.
    List {
        #[arg(long)]
        subject: Option<String>,
        #[arg(long)]
        partner: Option<String>,
        /// Only what waits for a person.
        #[arg(long)]
        parked: bool,
    },
    /// Writes what a person found at the target, so that the sink goes on.
    Resolve(Resolve),
}

#[derive(Args)]
pub struct Resolve {
    /// The command's id, as `doubt list` prints it.
    id: String,
    /// The effect is there, on this record: an outcome `done` is written and the command is never sent again.
    #[arg(long, value_name = "NATIVE_ID", required_unless_present = "not_applied", conflicts_with = "not_applied")]
    applied: Option<String>,
    /// It is not there: the command is asked for again, with the next attempt. For parked commands.
    #[arg(long)]
    not_applied: bool,
    /// With `--applied`, where the command made the record: what a person would quote, such as the ticket's number.
    #[arg(long, requires = "applied", default_value = "")]
    reference: String,
    /// Who found it; kept in the record. The name of the account by default.
    #[arg(long)]
    by: Option<String>,
    /// Why, in a few words; kept in the outcome.
    #[arg(long, default_value = "")]
    reason: String,
    /// Does not ask; needed where no terminal is there to ask on.
    #[arg(long)]
    yes: bool,
}

pub fn run(file: Option<&Path>, command: Doubt) -> ExitCode {
    let (config, codec) = match kafka(file).and_then(|config| Ok((config, codec(file)?))) {
        Ok(opened) => opened,
        Err(code) => return code,
    };
    match command {
        Doubt::List { subject, partner, parked } => within(|| match doubt::list(&config, &codec, now()) {
            Ok(mut all) => {
                all.retain(|undecided| {
                    let meta = &undecided.last.meta;
                    subject.as_ref().is_none_or(|subject| subject == meta.subject.as_str())
                        && partner
                            .as_deref()
                            .is_none_or(|p| meta.partner_id.as_ref().is_some_and(|is| is.as_str() == p))
                        && (!parked || undecided.standing == doubt::Standing::Parked)
                });
                for undecided in &all {
                    println!("{}", line(undecided));
                }
                println!("{} undecided", all.len());
                ExitCode::SUCCESS
            }
            Err(error) => failed(&error),
        }),
        Doubt::Resolve(arguments) => within(|| resolve(&config, &codec, arguments)),
    }
}

fn line(undecided: &Undecided) -> String {
    let (meta, remembered) = (&undecided.last.meta, &undecided.remembered);
    let since = remembered.first_failed_at.unwrap_or(meta.occurred_at);
    let kind = undecided.last.payload.command().map_or("", |command| command.kind.as_str());
    let effect = if undecided.in_doubt { "may be applied" } else { "not applied" };
    let reason: String = undecided.reason.chars().filter(|c| !c.is_control()).take(200).collect();
    format!(
        "{}  {:<7}  {effect}  {}  {}  {kind}  {}/{}/{}  attempts={}  since {}  {reason}",
        undecided.id,
        undecided.standing.as_str(),
        meta.subject,
        meta.partner_id.as_ref().map_or("-", domain::PartnerId::as_str),
        undecided.commands,
        undecided.partition,
        remembered.offset,
        remembered.attempt,
        moment::text(since),
    )
}

fn wrong(what: &str) -> ExitCode {
    eprintln!("causeway: {what}");
    ExitCode::from(runtime::service::BAD_CONFIGURATION)
}

fn resolve(config: &KafkaConfig, codec: &Codec, arguments: Resolve) -> ExitCode {
    let Some(id) = MessageId::parse(&arguments.id) else { return wrong("the id is not one of a command") };
    let found = match arguments.applied {
        Some(native_id) => match NativeId::new(native_id) {
            Ok(native_id) => Found::Applied { native_id, reference: arguments.reference },
            Err(error) => return wrong(&error.to_string()),
        },
        None => Found::NotApplied,
    };
    let undecided = match doubt::list(config, codec, now()) {
        Ok(all) => all.into_iter().find(|undecided| undecided.id == id),
        Err(error) => return failed(&error),
    };
    let Some(undecided) = undecided else {
        eprintln!("causeway: no command of this id stands undecided");
        return ExitCode::FAILURE;
    };
    println!("{}", line(&undecided));
    let by = operator(arguments.by);
    let question = match &found {
        Found::Applied { native_id, .. } => format!("Settle it as done on {native_id}, by {by}?"),
        Found::NotApplied => format!("Have it tried again, by {by}?"),
    };
    if !confirmed(arguments.yes, &question) {
        return ExitCode::FAILURE;
    }
    match doubt::resolve(config, codec, &undecided, &found, &by, &arguments.reason) {
        Ok(written) => {
            println!("{written}");
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    }
}
