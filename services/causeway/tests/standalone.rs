//! `causeway standalone` under load and SIGKILL: the whole process with its broker, its simulated systems and its roles
//! dies at random moments and is started again on the same folder.
//!
//! `STANDALONE_KILLS` says how often (10); `STANDALONE_SEED` replays the moments of a run.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "standalone/load.rs"]
mod load;
#[path = "standalone/process.rs"]
mod process;

use load::Load;
use process::Process;
use std::time::Duration;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// A small generator, so that a run can be had again.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_of_everything_at_once_lose_nothing_and_double_nothing() {
    let seed = setting("STANDALONE_SEED", u64::from(std::process::id()));
    let kills = setting("STANDALONE_KILLS", 10);
    let mut random = seed;
    let mut process = Process::new();
    process.without_story();
    process.start().await;
    let load = Load::begin(&process);
    for _ in 0..kills {
        // Between the first moments of a start, when caches are read, and the middle of the work.
        let alive = Duration::from_millis(200 + next(&mut random) % 4_000);
        load.go_on_for(alive).await;
        process.kill();
        process.start().await;
    }
    let written = load.end().await;
    let differences = written.differences(&process).await;
    process.stop();
    assert!(differences.is_empty(), "seed {seed}: {differences:#?}");
    println!(
        "{kills} kills of the whole process, seed {seed}: {} cases, {} comments and {} replies, each there once",
        written.cases.len(),
        written.comments(),
        written.replies()
    );
}

#[tokio::test]
async fn a_port_that_is_taken_is_said_plainly() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_causeway"))
        .args(["standalone", "--page-port", &port.to_string(), "--folder"])
        .arg(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains(&format!("127.0.0.1:{port}")) && said.contains("--page-port"), "{said}");
    assert!(!folder.path().join("secrets").exists(), "nothing is written before every port is ours");
}
