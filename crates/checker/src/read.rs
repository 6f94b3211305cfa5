//! The journals' own formats, read by what they say and not by the types of those who write them.

pub(crate) mod community;
pub(crate) mod desk;

use crate::CheckError;
use crate::act::Side;
use crate::judge::Judge;
use crate::source::Source;

/// Reads one side's journal into the judge.
pub(crate) fn side(
    judge: &mut Judge<'_>,
    side: Side,
    source: &Source,
    mut parse: impl FnMut(&[u8]) -> Option<Vec<crate::Observed>>,
) -> Result<(), CheckError> {
    let journal = judge.journal(source.name());
    source.lines(|line, bytes| {
        let text = std::str::from_utf8(bytes).ok();
        match (text, text.and_then(|_| parse(bytes))) {
            (Some(raw), Some(observed)) => {
                judge.read_well();
                // Whatever a line at the community holds, its partner can read.
                judge.look_for_leaks(side, (journal, line), &observed, raw);
                observed.into_iter().for_each(|o| judge.observe(side, (journal, line), o));
            }
            _ => judge.damaged((journal, line), bytes),
        }
    })
}

/// The journal of the people.
pub(crate) fn people(judge: &mut Judge<'_>, source: &Source) -> Result<(), CheckError> {
    let journal = judge.journal(source.name());
    source.lines(|line, bytes| match serde_json::from_slice(bytes) {
        Ok(said) => {
            judge.read_well();
            judge.person((journal, line), said);
        }
        Err(_) => judge.damaged((journal, line), bytes),
    })
}

/// Lines of [`crate::Observed`].
pub(crate) fn observed(bytes: &[u8]) -> Option<Vec<crate::Observed>> {
    serde_json::from_slice(bytes).ok().map(|one| vec![one])
}
