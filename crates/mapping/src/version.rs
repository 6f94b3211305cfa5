//! Which bundle may take over from which.

use crate::Bundle;

/// The bundle may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It is what was used last.
    Same,
    /// It is new: it goes to `mapping.bundles` before it maps anything.
    Newer,
}

/// The bundle must not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Inadmissible {
    #[error("bundle is of link `{candidate}`, the log has used `{used}`")]
    OtherLink { used: String, candidate: String },
    #[error("bundle version {candidate} is below version {used} that was used last; a rollback is a new number")]
    Older { used: i64, candidate: i64 },
    #[error("bundle version {version} was used with other content; a changed bundle needs a new number")]
    Changed { version: i64 },
}

/// Decides whether `candidate` may map after `used`, the highest version on `mapping.bundles` (none at first).
pub fn candidate(used: Option<&domain::BundleVersion>, candidate: &Bundle) -> Result<Admission, Inadmissible> {
    let Some(used) = used else { return Ok(Admission::Newer) };
    let version = candidate.version();
    if used.link != candidate.link() {
        return Err(Inadmissible::OtherLink { used: used.link.clone(), candidate: candidate.link().to_owned() });
    }
    if version < used.version {
        return Err(Inadmissible::Older { used: used.version, candidate: version });
    }
    match (version == used.version, used.digest == candidate.digest()) {
        (true, true) => Ok(Admission::Same),
        (true, false) => Err(Inadmissible::Changed { version }),
        (false, _) => Ok(Admission::Newer),
    }
}
