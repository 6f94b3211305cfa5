use ports::Mistake;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// `[kafka]`: where the log is and how much memory its clients may take.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KafkaConfig {
    /// `host:port`, comma-separated.
    pub bootstrap: String,
    /// What librdkafka's queues may hold together, as `64MiB`. Every queue setting is derived from it.
    #[serde(rename = "memory_limit", default = "default_memory_limit", deserialize_with = "mebibytes")]
    pub memory_limit_mib: u32,
    /// How long a transaction collects records, in milliseconds: latency against throughput.
    #[serde(default = "default_commit_interval_ms")]
    pub commit_interval_ms: u64,
    /// How long the group waits for a silent member. Short in tests, so that takeovers are affordable.
    #[serde(default = "default_session_timeout_ms")]
    pub session_timeout_ms: u32,
    /// Begins every group id and transactional id; two installations on one cluster must differ.
    #[serde(default = "default_application")]
    pub application: String,
    /// Unique among the processes of one role, such as the pod's name; part of the transactional id.
    #[serde(default = "default_instance")]
    pub instance: String,
    /// Further librdkafka settings, such as `security.protocol` or `ssl.ca.location`. Those that delivery depends on
    /// cannot be changed here.
    #[serde(default)]
    pub client: BTreeMap<String, String>,
}

const fn default_memory_limit() -> u32 {
    64
}

fn mebibytes<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let text = String::deserialize(deserializer)?;
    let number = text.trim().strip_suffix("MiB").and_then(|n| n.trim().parse().ok());
    number.ok_or_else(|| serde::de::Error::custom("a size with its unit, such as `64MiB`"))
}

const fn default_commit_interval_ms() -> u64 {
    100
}
const fn default_session_timeout_ms() -> u32 {
    45_000
}
fn default_application() -> String {
    "causeway".to_owned()
}
fn default_instance() -> String {
    "0".to_owned()
}

/// Settings on which the promises rest; each has its reason where it is set in `client.rs`.
pub(crate) const RESERVED: [&str; 14] = [
    "bootstrap.servers",
    "group.id",
    "transactional.id",
    "enable.idempotence",
    "acks",
    "isolation.level",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "auto.offset.reset",
    "partitioner",
    "partition.assignment.strategy",
    "group.protocol",
    "group.instance.id",
    "max.in.flight.requests.per.connection",
];

impl KafkaConfig {
    /// Every other setting as where a file does not name it.
    pub fn at(bootstrap: impl Into<String>) -> Self {
        Self {
            bootstrap: bootstrap.into(),
            memory_limit_mib: default_memory_limit(),
            commit_interval_ms: default_commit_interval_ms(),
            session_timeout_ms: default_session_timeout_ms(),
            application: default_application(),
            instance: default_instance(),
            client: BTreeMap::new(),
        }
    }

    pub fn check(&self) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        let mut say = |key: &str, problem: String, fix: &str| {
            mistakes.push(Mistake::new(format!("kafka.{key}"), problem, fix));
        };
        let good = |server: &str| {
            server.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
        };
        if self.bootstrap.is_empty() || !self.bootstrap.split(',').all(|s| good(s.trim())) {
            say("bootstrap", format!("`{}` is not a list of host:port", self.bootstrap), "write `127.0.0.1:9092`");
        }
        if !(16..=4096).contains(&self.memory_limit_mib) {
            say("memory_limit", format!("{}MiB is out of range", self.memory_limit_mib), "give 16MiB to 4096MiB");
        }
        if !(5..=10_000).contains(&self.commit_interval_ms) {
            say("commit_interval_ms", format!("{} is out of range", self.commit_interval_ms), "give 5 to 10000");
        }
        if !(1_000..=600_000).contains(&self.session_timeout_ms) {
            say("session_timeout_ms", format!("{} is out of range", self.session_timeout_ms), "give 1000 to 600000");
        }
        for (key, value) in [("application", &self.application), ("instance", &self.instance)] {
            let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            if value.is_empty() || value.len() > 64 || !value.chars().all(fits) {
                say(key, "is empty, longer than 64 or has other than a-z, 0-9, '-', '_', '.'".to_owned(), "rename it");
            }
        }
        for key in self.client.keys().filter(|k| RESERVED.contains(&k.as_str())) {
            say(&format!("client.\"{key}\""), "delivery depends on this setting".to_owned(), "remove the line");
        }
        mistakes
    }

    pub fn group(&self, role: &str) -> String {
        format!("{}.{role}", self.application)
    }
}

/// `[state]`: where the caches of the log are kept. Deleting the folder costs a rebuild, never data.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateConfig {
    pub dir: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_named_at_once_with_its_key() {
        let config: KafkaConfig = toml::from_str(
            "bootstrap = \"nowhere\"\nmemory_limit = \"1MiB\"\ninstance = \"a b\"\n[client]\nacks = \"1\"\n",
        )
        .unwrap();
        let keys: Vec<_> = config.check().into_iter().map(|m| m.key).collect();
        assert_eq!(keys, ["kafka.bootstrap", "kafka.memory_limit", "kafka.instance", "kafka.client.\"acks\""]);
    }

    #[test]
    fn defaults_are_valid() {
        let config: KafkaConfig = toml::from_str("bootstrap = \"127.0.0.1:9092\"").unwrap();
        assert_eq!(config.check(), []);
    }
}
