//! `[blobs]`: where the bytes of files lie, how large they may be, and who has to agree.

use crate::clamd::{Address, Clamd};
use crate::crypto::Sha2;
use crate::store::ObjectBlobs;
use crate::wire::Connector;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, RetryConfig};
use ports::{BlobStore, Mistake, Scanner, Secret};
use serde::Deserialize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Without the section a link takes no files: each is withheld, and both sides read so.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `folder` or `s3`.
    #[serde(default = "folder")]
    pub store: String,
    /// Of the folder; all four roles that have this section must see the same one.
    pub dir: Option<PathBuf>,
    /// Of S3: `http://host:port`. This build has no TLS; a local TLS proxy stands in front of a cloud's.
    pub endpoint: Option<String>,
    pub bucket: Option<String>,
    #[serde(default = "region")]
    pub region: String,
    pub access_key_file: Option<PathBuf>,
    pub secret_key_file: Option<PathBuf>,
    #[serde(default)]
    pub limits: Limits,
    /// `clamd`, or `none` in as many words: needed where files go out.
    pub scanner: Option<String>,
    /// `host:port`, or the path of a socket.
    pub clamd: Option<String>,
    #[serde(default = "scan_seconds")]
    pub scan_seconds: u64,
    #[serde(default = "scans_at_once")]
    pub scans_at_once: usize,
}

/// What may come in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// In MB, that is, 1 000 000 bytes; a larger file is withheld.
    pub max_file_mb: u64,
    /// Endings that are never taken, without the dot.
    pub blocked_endings: Vec<String>,
    /// Types of documents, as code list and code, whose bytes are never taken: they stay where their partner shared them.
    /// Those that the bundle calls restricted; ingest knows no bundle.
    pub left_document_types: Vec<String>,
    /// Seconds that one event's files may hold the feed up before others have their turn.
    pub turn_seconds: u64,
    /// Hours after which a file that its system does not give is withheld.
    pub give_up_hours: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_file_mb: 100,
            blocked_endings: Vec::new(),
            // What the starter bundle calls restricted.
            left_document_types: ["OWN W9", "OWN W8BENE", "OWN BANK_FORM"].map(str::to_owned).to_vec(),
            turn_seconds: 5,
            give_up_hours: 24,
        }
    }
}

impl Limits {
    pub fn max_bytes(&self) -> i64 {
        i64::try_from(self.max_file_mb.saturating_mul(1_000_000)).unwrap_or(i64::MAX)
    }
    pub fn blocks(&self, name: &str) -> bool {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending).unwrap_or_default();
        self.blocked_endings.iter().any(|blocked| blocked.trim_start_matches('.').eq_ignore_ascii_case(ending))
    }
    /// Whether the bytes of such a document stay where they are.
    pub fn leaves(&self, document_type: &str) -> bool {
        self.left_document_types.iter().any(|left| left.split_whitespace().eq(document_type.split_whitespace()))
    }
    pub const fn turn(&self) -> Duration {
        Duration::from_secs(self.turn_seconds)
    }
    pub const fn give_up_after(&self) -> Duration {
        Duration::from_secs(self.give_up_hours * 3600)
    }
}

fn folder() -> String {
    "folder".to_owned()
}
fn region() -> String {
    "us-east-1".to_owned()
}
const fn scan_seconds() -> u64 {
    120
}
const fn scans_at_once() -> usize {
    4
}

/// A checked [`Config`].
#[derive(Clone)]
pub struct Ready {
    pub store: Arc<dyn BlobStore>,
    pub limits: Limits,
    /// `None` where the configuration says `none`, or does not need one.
    pub scanner: Option<Arc<dyn Scanner>>,
}

