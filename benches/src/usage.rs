//! What a run took, measured inside the process that ran, and told to its parent in one line.

use std::fmt;
use std::time::Instant;

/// The moment of the first record.
pub struct Mark {
    at: Instant,
    cpu_ns: u64,
}

/// From the first record until the last one was acknowledged, or committed where there are transactions.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Usage {
    pub records: u64,
    pub outputs: u64,
    pub seconds: f64,
    /// Of all threads of the process; 0 where the kernel keeps no account.
    pub cpu_seconds: f64,
    pub peak_kib: u64,
}

impl Mark {
    pub fn now() -> Self {
        Self { at: Instant::now(), cpu_ns: cpu_ns() }
    }

    pub fn usage(&self, records: u64, outputs: u64) -> Usage {
        Usage {
            records,
            outputs,
            seconds: self.at.elapsed().as_secs_f64(),
            cpu_seconds: cpu_ns().saturating_sub(self.cpu_ns) as f64 / 1e9,
            peak_kib: peak_kib(),
        }
    }
}

impl Usage {
    pub fn rate(&self) -> f64 {
        self.records as f64 / self.seconds.max(1e-9)
    }
    pub fn cpu_per_million(&self) -> f64 {
        self.cpu_seconds * 1e6 / self.records.max(1) as f64
    }

    /// The line among others that [`fmt::Display`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let line = text.lines().find_map(|line| line.strip_prefix("usage "))?;
        let mut words = line.split(' ');
        Some(Self {
            records: words.next()?.parse().ok()?,
            outputs: words.next()?.parse().ok()?,
            seconds: words.next()?.parse().ok()?,
            cpu_seconds: words.next()?.parse().ok()?,
            peak_kib: words.next()?.parse().ok()?,
        })
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { records, outputs, seconds, cpu_seconds, peak_kib } = self;
        write!(f, "usage {records} {outputs} {seconds} {cpu_seconds} {peak_kib}")
    }
}

/// Time on a core of the threads that live, in nanoseconds (`/proc/PID/task/TID/schedstat`, first field).
fn cpu_ns() -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let of_task = |task: std::fs::DirEntry| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    };
    tasks.filter_map(of_task).sum()
}

/// The largest resident size so far.
pub fn peak_mib() -> u64 {
    peak_kib() >> 10
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_what_is_heard_also_among_other_lines() {
        let usage = Usage { records: 7, outputs: 9, seconds: 0.25, cpu_seconds: 0.5, peak_kib: 12 };
        assert_eq!(Usage::parse(&format!("noise\n{usage}\n")), Some(usage));
        assert_eq!(Usage::parse("usage 1 2"), None);
    }
}
