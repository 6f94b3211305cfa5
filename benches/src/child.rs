//! Every figure comes from a process of its own: nothing is warm, and CPU time and memory belong to one subject.

use crate::error::{BenchError, wrong};
use crate::usage::Usage;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How children are run.
pub struct Children {
    /// Restricts them to one core, where `taskset` is told which.
    pub core: Option<String>,
    /// Where callgrind writes, or `None` where it is not installed or not wanted.
    pub callgrind: Option<PathBuf>,
}

impl Children {
    /// Runs this very program with other arguments.
    pub fn measure(&self, arguments: &[&str]) -> Result<Usage, BenchError> {
        let output = self.run(&[], arguments)?;
        match Usage::parse(&output) {
            Some(usage) => Ok(usage),
            None => wrong(format!("`{}` told no figures", arguments.join(" "))),
        }
    }

    /// Instructions of a whole process, all threads (Valgrind's count, as its processor executes them).
    pub fn instructions(&self, folder: &Path, arguments: &[&str]) -> Result<u64, BenchError> {
        let file = folder.join(format!("callgrind.{}", arguments.join("-")));
        let out = format!("--callgrind-out-file={}", file.display());
        self.run(&["valgrind", "-q", "--tool=callgrind", "--fair-sched=yes", &out], arguments)?;
        let text = std::fs::read_to_string(&file).map_err(|source| BenchError::File { path: file.clone(), source })?;
        let total = text.lines().filter_map(|line| line.strip_prefix("totals: ")?.trim().parse::<u64>().ok());
        match total.sum() {
            0 => wrong(format!("{} has no totals", file.display())),
            total => Ok(total),
        }
    }

    fn run(&self, before: &[&str], arguments: &[&str]) -> Result<String, BenchError> {
        let program = std::env::current_exe()?;
        let mut line: Vec<String> = Vec::new();
        if let Some(core) = &self.core {
            line.extend(["taskset".to_owned(), "-c".to_owned(), core.clone()]);
        }
        line.extend(before.iter().map(|&word| word.to_owned()));
        line.push(program.display().to_string());
        line.extend(arguments.iter().map(|&word| word.to_owned()));
        let (first, rest) = line.split_first().ok_or(BenchError::Wrong("no program".to_owned()))?;
        let output = Command::new(first)
            .args(rest)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|source| BenchError::Program { program: first.clone(), source })?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() { Ok(text) } else { wrong(format!("`{}` failed: {text}", line.join(" "))) }
    }
}
