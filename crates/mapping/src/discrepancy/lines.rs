//! What agents write for each line, read from a text that the bundle grants: one line of text for each, such as
//!
//! ```text
//! line=1 decision=PARTIAL quantity=8 uom=EA remedy=CREDIT_PARTIAL amount=12.50 currency=EUR reason="two were wet"
//! ```
//!
//! Every value stays a piece of the granted text, so it is as shared as that was.

use crate::bundle::discrepancy::Discrepancies;
use crate::date;
use crate::engine::Held;
use crate::said::pairs;
use domain::discrepancy::LineOutcome;
use domain::{PublicText, Shared};
use std::collections::BTreeMap;

type Text = Shared<String>;

/// Lines at most, as the contract takes them.
const MAX: usize = 200;
const KEYS: [&str; 10] =
    ["line", "decision", "quantity", "uom", "amount", "currency", "date", "remedy", "reason", "ref"];

/// A mistake waits for a person, with the number of the line of text; what it says is not told.
pub(super) fn read(terms: &Discrepancies, granted: &Text) -> Result<Vec<LineOutcome>, Held> {
    let mut outcomes: Vec<LineOutcome> = Vec::new();
    for (at, row) in granted.get().lines().enumerate().filter(|(_, row)| !row.trim().is_empty()) {
        let wrong = |what: &str| Held::new("line-outcomes", &format!("{what}, in line {} of the text", at + 1));
        let outcome = outcome(terms, granted, row).map_err(|what| wrong(&what))?;
        if let Some(what) = outcome.mistake() {
            return Err(wrong(what));
        }
        if outcomes.iter().any(|other| other.line_no == outcome.line_no) {
            return Err(wrong("a line for the second time"));
        }
        outcomes.push(outcome);
        if outcomes.len() > MAX {
            return Err(wrong("more than 200 lines"));
        }
    }
    Ok(outcomes)
}

fn outcome(terms: &Discrepancies, granted: &Text, row: &str) -> Result<LineOutcome, String> {
    let mut values = pairs(&KEYS, row)?;
    let mut take = |key: &str| values.remove(key).filter(|v| !v.is_empty()).and_then(|value| granted.part(value));
    let (line_no, decision, remedy, date) = (take("line"), take("decision"), take("remedy"), take("date"));
    let outcome = LineOutcome {
        line_no: line_no.ok_or("a line without `line=`")?,
        decision: word(&terms.decisions, decision.as_ref())?.ok_or("a line without `decision=`")?,
        remedy: word(&terms.remedies, remedy.as_ref())?,
        quantity: take("quantity"),
        uom: take("uom"),
        amount: take("amount"),
        currency: take("currency"),
        reason: take("reason"),
        reference: take("ref"),
        date,
    };
    if outcome.date.as_ref().is_some_and(|day| date::parse_day(day.get()).is_none()) {
        return Err("a date that is no day".to_owned());
    }
    Ok(outcome)
}

/// X's word as ours.
fn word(list: &BTreeMap<String, Option<PublicText>>, said: Option<&Text>) -> Result<Option<Text>, String> {
    let Some(said) = said else { return Ok(None) };
    match list.get(said.get()) {
        Some(Some(code)) => Ok(Some(code.share())),
        Some(None) | None => Err("a decision or remedy that the bundle lacks".to_owned()),
    }
}
