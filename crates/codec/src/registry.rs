//! The schema registry (Confluent API), through `schema_registry_converter`'s calls.
//!
//! Its decoder and encoder are not used: they keep errors for ever and cache by subject. The cache is [`crate::Codec`]'s.

use crate::RegistryError;
use ports::{Mistake, Secret};
use schema_registry_converter::async_impl::schema_registry::{self, SrSettings};
use schema_registry_converter::error::SRCError;
use schema_registry_converter::schema_registry_common::{SchemaType, SrCall, SuppliedSchema};
use serde::Deserialize;
use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

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

    /// Every mistake at once; reads the password file, touches no network.
    pub fn check(&self) -> Vec<Mistake> {
        self.open().err().unwrap_or_default()
    }

    pub(crate) fn open(&self) -> Result<Registry, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut urls = Vec::new();
        if self.urls.is_empty() {
            mistakes.push(Mistake::new(
                "registry.urls",
                "no address",
                "name the registry, such as http://localhost:8081",
            ));
        }
        for url in &self.urls {
            let plain = url.trim_end_matches('/');
            match reqwest::Url::parse(plain) {
                Ok(parsed) if !parsed.username().is_empty() || parsed.password().is_some() => {
                    mistakes.push(Mistake::new(
                        "registry.urls",
                        "an address holds credentials",
                        "use registry.user and registry.password_file",
                    ))
                }
                Ok(parsed) if matches!(parsed.scheme(), "http" | "https") && parsed.query().is_none() => {
                    urls.push(plain.to_owned());
                }
                Ok(_) | Err(_) => mistakes.push(Mistake::new(
                    "registry.urls",
                    "an address is no http or https URL without a query",
                    "write it as http://host:port/path",
                )),
            }
        }
        if self.timeout_ms == 0 {
            mistakes.push(Mistake::new("registry.timeout_ms", "no time at all", "allow at least 1 ms, better 5000"));
        }
        let password = match (&self.user, &self.password_file) {
            (Some(_), Some(path)) => match Secret::read("registry.password_file", path) {
                Ok(secret) => Some(secret),
                Err(mistake) => {
                    mistakes.push(mistake);
                    None
                }
            },
            (None, Some(_)) => {
                mistakes.push(Mistake::new("registry.user", "missing beside a password", "name the user"));
                None
            }
            (Some(_), None) | (None, None) => None,
        };
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        Registry::new(self, urls, password)
            .map_err(|problem| vec![Mistake::new("registry", problem, "check addresses and credentials")])
    }
}

/// A client of one registry. Every call has a deadline and is tried once per address.
pub(crate) struct Registry {
    settings: SrSettings,
    http: reqwest::Client,
    urls: Vec<String>,
    user: Option<(String, Option<Secret>)>,
}

