//! Agents of the simulated case system.

use crate::LoadError;
use crate::answer::{Answer, ask};
use crate::case_system::{AgentAct, Asked, CaseSystem, Done, Made};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use std::time::Duration;

/// The interface with one agent's token.
pub struct Desk {
    http: Client,
    base: String,
    token: String,
}

impl Desk {
    pub fn new(base: &str, token: &str) -> Result<Self, LoadError> {
        Ok(Self { http: crate::client()?, base: base.trim_end_matches('/').to_owned(), token: token.to_owned() })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        request.timeout(Duration::from_secs(20))
    }
}

fn body(act: &AgentAct) -> (Method, &'static str, Value) {
    match act {
        AgentAct::Reply(text) => (Method::POST, "/replies", json!({ "text": text })),
        AgentAct::Note(text) => (Method::POST, "/notes", json!({ "text": text })),
        AgentAct::RootCause(text) => (Method::PATCH, "", json!({ "fields": { "Root Cause": text } })),
        AgentAct::Status(to) => (Method::PATCH, "", json!({ "status": to })),
        AgentAct::Resolve(note) => {
            (Method::PATCH, "", json!({ "status": "resolved", "fields": { "Resolution Note": note } }))
        }
    }
}

/// The act among changes, where it is there.
fn among<'v>(changes: impl Iterator<Item = &'v Value>, act: &AgentAct) -> Option<Made> {
    let mut made: Option<Made> = None;
    for change in changes.filter(|change| change["author"]["role"] == "agent") {
        let (kind, payload) = (&change["kind"], &change["payload"]);
        let text = |kind_is: &str, name: &str, text: &str| kind == kind_is && payload[name] == *text;
        let own = match act {
            AgentAct::Reply(said) => text("replied", "text", said),
            AgentAct::Note(said) => text("noted", "text", said),
            AgentAct::RootCause(said) | AgentAct::Resolve(said) => text("field-changed", "to", said),
            AgentAct::Status(to) => text("status-changed", "to", to),
        };
        let id = change["id"].as_u64().unwrap_or_default();
        if own {
            made = Some(Made { native: id.to_string(), newest: id, moved: matches!(act, AgentAct::Status(_)) });
        } else if let Some(made) = made.as_mut().filter(|_| text("status-changed", "to", "resolved")) {
            // The status comes behind the fields that were set with it.
            (made.moved, made.newest) = (true, id);
        }
    }
    made
}

impl CaseSystem for Desk {
    fn ticket<'a>(&'a self, external_id: &'a str) -> Asked<'a, Option<Option<String>>> {
        Box::pin(async move {
            let request = self.request(Method::GET, "/v1/tickets").query(&[("external_id", external_id)]);
            let Answer::Taken(found) = ask(request, "tickets").await? else { return Ok(None) };
            Ok(Some(found["tickets"][0]["id"].as_u64().map(|id| id.to_string())))
        })
    }

    fn act<'a>(&'a self, ticket: &'a str, act: &'a AgentAct) -> Asked<'a, Done> {
        Box::pin(async move {
            let (method, path, body) = body(act);
            let answer =
                ask(self.request(method, &format!("/v1/tickets/{ticket}{path}")).json(&body), "changes").await?;
            let Answer::Taken(written) = answer else { return Ok(answer.into()) };
            let changes = written["changes"].as_array().into_iter().flatten();
            Ok(among(changes, act).map_or(Done::Not, Done::Made))
        })
    }

    fn find<'a>(&'a self, ticket: &'a str, after: u64, act: &'a AgentAct) -> Asked<'a, Option<Option<Made>>> {
        Box::pin(async move {
            let request = self.request(Method::GET, &format!("/v1/tickets/{ticket}/history"));
            let request = request.query(&[("after", after), ("limit", 500)]);
            let Answer::Taken(history) = ask(request, "changes").await? else { return Ok(None) };
            Ok(Some(among(history["changes"].as_array().into_iter().flatten(), act)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_is_known_again_by_its_own_words_and_only_where_an_agent_did_it() {
        let change = |id: u64, role: &str, kind: &str, payload: Value| json!({ "id": id, "kind": kind, "payload": payload, "author": { "name": role, "role": role } });
        let history = [
            change(4, "partner-voice", "replied", json!({ "text": "a" })),
            change(5, "agent", "field-changed", json!({ "field": "Resolution Note", "from": "", "to": "n" })),
            change(6, "agent", "status-changed", json!({ "from": "open", "to": "resolved" })),
            change(7, "agent", "replied", json!({ "text": "a" })),
            change(8, "system", "status-changed", json!({ "from": "resolved", "to": "open" })),
        ];
        let found = |act: AgentAct| among(history.iter(), &act);
        let made = |native: &str, newest, moved| Some(Made { native: native.to_owned(), newest, moved });
        assert_eq!(found(AgentAct::Reply("a".to_owned())), made("7", 7, false));
        assert_eq!(found(AgentAct::Resolve("n".to_owned())), made("5", 6, true), "with its status behind it");
        assert_eq!(found(AgentAct::Status("open".to_owned())), None, "the system did it by itself");
        assert_eq!(found(AgentAct::Note("a".to_owned())), None);
        assert_eq!(among(history[..2].iter(), &AgentAct::Resolve("n".to_owned())), made("5", 5, false), "half of it");
    }
}
