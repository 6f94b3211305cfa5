//! The figures as a person reads them.

use crate::usage::Usage;

/// Of our transformer against the raw relay, in records/s. Stated, not asserted: figures of a busy machine would make
/// it a coin toss.
const STATED: f64 = 0.6;

/// One subject with all its rounds.
pub struct Subject {
    pub name: &'static str,
    pub rounds: Vec<Usage>,
    /// Per record, of the whole process; `None` where it was not counted.
    pub instructions: Option<f64>,
}

/// Median, smallest and largest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread(pub f64, pub f64, pub f64);

impl Spread {
    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let (low, high) = (values.first().copied().unwrap_or(0.0), values.last().copied().unwrap_or(0.0));
        let middle = |at: usize| values.get(at).copied().unwrap_or(0.0);
        let half = values.len() / 2;
        let median = if values.len().is_multiple_of(2) {
            f64::midpoint(middle(half.saturating_sub(1)), middle(half))
        } else {
            middle(half)
        };
        Self(median, low, high)
    }

    fn shown(self, digits: usize) -> String {
        format!("{:.digits$} ({:.digits$}–{:.digits$})", self.0, self.1, self.2)
    }
}

impl Subject {
    fn rate(&self) -> Spread {
        Spread::of(self.rounds.iter().map(Usage::rate))
    }
    fn cpu(&self) -> Spread {
        Spread::of(self.rounds.iter().map(Usage::cpu_per_million))
    }
    fn line(&self) -> String {
        let peak = Spread::of(self.rounds.iter().map(|u| u.peak_kib as f64 / 1024.0));
        let outputs = self.rounds.first().map_or(0.0, |u| u.outputs as f64 / u.records.max(1) as f64);
        format!(
            "{:<28} {:>26} {:>20} {:>12} {:>8.0} {:>8.2}",
            self.name,
            self.rate().shown(0),
            self.cpu().shown(2),
            count(self.instructions),
            peak.0,
            outputs
        )
    }
}

fn count(instructions: Option<f64>) -> String {
    instructions.map_or_else(|| "not counted".to_owned(), |n| format!("{n:.0}"))
}

pub fn side_by_side(ours: &Subject, limit: &Subject) {
    println!(
        "{:<28} {:>26} {:>20} {:>12} {:>8} {:>8}",
        "", "records/s", "CPU-s per million", "instr/rec", "MiB", "out/in"
    );
    println!("{}\n{}", ours.line(), limit.line());
    let ratio = |ours: f64, limit: f64| if limit > 0.0 { format!("{:.2}", ours / limit) } else { "-".to_owned() };
    println!();
    println!(
        "ratio in records/s           {}   (stated limit of the design: at least {STATED}; no target yet in this \
         release, nothing is asserted)",
        ratio(ours.rate().0, limit.rate().0)
    );
    println!("ratio in CPU per record      {}", ratio(ours.cpu().0, limit.cpu().0));
    if let (Some(ours), Some(limit)) = (ours.instructions, limit.instructions) {
        println!("ratio in instructions        {}", ratio(ours, limit));
    }
}

/// Stage, instructions and nanoseconds per record.
pub type Measured = (&'static str, Option<f64>, f64);

pub fn pure(stages: &[Measured]) {
    println!("without Kafka, one thread    {:>12} {:>12}", "instr/rec", "ns/rec");
    for (stage, instructions, nanoseconds) in stages {
        println!("  up to {stage:<20} {:>12} {nanoseconds:>12.0}", count(*instructions));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_between_the_two_in_the_middle() {
        assert_eq!(Spread::of([3.0, 1.0, 2.0].into_iter()), Spread(2.0, 1.0, 3.0));
        assert_eq!(Spread::of([4.0, 1.0].into_iter()), Spread(2.5, 1.0, 4.0));
        assert_eq!(Spread::of(std::iter::empty()), Spread(0.0, 0.0, 0.0));
    }
}
