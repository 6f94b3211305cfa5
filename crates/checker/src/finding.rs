//! What the checker says: findings, each with subject, act and place, and how much was looked at to find no more.

use std::collections::BTreeMap;
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An accepted act without an effect on the other side.
    Lost,
    /// An effect twice, or two tickets of one case.
    Duplicated,
    /// Two acts of one case and direction in the wrong order.
    Reordered,
    /// An effect with other bytes or without some of its fields; a journal line damaged in the middle.
    Torn,
    /// What the pipeline wrote came back to where it was from.
    Echoed,
    /// A person's change of a field or status that never reached the other side, and no later one took its place.
    Dropped,
    /// Something internal, or another partner's, at the community.
    Leaked,
    /// An effect on another case of the same partner.
    Misplaced,
    /// A write of the pipeline that nobody asked for.
    Uncaused,
}

pub const KINDS: [Kind; 9] = [
    Kind::Lost,
    Kind::Duplicated,
    Kind::Reordered,
    Kind::Torn,
    Kind::Echoed,
    Kind::Dropped,
    Kind::Leaked,
    Kind::Misplaced,
    Kind::Uncaused,
];

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Duplicated => "duplicated",
            Self::Reordered => "reordered",
            Self::Torn => "torn",
            Self::Echoed => "echoed",
            Self::Dropped => "dropped",
            Self::Leaked => "leaked",
            Self::Misplaced => "misplaced",
            Self::Uncaused => "uncaused",
        }
    }

    /// What was counted for it.
    pub const fn of_what(self) -> &'static str {
        match self {
            Self::Lost => "acts looked for, at home and on the other side",
            Self::Duplicated | Self::Misplaced => "effects found",
            Self::Reordered => "neighbours in one case and direction",
            Self::Torn => "lines read and texts and fields compared",
            Self::Echoed | Self::Uncaused => "writes of the pipeline",
            Self::Dropped => "changes of fields and statuses",
            Self::Leaked => "writes of the pipeline at the community",
        }
    }
}

/// A line of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub journal: String,
    /// From 1.
    pub line: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub kind: Kind,
    /// The case's id at the community, where it is known.
    pub subject: String,
    /// The act's token; empty where no act is to blame.
    pub act: String,
    pub place: Place,
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, subject, act, place, detail } = self;
        let [subject, act] = [subject, act].map(|word| if word.is_empty() { "-" } else { word });
        write!(f, "{} {subject} {act} at {}:{}: {detail}", kind.as_str(), place.journal, place.line)
    }
}

/// The judgement.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// The first of them, at most [`Verdict::SHOWN`]; `found` counts all.
    pub findings: Vec<Finding>,
    pub found: BTreeMap<Kind, u64>,
    /// How many were looked at, by kind.
    pub checked: BTreeMap<Kind, u64>,
    /// Acts that certainly happened.
    pub acts: u64,
    pub cases: u64,
    /// Tokens of what must stay inside.
    pub canaries: u64,
    /// Both sides changed one status before either heard of the other: nobody is right, nothing is judged.
    pub conflicts: u64,
    /// Changes of a field that a later one took the place of before they crossed.
    pub overwritten: u64,
    /// Steps of work, to show that the checking is linear.
    pub work: u64,
}

impl Verdict {
    pub const SHOWN: usize = 1_000;

    /// Nothing was found and something was looked at.
    pub fn is_clean(&self) -> bool {
        self.found.is_empty() && self.acts > 0
    }

    pub(crate) fn find(&mut self, finding: Finding) {
        *self.found.entry(finding.kind).or_default() += 1;
        if self.findings.len() < Self::SHOWN {
            self.findings.push(finding);
        }
    }

    pub(crate) fn look(&mut self, kind: Kind, n: u64) {
        *self.checked.entry(kind).or_default() += n;
        self.work += n;
    }

    /// With 95 % confidence the true share is below this when none of `n` was found: the rule of three.
    pub fn bound(n: u64) -> f64 {
        if n == 0 { 1.0 } else { (3.0 / n as f64).min(1.0) }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acts, cases, canaries, conflicts, overwritten, .. } = self;
        writeln!(
            f,
            "{acts} acts in {cases} cases, {canaries} canaries; {conflicts} conflicts, {overwritten} overwritten"
        )?;
        for kind in KINDS {
            let (found, n) = (self.found.get(&kind).unwrap_or(&0), self.checked.get(&kind).unwrap_or(&0));
            write!(f, "{:<10} {found} of {n} {}", kind.as_str(), kind.of_what())?;
            match (found, n) {
                (_, 0) => writeln!(f, " (nothing to judge)")?,
                (0, n) => writeln!(f, " (95 %: below {:.4} %)", Self::bound(*n) * 100.0)?,
                _ => writeln!(f)?,
            }
        }
        self.findings.iter().try_for_each(|finding| writeln!(f, "  {finding}"))
    }
}
