use super::*;

fn shell(folder: &tempfile::TempDir, script: &str) -> Process {
    let log = folder.path().join("log");
    Process::new("shell", Path::new("/bin/sh"), &log).arguments(["-c", script])
}

fn state(id: u32) -> char {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    stat.rsplit(") ").next().unwrap().chars().next().unwrap()
}

fn wait(what: &str, mut seen: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !seen() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::yield_now();
    }
}

#[test]
fn a_stopped_process_stands_still_and_goes_on_and_a_killed_one_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = shell(&folder, "while :; do :; done");
    process.start().unwrap();
    let id = process.id().unwrap();
    process.pause().unwrap();
    wait("stopped", || state(id) == 'T');
    process.resume().unwrap();
    wait("running", || state(id) == 'R');
    process.pause().unwrap();
    process.kill().unwrap();
    assert!(!Path::new(&format!("/proc/{id}")).exists());
    assert!(matches!(process.pause(), Err(ProcessError::NotRunning { .. })));
}

#[tokio::test]
async fn who_waits_for_a_process_that_ends_is_told_its_last_words() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = shell(&folder, "echo first; echo \"$GREETING\" >&2; exit 3").environment("GREETING", "alas");
    process.start().unwrap();
    let error = process.ready("http://127.0.0.1:1/", Duration::from_secs(10)).await.unwrap_err();
    assert!(error.to_string().contains("alas"), "{error}");
}

#[tokio::test]
async fn a_process_that_drains_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = shell(&folder, "trap 'echo drained; exit' TERM; echo up; while :; do :; done");
    process.start().unwrap();
    wait("up", || process.last_words(1) == "up");
    process.stop(Duration::from_secs(10)).await.unwrap();
    assert_eq!(process.last_words(1), "drained");
}

#[test]
fn a_skewed_clock_is_wrong_by_that_much() {
    let Some(library) = crate::clock_library() else {
        eprintln!("SKIPPED: libfaketime is not here (Debian's package libfaketime, or CHAOS_FAKETIME)");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut process = shell(&folder, "date +%s; while :; do :; done");
    process.skew_clock(&library, Some(-3_600_000));
    process.start().unwrap();
    wait("the time", || !process.last_words(1).is_empty());
    let said: u64 = process.last_words(1).parse().unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert!((3_590..3_620).contains(&(now - said)), "{said} at {now}");
}

#[test]
fn a_write_beyond_the_limit_fails_and_the_process_lives() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("big");
    let script = format!("head -c 100000 /dev/zero >{}; echo status $?; while :; do :; done", file.display());
    let mut process = shell(&folder, &script);
    process.limit_files(Some(64));
    process.start().unwrap();
    wait("the refusal", || process.last_words(1).starts_with("status"));
    assert_eq!(process.last_words(1), "status 1");
    assert_eq!(std::fs::metadata(&file).unwrap().len(), 32 << 10);
    assert!(process.is_running());
}
