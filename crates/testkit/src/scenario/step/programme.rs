//! Programmes and tasks as scenarios write and read them.

/// A programme in the case system, with its milestones in the lines that agents write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewProgramme {
    pub by: String,
    pub programme: String,
    pub target: String,
    pub milestones: String,
}

/// A task of a programme. It is known by `task` in the scenario, which is its id where the case system lets it be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTask {
    pub task: String,
    pub title: String,
    pub instructions: String,
    pub side: String,
    pub mandatory: String,
    pub document: String,
    pub depends_on: String,
    pub due: String,
    pub shown: String,
}

/// `12 active Send a W-9 (W9) due 2026-07-01 waits for 11 because of a new rule`: a task as its partner sees it.
#[derive(Clone, Copy, Debug)]
pub struct TaskLine<'t> {
    pub id: &'t str,
    pub status: &'t str,
    pub title: &'t str,
    pub document: &'t str,
    pub due: &'t str,
    pub waits: &'t [String],
    pub reason: &'t str,
}

impl std::fmt::Display for TaskLine<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.id, self.status, self.title)?;
        if !self.document.is_empty() {
            write!(f, " ({})", self.document)?;
        }
        if !self.due.is_empty() {
            write!(f, " due {}", self.due)?;
        }
        if !self.waits.is_empty() {
            write!(f, " waits for {}", self.waits.join(", "))?;
        }
        if !self.reason.is_empty() {
            write!(f, " because {}", self.reason)?;
        }
        Ok(())
    }
}

/// `NOT_READY 1/3: 12 W9, 13, 1 hidden`.
pub fn readiness_line<'b>(
    state: &str,
    (done, total): (i64, i64),
    blockers: impl Iterator<Item = (&'b str, String)>,
    hidden: i64,
) -> String {
    let named = blockers.map(|(id, document)| format!("{id} {document}").trim_end().to_owned());
    let rest = (hidden > 0).then(|| format!("{hidden} hidden"));
    let blockers = named.chain(rest).collect::<Vec<_>>().join(", ");
    if blockers.is_empty() { format!("{state} {done}/{total}") } else { format!("{state} {done}/{total}: {blockers}") }
}

/// The calendar day, UTC, of a time in milliseconds (Howard Hinnant, "chrono-compatible low-level date algorithms").
pub fn day(at: i64) -> String {
    let days = at.div_euclid(86_400_000) + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let date = of_year - (153 * shifted + 2) / 5 + 1;
    format!("{:04}-{month:02}-{date:02}", year + era * 400 + i64::from(month <= 2))
}
