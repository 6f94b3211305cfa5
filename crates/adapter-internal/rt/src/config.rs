use domain::{Environment, SystemId};
use ports::{Mistake, Secret};
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;

/// One Request Tracker, as an operator writes it. Unknown keys are refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Our id of this case system; part of every id derived from it, so it never changes.
    pub system: String,
    /// `http://host:port`, with a path where RT lives under one; without `/REST/2.0`.
    pub url: String,
    /// `test` or `production`: what RT's records are.
    pub environment: String,
    /// Acts for the house.
    pub sync_user: String,
    pub sync_token_file: PathBuf,
    /// Speaks for partners and is always the requestor, so that RT's response clock sees an outsider.
    pub partner_user: String,
    pub partner_token_file: PathBuf,
    /// Queues that bundles route to; the preflight proves each.
    pub queues: Vec<String>,
    #[serde(default = "external_id_field")]
    pub external_id_field: String,
    #[serde(default = "partner_id_field")]
    pub partner_id_field: String,
    /// Says which use case a ticket is of; one without is an issue.
    #[serde(default = "use_case_field")]
    pub use_case_field: String,
    /// Open connections at once. All processes together must not exceed RT's workers: an idle kept connection holds a
    /// worker, and beyond that number a create took 1.1 s instead of 0.1 s.
    #[serde(default = "max_connections")]
    pub max_connections: usize,
    #[serde(default = "timeout_seconds")]
    pub timeout_seconds: u64,
    /// How long a database transaction of RT may stay open after it took its row ids. Rows are reported as soon as
    /// they are seen; this only says for how long a lower id may still turn up.
    #[serde(default = "hold_back_seconds")]
    pub hold_back_seconds: u64,
    #[serde(default)]
    pub nudge_secret_file: Option<PathBuf>,
    /// Accepted too, while a secret is being changed.
    #[serde(default)]
    pub previous_nudge_secret_file: Option<PathBuf>,
}

fn external_id_field() -> String {
    "TG Case Id".to_owned()
}
fn partner_id_field() -> String {
    "TG Partner Id".to_owned()
}
fn use_case_field() -> String {
    "TG Use Case".to_owned()
}
const fn max_connections() -> usize {
    4
}
const fn timeout_seconds() -> u64 {
    60
}
const fn hold_back_seconds() -> u64 {
    120
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
    pub(crate) external_id_field: String,
    pub(crate) partner_id_field: String,
    pub(crate) use_case_field: String,
    pub(crate) max_connections: usize,
    pub(crate) timeout: Duration,
    pub(crate) hold_back: Duration,
    pub(crate) nudge_secrets: Vec<Secret>,
}

impl Ready {
    /// A secret for nudges is configured.
    pub const fn receives_nudges(&self) -> bool {
        !self.nudge_secrets.is_empty()
    }
}

impl Config {
    /// All mistakes at once; `prefix` is where this section stands in the file, as `internal.rt`.
    pub fn check(&self, prefix: &str) -> Result<Ready, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let key = |name: &str| format!("{prefix}.{name}");
        let mut note = |name: &str, problem: &str, fix: &str| mistakes.push(Mistake::new(key(name), problem, fix));

        let system = SystemId::new(self.system.clone()).map_err(|e| note("system", &e.to_string(), "such as `rt-eu`"));
        let base = base_url(&self.url).map_err(|(problem, fix)| note("url", problem, fix));
        let environment = match self.environment.as_str() {
            "production" => Environment::Production,
            "test" => Environment::Test,
            _ => {
                note("environment", "neither `test` nor `production`", "write one of the two");
                Environment::Test
            }
        };
        for (name, value) in [
            ("sync_user", &self.sync_user),
            ("partner_user", &self.partner_user),
            ("external_id_field", &self.external_id_field),
            ("partner_id_field", &self.partner_id_field),
            ("use_case_field", &self.use_case_field),
        ] {
            if value.trim().is_empty() || value.chars().any(|c| c.is_control() || "{}'\"\\".contains(c)) {
                note(name, "empty, or holds a quote, a brace or a backslash", "write the name as RT shows it");
            }
        }
        if self.sync_user == self.partner_user {
            note("partner_user", "the same as sync_user", "make a second user: it speaks for partners");
        }
        if [&self.external_id_field, &self.partner_id_field].contains(&&self.use_case_field) {
            note("use_case_field", "the same as another field", "name three custom fields");
        }
        if self.external_id_field == self.partner_id_field {
            note("partner_id_field", "the same as external_id_field", "name two custom fields");
        }
        if self.queues.is_empty() {
            note("queues", "empty", "list the queues that bundles route to");
        }
        if !(1..=64).contains(&self.max_connections) {
            note("max_connections", "not within 1 to 64", "not more than RT has workers");
        }
        if !(1..=60).contains(&self.timeout_seconds) {
            note("timeout_seconds", "not within 1 to 60", "leave it out for 60");
        }
        if !(1..=3600).contains(&self.hold_back_seconds) {
            note("hold_back_seconds", "not within 1 to 3600", "leave it out for 120");
        }
        let mut secret = |name: &str, path: &PathBuf| Secret::read(&key(name), path).map_err(|m| mistakes.push(m));
        let sync_token = secret("sync_token_file", &self.sync_token_file);
        let partner_token = secret("partner_token_file", &self.partner_token_file);
        let nudges: Vec<_> = [
            ("nudge_secret_file", &self.nudge_secret_file),
            ("previous_nudge_secret_file", &self.previous_nudge_secret_file),
        ]
        .into_iter()
        .filter_map(|(name, file)| file.as_ref().map(|file| secret(name, file)))
        .collect();

