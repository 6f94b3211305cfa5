//! Which rows were reported. RT on PostgreSQL takes a row's id before it commits: a lower id may turn up after a
//! higher one, and "everything above the last id" then loses it (measured: 4 to 14 of 100 under eight writers).
//!
//! So the cursor is a *watermark* below which nothing can turn up any more, and the set of ids seen above it. Rows are
//! reported as soon as they are seen; only the watermark waits.

use ports::{Cursor, FeedError};
use serde::{Deserialize, Serialize};

/// Inclusive range of seen ids.
type Range = (u64, u64);

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    v: u8,
    /// Every row up to here was reported.
    pub watermark: u64,
    /// Reported above the watermark; ascending and apart.
    seen: Vec<Range>,
    /// `(id, created)`: no row up to `id` was created later than `created` (seconds, RT's clock). When that is long
    /// enough ago the watermark may rise to `id`.
    marks: Vec<(u64, i64)>,
}

const VERSION: u8 = 1;
/// Marks closer than a fraction of the hold-back are merged: the cursor stays short under any load.
const MARKS_PER_HOLD_BACK: i64 = 8;
/// RT's `Created` and `Date` are whole seconds; one of each may be off by almost one.
const ROUNDING: i64 = 2;

impl Seen {
    pub fn new(watermark: u64) -> Self {
        Self { v: VERSION, watermark, seen: Vec::new(), marks: Vec::new() }
    }

    pub fn parse(cursor: &Cursor) -> Result<Self, FeedError> {
        let lost = |reason: &str| FeedError::CursorLost { reason: reason.to_owned() };
        let seen: Self = serde_json::from_str(&cursor.0).map_err(|_| lost("the cursor is not one of this feed"))?;
        let mut floor = seen.watermark;
        for (from, to) in &seen.seen {
            if *from <= floor || to < from {
                return Err(lost("the cursor's ranges are out of order"));
            }
            floor = *to;
        }
        if seen.v == VERSION { Ok(seen) } else { Err(lost("the cursor is of another version")) }
    }

    pub fn to_cursor(&self) -> Cursor {
        // Numbers only: cannot fail.
        Cursor(serde_json::to_string(self).unwrap_or_default())
    }

    pub fn contains(&self, id: u64) -> bool {
        id <= self.watermark || self.seen.iter().any(|(from, to)| (*from..=*to).contains(&id))
    }

    /// Open intervals that may hold unseen rows, the last one without an end; at most `limit`, lowest first.
    /// Intervals without room for an id are left out.
    pub fn gaps(&self, limit: usize) -> Vec<(u64, Option<u64>)> {
        let mut gaps = Vec::new();
        let mut after = self.watermark;
        for (from, to) in &self.seen {
            if *from > after + 1 {
                gaps.push((after, Some(*from)));
            }
            after = *to;
        }
        gaps.push((after, None));
        if gaps.len() > limit {
            // What is beyond the last interval asked for is asked for whole: rows seen before are left out by id.
            gaps.truncate(limit);
            if let Some(last) = gaps.last_mut() {
                last.1 = None;
            }
        }
        gaps
    }

    /// A row was reported. Rows of one reading come by ascending id.
    pub fn insert(&mut self, id: u64) {
        if self.contains(id) {
            return;
        }
        let at = self.seen.partition_point(|(from, _)| *from < id);
        self.seen.insert(at, (id, id));
        if self.seen.get(at + 1).is_some_and(|(from, _)| *from == id + 1) {
            self.seen[at].1 = self.seen[at + 1].1;
            self.seen.remove(at + 1);
        }
        if at > 0 && self.seen[at - 1].1 + 1 == id {
            self.seen[at - 1].1 = self.seen[at].1;
            self.seen.remove(at);
        }
    }

    /// The row is on its way: `created` by RT's clock.
    pub fn mark(&mut self, id: u64, created: i64, hold_back: i64) {
        let Some(last) = self.marks.last().copied() else {
            self.marks.push((id, created));
            return;
        };
        if id <= last.0 {
            // A late row, below what was already marked. It commits after its peers, never before their marks count.
            return;
        }
        let created = created.max(last.1);
        let bucket = |at: i64| at.div_euclid((hold_back / MARKS_PER_HOLD_BACK).max(1));
        if self.marks.len() > 1 && bucket(created) == bucket(last.1) {
            self.marks.pop();
        }
        self.marks.push((id, created));
    }

    /// Every row that was visible at `began` (RT's clock) with an id up to `covered` has been reported: raises the
    /// watermark to the highest mark that was old enough by then.
    pub fn settle(&mut self, covered: u64, began: i64, hold_back: i64) {
        let old = |(id, created): &(u64, i64)| *id <= covered && created + hold_back + ROUNDING <= began;
        let Some(&(id, _)) = self.marks.iter().rev().find(|mark| old(mark)) else { return };
        self.marks.retain(|(other, _)| *other > id);
        self.watermark = self.watermark.max(id);
        let watermark = self.watermark;
        self.seen.retain_mut(|(from, to)| {
            *from = (*from).max(watermark + 1);
            *from <= *to
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_turns_up_late_lies_in_a_gap() {
        let mut seen = Seen::new(10);
        for id in [11, 12, 15, 16] {
            seen.insert(id);
        }
        assert_eq!(seen.gaps(40), [(12, Some(15)), (16, None)]);
        assert!(!seen.contains(13) && seen.contains(15));
        seen.insert(13);
        seen.insert(14);
        assert_eq!(seen.gaps(40), [(16, None)]);
        assert_eq!(Seen::parse(&seen.to_cursor()).unwrap(), seen);
    }

    #[test]
    fn the_watermark_rises_only_over_what_is_old_enough_and_read_after_that() {
        let mut seen = Seen::new(0);
        for (id, created) in [(1, 100), (3, 101)] {
            seen.insert(id);
            seen.mark(id, created, 120);
        }
        seen.settle(3, 200, 120);
        assert_eq!(seen.watermark, 0, "row 2 may still be in an open transaction");
        seen.settle(2, 400, 120);
        assert_eq!(seen.watermark, 1, "what was not covered by the reading does not count");
        seen.settle(3, 400, 120);
        assert_eq!((seen.watermark, seen.gaps(40)), (3, vec![(3, None)]));
    }

    #[test]
    fn the_cursor_stays_short_under_load() {
        let mut seen = Seen::new(0);
        for id in 1..=20_000 {
            seen.insert(id);
            seen.mark(id, 1_000 + i64::try_from(id).unwrap() / 100, 120);
        }
        assert!(seen.to_cursor().0.len() < 400, "{}", seen.to_cursor().0.len());
        seen.settle(20_000, 1_190, 120);
        assert!(seen.watermark > 4_000 && seen.watermark < 7_000, "{}", seen.watermark);
    }

    #[test]
    fn too_many_gaps_are_asked_for_as_one() {
        let mut seen = Seen::new(0);
        (1..=50).for_each(|i| seen.insert(i * 2));
        assert_eq!(seen.gaps(3), [(0, Some(2)), (2, Some(4)), (4, None)]);
    }

    #[test]
    fn a_cursor_that_is_not_ours_is_lost_and_not_guessed_at() {
        for bad in [
            "",
            "{}",
            r#"{"v":2,"watermark":1,"seen":[],"marks":[]}"#,
            r#"{"v":1,"watermark":9,"seen":[[3,4]],"marks":[]}"#,
        ] {
            assert!(matches!(Seen::parse(&Cursor(bad.into())), Err(FeedError::CursorLost { .. })), "{bad}");
        }
    }
}
