//! `causeway replay`: what another bundle would make of recorded history, and having it made.

mod again;
mod compare;
mod plan;
mod reset;
mod revise;
mod sides;
mod tally;
mod vanished;

use crate::moment;
use crate::tools::{codec, failed, kafka, operator, within};
use clap::{Args, Subcommand, ValueEnum};
use codec::Codec;
use domain::Side as Sided;
use mapping::Bundle;
use runtime::entry::prepare_topics;
use runtime::history::Point;
use runtime::{KafkaConfig, Shutdown, StartError, bundles};
use sides::{FromInternal, FromPartner, Selection, Side};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Subcommand)]
pub enum Replay {
    /// Maps recorded facts with the bundle in use and with a candidate, and prints what would differ. Writes nothing.
    Plan(PlanOf),
    /// Has history mapped again: sets a role's group back, or writes the commands of one subject or partner again.
    ///
    /// Without --subject and --partner the group is set back, while nobody is in it; the role then reads again, and the
    /// sinks answer what they know from memory. With either of them the role goes on: this tool maps their facts with
    /// the bundle in use and writes their commands, in transactions, up to where the role has read. With --revise it
    /// writes commands again that a sink has left alone: texts that were sent, fields of closed records.
    Run(RunOf),
    /// Puts a group back to where a run found it.
    Restore {
        /// The file that the run has named.
        file: PathBuf,
        /// How long to wait until nobody is in the group.
        #[arg(long, default_value = "60s", value_parser = moment::millis)]
        timeout: i64,
        /// Does not ask.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Args, Clone)]
struct Range {
    /// `earliest`, a time, a span ago such as `2h`, or an offset (of every partition; name the --topic).
    #[arg(long, default_value = "earliest", value_parser = point)]
    from: Point,
    /// As --from; the end by default. Not where a group is set back.
    #[arg(long, value_parser = point)]
    to: Option<Point>,
    /// One topic of facts, such as `partner.events`.
    #[arg(long)]
    topic: Option<String>,
    #[arg(long)]
    subject: Option<String>,
    #[arg(long)]
    partner: Option<String>,
}

impl Range {
    fn selection(&self) -> Selection {
        Selection {
            from: self.from,
            to: self.to.unwrap_or(Point::Latest),
            topic: self.topic.clone(),
            subject: self.subject.clone(),
            partner: self.partner.clone(),
        }
    }
}

fn point(text: &str) -> Result<Point, String> {
    match text {
        "earliest" => Ok(Point::Earliest),
        "latest" => Ok(Point::Latest),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.is_empty() => {
            digits.parse().map(Point::Offset).map_err(|_| format!("`{digits}` is no offset"))
        }
        time => moment::parse(time).map(|at| Point::Time(at.0)),
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Which {
    Partner,
    Internal,
}

#[derive(Args)]
pub struct PlanOf {
    /// Folder of the bundle that may come into use.
    #[arg(long)]
    candidate: PathBuf,
    /// Folder of the bundle to compare with; the one in use by default, from `mapping.bundles`.
    #[arg(long)]
    current: Option<PathBuf>,
    #[command(flatten)]
    range: Range,
    /// What one side said alone.
    #[arg(long)]
    side: Option<Which>,
    /// A line for each difference too.
    #[arg(long)]
    each: bool,
}

/// Which of the commands that wait for a person's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Scope {
    /// Those that set fields of a record that is closed.
    Closed,
    /// Those that append a text.
    Texts,
    All,
}

#[derive(Args)]
pub struct RunOf {
    /// `transform-partner`, `transform-internal`, `track-service-levels`, or a sink.
    #[arg(long, required_unless_present = "group", conflicts_with = "group")]
    role: Option<String>,
    /// The same by its group, such as `causeway.transform-partner`.
    #[arg(long)]
    group: Option<String>,
    #[command(flatten)]
    range: Range,
    /// Folder of the bundle that the role will be started with, to tell which commands it no longer makes; the one in
    /// use by default.
    #[arg(long)]
    bundle: Option<PathBuf>,
    /// Writes commands again that a sink has left alone under a corrected bundle; it carries them out then.
    #[arg(long, value_name = "SCOPE")]
    revise: Option<Scope>,
    /// Where the old offsets are kept.
    #[arg(long)]
    save: Option<PathBuf>,
    /// How long to wait until nobody is in the group.
    #[arg(long, default_value = "60s", value_parser = moment::millis)]
    timeout: i64,
    /// Says what would be done and does nothing.
    #[arg(long)]
    dry_run: bool,
    /// Who asks; noted in commands that are revised. The name of the account by default.
    #[arg(long)]
    by: Option<String>,
    /// Does not ask; needed where no terminal is there to ask on.
    #[arg(long)]
    yes: bool,
}

/// What every run needs.
struct Run<'a> {
    config: &'a KafkaConfig,
    codec: &'a Codec,
    role: &'a str,
    arguments: &'a RunOf,
    selection: Selection,
    by: String,
}

pub fn run(file: Option<&Path>, command: Replay) -> ExitCode {
    let (config, codec) = match kafka(file).and_then(|config| Ok((config, codec(file)?))) {
        Ok(opened) => opened,
        Err(code) => return code,
    };
    match command {
        Replay::Plan(arguments) => within(|| planned(&config, &codec, &arguments).unwrap_or_else(|code| code)),
        Replay::Run(arguments) => within(|| ran(&config, &codec, &arguments).unwrap_or_else(|code| code)),
        Replay::Restore { file, timeout, yes } => within(|| reset::restore(&config, &file, timeout, yes)),
    }
}

fn wrong(what: &str) -> ExitCode {
    eprintln!("causeway: {what}");
    ExitCode::from(runtime::service::BAD_CONFIGURATION)
}

fn planned(config: &KafkaConfig, codec: &Codec, arguments: &PlanOf) -> Result<ExitCode, ExitCode> {
    let candidate = crate::mapping_tools::load(&arguments.candidate)?;
    let current = match &arguments.current {
        Some(folder) => crate::mapping_tools::load(folder)?,
        None => in_use(config, codec, candidate.link())?,
    };
    let side = match arguments.side {
        Some(Which::Partner) => Sided::Partner,
        Some(Which::Internal) => Sided::Internal,
        None => Sided::System,
    };
    let (selection, each) = (arguments.range.selection(), arguments.each);
    known_topic(&selection, &[&FromPartner::FACTS[..], &FromInternal::FACTS[..2]].concat())?;
    let (current, candidate) = (&current, &candidate);
    Ok(plan::plan(&plan::Plan { config, codec, current, candidate, selection, side, each }))
}

fn known_topic(selection: &Selection, topics: &[&str]) -> Result<(), ExitCode> {
    match &selection.topic {
        Some(topic) if !topics.contains(&topic.as_str()) => {
            Err(wrong(&format!("--topic is one of {}", topics.join(", "))))
        }
        Some(_) | None => Ok(()),
    }
}

/// The bundle with the highest version on `mapping.bundles`.
fn in_use(config: &KafkaConfig, codec: &Codec, link: &str) -> Result<Bundle, ExitCode> {
    let used = bundles::latest(config, codec, link).map_err(|error| failed(&error))?;
    let Some(used) = used else {
        return Err(wrong(&format!(
            "no bundle of link `{link}` has been used yet: name one with --current or --bundle"
        )));
    };
    Bundle::from_files(used.files).map_err(|faults| {
        for fault in &faults {
            eprintln!("mapping.bundles {link}/{}: {fault}", used.version);
        }
        wrong("the bundle in use is not one for this version of causeway")
    })
}

fn ran(config: &KafkaConfig, codec: &Codec, arguments: &RunOf) -> Result<ExitCode, ExitCode> {
    let prefix = format!("{}.", config.application);
    let named = arguments.group.as_deref().map(|group| group.strip_prefix(&prefix).unwrap_or(group));
    let role = arguments.role.as_deref().or(named).unwrap_or_default();
    let topics = runtime::reset::topics_of(role).map_err(|error| wrong(&error.to_string()))?;
    let selection = arguments.range.selection();
    known_topic(&selection, topics)?;
    let run = Run { config, codec, role, arguments, selection, by: operator(arguments.by.clone()) };
    match role {
        FromPartner::ROLE => of_transformer::<FromPartner>(&run),
        FromInternal::ROLE => of_transformer::<FromInternal>(&run),
        sink if arguments.revise.is_some() || run.is_narrow() => {
            Err(wrong(&format!("{sink} maps nothing: name the transformer whose commands are meant")))
        }
        _ => {
            reset::emptied(&run).map_err(|error| failed(&error))?;
            Ok(reset::run(&run, &[]))
        }
    }
}

impl Run<'_> {
    /// Looks up the schemas of what will be written.
    fn prepare(&self, topic: &str) -> Result<(), StartError> {
        let (topics, never) = ([topic], Shutdown::new());
        Ok(tokio::runtime::Handle::current().block_on(prepare_topics(self.codec, &topics, &never))?)
    }

    fn is_narrow(&self) -> bool {
        self.selection.subject.is_some() || self.selection.partner.is_some()
    }

    /// The bundle the facts are mapped with. One that is named need not be in use yet, but for commands written here.
    fn bundle(&self) -> Result<Bundle, ExitCode> {
        match &self.arguments.bundle {
            Some(folder) => crate::mapping_tools::load(folder),
            None => {
                let links = bundles::links(self.config, self.codec).map_err(|error| failed(&error))?;
                match &links[..] {
                    [link] => in_use(self.config, self.codec, link),
                    [] => Err(wrong("no bundle has been used yet: name one with --bundle")),
                    _ => Err(wrong(&format!("bundles of {} have been used: name one with --bundle", links.join(", ")))),
                }
            }
        }
    }
}

fn of_transformer<S: Side>(run: &Run<'_>) -> Result<ExitCode, ExitCode> {
    if let Some(scope) = run.arguments.revise {
        return Ok(revise::run::<S>(run, scope));
    }
    let bundle = run.bundle()?;
    if run.is_narrow() {
        return again::run::<S>(run, &bundle);
    }
    if run.arguments.range.to.is_some() {
        return Err(wrong("a group that is set back reads to the end: --to goes with --subject or --partner"));
    }
    reset::emptied(run).map_err(|error| failed(&error))?;
    let spans = reset::spans(run).map_err(|error| failed(&error))?;
    let vanished = vanished::vanished::<S>(run, &bundle, &spans).map_err(|error| failed(&error))?;
    Ok(reset::run(run, &vanished))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_a_word_an_offset_or_a_time() {
        assert_eq!(point("earliest"), Ok(Point::Earliest));
        assert_eq!(point("1200"), Ok(Point::Offset(1_200)));
        assert_eq!(point("2026-11-01T08:00:00Z"), Ok(Point::Time(1_793_520_000_000)));
        assert!(matches!(point("2h"), Ok(Point::Time(_))));
        assert!(point("-5").is_err() && point("").is_err());
    }
}
