use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// One folder and its ports, and the process on them.
pub struct Process {
    pub folder: tempfile::TempDir,
    pub page: u16,
    pub community: u16,
    pub case_system: u16,
    pub kafka: u16,
    pub registry: u16,
    child: Option<Child>,
}

/// Free now, and below the range that outgoing connections take theirs from, so that it is free at the next start too.
fn free_ports() -> Vec<u16> {
    let first = 20_000 + (std::process::id() % 10_000) as u16;
    let free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    (first..first + 500).filter(free).take(5).collect()
}

impl Process {
    pub fn new() -> Self {
        let ports = free_ports();
        let [page, community, case_system, kafka, registry] = ports[..] else { panic!("five free ports: {ports:?}") };
        let folder = tempfile::Builder::new().prefix("causeway-standalone-").tempdir().unwrap();
        Self { folder, page, community, case_system, kafka, registry, child: None }
    }

    /// The people of a test are alone: nobody of the story acts beside them.
    pub fn without_story(&self) {
        std::fs::write(self.folder.path().join("story-begun"), "").unwrap();
    }

    /// Returns when both simulated systems answer; the roles may still be starting.
    pub async fn start(&mut self) {
        let port = |port: u16| port.to_string();
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.folder.path().join("log.txt"));
        let log = log.unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_causeway"))
            .args(["standalone", "--verbose", "--folder"])
            .arg(self.folder.path())
            .args(["--page-port", &port(self.page), "--community-port", &port(self.community)])
            .args(["--case-system-port", &port(self.case_system)])
            .args(["--kafka-port", &port(self.kafka), "--registry-port", &port(self.registry)])
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let ended = self.child.as_mut().and_then(|child| child.try_wait().unwrap());
            assert!(ended.is_none(), "ended with {ended:?}; {}", self.last_words());
            let answers = async |port: u16| reqwest::get(format!("http://127.0.0.1:{port}/")).await.is_ok();
            if answers(self.community).await && answers(self.case_system).await {
                return;
            }
            assert!(Instant::now() < deadline, "does not answer; {}", self.last_words());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.folder.path().join("log.txt")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub fn stop(&mut self) {
        self.kill();
    }

    pub fn secret(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join("secrets").join(name)).unwrap().trim().to_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("the last words of the process:\n{}", self.last_words());
        }
    }
}
