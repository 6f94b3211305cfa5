//! Differences as counts: per partner, per command and field, per reason of a hold. Memory is bounded by their kinds.

use super::compare::Difference;
use std::collections::BTreeMap;
use std::fmt;

/// Of one partner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub facts: u64,
    pub unchanged: u64,
    pub added: u64,
    pub changed: u64,
    pub gone: u64,
    pub new_holds: u64,
    pub no_more_held: u64,
    /// Commands to the partner that fill a field which was empty.
    pub widened: u64,
}

impl Counts {
    fn plus(self, other: Self) -> Self {
        Self {
            facts: self.facts + other.facts,
            unchanged: self.unchanged + other.unchanged,
            added: self.added + other.added,
            changed: self.changed + other.changed,
            gone: self.gone + other.gone,
            new_holds: self.new_holds + other.new_holds,
            no_more_held: self.no_more_held + other.no_more_held,
            widened: self.widened + other.widened,
        }
    }

    fn line(&self, name: &str) -> String {
        format!(
            "{name:<16} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>12} {:>9}",
            self.facts,
            self.unchanged,
            self.added,
            self.changed,
            self.gone,
            self.new_holds,
            self.no_more_held,
            self.widened
        )
    }
}

#[derive(Debug, Default)]
pub struct Tally {
    partners: BTreeMap<String, Counts>,
    /// By what happens, to what, in which field.
    details: BTreeMap<(&'static str, String, String), u64>,
    pub unreadable: u64,
}

impl Tally {
    /// `to_partner`: the commands are for the community, so that what they fill in is seen outside.
    pub fn add(&mut self, partner: &str, to_partner: bool, differences: &[Difference]) {
        let counts = self.partners.entry(partner.to_owned()).or_default();
        counts.facts += 1;
        counts.unchanged += u64::from(differences.is_empty());
        for difference in differences {
            let mut detail = |word, what: &str, field: &str| {
                *self.details.entry((word, what.to_owned(), field.to_owned())).or_default() += 1;
            };
            match difference {
                Difference::Added { kind, .. } => {
                    counts.added += 1;
                    detail("added", kind, "");
                }
                Difference::Gone { kind, .. } => {
                    counts.gone += 1;
                    detail("gone", kind, "");
                }
                Difference::Changed { kind, fields, shown, .. } => {
                    counts.changed += 1;
                    for field in fields {
                        detail("changed", kind, field);
                    }
                    if to_partner && !shown.is_empty() {
                        counts.widened += 1;
                        for field in shown {
                            detail("widened", kind, field);
                        }
                    }
                }
                Difference::NewHold { reason, .. } => {
                    counts.new_holds += 1;
                    detail("new hold", reason, "");
                }
                Difference::NoMoreHeld { reason, .. } => {
                    counts.no_more_held += 1;
                    detail("no more held", reason, "");
                }
            }
        }
    }

    pub fn total(&self) -> Counts {
        self.partners.values().fold(Counts::default(), |total, counts| total.plus(*counts))
    }

    pub fn partners(&self) -> impl Iterator<Item = &str> {
        self.partners.keys().map(String::as_str)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<16} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>12} {:>9}",
            "partner", "facts", "unchanged", "added", "changed", "gone", "new holds", "no more held", "widened"
        )?;
        for (partner, counts) in &self.partners {
            writeln!(f, "{}", counts.line(if partner.is_empty() { "(none named)" } else { partner }))?;
        }
        writeln!(f, "{}", self.total().line("total"))?;
        for ((word, what, field), count) in &self.details {
            writeln!(f, "{count:>9}  {word:<12}  {what}{}{field}", if field.is_empty() { "" } else { "  " })?;
        }
        if self.unreadable > 0 {
            writeln!(f, "{} records could not be read and were left out", self.unreadable)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::MessageId;

    #[test]
    fn counts_are_per_partner_and_widening_counts_outside_only() {
        let changed = Difference::Changed {
            id: MessageId::from_bytes([1; 16]),
            kind: "partner.issue.acknowledge-case".to_owned(),
            fields: vec!["reference".to_owned()],
            shown: vec!["reference".to_owned()],
        };
        let mut tally = Tally::default();
        tally.add("ACME", true, std::slice::from_ref(&changed));
        tally.add("ACME", false, std::slice::from_ref(&changed));
        tally.add("GLOBEX", true, &[]);
        let total = tally.total();
        assert_eq!((total.facts, total.unchanged, total.changed, total.widened), (3, 1, 2, 1));
        let text = tally.to_string();
        assert!(text.contains("        1  widened       partner.issue.acknowledge-case  reference"), "{text}");
        assert!(text.contains("        2  changed       partner.issue.acknowledge-case  reference"), "{text}");
    }
}
