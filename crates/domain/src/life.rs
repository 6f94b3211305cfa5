//! What the lives of all records have in common.

/// The shortest allowed way from `from` to `to`, without `from`; empty where they are equal, `None` where there is
/// none. Of ways of one length the one whose steps are listed first.
pub(crate) fn path<S: Copy + PartialEq + 'static>(from: S, to: S, next: impl Fn(S) -> &'static [S]) -> Option<Vec<S>> {
    let mut ways: Vec<Vec<S>> = vec![vec![from]];
    let mut seen = vec![from];
    while let Some(way) = (!ways.is_empty()).then(|| ways.remove(0)) {
        let at = *way.last()?;
        if at == to {
            return Some(way[1..].to_vec());
        }
        for &step in next(at) {
            if !seen.contains(&step) {
                seen.push(step);
                ways.push(way.iter().copied().chain([step]).collect());
            }
        }
    }
    None
}
