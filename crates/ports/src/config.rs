use std::fmt;
use std::path::Path;

/// One mistake in a configuration. All of them are reported at once, before anything is opened or bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// As written in the file: `internal.rt.url`.
    pub key: String,
    pub problem: String,
    /// What to write instead.
    pub fix: String,
}

impl Mistake {
    pub fn new(key: impl Into<String>, problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { key: key.into(), problem: problem.into(), fix: fix.into() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.key, self.problem, self.fix)
    }
}

/// A credential. Neither `Debug` nor `Display` print it; it is not serialisable.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub const fn new(value: String) -> Self {
        Self(value)
    }

    /// The file's first 4 KiB without trailing white space. Secrets come from files, never from the environment or
    /// the command line, where other processes can read them.
    pub fn read(key: &str, path: &Path) -> Result<Self, Mistake> {
        use std::io::Read;
        let mut text = String::new();
        let read = std::fs::File::open(path).and_then(|f| f.take(4096).read_to_string(&mut text));
        match read {
            Err(error) => Err(Mistake::new(
                key,
                format!("cannot read {}: {error}", path.display()),
                "name a readable file that holds the secret",
            )),
            Ok(_) if text.trim().is_empty() => {
                Err(Mistake::new(key, format!("{} is empty", path.display()), "write the secret into the file"))
            }
            Ok(_) => Ok(Self(text.trim_end().to_owned())),
        }
    }

    /// For the one place that puts it on the wire.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

/// Why nothing may be written to a system yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It does not answer, which says nothing of its set-up: ask again later.
    #[error("no answer: {0}")]
    Silent(String),
    /// It is not as configured, and a person has to act. Where a field is misspelt every search finds nothing, and every
    /// retry would make a second record.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Wrong(Vec<Mistake>),
}
