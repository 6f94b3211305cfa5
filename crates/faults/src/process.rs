//! A process of the real binary: started with a file and an environment, stopped in every way there is.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    #[error("cannot start or signal {name}")]
    Io { name: String, source: io::Error },
    #[error("{name} ended with {status} while it was waited for; it said last:\n{last_words}")]
    Ended { name: String, status: ExitStatus, last_words: String },
    #[error("{name} is not ready after {patience:?}; it said last:\n{last_words}")]
    NotReady { name: String, patience: Duration, last_words: String },
    #[error("{name} does not run")]
    NotRunning { name: String },
}

/// Between two looks at something that can be observed.
const LOOK: Duration = Duration::from_millis(25);

/// How to start it, and the child while it lives. Killed when dropped.
#[derive(Debug)]
pub struct Process {
    pub name: String,
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(String, String)>,
    /// Output of all its lives, one after the other.
    log: PathBuf,
    /// In blocks of 512 bytes; beyond it a write fails as on a full disk.
    file_limit: Option<u64>,
    child: Option<Child>,
    stopped: bool,
}

impl Process {
    /// Inherits nothing of the environment but `RUST_LOG` and what a coverage run needs.
    pub fn new(name: impl Into<String>, program: &Path, log: &Path) -> Self {
        let inherited = std::env::vars().filter(|(key, _)| key.starts_with("LLVM_") || key == "RUST_LOG");
        Self {
            name: name.into(),
            program: program.to_owned(),
            arguments: Vec::new(),
            environment: inherited.collect(),
            log: log.to_owned(),
            file_limit: None,
            child: None,
            stopped: false,
        }
    }

    #[must_use]
    pub fn arguments<T: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = T>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    #[must_use]
    pub fn environment(mut self, key: &str, value: &str) -> Self {
        self.environment.push((key.to_owned(), value.to_owned()));
        self
    }

    /// From the next start on, in place of what it was. `None` takes it away.
    pub fn set_variable(&mut self, key: &str, value: Option<&str>) {
        self.environment.retain(|(known, _)| known != key);
        self.environment.extend(value.map(|value| (key.to_owned(), value.to_owned())));
    }

    /// From the next start on its clock is wrong by so many milliseconds; `library` is libfaketime's. What it measures
    /// of durations stays right.
    pub fn skew_clock(&mut self, library: &Path, millis: Option<i64>) {
        let offset = millis.map(|millis| format!("{:+.3}s", millis as f64 / 1_000.0));
        self.set_variable("FAKETIME", offset.as_deref());
        self.set_variable("LD_PRELOAD", offset.as_ref().and_then(|_| library.to_str()));
        self.set_variable("FAKETIME_DONT_FAKE_MONOTONIC", offset.as_ref().map(|_| "1"));
    }

    /// From the next start on: no file of its own may grow beyond this. `None` lifts it.
    pub const fn limit_files(&mut self, blocks: Option<u64>) {
        self.file_limit = blocks;
    }

    /// Nothing to do where it runs.
    pub fn start(&mut self) -> Result<(), ProcessError> {
        if self.is_running() {
            return Ok(());
        }
        self.child = Some(self.spawn().map_err(|source| self.io(source))?);
        self.stopped = false;
        Ok(())
    }

    fn spawn(&self) -> io::Result<Child> {
        let log = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let mut command = match self.file_limit {
            None => Command::new(&self.program),
            Some(blocks) => {
                let mut shell = Command::new("/bin/bash");
                // With the signal ignored a write beyond the limit is an error, as on a full disk, and no death.
                shell.args(["-c", "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"", "limit"]);
                shell.arg(format!("{}", blocks.div_ceil(2))).arg(&self.program);
                shell
            }
        };
        command.args(&self.arguments).env_clear().envs(self.environment.iter().map(|(key, value)| (key, value)));
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()
    }

    fn io(&self, source: io::Error) -> ProcessError {
        ProcessError::Io { name: self.name.clone(), source }
    }

    pub fn is_running(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    pub fn id(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Until `url` answers with success.
    pub async fn ready(&mut self, url: &str, patience: Duration) -> Result<(), ProcessError> {
        let deadline = Instant::now() + patience;
        loop {
            if reqwest::get(url).await.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten()) {
                return Err(ProcessError::Ended { name: self.name.clone(), status, last_words: self.last_words(20) });
            }
            if Instant::now() > deadline {
                return Err(ProcessError::NotReady {
                    name: self.name.clone(),
                    patience,
                    last_words: self.last_words(20),
                });
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// SIGKILL, and gone when this returns. A stopped one dies as well.
    pub fn kill(&mut self) -> Result<(), ProcessError> {
        self.stopped = false;
        let Some(mut child) = self.child.take() else { return Ok(()) };
        child.kill().and_then(|()| child.wait()).map_err(|source| self.io(source)).map(|_| ())
    }

    /// SIGSTOP: it does nothing more and knows nothing of it, until [`Self::resume`].
    pub fn pause(&mut self) -> Result<(), ProcessError> {
        self.signal("STOP").inspect(|()| self.stopped = true)
    }

    pub fn resume(&mut self) -> Result<(), ProcessError> {
        self.signal("CONT").inspect(|()| self.stopped = false)
    }

    pub const fn is_paused(&self) -> bool {
        self.stopped
    }

    /// SIGTERM, and drained when this returns; killed where it takes longer than `patience`, which is an error.
    pub async fn stop(&mut self, patience: Duration) -> Result<(), ProcessError> {
        if !self.is_running() {
            self.child = None;
            return Ok(());
        }
        self.signal("TERM")?;
        let deadline = Instant::now() + patience;
        while self.is_running() {
            if Instant::now() > deadline {
                self.kill()?;
                let last_words = self.last_words(20);
                return Err(ProcessError::NotReady { name: self.name.clone(), patience, last_words });
            }
            tokio::time::sleep(LOOK).await;
        }
        self.child = None;
        Ok(())
    }

    fn signal(&mut self, signal: &str) -> Result<(), ProcessError> {
        let gone = || ProcessError::NotRunning { name: self.name.clone() };
        // Not waited for yet, so that the number is still its own.
        let id = self.child.as_ref().map(Child::id).ok_or_else(gone)?.to_string();
        let told = Command::new("kill").args(["-s", signal, &id]).status();
        match told {
            Ok(status) if status.success() => Ok(()),
            Ok(_) => Err(gone()),
            Err(source) => Err(self.io(source)),
        }
    }

    /// How it ended, where it did by itself.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.as_mut().and_then(|child| child.try_wait().ok().flatten())
    }

    /// The last lines of its log.
    pub fn last_words(&self, lines: usize) -> String {
        let read = || -> io::Result<String> {
            let mut file = std::fs::File::open(&self.log)?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(64 << 10)))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let text = read().unwrap_or_default();
        let all: Vec<&str> = text.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Nobody is left to be told.
        let _ = self.kill();
    }
}

#[cfg(test)]
mod tests;
