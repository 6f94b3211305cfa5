use std::fmt;

/// One mistake in a bundle: where it is, what is wrong, how to mend it. A load reports all of them at once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Path inside the bundle.
    pub file: String,
    /// From 1; 0 where the fault is about the file as a whole, such as a missing one.
    pub line: usize,
    pub what: String,
    pub mend: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}; {}", self.file, self.line, self.what, self.mend)
    }
}
