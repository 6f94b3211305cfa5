//! `causeway replay plan`: recorded history under the bundle in use and under a candidate. Writes nothing.

use super::compare::Difference;
use super::sides::{FromInternal, FromPartner, Selection, Side, each_fact};
use super::tally::Tally;
use crate::tools::failed;
use codec::Codec;
use domain::{PartnerId, Side as Sided};
use mapping::{Bundle, exposure};
use runtime::history::History;
use runtime::{KafkaConfig, StartError};
use std::collections::BTreeMap;
use std::process::ExitCode;

pub struct Plan<'a> {
    pub config: &'a KafkaConfig,
    pub codec: &'a Codec,
    pub current: &'a Bundle,
    pub candidate: &'a Bundle,
    pub selection: Selection,
    /// One side's facts alone; both where it is [`Sided::System`].
    pub side: Sided,
    /// A line for each difference.
    pub each: bool,
}

pub fn plan(plan: &Plan<'_>) -> ExitCode {
    let (current, candidate) = (plan.current, plan.candidate);
    println!(
        "link {}: version {} in use, candidate version {}",
        candidate.link(),
        current.version(),
        candidate.version()
    );
    if candidate.version() <= current.version() && candidate.digest() != current.digest() {
        println!("raise its version: the sinks take other content under a higher version only");
    }
    match tally(plan) {
        Ok(tally) => {
            print!("{tally}");
            for line in widened(current, candidate, &tally) {
                println!("{line}");
            }
            println!("nothing was written");
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    }
}

fn tally(plan: &Plan<'_>) -> Result<Tally, StartError> {
    let history = History::open(plan.config, "replay")?;
    let mut tally = Tally::default();
    match plan.side {
        Sided::Partner => side::<FromPartner>(plan, &history, &mut tally)?,
        Sided::Internal => side::<FromInternal>(plan, &history, &mut tally)?,
        Sided::System => {
            side::<FromPartner>(plan, &history, &mut tally)?;
            side::<FromInternal>(plan, &history, &mut tally)?;
        }
    }
    Ok(tally)
}

fn side<S: Side>(plan: &Plan<'_>, history: &History, tally: &mut Tally) -> Result<(), StartError> {
    // Commands are written and read again only to be compared: by the schemas of this program.
    let offline = Codec::offline();
    for topic in S::FACTS {
        let parts = plan.selection.parts(history, topic)?;
        let unreadable = each_fact::<S>(history, plan.codec, topic, &parts, &plan.selection, |found| {
            let before = S::map(plan.current, &found.fact, &found.cause);
            let after = S::map(plan.candidate, &found.fact, &found.cause);
            let differences = S::compare(&offline, &before, &after);
            let partner = found.fact.meta.partner_id.as_ref().map_or("", PartnerId::as_str);
            tally.add(partner, S::TO_PARTNER, &differences);
            for difference in differences.iter().filter(|_| plan.each) {
                println!("{}  {}  {partner}  {}", place(found.record), found.fact.meta.subject, line(difference));
            }
            Ok(())
        })?;
        tally.unreadable += unreadable;
    }
    Ok(())
}

fn place(record: &runtime::tail::Record) -> String {
    format!("{}/{}/{}", record.topic, record.partition, record.offset)
}

fn line(difference: &Difference) -> String {
    match difference {
        Difference::Added { id, kind } => format!("added  {kind}  {id}"),
        Difference::Gone { id, kind } => format!("gone  {kind}  {id}"),
        Difference::Changed { id, kind, fields, .. } => format!("changed  {kind}  {id}  {}", fields.join(", ")),
        Difference::NewHold { reason, detail } => format!("new hold  {reason}: {detail}"),
        Difference::NoMoreHeld { reason, detail } => format!("no more held  {reason}: {detail}"),
    }
}

/// Partners named beside a way that was opened.
const NAMED: usize = 5;

/// Ways from the inside to a partner that the candidate opens, by rule: also those that history has not used.
fn widened(current: &Bundle, candidate: &Bundle, tally: &Tally) -> Vec<String> {
    let mut partners: Vec<&str> = candidate.partners().map(PartnerId::as_str).chain(tally.partners()).collect();
    partners.sort_unstable();
    partners.dedup();
    let mut opened: BTreeMap<String, Vec<PartnerId>> = BTreeMap::new();
    for partner in partners.into_iter().filter_map(|id| PartnerId::new(id).ok()) {
        let before = exposure(current, &partner);
        for crossing in exposure(candidate, &partner).into_iter().filter(|crossing| crossing.from == "internal") {
            if !before
                .iter()
                .any(|old| old.from == crossing.from && old.field == crossing.field && old.to == crossing.to)
            {
                opened.entry(crossing.to_string()).or_default().push(partner.clone());
            }
        }
    }
    let line = |(crossing, partners): (String, Vec<PartnerId>)| {
        let named: Vec<&str> = partners.iter().take(NAMED).map(PartnerId::as_str).collect();
        let more = partners.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("audience widened: {crossing} for {}{more}", named.join(", "))
    };
    opened.into_iter().map(line).collect()
}
