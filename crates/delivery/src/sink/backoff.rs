use super::Rules;
use domain::MessageId;
use std::time::Duration;

const RETRY_AFTER_FLOOR: i64 = 1_000;
const RETRY_AFTER_CEILING: i64 = 3_600_000;

/// Milliseconds until the next try: doubled with each attempt up to the cap, its upper half spread by a number that
/// derives from the command and the attempt. Many commands that fail together do not come back together, and the same
/// history gives the same waits.
pub(super) fn backoff(rules: &Rules, id: &MessageId, attempt: i32, retry_after: Option<Duration>) -> i64 {
    let doublings = attempt.saturating_sub(1).clamp(0, 30);
    let full = rules.backoff_base.saturating_mul(1_i64 << doublings).clamp(2, rules.backoff_cap.max(2));
    let half = full / 2;
    let own = half + (spread(id, attempt) % (half.unsigned_abs() + 1)) as i64;
    match retry_after {
        None => own,
        Some(asked) => {
            let asked = i64::try_from(asked.as_millis()).unwrap_or(i64::MAX);
            own.max(asked.clamp(RETRY_AFTER_FLOOR, RETRY_AFTER_CEILING))
        }
    }
}

/// FNV-1a, 64 bit.
fn spread(id: &MessageId, attempt: i32) -> u64 {
    id.as_bytes()
        .iter()
        .copied()
        .chain(attempt.to_be_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