impl Config {
    /// All mistakes at once. `goes_out`: the role hands files over, so it has to say who scans them.
    pub fn check(&self, prefix: &str, goes_out: bool) -> Result<Ready, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut wrong = |key: &str, problem: &str, fix: &str| {
            mistakes.push(Mistake::new(format!("{prefix}.{key}"), problem, fix));
        };
        if !(1..=5_000).contains(&self.limits.max_file_mb) {
            wrong("limits.max_file_mb", "out of range", "give 1 to 5000");
        }
        if !(1..=60).contains(&self.limits.turn_seconds) {
            wrong("limits.turn_seconds", "out of range", "give 1 to 60");
        }
        if !(1..=720).contains(&self.limits.give_up_hours) {
            wrong("limits.give_up_hours", "out of range", "give 1 to 720");
        }
        if !(1..=600).contains(&self.scan_seconds) || !(1..=64).contains(&self.scans_at_once) {
            wrong("scan_seconds", "this or scans_at_once is out of range", "give 1 to 600 seconds and 1 to 64 scans");
        }
        let scanner = self.scanner(goes_out, &mut wrong);
        let store = self.objects(prefix, &mut mistakes);
        match store {
            Some(store) if mistakes.is_empty() => {
                Ok(Ready { store: Arc::new(ObjectBlobs::new(store)), limits: self.limits.clone(), scanner })
            }
            Some(_) | None => Err(mistakes),
        }
    }

    fn scanner(&self, goes_out: bool, wrong: &mut dyn FnMut(&str, &str, &str)) -> Option<Arc<dyn Scanner>> {
        match (self.scanner.as_deref(), &self.clamd) {
            (Some("clamd"), Some(address)) => {
                let address = if address.contains('/') {
                    Address::Unix(address.into())
                } else if address.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) {
                    Address::Tcp(address.clone())
                } else {
                    wrong("clamd", "neither host:port nor the path of a socket", "such as `127.0.0.1:3310`");
                    return None;
                };
                let timeout = Duration::from_secs(self.scan_seconds);
                Some(Arc::new(Clamd::new(address, timeout, self.scans_at_once)))
            }
            (Some("clamd"), None) => {
                wrong("clamd", "missing", "give host:port or the path of clamd's socket");
                None
            }
            (Some("none"), None) => None,
            (Some("none"), Some(_)) => {
                wrong("clamd", "given although `scanner` is none", "remove it, or write `scanner = \"clamd\"`");
                None
            }
            (Some(_), _) => {
                wrong("scanner", "there is no such scanner", "write `clamd`, or `none` to let files pass unseen");
                None
            }
            (None, _) if goes_out => {
                wrong("scanner", "missing", "write `clamd`, or `none` to let files pass unseen");
                None
            }
            (None, _) => None,
        }
    }

    fn objects(&self, prefix: &str, mistakes: &mut Vec<Mistake>) -> Option<Arc<dyn ObjectStore>> {
        let key = |name: &str| format!("{prefix}.{name}");
        match (self.store.as_str(), &self.dir) {
            ("folder", Some(dir)) => {
                let made = std::fs::create_dir_all(dir).map_err(|e| e.to_string());
                match made.and_then(|()| LocalFileSystem::new_with_prefix(dir).map_err(|e| e.to_string())) {
                    // A claim on the log is a promise that its bytes survive a power cut.
                    Ok(folder) => Some(Arc::new(folder.with_fsync(true))),
                    Err(error) => {
                        let problem = format!("cannot be used: {error}");
                        mistakes.push(Mistake::new(key("dir"), problem, "name a folder that this role may write to"));
                        None
                    }
                }
            }
            ("folder", None) => {
                mistakes.push(Mistake::new(key("dir"), "missing", "name the folder of the blob store"));
                None
            }
            ("s3", _) => self.s3(prefix, mistakes),
            _ => {
                mistakes.push(Mistake::new(key("store"), "there is no such store", "write `folder` or `s3`"));
                None
            }
        }
    }

    fn s3(&self, prefix: &str, mistakes: &mut Vec<Mistake>) -> Option<Arc<dyn ObjectStore>> {
        let key = |name: &str| format!("{prefix}.{name}");
        let before = mistakes.len();
        if !self.endpoint.as_deref().is_some_and(|url| url.starts_with("http://") && url.len() > 7) {
            let fix = "give `http://host:port`; this build has no TLS, so a local TLS proxy for a cloud's";
            mistakes.push(Mistake::new(key("endpoint"), "missing or not http", fix));
        }
        if self.bucket.as_deref().is_none_or(|bucket| bucket.trim().is_empty()) {
            mistakes.push(Mistake::new(key("bucket"), "missing", "name the bucket"));
        }
        let mut secret = |name: &str, file: &Option<PathBuf>| match file {
            None => {
                mistakes.push(Mistake::new(key(name), "missing", "name a readable file that holds the key"));
                None
            }
            Some(file) => Secret::read(&key(name), file).map_err(|mistake| mistakes.push(mistake)).ok(),
        };
        let access = secret("access_key_file", &self.access_key_file);
        let hidden = secret("secret_key_file", &self.secret_key_file);
        let (Some(access), Some(hidden)) = (access, hidden) else { return None };
        if mistakes.len() > before {
            return None;
        }
        // Whoever asks tries again by rules of their own: here only what a blink of the network breaks is repeated.
        let retry = RetryConfig { max_retries: 2, retry_timeout: Duration::from_secs(20), ..RetryConfig::default() };
        let made = AmazonS3Builder::new()
            .with_endpoint(self.endpoint.clone().unwrap_or_default())
            .with_bucket_name(self.bucket.clone().unwrap_or_default())
            .with_region(self.region.clone())
            .with_access_key_id(access.expose())
            .with_secret_access_key(hidden.expose())
            .with_crypto_provider(Arc::new(Sha2))
            .with_http_connector(Connector)
            .with_allow_http(true)
            .with_retry(retry)
            .build();
        match made {
            Ok(store) => Some(Arc::new(store)),
            Err(error) => {
                mistakes.push(Mistake::new(key("endpoint"), error.to_string(), "mend what is named"));
                None
            }
        }
    }
}
