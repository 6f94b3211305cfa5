use crate::config::Ready;
use domain::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use ports::{HookError, HookVerifier, Secret};
use sha2::Sha256;

const TOLERANCE_SECONDS: i64 = 300;
const TIMESTAMP: &str = "x-causeway-timestamp";
const SIGNATURE: &str = "x-causeway-signature";

/// Knows the nudges of `deploy/rt/lib/RT/Action/CausewayNudge.pm`: HMAC-SHA256 over `<unix seconds>.<raw body>`, in
/// hex. The body is not read; a nudge says no more than "look now". A repeat within the tolerance is harmless for the
/// same reason.
#[derive(Clone, Debug)]
pub struct NudgeVerifier {
    secrets: Vec<Secret>,
}

impl NudgeVerifier {
    /// Without a secret nothing is accepted.
    pub fn new(ready: &Ready) -> Self {
        Self { secrets: ready.nudge_secrets.clone() }
    }
}

impl HookVerifier for NudgeVerifier {
    fn verify(&self, header: &dyn Fn(&str) -> Vec<String>, body: &[u8], now: Timestamp) -> Result<(), HookError> {
        let stamp = single(header, TIMESTAMP)?;
        let sound = stamp.len() <= 12 && stamp.bytes().all(|b| b.is_ascii_digit());
        let at: i64 = sound.then(|| stamp.parse().ok()).flatten().ok_or(HookError::Header(TIMESTAMP))?;
        if (now.0 / 1000).abs_diff(at) > TOLERANCE_SECONDS.unsigned_abs() {
            return Err(HookError::Stale { tolerance_seconds: TOLERANCE_SECONDS });
        }
        let claimed = single(header, SIGNATURE)?;
        let claimed = claimed.strip_prefix("sha256=").and_then(unhex).ok_or(HookError::Header(SIGNATURE))?;
        // Every secret is tried, and each comparison takes the same time wherever it fails.
        let genuine = self.secrets.iter().fold(false, |so_far, secret| {
            let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else { return so_far };
            mac.update(stamp.as_bytes());
            mac.update(b".");
            mac.update(body);
            let equal: bool =
                subtle::ConstantTimeEq::ct_eq(mac.finalize().into_bytes().as_slice(), &claimed[..]).into();
            so_far | equal
        });
        if genuine { Ok(()) } else { Err(HookError::Signature) }
    }
}

fn single(header: &dyn Fn(&str) -> Vec<String>, name: &'static str) -> Result<String, HookError> {
    match <[String; 1]>::try_from(header(name)) {
        Ok([value]) => Ok(value),
        Err(_) => Err(HookError::Header(name)),
    }
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let digit = |b: u8| char::from(b).to_digit(16);
    let bytes = text.as_bytes();
    (bytes.len() == 64).then_some(())?;
    let mut out = [0; 32];
    for (at, pair) in out.iter_mut().zip(bytes.chunks_exact(2)) {
        *at = u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"ticket":7,"transactions":[41]}"#;
    const NOW: Timestamp = Timestamp(1_795_380_024_000);

    fn check(secrets: &[&str], stamp: &[&str], signature: &[&str], body: &[u8]) -> Result<(), HookError> {
        let verifier = NudgeVerifier { secrets: secrets.iter().map(|s| Secret::new((*s).to_owned())).collect() };
        let owned = |v: &[&str]| v.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let header = |name: &str| match name {
            "x-causeway-timestamp" => owned(stamp),
            "x-causeway-signature" => owned(signature),
            _ => Vec::new(),
        };
        verifier.verify(&header, body, NOW)
    }

    // printf '1795380024.{"ticket":7,"transactions":[41]}' | openssl dgst -sha256 -hmac secret
    const GOOD: &str = "sha256=5bbf0c6ee872b94bf592fb8c043b9064811cf95c323df42f7dfb0b6bad0c81c1";

    #[test]
    fn a_nudge_signed_by_another_implementation_is_known_with_the_new_and_the_previous_secret() {
        assert_eq!(check(&["secret"], &["1795380024"], &[GOOD], BODY), Ok(()));
        assert_eq!(check(&["new", "secret"], &["1795380024"], &[GOOD], BODY), Ok(()));
    }

    #[test]
    fn anything_else_is_refused() {
        let signature = Err(HookError::Signature);
        assert_eq!(check(&["other"], &["1795380024"], &[GOOD], BODY), signature);
        assert_eq!(check(&[], &["1795380024"], &[GOOD], BODY), signature);
        assert_eq!(check(&["secret"], &["1795380025"], &[GOOD], BODY), signature);
        assert_eq!(check(&["secret"], &["1795380024"], &[GOOD], b"{}"), signature);
        assert!(matches!(check(&["secret"], &["1795379723"], &[GOOD], BODY), Err(HookError::Stale { .. })));
        for stamps in [&[][..], &["1795380024", "1795380024"], &["-1"], &["9999999999999999999"]] {
            assert!(matches!(check(&["secret"], stamps, &[GOOD], BODY), Err(HookError::Header(_))), "{stamps:?}");
        }
        for bad in ["", "sha256=", "sha256=zz", GOOD.trim_start_matches("sha256=")] {
            assert!(matches!(check(&["secret"], &["1795380024"], &[bad], BODY), Err(HookError::Header(_))), "{bad}");
        }
    }
}
