//! The check that an owner makes before a call: its intent was read back and no other owner's barrier stands before it.
//! Taken away on demand in debug builds, so that a test can show that it would notice.

use domain::Outcome;

/// `CAUSEWAY_UNGUARDED=1`: whoever has been replaced takes its successor's barrier for its own and goes on calling until
/// Kafka tells it. In a release build this is nothing.
#[cfg(debug_assertions)]
pub fn overlook(outcome: &mut Outcome, live: bool, owner: &str) {
    use std::sync::LazyLock;
    static OFF: LazyLock<bool> = LazyLock::new(|| std::env::var_os("CAUSEWAY_UNGUARDED").is_some());
    if let Outcome::Barrier(barrier) = outcome
        && live
        && *OFF
        && barrier.owner != owner
    {
        eprintln!("overlooked that {} has taken over", barrier.owner);
        owner.clone_into(&mut barrier.owner);
    }
}

#[cfg(not(debug_assertions))]
pub const fn overlook(_: &mut Outcome, _: bool, _: &str) {}
