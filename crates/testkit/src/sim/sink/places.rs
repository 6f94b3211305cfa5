/// The calls that a target takes at once from one process: some places and those who wait for one.
#[derive(Debug)]
pub(super) struct Places {
    free: usize,
    waiting: usize,
}

impl Places {
    pub(super) const fn new(most: usize) -> Self {
        Self { free: most, waiting: 0 }
    }

    /// True: there is one now.
    pub(super) const fn ask(&mut self) -> bool {
        if self.free == 0 {
            self.waiting += 1;
            return false;
        }
        self.free -= 1;
        true
    }

    /// True: it goes to somebody who waited.
    pub(super) const fn free(&mut self) -> bool {
        if self.waiting == 0 {
            self.free += 1;
            return false;
        }
        self.waiting -= 1;
        true
    }
}
