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
mod tests {
    use super::*;

    fn shell(folder: &tempfile::TempDir, script: &str) -> Process {
        let log = folder.path().join("log");
        Process::new("shell", Path::new("/bin/sh"), &log).arguments(["-c", script])
    }

    fn state(id: u32) -> char {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
        stat.rsplit(") ").next().unwrap().chars().next().unwrap()
    }

    fn wait(what: &str, mut seen: impl FnMut() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while !seen() {
            assert!(Instant::now() < deadline, "{what}");
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_stopped_process_stands_still_and_goes_on_and_a_killed_one_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let mut process = shell(&folder, "while :; do :; done");
        process.start().unwrap();
        let id = process.id().unwrap();
        process.pause().unwrap();
        wait("stopped", || state(id) == 'T');
        process.resume().unwrap();
        wait("running", || state(id) == 'R');
        process.pause().unwrap();
        process.kill().unwrap();
        assert!(!Path::new(&format!("/proc/{id}")).exists());
        assert!(matches!(process.pause(), Err(ProcessError::NotRunning { .. })));
    }

    #[tokio::test]
    async fn who_waits_for_a_process_that_ends_is_told_its_last_words() {
        let folder = tempfile::tempdir().unwrap();
        let mut process = shell(&folder, "echo first; echo \"$GREETING\" >&2; exit 3").environment("GREETING", "alas");
        process.start().unwrap();
        let error = process.ready("http://127.0.0.1:1/", Duration::from_secs(10)).await.unwrap_err();
        assert!(error.to_string().contains("alas"), "{error}");
    }

    #[tokio::test]
    async fn a_process_that_drains_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let mut process = shell(&folder, "trap 'echo drained; exit' TERM; echo up; while :; do :; done");
        process.start().unwrap();
        wait("up", || process.last_words(1) == "up");
        process.stop(Duration::from_secs(10)).await.unwrap();
        assert_eq!(process.last_words(1), "drained");
    }

    #[test]
    fn a_write_beyond_the_limit_fails_and_the_process_lives() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("big");
        let script = format!("head -c 100000 /dev/zero >{}; echo status $?; while :; do :; done", file.display());
        let mut process = shell(&folder, &script);
        process.limit_files(Some(64));
        process.start().unwrap();
        wait("the refusal", || process.last_words(1).starts_with("status"));
        assert_eq!(process.last_words(1), "status 1");
        assert_eq!(std::fs::metadata(&file).unwrap().len(), 32 << 10);
        assert!(process.is_running());
    }
}
