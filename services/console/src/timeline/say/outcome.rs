//! Outcomes: what became of a command.

use super::doing;
use crate::timeline::entry::{Kind, MAX_LINE, bounded};
use domain::{Outcome, Side};
use ports::Ruling;

/// An outcome in words.
pub struct Became {
    pub kind: Kind,
    pub sentence: String,
    pub attempt: i32,
    pub reference: String,
    pub reason: String,
}

const fn system(side: Side) -> &'static str {
    match side {
        Side::Partner => "the community",
        Side::Internal | Side::System => "the case system",
    }
}

/// `None` for a barrier, which is about no case.
pub fn outcome(side: Side, outcome: &Outcome) -> Option<Became> {
    let (system, what) = (system(side), outcome.command().map_or("", |command| doing(&command.kind)));
    let became = |kind, sentence: String, attempt, reference: &str, reason: &str| {
        let (sentence, reason) = (bounded(&sentence, MAX_LINE), bounded(reason, MAX_LINE));
        Some(Became { kind, sentence, attempt, reference: bounded(reference, MAX_LINE), reason })
    };
    match outcome {
        Outcome::Intent(o) => {
            let sentence = format!("Attempt {}: about to call {system} to {what}.", o.attempt);
            became(Kind::Intended, sentence, o.attempt, "", "")
        }
        Outcome::Done(o) => {
            let number = o.reference.for_host();
            let number = if number.is_empty() { &o.native_id } else { number };
            let sentence = if o.created {
                format!("Done: {system} has it as number {number}.")
            } else {
                format!("Done: {system} has it ({what}).")
            };
            became(Kind::Applied, sentence, 0, number, "")
        }
        Outcome::NotApplied(o) => {
            let sentence = format!("Attempt {} did not get through to {system}; it will be tried again.", o.attempt);
            became(Kind::NotApplied, sentence, o.attempt, "", &o.reason)
        }
        Outcome::Doubt(o) => {
            let sentence =
                format!("In doubt: {system} did not say whether it did it. It is asked before anything is sent again.");
            became(Kind::InDoubt, sentence, o.attempt, "", &o.reason)
        }
        Outcome::Refused(o) => {
            let reason = if o.detail.is_empty() { o.reason.clone() } else { format!("{} ({})", o.reason, o.detail) };
            // What a scanner found goes there, whoever sent it and wherever to.
            let kept = if o.reason == Ruling::Infected.as_str() { " The file is in quarantine." } else { "" };
            became(Kind::Refused, format!("Refused: {system} will not {what}.{kept}"), 0, "", &reason)
        }
        Outcome::Skipped(o) => {
            let sentence = format!("Not sent, by rule “{}”: there was no reason left to {what}.", o.rule);
            became(Kind::Skipped, sentence, 0, "", &o.rule)
        }
        Outcome::Superseded(_) => {
            became(Kind::Superseded, "Not sent: something later has already said otherwise.".to_owned(), 0, "", "")
        }
        Outcome::Waiting(o) => {
            let sentence = format!("Waiting for {system} after {} attempts; other cases go on.", o.attempts);
            became(Kind::Waiting, sentence, o.attempts, "", &o.reason)
        }
        Outcome::Parked(o) => {
            let sentence = format!("Parked after {} attempts: a person has to look.", o.attempts);
            became(Kind::Parked, sentence, o.attempts, "", &o.reason)
        }
        Outcome::Barrier(_) => None,
    }
}
