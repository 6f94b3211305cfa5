//! `changes.jsonl` of the simulated community: one change of one case a line.

use crate::observed::{Author, Observed, What};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Entry {
    change: Change,
}

#[derive(Deserialize)]
struct Change {
    id: String,
    case_id: String,
    partner_id: String,
    kind: String,
    payload: Value,
    actor: Actor,
    status: String,
}

#[derive(Deserialize)]
struct Actor {
    side: String,
}

pub(crate) fn parse(line: &[u8]) -> Option<Vec<Observed>> {
    let Change { id, case_id, partner_id, kind, payload, actor, status } =
        serde_json::from_slice::<Entry>(line).ok()?.change;
    let author = match actor.side.as_str() {
        "partner" => Author::Person,
        "host" => Author::Ours,
        _ => return None,
    };
    let what = what(&kind, &payload, status)?;
    Some(vec![Observed {
        record: case_id.clone(),
        subject: case_id,
        partner: partner_id,
        native: id,
        author,
        kind,
        what,
    }])
}

fn what(kind: &str, payload: &Value, status: String) -> Option<What> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str).map(str::to_owned);
    let with = |name: &str| Some(What::Status { to: status.clone(), text: text(name)? });
    match kind {
        "opened" => Some(What::Created {
            title: text("title")?,
            text: text("description")?,
            status,
            fields: ["severity", "category"].iter().filter_map(|f| Some(((*f).to_owned(), text(f)?))).collect(),
        }),
        "details-changed" => {
            let changes = payload.get("changes")?.as_array()?;
            let new = changes.iter().filter_map(|c| c.get("new")?.as_str());
            let said = new.map(str::to_owned).chain(text("reason")).collect::<Vec<_>>();
            Some(What::Other { text: said.join("\n") })
        }
        "comment-added" | "comment-posted" => Some(What::Said { text: text("text")? }),
        "withdrawn" | "reopened" => with("reason"),
        "resolution-accepted" | "resolution-rejected" => with("comment"),
        "status-changed" => with("reason"),
        "information-requested" => with("question"),
        "resolution-proposed" => with("note"),
        "closed" => with("text"),
        // It moves only a case that nobody has moved; of any other it adds the reference.
        "acknowledged" if status == "acknowledged" => with("reference"),
        "acknowledged" => Some(What::Other { text: text("reference")? }),
        // A kind that is newer than this reading.
        _ => Some(What::Other { text: payload.to_string() }),
    }
}