impl Registry {
    fn new(config: &RegistryConfig, urls: Vec<String>, password: Option<Secret>) -> Result<Self, String> {
        let timeout = Duration::from_millis(config.timeout_ms);
        let client = || reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).connect_timeout(timeout);
        let mut builder = SrSettings::new_builder(urls.first().cloned().unwrap_or_default());
        for url in urls.iter().skip(1) {
            builder.add_url(url.clone());
        }
        if let Some(user) = &config.user {
            builder.set_basic_authorization(user, password.as_ref().map(Secret::expose));
        }
        let settings = builder.set_timeout(timeout).build_with(client()).map_err(|error| error.error)?;
        let http = client().timeout(timeout).build().map_err(|error| error.to_string())?;
        Ok(Self { settings, http, urls, user: config.user.clone().map(|user| (user, password)) })
    }

    /// Text of the schema with this id.
    pub(crate) async fn by_id(&self, id: u32) -> Result<String, RegistryError> {
        match schema_registry::get_schema_by_id(id, &self.settings).await {
            Ok(found) if found.schema_type != SchemaType::Avro => {
                Err(RegistryError::Unusable { id, reason: "not an Avro schema".to_owned() })
            }
            Ok(found) if !found.references.is_empty() => {
                Err(RegistryError::Unusable { id, reason: "refers to other subjects".to_owned() })
            }
            Ok(found) => Ok(found.schema),
            Err(error) => Err(failure(&error, || RegistryError::NotFound { id })),
        }
    }

    /// Id of exactly this schema under the subject; registers nothing.
    pub(crate) async fn lookup(&self, subject: &str, text: &str) -> Result<u32, RegistryError> {
        let body = serde_json::json!({ "schema": text, "schemaType": "AVRO" }).to_string();
        let unknown = || RegistryError::NotRegistered { subject: subject.to_owned() };
        match schema_registry::perform_sr_call(&self.settings, SrCall::PostForVersion(subject, &body)).await {
            Ok(found) => found.id.ok_or_else(unknown),
            Err(error) => Err(failure(&error, unknown)),
        }
    }

    pub(crate) async fn register(&self, subject: &str, text: &str) -> Result<u32, RegistryError> {
        let schema = SuppliedSchema::new(None, SchemaType::Avro, text.to_owned());
        let posted = schema_registry::post_schema(&self.settings, subject.to_owned(), schema).await;
        posted.map(|registered| registered.id).map_err(|error| {
            failure(&error, || RegistryError::Refused { reason: format!("subject `{subject}` cannot be made") })
        })
    }

    /// Every registered version of a subject with its text; empty where there is none.
    pub(crate) async fn versions(&self, subject: &str) -> Result<Vec<(u32, String)>, RegistryError> {
        let listed = self.call(reqwest::Method::GET, &format!("/subjects/{subject}/versions"), None).await?;
        let numbers: Vec<u32> = match listed {
            Some(json) => serde_json::from_value(json).map_err(|_| no_json())?,
            None => Vec::new(),
        };
        let mut versions = Vec::with_capacity(numbers.len());
        for number in numbers {
            let found = schema_registry::get_schema_by_subject_and_version(&self.settings, subject, Some(number)).await;
            let found = found.map_err(|error| {
                failure(&error, || RegistryError::Unavailable { reason: "a version vanished while reading".to_owned() })
            })?;
            versions.push((number, found.schema));
        }
        Ok(versions)
    }

    /// Sets the subject's compatibility level, whether or not the subject exists yet.
    pub(crate) async fn set_compatibility(&self, subject: &str, level: &str) -> Result<(), RegistryError> {
        let body = serde_json::json!({ "compatibility": level });
        let answer = self.call(reqwest::Method::PUT, &format!("/config/{subject}"), Some(body)).await?;
        match answer {
            Some(json) if json["compatibility"] == level => Ok(()),
            Some(_) | None => {
                Err(RegistryError::Refused { reason: format!("compatibility of `{subject}` stayed as it was") })
            }
        }
    }

    /// `None` for 404. Goes to the first address alone: only `schemas apply` uses it.
    async fn call(
        &self,
        method: reqwest::Method,
        path: &str,
        body: Option<serde_json::Value>,
    ) -> Result<Option<serde_json::Value>, RegistryError> {
        let base = self.urls.first().map_or("", String::as_str);
        let mut request = self.http.request(method, format!("{base}{path}"));
        if let Some(body) = body {
            request = request.json(&body);
        }
        if let Some((user, password)) = &self.user {
            request = request.basic_auth(user, password.as_ref().map(Secret::expose));
        }
        let answer = request.send().await.map_err(|error| unavailable(&error))?;
        let status = answer.status().as_u16();
        match status {
            404 => Ok(None),
            200..=299 => answer.json().await.map(Some).map_err(|_| no_json()),
            _ => Err(of_status(status, || RegistryError::Refused { reason: format!("status {status}") })),
        }
    }
}

fn no_json() -> RegistryError {
    RegistryError::Unavailable { reason: "the answer is not the JSON it should be".to_owned() }
}

fn unavailable(error: &reqwest::Error) -> RegistryError {
    let reason = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the request failed"
    };
    RegistryError::Unavailable { reason: reason.to_owned() }
}

/// The converter tells a status only in its text; anything without one never reached an answer that could be read.
fn failure(error: &SRCError, unknown: impl Fn() -> RegistryError) -> RegistryError {
    if let Some(cause) = error.source().and_then(|source| source.downcast_ref::<reqwest::Error>()) {
        return if cause.is_decode() { no_json() } else { unavailable(cause) };
    }
    let status = error.error.rsplit_once("with status ").and_then(|(_, rest)| rest.get(..3)?.parse().ok());
    match status {
        Some(status) => of_status(status, unknown),
        None => RegistryError::Unavailable { reason: "the answer cannot be used".to_owned() },
    }
}

fn of_status(status: u16, unknown: impl Fn() -> RegistryError) -> RegistryError {
    match status {
        404 => unknown(),
        408 | 425 | 429 | 500..=599 => RegistryError::Unavailable { reason: format!("status {status}") },
        _ => RegistryError::Refused { reason: format!("status {status}") },
    }
}
