//! What signing an S3 request needs, from the hash crates that the build has anyway.

use hmac::{Hmac, KeyInit, Mac};
use object_store::client::{CryptoProvider, DigestAlgorithm, DigestContext, HmacContext, Signer, SigningAlgorithm};
use object_store::{Error, Result};
use sha2::{Digest, Sha256};

/// SHA-256 and its HMAC; keys of other kinds are for clouds that this build does not speak to.
#[derive(Debug)]
pub struct Sha2;

struct Hashing(Option<Sha256>, Vec<u8>);
struct Signing(Option<Hmac<Sha256>>, Vec<u8>);

impl CryptoProvider for Sha2 {
    fn digest(&self, algorithm: DigestAlgorithm) -> Result<Box<dyn DigestContext>> {
        only_sha256(&algorithm)?;
        Ok(Box::new(Hashing(Some(Sha256::new()), Vec::new())))
    }
    fn hmac(&self, algorithm: DigestAlgorithm, secret: &[u8]) -> Result<Box<dyn HmacContext>> {
        only_sha256(&algorithm)?;
        let mac = Hmac::new_from_slice(secret).map_err(|error| not_supported(error.to_string()))?;
        Ok(Box::new(Signing(Some(mac), Vec::new())))
    }
    fn sign(&self, _: SigningAlgorithm, _: &[u8]) -> Result<Box<dyn Signer>> {
        Err(not_supported("signatures with a private key".to_owned()))
    }
}

impl DigestContext for Hashing {
    fn update(&mut self, data: &[u8]) {
        if let Some(hash) = &mut self.0 {
            hash.update(data);
        }
    }
    fn finish(&mut self) -> Result<&[u8]> {
        if let Some(hash) = self.0.take() {
            self.1 = hash.finalize().to_vec();
        }
        Ok(&self.1)
    }
}

impl HmacContext for Signing {
    fn update(&mut self, data: &[u8]) {
        if let Some(mac) = &mut self.0 {
            mac.update(data);
        }
    }
    fn finish(&mut self) -> Result<&[u8]> {
        if let Some(mac) = self.0.take() {
            self.1 = mac.finalize().into_bytes().to_vec();
        }
        Ok(&self.1)
    }
}

/// The crate may come to know more algorithms; asking for one then fails instead of signing wrongly.
#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum that may grow")]
fn only_sha256(algorithm: &DigestAlgorithm) -> Result<()> {
    match algorithm {
        DigestAlgorithm::Sha256 => Ok(()),
        other => Err(not_supported(format!("{other:?}"))),
    }
}

fn not_supported(what: String) -> Error {
    Error::NotSupported { source: what.into() }
}
