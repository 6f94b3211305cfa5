use std::collections::BTreeSet;

/// Which command offsets are settled on the log. What is committed is the lowest that is not.
#[derive(Debug, Default)]
pub(super) struct Offsets {
    unsettled: BTreeSet<i64>,
    next: i64,
    told: i64,
}

impl Offsets {
    pub(super) fn see(&mut self, offset: i64) {
        self.unsettled.insert(offset);
        self.next = self.next.max(offset.saturating_add(1));
    }

    pub(super) fn settle(&mut self, offset: i64) {
        self.unsettled.remove(&offset);
    }

    /// The low watermark, when it has grown since it was last told.
    pub(super) fn grown(&mut self) -> Option<i64> {
        let low = self.unsettled.first().copied().unwrap_or(self.next);
        (low > self.told).then(|| {
            self.told = low;
            low
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_told_only_when_everything_below_it_is_settled() {
        let mut offsets = Offsets::default();
        offsets.see(4);
        assert_eq!(offsets.grown(), Some(4), "everything before the first record");
        for offset in [5, 9] {
            offsets.see(offset);
        }
        offsets.settle(5);
        assert_eq!(offsets.grown(), None);
        offsets.settle(4);
        assert_eq!(offsets.grown(), Some(9));
        offsets.settle(9);
        assert_eq!((offsets.grown(), offsets.grown()), (Some(10), None));
    }
}
