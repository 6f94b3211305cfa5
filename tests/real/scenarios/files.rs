//! Files beside what is said: uploaded by a partner before its comment names them, attached by an agent to a reply.

use super::people::{People, subject};
use crate::stack::Stack;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::scenario::{Act, Agent, Partner, Scenario, file_line, hash_of};

/// `proof.pdf 12000`: its name, and bytes of its own of that length.
fn read(file: &str) -> (&str, Vec<u8>) {
    let (name, size) = file.rsplit_once(' ').unwrap_or_else(|| panic!("{file} has no size"));
    let size: usize = size.parse().unwrap_or_else(|error| panic!("{file}: {error}"));
    (name, name.bytes().cycle().take(size).collect())
}

const TYPE: &str = "application/octet-stream";

/// The partner's comment with these files.
pub async fn of_partner(people: &People<'_>, partner: &str, text: &str, files: &[String]) -> Value {
    let mut claims = Vec::new();
    for file in files {
        let (name, bytes) = read(file);
        let size = bytes.len();
        let hash = hash_of(&bytes);
        people.uploads_bytes(partner, &hash, bytes).await;
        claims.push(json!({"name": name, "media_type": TYPE, "size": size, "sha256": hash}));
    }
    json!({"text": text, "format": "plain", "files": claims})
}

/// The agent's reply with these files.
pub async fn of_agent(people: &People<'_>, ticket: u64, text: &str, files: &[String]) {
    let attached = files.iter().map(|file| {
        let (name, bytes) = read(file);
        json!({"FileName": name, "FileType": TYPE, "FileContent": STANDARD.encode(bytes)})
    });
    let attached: Vec<_> = attached.collect();
    let body = json!({"Content": text, "ContentType": "text/plain", "Attachments": attached});
    people.rt(Method::POST, &format!("/ticket/{ticket}/correspond"), Some(&body)).await;
}

/// The bytes of every file that was sent about the case are on the other side, under its name.
pub async fn crossed(stack: &Stack, people: &People<'_>, scenario: &Scenario, case: &str, id: &str) {
    let (mut by_partner, mut by_agents) = (Vec::new(), Vec::new());
    for step in scenario.steps.iter().filter(|step| step.case == case) {
        match &step.act {
            Act::Partner(Partner::SendsFiles { files, .. }) => by_partner.extend(files.iter().map(|file| line(file))),
            Act::Agent(Agent::SendsFiles { files, .. }) => by_agents.extend(files.iter().map(|file| line(file))),
            Act::Partner(_) | Act::Agent(_) | Act::Time { .. } => {}
        }
    }
    if by_partner.is_empty() && by_agents.is_empty() {
        return;
    }
    let ticket = stack.rt.tickets(&subject(id)).await[0];
    assert_eq!(stack.rt.files(ticket, "causeway-partner").await, by_partner, "{}: at the ticket", scenario.name);
    let seen = people.case(id).await;
    let partner = scenario.partner_of(&case.to_owned());
    assert_eq!(at_community(stack, &seen, partner).await, by_agents, "{}: at the community", scenario.name);
}

fn line(file: &str) -> String {
    let (name, bytes) = read(file);
    file_line(name, &hash_of(&bytes))
}

/// What the partner gets of the house's files, in the order of the comments.
async fn at_community(stack: &Stack, seen: &Value, partner: &str) -> Vec<String> {
    let mut found = Vec::new();
    let comments = seen["comments"].as_array().into_iter().flatten().filter(|comment| comment["author"] != partner);
    for file in comments.flat_map(|comment| comment["files"].as_array().into_iter().flatten()) {
        let [id, name] = ["id", "name"].map(|key| file[key].as_str().unwrap_or_default());
        let url = format!("{}/partner/v1/files/{id}", stack.community.base);
        let token = format!("{}-token", partner.to_lowercase());
        let answer = reqwest::Client::new().get(url).bearer_auth(token).send().await.unwrap();
        assert!(answer.status().is_success(), "{name}: {}", answer.status());
        found.push(file_line(name, &hash_of(&answer.bytes().await.unwrap())));
    }
    found
}
