//! A broker and a registry of the test's own, brought up to the contract, and the tool as a process.

use codec::{Codec, Record, RegistryConfig, contract, headers};
use domain::{Envelope, Meta};
use embedded::{Broker, Options, Running};
use rdkafka::message::OwnedHeaders;
use runtime::history::History;
use runtime::record::{Output, with_headers};
use runtime::tail::Record as Raw;
use runtime::transaction::{Batch, Transactions};
use runtime::{KafkaConfig, admin, client};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

pub struct Servers {
    pub folder: tempfile::TempDir,
    pub kafka: KafkaConfig,
    pub codec: Codec,
    producer: Mutex<Transactions>,
    broker: Option<Running>,
    runtime: tokio::runtime::Runtime,
}

/// What a tool said and how much memory it took at most, in MiB.
pub struct Said {
    pub out: String,
    pub err: String,
    pub success: bool,
    pub peak_mib: u64,
}

impl Servers {
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("causeway-tools-").tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let options = Options { folder: folder.path().join("log"), kafka: any, registry: any, ..Options::default() };
        let broker = Broker::start(options).unwrap();
        // `TOOLS_TEST_KAFKA`: an Apache Kafka without topics, for one test at a time.
        let bootstrap = std::env::var("TOOLS_TEST_KAFKA").unwrap_or_else(|_| broker.kafka_address().to_string());
        let kafka = KafkaConfig { memory_limit_mib: 16, ..KafkaConfig::at(bootstrap.clone()) };
        let registry = RegistryConfig::at(broker.registry_url());
        let codec = Codec::new(registry.clone()).unwrap();
        runtime.block_on(async {
            admin::apply(&kafka, 1).await.unwrap();
            contract::register_all(&registry).await.unwrap();
            for topic in contract::topics().topics.iter().filter(|topic| !topic.records.is_empty()) {
                codec.prepare(&topic.name).await.unwrap();
            }
        });
        let file = format!(
            "[kafka]\nbootstrap = \"{}\"\nmemory_limit = \"16MiB\"\n[registry]\nurls = [\"{}\"]\n",
            bootstrap,
            broker.registry_url()
        );
        std::fs::write(folder.path().join("tools.toml"), file).unwrap();
        let producer = Transactions::new(client::transactional_producer(&kafka, "test", "causeway.test"));
        Self { folder, kafka, codec, producer: Mutex::new(producer), broker: Some(broker), runtime }
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("tools.toml")
    }

    pub fn tool(&self, arguments: &[&str]) -> Said {
        tool(&self.config(), arguments)
    }

    /// What it said, where it succeeded.
    pub fn said(&self, arguments: &[&str]) -> String {
        let said = self.tool(arguments);
        assert!(said.success, "{arguments:?}: {}{}", said.out, said.err);
        said.out
    }

    /// Runs what waits for the registry.
    pub fn within<T>(&self, work: impl FnOnce() -> T) -> T {
        let _entered = self.runtime.enter();
        work()
    }

    pub fn produce(&self, records: Vec<Output>) {
        self.producer.lock().unwrap().commit(&Batch { records, inputs: None }).unwrap();
    }

    /// An encoded record as services write it, with more headers.
    pub fn output<T>(&self, topic: &'static str, record: &Envelope<T>, more: &[(&str, String)]) -> Output
    where
        Envelope<T>: Record,
    {
        let mut payload = Vec::new();
        self.codec.encode(topic, record, &mut payload).unwrap();
        let headers = with_headers(OwnedHeaders::new(), headers::cloud_event(&record.meta));
        let headers = with_headers(headers, more.iter().map(|(name, value)| (*name, value.clone())));
        Output { topic, key: record.meta.subject.as_str().as_bytes().to_vec(), payload, headers }
    }

    /// Everything on a topic, partition by partition.
    pub fn read(&self, topic: &str) -> Vec<Raw> {
        let mut found = Vec::new();
        let history = History::open(&self.kafka, "test").unwrap();
        let keep = |record: &Raw| {
            found.push(record.clone());
            Ok(())
        };
        history.records(topic, &History::whole(topic).unwrap(), keep).unwrap();
        found
    }

    pub fn decode<T>(&self, record: &Raw) -> Envelope<T>
    where
        Envelope<T>: Record,
    {
        self.codec.decode(&record.topic, &record.payload).unwrap()
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        if let Some(broker) = self.broker.take() {
            let _ = self.runtime.block_on(broker.stop());
        }
    }
}

/// The envelope's head; ids are made from `n`.
pub fn meta(n: u32, subject: &str, kind: &str) -> Meta {
    let id = domain::MessageId::from_bytes([[7; 12].as_slice(), &n.to_be_bytes()].concat().try_into().unwrap());
    let system = subject.split('/').nth(1).unwrap();
    serde_json::from_value(serde_json::json!({
        "id": id, "subject": subject, "system": system, "partner_id": "ACME", "type": kind,
        "occurred_at": 1_700_000_000_000_i64, "recorded_at": 1_700_000_000_000_i64, "environment": "P",
    }))
    .unwrap()
}

/// What an owner said of a command.
pub fn outcome(n: u32, of: &Meta, payload: domain::Outcome) -> Envelope<domain::Outcome> {
    let mut meta = meta(n, of.subject.as_str(), &format!("internal.outcome.{}", payload.word()));
    meta.system = domain::SystemId::new("rt").unwrap();
    meta.partner_id.clone_from(&of.partner_id);
    meta.causation_id = Some(of.id);
    meta.actor.id = "owner-1".to_owned();
    meta.mapping_version = of.mapping_version;
    meta.cause.clone_from(&of.cause);
    Envelope { meta, payload }
}

/// One run of the binary with this configuration.
pub fn tool(config: &Path, arguments: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_causeway"));
    command.arg("--config").arg(config).args(arguments).stdin(Stdio::null());
    // The address space is no measure of use; the kernel's own high-water mark is.
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let read = |stream: &mut dyn std::io::Read| {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    };
    let (out, err, peak_mib) = std::thread::scope(|scope| {
        let out = scope.spawn(move || read(&mut out));
        let err = scope.spawn(move || read(&mut err));
        let mut peak = 0;
        while !out.is_finished() {
            let text = std::fs::read_to_string(&status).unwrap_or_default();
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            peak = peak.max(kib.unwrap_or(0) / 1024);
            std::thread::park_timeout(std::time::Duration::from_millis(5));
        }
        (out.join().unwrap(), err.join().unwrap(), peak)
    });
    Said { out, err, success: child.wait().unwrap().success(), peak_mib }
}
