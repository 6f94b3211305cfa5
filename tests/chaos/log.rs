//! The log and its registry: Apache Kafka through its script, or the embedded broker in a process of this binary.

use crate::ports;
use crate::settings::BrokerKind;
use faults::broker::Cluster;
use faults::dice::Dice;
use faults::process::Process;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tokio::sync::Mutex;

pub struct Log {
    /// The nodes themselves, not through any proxy.
    pub kafka: String,
    /// `host:port`, and the path of the API behind it.
    pub registry: (String, String),
    how: How,
}

enum How {
    /// One at a time: a node that is being started cannot be killed.
    Apache(Mutex<Cluster>),
    Embedded(Box<Mutex<Process>>, String),
}

const START: Duration = Duration::from_secs(60);
/// A disk is small when it holds less.
const LARGEST: u64 = 4 << 30;

impl Log {
    /// The embedded broker's data lie on `disk` where one is named.
    pub async fn start(kind: &BrokerKind, folder: &Path, disk: Option<&Path>) -> Self {
        match kind {
            BrokerKind::Apache { kafka, registry } => {
                let rest = registry.strip_prefix("http://").expect("the registry's address begins with http://");
                let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
                let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/local/kafka.sh");
                let how = How::Apache(Mutex::new(Cluster::at(&script)));
                Self { kafka: kafka.clone(), registry: (host.to_owned(), format!("/{path}")), how }
            }
            BrokerKind::Embedded => {
                let (kafka, registry) = (ports::free(), ports::free());
                let (kafka, registry) = (format!("127.0.0.1:{kafka}"), format!("127.0.0.1:{registry}"));
                let this = std::env::current_exe().unwrap();
                let data = disk.unwrap_or(folder).join("embedded");
                let mut process = Process::new("embedded broker", &this, &folder.join("log/broker.log")).arguments([
                    "--serve-broker",
                    data.to_str().unwrap(),
                    &kafka,
                    &registry,
                ]);
                process.start().unwrap();
                let url = format!("http://{registry}/subjects");
                process.ready(&url, START).await.unwrap();
                let how = How::Embedded(Box::new(Mutex::new(process)), url);
                Self { kafka, registry: (registry, String::new()), how }
            }
        }
    }

    fn nodes(&self) -> u32 {
        u32::try_from(self.kafka.split(',').count()).unwrap()
    }

    /// SIGKILL of one node and its start.
    pub async fn kill_and_start(&self, dice: &mut Dice) -> String {
        match &self.how {
            How::Apache(cluster) => {
                let cluster = cluster.lock().await;
                let node = 1 + u32::try_from(dice.below(u64::from(self.nodes()))).unwrap();
                cluster.kill(node).await.unwrap();
                cluster.start(node).await.unwrap();
                format!("node {node}")
            }
            How::Embedded(process, url) => {
                let mut process = process.lock().await;
                process.kill().unwrap();
                process.start().unwrap();
                process.ready(url, START).await.unwrap();
                "the embedded broker".to_owned()
            }
        }
    }

    /// SIGSTOP of one node, and SIGCONT.
    pub async fn pause(&self, dice: &mut Dice, time: Duration) -> String {
        match &self.how {
            How::Apache(cluster) => {
                let cluster = cluster.lock().await;
                let node = 1 + u32::try_from(dice.below(u64::from(self.nodes()))).unwrap();
                cluster.pause(node).await.unwrap();
                tokio::time::sleep(time).await;
                cluster.resume(node).await.unwrap();
                format!("node {node}")
            }
            How::Embedded(process, _) => {
                let mut process = process.lock().await;
                process.pause().unwrap();
                tokio::time::sleep(time).await;
                process.resume().unwrap();
                "the embedded broker".to_owned()
            }
        }
    }

    /// No space left for a while, then whoever has died of it is started. Says whether anybody has.
    pub async fn fill(&self, disk: Option<&Path>, time: Duration) -> String {
        let ballast = disk.expect("CHAOS_DISK names the small file system of the broker").join("ballast");
        let here = ballast.clone();
        let size = tokio::task::spawn_blocking(move || fill_up(&here)).await.unwrap();
        tokio::time::sleep(time).await;
        let died = match &self.how {
            How::Apache(cluster) => {
                let cluster = cluster.lock().await;
                std::fs::remove_file(&ballast).unwrap();
                // One that lives is left as it is.
                let before = cluster.running().await.unwrap();
                for node in 1..=self.nodes() {
                    cluster.start(node).await.unwrap();
                }
                u64::from(self.nodes()) - before
            }
            How::Embedded(process, url) => {
                let mut process = process.lock().await;
                std::fs::remove_file(&ballast).unwrap();
                let died = u64::from(!process.is_running());
                process.start().unwrap();
                process.ready(url, START).await.unwrap();
                died
            }
        };
        format!("{} MiB of ballast for {time:?}, {died} died of it", size >> 20)
    }

    pub fn replication(&self) -> u32 {
        self.nodes().min(3)
    }
}

/// Takes all there is. An error that is none of space is found by whoever runs the test.
fn fill_up(ballast: &Path) -> u64 {
    use std::io::Write as _;
    let mut file = std::fs::File::create(ballast).unwrap();
    let mut size = 0;
    for chunk in [1 << 20, 1 << 12, 1] {
        let bytes = vec![0; chunk];
        while size < LARGEST {
            match file.write(&bytes) {
                Ok(written) if written > 0 => size += written as u64,
                Ok(_) => break,
                Err(error) if error.kind() == std::io::ErrorKind::StorageFull => break,
                Err(error) => panic!("{}: {error}", ballast.display()),
            }
        }
    }
    assert!(size < LARGEST, "{} is on no small file system", ballast.display());
    size
}

/// Hosts the embedded broker until it is killed.
pub fn serve(folder: &str, kafka: &str, registry: &str) -> ExitCode {
    let options = embedded::Options {
        folder: folder.into(),
        kafka: kafka.parse().unwrap(),
        registry: registry.parse().unwrap(),
        ..embedded::Options::default()
    };
    match embedded::Broker::start(options) {
        Ok(_running) => loop {
            std::thread::park();
        },
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
