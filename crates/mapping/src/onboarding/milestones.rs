//! Milestones as agents write them, a line each: `<word> <date> [reached]`.

use super::outward::{Rules, key, push};
use crate::bundle::onboarding::Onboarding;
use crate::date;
use crate::engine::{Held, Known};
use domain::onboarding::{PartnerCommand as C, SetMilestone};
use domain::{PublicText, Shared, Timestamp};
use std::collections::BTreeMap;

/// Nobody has more.
const MOST: usize = 50;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Standing {
    date: Option<Timestamp>,
    reached: bool,
}

type Found<'a> = BTreeMap<&'a str, (&'a PublicText, Standing)>;

fn read<'a>(terms: &'a Onboarding, text: &str) -> Result<Found<'a>, Held> {
    let mut found = Found::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()).take(MOST) {
        let (rest, reached) = line.strip_suffix("reached").map_or((line, false), |rest| (rest.trim_end(), true));
        let (word, date) = match rest.rsplit_once(' ') {
            Some((word, last)) if last.starts_with(|c: char| c.is_ascii_digit()) => (word.trim(), date::parse(last)?),
            Some(_) | None => (rest, None),
        };
        match terms.milestones.get(word) {
            Some(Some(code)) => found.insert(code.as_str(), (code, Standing { date, reached })),
            Some(None) => return Err(Held::new("held-milestone", word)),
            None => return Err(Held::new("unknown-milestone", word)),
        };
    }
    Ok(found)
}

/// A command for each milestone that is otherwise than it was; false where none is.
pub(super) fn changed(
    draft: &mut Rules<'_>,
    known: &Known<'_>,
    terms: &Onboarding,
    (from, to): (&str, &str),
    reason: Option<&Shared<String>>,
) -> Result<bool, Held> {
    // What cannot be read any more was never told, or will be told anew as a whole.
    let before = read(terms, from).unwrap_or_default();
    let after = read(terms, to)?;
    let codes = before.keys().chain(after.keys()).copied().collect::<std::collections::BTreeSet<_>>();
    let mut said = false;
    for code in codes {
        let (old, new) = (before.get(code), after.get(code));
        let Some((public, _)) = new.or(old) else { continue };
        if old.map(|(_, s)| s) == new.map(|(_, s)| s) {
            continue;
        }
        said = true;
        let (date, state) = match new {
            Some((_, s)) if s.reached => (s.date, "reached"),
            Some((_, s)) => (s.date, "planned"),
            None => (None, "dropped"),
        };
        let previous = old.and_then(|(_, s)| s.date).filter(|previous| Some(*previous) != date);
        let command = SetMilestone {
            code: public.share(),
            label: known.texts.get("onboarding-milestone", &key(code)).share(),
            state: state.to_owned(),
            date: known.date("due_at", date),
            previous_date: known.date("due_at", previous),
            reason: reason.cloned(),
        };
        push(draft, "onboarding.milestones-changed", code, C::SetMilestone(command));
    }
    Ok(said)
}
