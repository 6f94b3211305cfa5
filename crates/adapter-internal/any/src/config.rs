use adapter_internal_desk as desk;
use adapter_internal_rt as rt;
use domain::SystemId;
use ports::{HookVerifier, Mistake, Unfit};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The section of one case system: `adapter` and that adapter's own keys. Unknown keys are refused.
#[derive(Clone, Debug)]
pub enum Config {
    Rt(rt::Config),
    Desk(desk::Config),
    /// An adapter that there is not; [`Config::check`] says so, together with every other mistake of the file.
    Unknown(String),
}

fn section<E: Error, T: DeserializeOwned>(keys: Map<String, Value>) -> Result<T, E> {
    serde_json::from_value(Value::Object(keys)).map_err(E::custom)
}

impl<'de> Deserialize<'de> for Config {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut keys = Map::deserialize(deserializer)?;
        match keys.remove("adapter") {
            None => section(keys).map(Self::Rt),
            Some(Value::String(word)) => match word.as_str() {
                "rt" => section(keys).map(Self::Rt),
                "desk" => section(keys).map(Self::Desk),
                _ => Ok(Self::Unknown(word)),
            },
            Some(other) => Ok(Self::Unknown(other.to_string())),
        }
    }
}

/// A checked [`Config`] with its secrets read.
#[derive(Clone, Debug)]
pub enum Ready {
    Rt(Box<rt::Ready>),
    Desk(Box<desk::Ready>),
}

impl Config {
    /// All mistakes at once; `prefix` is where this section stands in the file, as `internal`.
    pub fn check(&self, prefix: &str) -> Result<Ready, Vec<Mistake>> {
        match self {
            Self::Rt(config) => config.check(prefix).map(|ready| Ready::Rt(Box::new(ready))),
            Self::Desk(config) => config.check(prefix).map(|ready| Ready::Desk(Box::new(ready))),
            Self::Unknown(word) => {
                let shown: String = word.chars().filter(|c| !c.is_control()).take(40).collect();
                let problem = format!("there is no adapter `{shown}`");
                Err(vec![Mistake::new(format!("{prefix}.adapter"), problem, "write `rt` or `desk`, or leave it out")])
            }
        }
    }
}

impl Ready {
    pub const fn system(&self) -> &SystemId {
        match self {
            Self::Rt(ready) => &ready.system,
            Self::Desk(ready) => &ready.system,
        }
    }

    /// The system's version, where it is as configured. Reads only; `prefix` as for [`Config::check`].
    pub async fn preflight(&self, prefix: &str) -> Result<String, Unfit> {
        match self {
            Self::Rt(ready) => rt::preflight(ready, prefix).await,
            Self::Desk(ready) => desk::preflight(ready, prefix).await,
        }
    }

    /// Its feed takes the empty cursor for the beginning of everything.
    pub const fn feed_has_beginning(&self) -> bool {
        match self {
            Self::Rt(_) => false,
            Self::Desk(_) => true,
        }
    }

    /// Knows the system's nudges; `None` where no secret is configured.
    pub fn verifier(&self) -> Option<Arc<dyn HookVerifier>> {
        match self {
            Self::Rt(ready) => ready.receives_nudges().then(|| Arc::new(rt::NudgeVerifier::new(ready)) as _),
            Self::Desk(ready) => ready.receives_nudges().then(|| Arc::new(desk::NudgeVerifier::new(ready)) as _),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn keys(dir: &std::path::Path) -> Map<String, Value> {
        std::fs::write(dir.join("token"), "1-2-abc\n").unwrap();
        let keys = json!({
            "system": "rt", "url": "http://127.0.0.1:8480", "environment": "test",
            "sync_user": "causeway-sync", "sync_token_file": dir.join("token"),
            "partner_user": "causeway-partner", "partner_token_file": dir.join("token"),
            "queues": ["Partner Cases"], "max_connections": 4,
        });
        keys.as_object().unwrap().clone()
    }

    fn config(dir: &std::path::Path, more: Value) -> Result<Config, serde_json::Error> {
        let mut keys = keys(dir);
        keys.extend(more.as_object().unwrap().clone());
        serde_json::from_value(Value::Object(keys))
    }

    #[test]
    fn the_same_keys_fit_both_and_a_missing_word_means_request_tracker() {
        let dir = tempfile::tempdir().unwrap();
        let ready = |more| config(dir.path(), more).unwrap().check("internal").unwrap();
        assert!(matches!(ready(json!({})), Ready::Rt(_)));
        assert!(matches!(ready(json!({"adapter": "rt", "hold_back_seconds": 5})), Ready::Rt(_)));
        let desk = ready(json!({"adapter": "desk", "page_size": 50}));
        assert!(matches!(desk, Ready::Desk(_)));
        assert_eq!(desk.system().as_str(), "rt");
        assert!(desk.verifier().is_none());
        std::fs::write(dir.path().join("nudge"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        for adapter in ["rt", "desk"] {
            let more = json!({"adapter": adapter, "nudge_secret_file": dir.path().join("nudge")});
            assert!(ready(more).verifier().is_some(), "{adapter}");
        }
    }

    #[test]
    fn an_unknown_word_is_a_mistake_with_its_key_and_what_to_write() {
        let dir = tempfile::tempdir().unwrap();
        for word in [json!("jira"), json!(7)] {
            let mistakes = config(dir.path(), json!({"adapter": word})).unwrap().check("internal").unwrap_err();
            assert_eq!(mistakes.len(), 1);
            assert_eq!((mistakes[0].key.as_str(), mistakes[0].fix.contains("`desk`")), ("internal.adapter", true));
        }
    }

    #[test]
    fn a_key_of_another_adapter_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert!(config(dir.path(), json!({"adapter": "desk", "hold_back_seconds": 5})).is_err());
        assert!(config(dir.path(), json!({"page_size": 5})).is_err());
        let unknown = config(dir.path(), json!({"adapter": "desk", "enviroment": "test"})).unwrap_err();
        assert!(unknown.to_string().contains("enviroment"), "{unknown}");
    }
}
