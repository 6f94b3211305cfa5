//! Bad input and absent servers: each kind is answered clearly, nothing is lost, and the next test finds the
//! installation working.

mod hooks;
mod malformed;
mod outages;
mod redrive;
mod refused;
pub mod servers;
mod unknown;

use crate::Test;
use crate::roles::binary;
use crate::stack::Stack;
use crate::wait::{SOON, until};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use toml::{Table, Value};

pub const TESTS: &[(&str, Test)] = &[
    ("bad_input_a_webhook_wakes_the_poller_only_when_it_is_genuine", |stack| Box::pin(hooks::community(stack))),
    ("bad_input_a_nudge_of_request_tracker_is_taken_only_when_it_is_genuine", |stack| {
        Box::pin(hooks::request_tracker(stack))
    }),
    ("bad_input_every_mistake_of_a_bundle_is_named_with_file_and_line", |stack| Box::pin(refused::bundle(stack))),
    ("bad_input_every_mistake_of_a_configuration_is_named_at_once", |stack| Box::pin(refused::configuration(stack))),
    ("bad_input_a_record_that_is_no_event_is_kept_whole_and_the_next_one_goes_on", |stack| {
        Box::pin(malformed::test(stack))
    }),
    ("bad_input_an_unknown_partner_is_held_until_the_bundle_knows_it", |stack| Box::pin(unknown::test(stack))),
    ("bad_input_what_the_bundle_does_not_know_waits_for_an_edit", |stack| Box::pin(redrive::test(stack))),
    ("bad_input_without_the_registry_warm_roles_go_on_and_new_ones_wait", |stack| Box::pin(outages::registry(stack))),
    ("bad_input_while_request_tracker_is_down_nothing_is_lost_and_nothing_doubled", |stack| {
        Box::pin(outages::request_tracker(stack))
    }),
];

fn config_file(stack: &Stack, role: &str) -> PathBuf {
    stack.folder.path().join(format!("{role}.toml"))
}

fn config(stack: &Stack, role: &str) -> Table {
    toml::from_str(&std::fs::read_to_string(config_file(stack, role)).unwrap()).unwrap()
}

/// Where a role listens: `admin` or `hook`.
fn address(stack: &Stack, role: &str, section: &str) -> String {
    config(stack, role)[section]["listen"].as_str().unwrap().to_owned()
}

pub async fn restart(stack: &Stack, roles: &[&'static str]) {
    let mut all = stack.roles.lock().await;
    for name in roles {
        let role = all.get_mut(name).unwrap();
        role.stop().await;
        role.spawn();
    }
    for name in roles {
        all.get_mut(name).unwrap().ready().await;
    }
}

/// Sum over the lines of a metric that bear every one of the labels, such as `result="refused"`.
async fn metric(stack: &Stack, role: &str, name: &str, labels: &[&str]) -> f64 {
    let url = format!("http://{}/metrics", address(stack, role, "admin"));
    let text = reqwest::get(url).await.unwrap().text().await.unwrap();
    let is_it = |line: &&str| {
        let rest = line.strip_prefix(name);
        rest.is_some_and(|r| r.starts_with(['{', ' '])) && labels.iter().all(|label| line.contains(label))
    };
    let values = text.lines().filter(is_it).filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
    values.sum()
}

/// Open dead letters of a subject, a line each.
fn dead_letters(stack: &Stack, class: &str, subject: &str) -> Vec<String> {
    let said = stack.tool(&["dlq", "list", "--each", "--class", class, "--key", subject]);
    said.lines().filter(|line| line.contains(subject)).map(str::to_owned).collect()
}

async fn held(stack: &Stack, subject: &str, count: usize) -> Vec<String> {
    until(&format!("{count} held of {subject}"), SOON, || async {
        let letters = dead_letters(stack, "HOLD", subject);
        (letters.len() >= count).then_some(letters)
    })
    .await
}

async fn ticket(stack: &Stack, subject: &str) -> u64 {
    let what = format!("a ticket for {subject}");
    until(&what, 2 * SOON, || async { stack.rt.tickets(subject).await.first().copied() }).await
}

/// Waits until the ticket holds so many messages of the partner, and gives the last line of each, in order: the author
/// stands above it.
async fn said_by_partner(stack: &Stack, ticket: u64, count: usize) -> Vec<String> {
    let what = format!("{count} messages on ticket {ticket}");
    until(&what, 2 * SOON, || async {
        let messages = stack.rt.messages(ticket).await.into_iter();
        let said = messages.filter(|m| m.creator == "causeway-partner" && m.kind == "Correspond");
        let said: Vec<String> = said.map(|m| m.text.trim_end().lines().last().unwrap_or_default().to_owned()).collect();
        (said.len() >= count).then_some(said)
    })
    .await
}

/// The case has its reference. It may be further than acknowledged: a comment opens the ticket.
async fn acknowledged(stack: &Stack, case: &str) {
    until(&format!("{case} is acknowledged"), 2 * SOON, || async {
        let case = stack.community.case(case).await;
        let has_reference = case["reference"].as_str().is_some_and(|reference| !reference.is_empty());
        (has_reference && case["status"] != "submitted").then_some(())
    })
    .await;
}

/// Changes files of the installation's bundle, raises its version, and lets both transformers read it.
pub async fn edit_bundle(stack: &Stack, edits: &[(&str, &str, &str)]) -> i64 {
    let folder = stack.bundle();
    for (file, before, after) in edits {
        let path = folder.join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(before), "{file} has {before:?}");
        std::fs::write(&path, text.replacen(before, after, 1)).unwrap();
    }
    let path = folder.join("bundle.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let old = toml::from_str::<Table>(&text).unwrap()["version"].as_integer().unwrap();
    let text = text.replacen(&format!("version = {old}\n"), &format!("version = {}\n", old + 1), 1);
    std::fs::write(&path, text).unwrap();
    stack.tool(&["mapping", "check", &folder.to_string_lossy()]);
    // The sink too: what a newer bundle sends to a partner waits there until its guard knows that partner.
    restart(stack, &["transform-partner", "transform-internal", "sink-partner"]).await;
    old + 1
}

/// Starts a role that is expected to refuse, with settings over its file, and waits for its end.
fn start_refused(stack: &Stack, role: &str, settings: &[(&str, String)]) -> Output {
    let mut command = Command::new(binary());
    command.arg("--config").arg(config_file(stack, role)).arg(role).env_clear();
    let admin = format!("127.0.0.1:{}", crate::stack::free_port());
    command.env("CAUSEWAY_ADMIN__LISTEN", admin).envs(settings.iter().map(|(key, value)| (key, value)));
    command.stdin(Stdio::null()).output().unwrap()
}

fn standard_error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn write_config(stack: &Stack, role: &str, change: impl FnOnce(&mut Table)) {
    let mut table = config(stack, role);
    change(&mut table);
    std::fs::write(config_file(stack, role), toml::to_string(&table).unwrap()).unwrap();
}

/// `[feed] poll_interval_ms`.
fn set_poll_interval(stack: &Stack, role: &str, milliseconds: i64) {
    write_config(stack, role, |table| {
        let feed: Table = [("poll_interval_ms".to_owned(), Value::Integer(milliseconds))].into_iter().collect();
        table.insert("feed".to_owned(), Value::Table(feed));
    });
}
