//! Every write in its order, for the test that cuts them off one by one.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

/// A write: the file, and its length before and after.
pub type Write = (PathBuf, u64, u64);

thread_local! {
    static TAPE: RefCell<Vec<Write>> = const { RefCell::new(Vec::new()) };
}

pub fn note(path: &Path, before: u64, after: u64) {
    TAPE.with_borrow_mut(|tape| tape.push((path.to_owned(), before, after)));
}

pub fn length() -> usize {
    TAPE.with_borrow(Vec::len)
}

pub fn take() -> Vec<Write> {
    TAPE.take()
}
