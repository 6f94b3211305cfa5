//! Nudges as Standard Webhooks 1.0 signs them (github.com/standard-webhooks), symmetric scheme `v1`.

use crate::config::Ready;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use ports::{HookError, HookVerifier, Mistake, Secret};
use sha2::Sha256;
use std::fmt;
use subtle::ConstantTimeEq as _;

const TOLERANCE_SECONDS: i64 = 300;
/// More than a change of secrets needs; each one costs a comparison.
const SIGNATURES: usize = 8;
const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";

/// Decoded secrets; several while one is being changed.
#[derive(Clone)]
pub struct Keys(Vec<Vec<u8>>);

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} keys", self.0.len())
    }
}

impl Keys {
    /// Secrets with the configuration key each came from.
    pub fn read(secrets: Vec<(String, Secret)>) -> Result<Self, Vec<Mistake>> {
        let (mut keys, mut mistakes) = (Vec::new(), Vec::new());
        for (key, secret) in secrets {
            match secret.expose().strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok()) {
                Some(bytes) if (18..=64).contains(&bytes.len()) => keys.push(bytes),
                Some(_) | None => mistakes.push(Mistake::new(
                    key,
                    "is no webhook secret",
                    "write `whsec_` and 24 to 64 random bytes in base64",
                )),
            }
        }
        if mistakes.is_empty() { Ok(Self(keys)) } else { Err(mistakes) }
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Knows the nudges of the simulated case system. The body is not read; a nudge says no more than "look now", so a
/// repeat within the tolerance is harmless.
#[derive(Clone, Debug)]
pub struct NudgeVerifier {
    keys: Keys,
}

impl NudgeVerifier {
    /// Without a secret nothing is accepted.
    pub fn new(ready: &Ready) -> Self {
        Self { keys: ready.nudge_keys.clone() }
    }
}

fn single(header: &dyn Fn(&str) -> Vec<String>, name: &'static str) -> Result<String, HookError> {
    match <[String; 1]>::try_from(header(name)) {
        Ok([value]) => Ok(value),
        Err(_) => Err(HookError::Header(name)),
    }
}

impl HookVerifier for NudgeVerifier {
    fn verify(&self, header: &dyn Fn(&str) -> Vec<String>, body: &[u8], now: Timestamp) -> Result<(), HookError> {
        let (id, stamp, signatures) = (single(header, ID)?, single(header, TIMESTAMP)?, single(header, SIGNATURE)?);
        // No dot: the signed text is joined by dots.
        let sound = (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
        if !sound {
            return Err(HookError::Header(ID));
        }
        let digits = stamp.len() == 10 && stamp.bytes().all(|b| b.is_ascii_digit());
        let at: i64 = digits.then(|| stamp.parse().ok()).flatten().ok_or(HookError::Header(TIMESTAMP))?;
        let claimed: Vec<&str> = signatures.split(' ').collect();
        if claimed.len() > SIGNATURES {
            return Err(HookError::Header(SIGNATURE));
        }
        if (now.0.div_euclid(1000) - at).abs() > TOLERANCE_SECONDS {
            return Err(HookError::Stale { tolerance_seconds: TOLERANCE_SECONDS });
        }
        // Every key against every signature, without stopping at a match: the time taken tells nothing.
        let mut genuine = subtle::Choice::from(0);
        for key in &self.keys.0 {
            let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { continue };
            mac.update(format!("{id}.{stamp}.").as_bytes());
            mac.update(body);
            let expected = mac.finalize().into_bytes();
            for signature in claimed.iter().filter_map(|s| STANDARD.decode(s.strip_prefix("v1,")?).ok()) {
                genuine |= expected.as_slice().ct_eq(&signature);
            }
        }
        if genuine.into() { Ok(()) } else { Err(HookError::Signature) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The published example of the specification.
    const SECRET: &str = "whsec_plJ3nmyCDGBKInavdOK15jsl";
    const GOOD: &str = "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=";
    const BODY: &[u8] = br#"{"event_type":"ping","data":{"success":true}}"#;
    const AT: i64 = 1_731_705_121;

    fn check(secrets: &[&str], id: &[&str], stamp: &[&str], signature: &[&str], later: i64) -> Result<(), HookError> {
        let secrets = secrets.iter().map(|s| ("k".to_owned(), Secret::new((*s).to_owned()))).collect();
        let verifier = NudgeVerifier { keys: Keys::read(secrets).unwrap() };
        let owned = |v: &[&str]| v.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let header = |name: &str| match name {
            ID => owned(id),
            TIMESTAMP => owned(stamp),
            SIGNATURE => owned(signature),
            _ => Vec::new(),
        };
        verifier.verify(&header, BODY, Timestamp((AT + later) * 1000))
    }

    #[test]
    fn the_published_example_is_genuine_with_the_new_and_the_previous_secret() {
        let (id, stamp) = (&["msg_loFOjxBNrRLzqYUf"][..], &["1731705121"][..]);
        assert_eq!(check(&[SECRET], id, stamp, &[GOOD], 0), Ok(()));
        let other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        assert_eq!(check(&[other, SECRET], id, stamp, &[&format!("v1,AAAA {GOOD}")], 300), Ok(()));
        assert_eq!(check(&[other], id, stamp, &[GOOD], 0), Err(HookError::Signature));
        assert_eq!(check(&[], id, stamp, &[GOOD], 0), Err(HookError::Signature));
        assert_eq!(check(&[SECRET], &["msg_other"], stamp, &[GOOD], 0), Err(HookError::Signature));
        assert!(matches!(check(&[SECRET], id, stamp, &[GOOD], 301), Err(HookError::Stale { .. })));
        let many = [GOOD; 9].join(" ");
        let malformed: [(&[&str], &[&str], &[&str]); 5] = [
            (&[], stamp, &[GOOD]),
            (&["a.b"], stamp, &[GOOD]),
            (id, &["1731705121", "1731705121"], &[GOOD]),
            (id, &["-731705121"], &[GOOD]),
            (id, stamp, &[many.as_str()]),
        ];
        for (id, stamp, signature) in malformed {
            assert!(matches!(check(&[SECRET], id, stamp, signature, 0), Err(HookError::Header(_))), "{id:?} {stamp:?}");
        }
    }
}
