use super::process::Process;
use super::servers::tool;
use std::path::Path;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(90);

/// Asks the tool again until its answer holds the needle.
fn until(config: &Path, arguments: &[&str], needle: &str) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let said = tool(config, arguments);
        if said.success && said.out.contains(needle) {
            return said.out;
        }
        assert!(Instant::now() < deadline, "{arguments:?} never says {needle}: {}{}", said.out, said.err);
    }
}

fn said(config: &Path, arguments: &[&str]) -> String {
    let said = tool(config, arguments);
    assert!(said.success, "{arguments:?}: {}{}", said.out, said.err);
    said.out
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_create_is_tried_again_on_a_persons_word_and_a_mended_bundle_makes_the_ticket() {
    let mut process = Process::new();
    let bundle = process.folder.path().join("bundle");
    let starter = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/bundles/rt");
    std::fs::create_dir_all(&bundle).unwrap();
    let routes = std::fs::read_to_string(starter.join("routes.csv")).unwrap();
    std::fs::write(bundle.join("routes.csv"), routes.replace("Partner Cases", "Nowhere")).unwrap();
    process.start().await;
    let config = process.folder.path().join("tools.toml");
    let file = format!(
        "[kafka]\nbootstrap = \"127.0.0.1:{}\"\n[registry]\nurls = [\"http://127.0.0.1:{}\"]\n",
        process.kafka, process.registry
    );
    std::fs::write(&config, file).unwrap();

    // The story's own case: no such queue.
    let each = ["dlq", "list", "--each", "--class", "REFUSED"];
    let listed = until(&config, &each, "internal.issue.create-case  redrives=0");
    let words: Vec<&str> = listed.split_whitespace().collect();
    let (place, subject) = (words[0].to_owned(), words[2].to_owned());
    let shown = said(&config, &["dlq", "show", &place]);
    assert!(shown.contains("attempt 1 ") && shown.contains("refused") && !shown.contains("attempt 2 "), "{shown}");
    assert!(said(&config, &["dlq", "redrive", "--class", "REFUSED", "--by", "ann"]).contains("1 sent back, 0 left"));
    // The sink has made another call: the queue is still missing.
    until(&config, &each, "internal.issue.create-case  redrives=1");
    let shown = until(&config, &["dlq", "show", &place], "attempt 2 ");
    assert!(shown.contains("state    sent back"), "{shown}");

    process.kill();
    std::fs::write(bundle.join("routes.csv"), routes).unwrap();
    let file = bundle.join("bundle.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("version = 1\n", "version = 2\n", 1)).unwrap();
    process.start().await;
    let plan = said(&config, &["replay", "plan", "--candidate", &bundle.to_string_lossy(), "--subject", &subject]);
    assert!(plan.contains("candidate version 2"), "{plan}");
    // Refused until the transformers have brought this bundle into use.
    let folder = bundle.to_string_lossy();
    let run = ["replay", "run", "--role", "transform-partner", "--subject", &subject, "--bundle", &folder, "--yes"];
    let ran = until(&config, &run, " commands written to internal.commands");
    assert!(!ran.contains("no longer made"), "{ran}");
    let shown = until(&config, &["dlq", "show", &place], "  done  ");
    assert!(shown.contains("native id "), "{shown}");
    assert!(until(&config, &["doubt", "list"], "0 undecided").ends_with("0 undecided\n"));
}
