//! The most memory that the processes of a role have had resident, as the kernel counts it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// KiB by role, over all lives of its processes; looked at several times a second, so that a kill loses little.
#[derive(Debug, Default)]
pub struct Peaks(Mutex<BTreeMap<&'static str, u64>>);

impl Peaks {
    pub fn look(&self, role: &'static str, process: Option<u32>) {
        let Some(kib) = process.and_then(peak) else { return };
        let mut peaks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = peaks.entry(role).or_default();
        *known = kib.max(*known);
    }

    pub fn all(&self) -> BTreeMap<&'static str, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
