use domain::Timestamp;

/// Tells a genuine nudge from anything else. Pure: works on the raw bytes, before anything is parsed.
///
/// A nudge is never believed beyond "look now": the change feed is the truth.
pub trait HookVerifier: Send + Sync + 'static {
    /// `header` looks a header up by lower-case name and gives every value it was sent with.
    fn verify(&self, header: &dyn Fn(&str) -> Vec<String>, body: &[u8], now: Timestamp) -> Result<(), HookError>;
}

/// Why a hook was not accepted. The caller answers 401 to all of these, without saying which.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HookError {
    #[error("header `{0}` is missing, repeated or malformed")]
    Header(&'static str),
    #[error("timestamp is more than {tolerance_seconds} s away from our clock")]
    Stale { tolerance_seconds: i64 },
    #[error("no signature matches")]
    Signature,
}
