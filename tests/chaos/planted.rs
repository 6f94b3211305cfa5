//! A bundle that maps one severity wrongly, and what its correction may change: exactly the fields that were set wrongly, on
//! tickets that are open, where nobody has set them since.

use crate::config::AGENT;
use crate::reset::{GROUPS, come_to, settled, to_earliest};
use crate::stack::{Stack, binary, project};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

const FIELD: &str = "TG Severity";
const CODE: &str = "MAJOR";
const WRONG: &str = "minor";
const RIGHT: &str = "major";
/// A person's own word on some of them.
const OVERWRITTEN: &str = "critical";
/// What the case system calls closed.
const CLOSED: [&str; 4] = ["resolved", "closed", "rejected", "cancelled"];

/// This installation's own bundle, with the mistake. One that is there already is left as it is.
pub fn plant(own: &Path) {
    if !own.is_dir() {
        copy(&project().join("deploy/bundles/rt"), own);
        edit(&own.join("codes/severity.csv"), &format!("{CODE},{RIGHT}"), &format!("{CODE},{WRONG}"));
    }
}

/// What people then see on the tickets of that severity.
pub fn expect(words: &mut load::Mapped) {
    for (_, internal) in words.severities.iter_mut().filter(|(code, _)| code == CODE) {
        WRONG.clone_into(internal);
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn edit(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{} has no `{from}`", file.display());
    std::fs::write(file, text.replacen(from, to, 1)).unwrap();
}

/// The tickets of that severity by number, with status and field.
async fn wrong(stack: &Stack) -> BTreeMap<u64, (String, String, String)> {
    let get = async |url: String| -> Vec<Value> { reqwest::get(url).await.unwrap().json().await.unwrap() };
    let cases = get(format!("{}/control/cases", stack.community.url)).await;
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let major: BTreeSet<String> = cases
        .iter()
        .filter(|case| case["severity"] == CODE)
        .map(|case| format!("case/tg/{}", word(&case["id"])))
        .collect();
    let tickets = get(format!("{}/control/tickets", stack.case_system.url)).await;
    let of = |ticket: &Value| (word(&ticket["external_id"]), word(&ticket["status"]), word(&ticket["fields"][FIELD]));
    let ours = tickets.iter().filter(|ticket| major.contains(&word(&ticket["external_id"])));
    ours.map(|ticket| (ticket["id"].as_u64().unwrap(), of(ticket))).collect()
}

fn journal(stack: &Stack) -> [Vec<Value>; 2] {
    [&stack.community, &stack.case_system].map(|system| {
        let text = std::fs::read_to_string(system.folder.join("changes.jsonl")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    })
}

/// Some agents have a word of their own.
async fn overwrite(stack: &Stack, tickets: impl Iterator<Item = u64>) {
    let http = reqwest::Client::new();
    for ticket in tickets {
        let url = format!("{}/v1/tickets/{ticket}", stack.case_system.url);
        let body = json!({ "fields": { FIELD: OVERWRITTEN } });
        let answer = http.patch(url).bearer_auth(AGENT.1).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }
}

/// The correction under a higher version, everything read again, and the old bundle once more.
pub async fn corrected(stack: &Stack) -> bool {
    let all = wrong(stack).await;
    overwrite(stack, all.iter().filter(|(_, (_, status, _))| !is_closed(status)).map(|(id, _)| *id).step_by(4)).await;
    let before = settled(stack).await;
    let all = wrong(stack).await;
    let is_wrong = |field: &str| field == WRONG;
    let open: BTreeSet<u64> =
        all.iter().filter(|(_, (_, status, field))| !is_closed(status) && is_wrong(field)).map(|(id, _)| *id).collect();
    let closed: Vec<&String> = all
        .values()
        .filter(|(_, status, field)| is_closed(status) && is_wrong(field))
        .map(|(case, _, _)| case)
        .collect();
    let marks = journal(stack).map(|lines| lines.len());
    let bundle = stack.bundle();
    edit(&bundle.join("codes/severity.csv"), &format!("{CODE},{WRONG}"), &format!("{CODE},{RIGHT}"));
    edit(&bundle.join("bundle.toml"), "version = 1", "version = 2");
    for role in GROUPS {
        stack.roles[role].lock().await.stop().await.unwrap();
    }
    for role in GROUPS {
        to_earliest(stack, role).await;
    }
    for role in GROUPS {
        stack.roles[role].lock().await.start();
    }
    stack.all_ready().await;
    come_to(stack, &before).await;
    settled(stack).await;
    let [community, desk] = journal(stack);
    let since: Vec<&Value> =
        desk[marks[1]..].iter().flat_map(|line| line["changes"].as_array().into_iter().flatten()).collect();
    let fits = |change: &&Value| {
        let to = &change["payload"];
        change["kind"] == "field-changed" && to["field"] == FIELD && to["from"] == WRONG && to["to"] == RIGHT
    };
    let mut changed: Vec<u64> =
        since.iter().copied().filter(fits).filter_map(|change| change["ticket_id"].as_u64()).collect();
    let others = since.len() - changed.len() + community.len() - marks[0];
    changed.sort_unstable();
    let exactly = changed.iter().copied().eq(open.iter().copied()) && others == 0;
    let said = stack.tool(&["replay", "run", "--role", "transform-partner", "--revise", "closed", "--dry-run"]);
    let listed = closed.iter().filter(|case| said.contains(case.as_str())).count();
    let refused = old_again(stack, &bundle).await;
    let after = journal(stack).map(|lines| lines.len()) == [community.len(), desk.len()];
    println!(
        "{} tickets of that severity: {} set wrongly and open, {} of them corrected, {others} other changes; {} closed, \
         {listed} of them listed; the old bundle again: refused {refused}, nothing changed {after}",
        all.len(),
        open.len(),
        changed.len(),
        closed.len(),
    );
    if listed < closed.len() {
        println!("{said}");
    }
    exactly && listed == closed.len() && refused && after && !open.is_empty()
}

fn is_closed(status: &str) -> bool {
    CLOSED.contains(&status)
}

/// The first version under the role's own file: it may not start.
async fn old_again(stack: &Stack, bundle: &Path) -> bool {
    edit(&bundle.join("codes/severity.csv"), &format!("{CODE},{RIGHT}"), &format!("{CODE},{WRONG}"));
    edit(&bundle.join("bundle.toml"), "version = 2", "version = 1");
    let mut member = stack.roles["transform-partner"].lock().await;
    member.stop().await.unwrap();
    let file = stack.folder.join("transform-partner-0.toml");
    let mut command = tokio::process::Command::new(binary());
    command.arg("--config").arg(file).arg("transform-partner").env_clear().stdin(Stdio::null()).kill_on_drop(true);
    let ended = tokio::time::timeout(Duration::from_secs(60), command.output()).await;
    let Ok(Ok(output)) = ended else { return false };
    let said = [output.stdout, output.stderr].concat();
    !output.status.success() && String::from_utf8_lossy(&said).contains("is older than 2")
}
