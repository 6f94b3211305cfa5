//! Configuration, checked whole before anything is opened.

use crate::hooks::StandardWebhooks;
use domain::SystemId;
use ports::{Mistake, Secret};
use reqwest::Url;
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;

/// As written in a configuration file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the contract is served, without `/v1`: `https://community.example`.
    pub base_url: String,
    /// File that holds the bearer token. Read again when the community answers 401.
    pub token_file: PathBuf,
    /// Files with one `whsec_...` secret each. Two while a secret is being exchanged; none where no webhooks come.
    #[serde(default)]
    pub webhook_secret_files: Vec<PathBuf>,
    /// Id of this community, part of every subject and id; it never changes.
    pub system: String,
    /// Of one call, with all its requests.
    #[serde(default = "default_timeout_seconds")]
    pub timeout_seconds: u64,
    /// Requests under way at once.
    #[serde(default = "default_max_connections")]
    pub max_connections: usize,
    /// Changes asked for in one page of the feed.
    #[serde(default = "default_page_size")]
    pub page_size: u32,
    /// Allows `http` to a host other than loopback, such as a TLS proxy beside this process.
    #[serde(default)]
    pub plain_http: bool,
}

const fn default_timeout_seconds() -> u64 {
    20
}
const fn default_max_connections() -> usize {
    16
}
const fn default_page_size() -> u32 {
    100
}

/// A configuration without mistakes, with its secrets read.
#[derive(Clone, Debug)]
pub struct Ready {
    pub system: SystemId,
    pub base_url: Url,
    pub token: Secret,
    pub token_file: PathBuf,
    /// `None` where no secret is configured.
    pub webhooks: Option<StandardWebhooks>,
    pub timeout: Duration,
    pub max_connections: usize,
    pub page_size: u32,
}

impl Config {
    /// Every mistake at once; `prefix` is where this section stands in the file, such as `community`.
    pub fn check(&self, prefix: &str) -> Result<Ready, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let at = |key: &str| format!("{prefix}.{key}");
        let base_url = note(&mut mistakes, base_url(&at("base_url"), &self.base_url, self.plain_http));
        let token = note(&mut mistakes, Secret::read(&at("token_file"), &self.token_file));
        if token.as_ref().is_some_and(|t| !t.expose().bytes().all(|b| b.is_ascii_graphic())) {
            let problem = "holds other than visible ASCII characters";
            mistakes.push(Mistake::new(at("token_file"), problem, "write the bare token into the file"));
        }
        let system = SystemId::new(self.system.as_str());
        let system = system.map_err(|e| Mistake::new(at("system"), e.to_string(), "choose a short lower-case name"));
        let system = note(&mut mistakes, system);
        let mut secrets = Vec::new();
        for (index, path) in self.webhook_secret_files.iter().enumerate() {
            let key = at(&format!("webhook_secret_files[{index}]"));
            secrets.extend(note(&mut mistakes, Secret::read(&key, path)).map(|secret| (key, secret)));
        }
        let webhooks = match StandardWebhooks::new(secrets) {
            Ok(webhooks) => webhooks,
            Err(wrong) => {
                mistakes.extend(wrong);
                None
            }
        };
        for (key, value, low, high) in [
            ("timeout_seconds", self.timeout_seconds, 1, 300),
            ("max_connections", self.max_connections as u64, 1, 1000),
            ("page_size", u64::from(self.page_size), 1, 500),
        ] {
            if !(low..=high).contains(&value) {
                mistakes.push(Mistake::new(at(key), format!("{value} is out of range"), format!("{low} to {high}")));
            }
        }
        match (base_url, token, system) {
            (Some(base_url), Some(token), Some(system)) if mistakes.is_empty() => Ok(Ready {
                system,
                base_url,
                token,
                token_file: self.token_file.clone(),
                webhooks,
                timeout: Duration::from_secs(self.timeout_seconds),
                max_connections: self.max_connections,
                page_size: self.page_size,
            }),
            _ => Err(mistakes),
        }
    }
}

fn note<T>(mistakes: &mut Vec<Mistake>, result: Result<T, Mistake>) -> Option<T> {
    result.map_err(|mistake| mistakes.push(mistake)).ok()
}

fn base_url(key: &str, text: &str, plain_http: bool) -> Result<Url, Mistake> {
    let wrong = |problem: &str, fix: &str| Mistake::new(key, problem, fix);
    let url = Url::parse(text).map_err(|_| wrong("is no URL", "write one such as http://127.0.0.1:8090"))?;
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("holds more than scheme, host, port and path", "credentials belong into token_file"));
    }
    let loopback = match url.host_str() {
        Some("localhost") => true,
        Some(host) => host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()),
        None => false,
    };
    match url.scheme() {
        "http" if loopback || plain_http => Ok(url),
        "http" => Err(wrong(
            "would send the token in clear to another host",
            "set plain_http = true only where the network in between is encrypted",
        )),
        "https" => Err(wrong(
            "needs TLS, which this build does not carry",
            "name a TLS proxy beside this process, such as http://127.0.0.1:8443",
        )),
        _ => Err(wrong("is not http", "write a URL that begins with http://")),
    }
}

#[cfg(test)]
mod tests;
