//! What a reviewer writes, read from a text that the bundle grants: the first line decides, each other one corrects.
//!
//! ```text
//! version=2 decision=CORRECTION_REQUIRED reason=REF comment="the order number is missing"
//! term=BT-13 value=4500001
//! ```
//!
//! Every value stays a piece of the granted text, so it is as shared as that was.

use crate::bundle::document::Documents;
use crate::date;
use crate::engine::Held;
use crate::said::pairs;
use domain::document::{Correction, Decide};
use domain::{DocumentStatus, Shared};

type Text = Shared<String>;

/// Corrections at most, as the contract takes them.
const MAX: usize = 100;
const FIRST: [&str; 5] = ["version", "decision", "reason", "comment", "valid_to"];
const OTHERS: [&str; 2] = ["term", "value"];

/// A mistake waits for a person, with the number of the line of text; what it says is not told. The label is the
/// decision's status as texts know it.
pub(super) fn read(terms: &Documents, granted: &Text, label: impl Fn(DocumentStatus) -> Text) -> Result<Decide, Held> {
    let mut rows = granted.get().lines().enumerate().filter(|(_, row)| !row.trim().is_empty());
    let wrong = |at: usize, what: &str| Held::new("decision", &format!("{what}, in line {} of the text", at + 1));
    let (at, row) = rows.next().ok_or_else(|| wrong(0, "nothing"))?;
    let mut decide = first(terms, granted, row, label).map_err(|what| wrong(at, what))?;
    for (at, row) in rows {
        let mut values = pairs(&OTHERS, row).map_err(|what| wrong(at, &what))?;
        let mut take = |key: &str| values.remove(key).filter(|v| !v.is_empty()).and_then(|value| granted.part(value));
        let term = take("term").ok_or_else(|| wrong(at, "a correction without `term=`"))?;
        decide.corrections.push(Correction { term, value: take("value") });
        if decide.corrections.len() > MAX {
            return Err(wrong(at, "more than 100 corrections"));
        }
    }
    match decide.mistake() {
        Some(what) => Err(wrong(at, what)),
        None => Ok(decide),
    }
}

fn first(
    terms: &Documents,
    granted: &Text,
    row: &str,
    label: impl Fn(DocumentStatus) -> Text,
) -> Result<Decide, &'static str> {
    let mut values = pairs(&FIRST, row).map_err(|_| "not a list of known words")?;
    let mut take = |key: &str| values.remove(key).filter(|v| !v.is_empty()).and_then(|value| granted.part(value));
    // What is approved is always one version: without its number nothing is.
    let version = take("version").ok_or("a decision without `version=`")?;
    let version_no = version.get().parse().ok().filter(|number| *number >= 1).ok_or("a version that is no number")?;
    let said = take("decision").ok_or("a decision without `decision=`")?;
    let Some(Some(decision)) = terms.decisions.get(said.get()) else { return Err("a decision that the bundle lacks") };
    let status = DocumentStatus::of_decision(decision.as_str()).ok_or("a decision that the bundle lacks")?;
    let valid_to = take("valid_to");
    if valid_to.as_ref().is_some_and(|day| date::parse_day(day.get()).is_none()) {
        return Err("a date that is no day");
    }
    Ok(Decide {
        version_no,
        status,
        decision: decision.share(),
        label: label(status),
        status_code: None,
        reason_code: take("reason"),
        comment: take("comment"),
        corrections: Vec::new(),
        valid_to,
    })
}
