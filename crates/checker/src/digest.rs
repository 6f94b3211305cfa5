//! A text without its words: enough to know it again inside a longer one.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Length in bytes and the first half of the SHA-256, in hex.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    pub bytes: usize,
    pub sha256: String,
}

impl Digest {
    pub fn of(text: &str) -> Self {
        let hash = Sha256::digest(text.as_bytes());
        Self { bytes: text.len(), sha256: hash.iter().take(16).map(|b| format!("{b:02x}")).collect() }
    }

    /// Whether this text stands in `text` from `at` on, byte for byte.
    pub fn stands_at(&self, text: &str, at: usize) -> bool {
        let end = at.saturating_add(self.bytes);
        text.get(at..end).is_some_and(|part| Self::of(part) == *self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_known_again_inside_what_is_wrapped_around_it() {
        let digest = Digest::of("act-r-1 Grüße");
        assert!(digest.stands_at("Partner wrote: act-r-1 Grüße.", 15));
        assert!(!digest.stands_at("Partner wrote: act-r-1 Grüss.", 15));
        assert!(!digest.stands_at("act-r-1 Gr", 0), "cut");
        assert!(!digest.stands_at("ü", 1), "inside a letter");
    }
}
