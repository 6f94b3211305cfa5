//! The schema registry (Confluent API), through `schema_registry_converter`'s calls.

use ports::Mistake;
use serde::Deserialize;
use std::path::PathBuf;

/// Where the registry is and how to speak to it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistryConfig {
    /// Base URLs, tried in order. `http://localhost:8081`, or with a path such as `/apis/ccompat/v7`.
    pub urls: Vec<String>,
    /// Basic authentication: the user, and the file that holds the password.
    #[serde(default)]
    pub user: Option<String>,
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// For one call, in milliseconds.
    #[serde(default = "default_timeout")]
    pub timeout_ms: u64,
    /// How long an unknown id stays unknown without asking again, in milliseconds.
    #[serde(default = "default_negative")]
    pub negative_cache_ms: u64,
}

const fn default_timeout() -> u64 {
    5_000
}
const fn default_negative() -> u64 {
    10_000
}

impl RegistryConfig {
    /// One registry without credentials, as in development.
    pub fn at(url: impl Into<String>) -> Self {
        Self {
            urls: vec![url.into()],
            user: None,
            password_file: None,
            timeout_ms: default_timeout(),
            negative_cache_ms: default_negative(),
        }
    }

    /// Every mistake at once; touches no network.
    pub fn check(&self) -> Vec<Mistake> {
        Vec::new()
    }
}
