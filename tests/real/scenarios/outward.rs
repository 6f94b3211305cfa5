//! Documents of the house's own, by the gestures that agents have in Request Tracker.

use super::people::{People, internal};
use super::seen::{of_document, text, ticket};
use super::{patience, seen};
use crate::stack::Stack;
use crate::wait::until;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, StatusCode};
use serde_json::{Map, Value, json};
use testkit::scenario::{File, NewPaper, Partner, View, sentinel};

pub fn subject(ticket: u64) -> String {
    format!("document/rt/{ticket}")
}

impl People<'_> {
    pub async fn begins_document(&self, new: &NewPaper) -> u64 {
        let mut fields: Map<String, Value> =
            new.fields().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        fields.insert("TG Partner Id".to_owned(), new.by.as_str().into());
        let (title, content) = (internal("For a partner"), internal("agreed by telephone"));
        let body = json!({"Queue": "Partner Documents", "Subject": title, "Content": content, "CustomFields": fields});
        self.makes_ticket(&body).await
    }
}

/// A public reply with a file.
pub async fn puts(people: &People<'_>, ticket: u64, said: &str, file: &File) {
    let attached = json!({
        "FileName": file.name, "FileType": file.media_type, "FileContent": STANDARD.encode(file.content()),
    });
    let body = json!({"Content": said, "ContentType": "text/plain", "Attachments": [attached]});
    people.rt(Method::POST, &format!("/ticket/{ticket}/correspond"), Some(&body)).await;
}

/// The community's record of it, once it is there.
async fn record(stack: &Stack, ticket: u64) -> Option<Value> {
    let subject = subject(ticket);
    stack.community.documents().await.into_iter().find(|found| found["external_reference"] == subject)
}

async fn there(stack: &Stack, ticket: u64) -> String {
    let what = format!("{} at the community", subject(ticket));
    text(&until(&what, patience(), || record(stack, ticket)).await["id"])
}

async fn asks(stack: &Stack, partner: &str, method: Method, path: &str, body: &Value) -> StatusCode {
    let url = format!("{}/partner/v1/documents/{path}", stack.community.base);
    let http = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
    let request = http.request(method, url).bearer_auth(format!("{}-token", partner.to_lowercase()));
    request.json(body).send().await.unwrap().status()
}

/// Whether the community took it.
pub async fn partner_does(stack: &Stack, partner: &str, ticket: u64, act: &Partner) -> bool {
    let id = there(stack, ticket).await;
    let (path, body) = match act {
        Partner::Comments { text, format } => ("comments", json!({"text": text, "format": format})),
        Partner::Views => ("versions/1/views", json!({})),
        Partner::Withdraws { reason } => ("withdrawal", json!({"reason": reason})),
        // What it would bring does not matter: it may bring nothing.
        Partner::AddsVersion { file, .. } => {
            ("versions", json!({"file": {"file_name": file.name, "withheld": "gone"}}))
        }
        Partner::Opens(_)
        | Partner::ChangesDetails { .. }
        | Partner::RevisesComment { .. }
        | Partner::Accepts { .. }
        | Partner::Rejects { .. }
        | Partner::SendsFiles { .. }
        | Partner::Raises(_)
        | Partner::CorrectsLine { .. }
        | Partner::GivesEvidence { .. }
        | Partner::Confirms { .. }
        | Partner::Contests { .. }
        | Partner::LetsTheOfferLapse
        | Partner::AcceptsInvitation { .. }
        | Partner::DeclinesInvitation { .. }
        | Partner::LetsTheInvitationExpire
        | Partner::Submits { .. }
        | Partner::Asks { .. }
        | Partner::Shares(_) => panic!("nobody does that with a document of the house: {act:?}"),
    };
    let status = asks(stack, partner, Method::POST, &format!("{id}/{path}"), &body).await;
    assert!(status.is_success() || [403, 409].contains(&status.as_u16()), "{path}: {status}");
    status.is_success()
}

/// What both systems show of it, in the words of the scenarios.
pub async fn view(stack: &Stack, people: &People<'_>, id: u64) -> View {
    let seen = record(stack, id).await.unwrap_or_default();
    let comments = seen["comments"].as_array().into_iter().flatten();
    let comments = comments.map(|said| format!("{}: {}", text(&said["author"]), text(&said["text"])));
    View {
        status: text(&seen["status"]),
        label: text(&seen["status_label"]),
        reason: text(&seen["status_reason"]),
        comments: comments.filter(|line| !sentinel::is_one(line)).collect(),
        document: of_document(&seen),
        tickets: vec![ticket(stack, people, id).await],
        ..View::default()
    }
}

/// Its bytes and its words are its partner's alone.
pub async fn nobody_else_sees(stack: &Stack, ticket: u64) {
    let Some(seen) = record(stack, ticket).await else { return };
    let (id, partner) = (text(&seen["id"]), text(&seen["partner_id"]));
    for other in ["ACME", "GLOBEX"].into_iter().filter(|other| *other != partner) {
        let status = asks(stack, other, Method::GET, &id, &json!({})).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{other} asks for {id} of {partner}");
    }
}

/// Both ways. False where its partner has no part in it.
pub async fn sentinels_cross(stack: &Stack, ticket: u64, partner: &str, name: &str) -> bool {
    if record(stack, ticket).await.is_none_or(|seen| seen["status"] != "available") {
        return false;
    }
    stack.rt.reply(ticket, &sentinel::text(1)).await;
    until(&format!("{name} at the community"), patience(), || async {
        record(stack, ticket).await?.to_string().contains(&sentinel::text(1)).then_some(())
    })
    .await;
    let said = Partner::Comments { text: sentinel::text(2), format: "plain".to_owned() };
    assert!(partner_does(stack, partner, ticket, &said).await, "{name}: a comment");
    until(&format!("{name} in Request Tracker"), patience(), || async {
        let (public, _) = seen::said_at(stack, ticket).await;
        public.iter().any(|(_, said)| said.contains(&sentinel::text(2))).then_some(())
    })
    .await;
    true
}
