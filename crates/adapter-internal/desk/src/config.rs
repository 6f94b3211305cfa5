use crate::hook;
use domain::{Environment, SystemId};
use ports::{Mistake, Secret};
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;

/// One simulated case system, as an operator writes it. Unknown keys are refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Our id of this case system; part of every id derived from it, so it never changes.
    pub system: String,
    /// `http://host:port`, without `/v1`.
    pub url: String,
    /// `test` or `production`: what its records are at most. A record is production's only where it says so too.
    pub environment: String,
    /// Acts for the house.
    pub sync_user: String,
    pub sync_token_file: PathBuf,
    /// Speaks for partners.
    pub partner_user: String,
    pub partner_token_file: PathBuf,
    /// Queues that bundles route to; the preflight proves each.
    pub queues: Vec<String>,
    /// Open connections at once.
    #[serde(default = "max_connections")]
    pub max_connections: usize,
    #[serde(default = "timeout_seconds")]
    pub timeout_seconds: u64,
    /// Changes asked for in one page of the feed.
    #[serde(default = "page_size")]
    pub page_size: u32,
    #[serde(default)]
    pub nudge_secret_file: Option<PathBuf>,
    /// Accepted too, while a secret is being changed.
    #[serde(default)]
    pub previous_nudge_secret_file: Option<PathBuf>,
}

const fn max_connections() -> usize {
    16
}
const fn timeout_seconds() -> u64 {
    20
}
const fn page_size() -> u32 {
    100
}

/// A checked [`Config`] with its secrets read.
#[derive(Clone, Debug)]
pub struct Ready {
    pub system: SystemId,
    pub(crate) base: String,
    pub(crate) environment: Environment,
    pub(crate) sync_user: String,
    pub(crate) sync_token: Secret,
    pub(crate) partner_user: String,
    pub(crate) partner_token: Secret,
    pub(crate) queues: Vec<String>,
    pub(crate) max_connections: usize,
    pub(crate) timeout: Duration,
    pub(crate) page_size: u32,
    pub(crate) nudge_keys: hook::Keys,
}

impl Ready {
    /// A secret for nudges is configured.
    pub const fn receives_nudges(&self) -> bool {
        !self.nudge_keys.is_empty()
    }
}

impl Config {
    /// All mistakes at once; `prefix` is where this section stands in the file, as `internal`.
    pub fn check(&self, prefix: &str) -> Result<Ready, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let key = |name: &str| format!("{prefix}.{name}");
        let mut note = |name: &str, problem: &str, fix: &str| mistakes.push(Mistake::new(key(name), problem, fix));

        let system = SystemId::new(self.system.clone()).map_err(|e| note("system", &e.to_string(), "such as `desk`"));
        let base = base_url(&self.url).map_err(|(problem, fix)| note("url", problem, fix));
        let environment = match self.environment.as_str() {
            "production" => Environment::Production,
            "test" => Environment::Test,
            _ => {
                note("environment", "neither `test` nor `production`", "write one of the two");
                Environment::Test
            }
        };
        for (name, value) in [("sync_user", &self.sync_user), ("partner_user", &self.partner_user)] {
            if value.trim().is_empty() || value.chars().any(char::is_control) {
                note(name, "empty, or holds control characters", "write the name as the case system shows it");
            }
        }
        if self.sync_user == self.partner_user {
            note("partner_user", "the same as sync_user", "name the second user: it speaks for partners");
        }
        if self.queues.is_empty() {
            note("queues", "empty", "list the queues that bundles route to");
        }
        for (name, value, range) in [
            ("max_connections", self.max_connections as u64, 1..=256),
            ("timeout_seconds", self.timeout_seconds, 1..=60),
            ("page_size", u64::from(self.page_size), 1..=500),
        ] {
            if !range.contains(&value) {
                note(name, "out of range", &format!("give {} to {}", range.start(), range.end()));
            }
        }
        let mut secret = |name: &str, path: &PathBuf| Secret::read(&key(name), path).map_err(|m| mistakes.push(m));
        let sync_token = secret("sync_token_file", &self.sync_token_file);
        let partner_token = secret("partner_token_file", &self.partner_token_file);
        let nudges: Vec<_> = [
            ("nudge_secret_file", &self.nudge_secret_file),
            ("previous_nudge_secret_file", &self.previous_nudge_secret_file),
        ]
        .into_iter()
        .filter_map(|(name, file)| Some((key(name), secret(name, file.as_ref()?).ok()?)))
        .collect();
        let nudge_keys = hook::Keys::read(nudges).map_err(|more| mistakes.extend(more));

        match (system, base, sync_token, partner_token, nudge_keys) {
            (Ok(system), Ok(base), Ok(sync_token), Ok(partner_token), Ok(nudge_keys)) if mistakes.is_empty() => {
                Ok(Ready {
                    system,
                    base,
                    environment,
                    sync_user: self.sync_user.clone(),
                    sync_token,
                    partner_user: self.partner_user.clone(),
                    partner_token,
                    queues: self.queues.clone(),
                    max_connections: self.max_connections,
                    timeout: Duration::from_secs(self.timeout_seconds),
                    page_size: self.page_size,
                    nudge_keys,
                })
            }
            _ => Err(mistakes),
        }
    }
}

fn base_url(text: &str) -> Result<String, (&'static str, &'static str)> {
    let url = reqwest::Url::parse(text).map_err(|_| ("not a URL", "such as `http://127.0.0.1:8082`"))?;
    match url.scheme() {
        "http" => {}
        "https" => return Err(("this build has no TLS", "the simulated case system speaks http:// on this machine")),
        _ => return Err(("neither http nor https", "such as `http://127.0.0.1:8082`")),
    }
    if url.host().is_none() || !url.username().is_empty() || url.password().is_some() {
        return Err(("no host, or holds a user or password", "tokens come from files"));
    }
    if url.query().is_some() || url.fragment().is_some() || url.path().trim_end_matches('/').ends_with("/v1") {
        return Err(("holds more than the address", "leave `/v1` and anything after it out"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests;