        match (system, base, sync_token, partner_token) {
            (Ok(system), Ok(base), Ok(sync_token), Ok(partner_token)) if mistakes.is_empty() => Ok(Ready {
                system,
                base,
                environment,
                sync_user: self.sync_user.clone(),
                sync_token,
                partner_user: self.partner_user.clone(),
                partner_token,
                queues: self.queues.clone(),
                external_id_field: self.external_id_field.clone(),
                partner_id_field: self.partner_id_field.clone(),
                use_case_field: self.use_case_field.clone(),
                max_connections: self.max_connections,
                timeout: Duration::from_secs(self.timeout_seconds),
                hold_back: Duration::from_secs(self.hold_back_seconds),
                nudge_secrets: nudges.into_iter().flatten().collect(),
            }),
            _ => Err(mistakes),
        }
    }
}

fn base_url(text: &str) -> Result<String, (&'static str, &'static str)> {
    let url = reqwest::Url::parse(text).map_err(|_| ("not a URL", "such as `http://rt.example:8080`"))?;
    match url.scheme() {
        "http" => {}
        "https" => return Err(("this build has no TLS", "give the address of a local TLS proxy as http://")),
        _ => return Err(("neither http nor https", "such as `http://rt.example:8080`")),
    }
    if url.host().is_none() || !url.username().is_empty() || url.password().is_some() {
        return Err(("no host, or holds a user or password", "tokens come from files"));
    }
    if url.query().is_some() || url.fragment().is_some() || text.contains("/REST/") {
        return Err(("holds more than RT's own address", "leave `/REST/2.0` and anything after it out"));
    }
    Ok(format!("{}/REST/2.0", url.as_str().trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(dir: &std::path::Path) -> Config {
        std::fs::write(dir.join("token"), "1-2-abc\n").unwrap();
        serde_json::from_value(serde_json::json!({
            "system": "rt", "url": "http://127.0.0.1:8480/", "environment": "test",
            "sync_user": "causeway-sync", "sync_token_file": dir.join("token"),
            "partner_user": "causeway-partner", "partner_token_file": dir.join("token"),
            "queues": ["Partner Cases"],
        }))
        .unwrap()
    }

    #[test]
    fn a_sound_configuration_is_ready_and_hides_its_tokens() {
        let dir = tempfile::tempdir().unwrap();
        let ready = config(dir.path()).check("internal.rt").unwrap();
        assert_eq!(ready.base, "http://127.0.0.1:8480/REST/2.0");
        assert_eq!(ready.hold_back, Duration::from_secs(120));
        assert!(!format!("{ready:?}").contains("1-2-abc"));
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let bad = Config {
            system: "RT".into(),
            url: "https://rt".into(),
            environment: "prod".into(),
            sync_token_file: "/nowhere".into(),
            partner_user: "causeway-sync".into(),
            external_id_field: "a'b".into(),
            queues: vec![],
            max_connections: 0,
            timeout_seconds: 61,
            hold_back_seconds: 0,
            ..config(dir.path())
        };
        let keys: Vec<_> = bad.check("internal.rt").unwrap_err().into_iter().map(|m| m.key).collect();
        for name in [
            "system",
            "url",
            "environment",
            "sync_token_file",
            "partner_user",
            "external_id_field",
            "queues",
            "max_connections",
            "timeout_seconds",
            "hold_back_seconds",
        ] {
            assert!(keys.contains(&format!("internal.rt.{name}")), "{name} in {keys:?}");
        }
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let text = r#"{"system":"rt","url":"http://x","enviroment":"test"}"#;
        assert!(serde_json::from_str::<Config>(text).is_err());
    }
}
