//! What one fact leads to under two bundles: pure.

use codec::{Codec, Record};
use domain::{Command, Envelope, MessageId};
use mapping::Mapped;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// One difference, about one command or one hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    Added {
        id: MessageId,
        kind: String,
    },
    Gone {
        id: MessageId,
        kind: String,
    },
    Changed {
        id: MessageId,
        kind: String,
        /// Paths in the payload, such as `fields.TG Severity`.
        fields: Vec<String>,
        /// Those of the fields that were empty before.
        shown: Vec<String>,
    },
    NewHold {
        reason: &'static str,
        detail: String,
    },
    NoMoreHeld {
        reason: &'static str,
        detail: String,
    },
}

/// What differs, in the order of the commands. A condition (`only_if`) is no content, as for the sinks.
pub fn compare<C>(codec: &Codec, topic: &str, before: &Mapped<C>, after: &Mapped<C>) -> Vec<Difference>
where
    C: Command,
    Envelope<C>: Record,
{
    let mut found = Vec::new();
    let old: BTreeMap<MessageId, &Envelope<C>> = before.commands.iter().map(|c| (c.meta.id, c)).collect();
    let new: BTreeSet<MessageId> = after.commands.iter().map(|c| c.meta.id).collect();
    for command in &after.commands {
        let (id, kind) = (command.meta.id, command.meta.kind.clone());
        match old.get(&id) {
            None => found.push(Difference::Added { id, kind }),
            Some(old) if old.payload.content_hash() == command.payload.content_hash() => {}
            Some(old) => {
                let (fields, shown) = fields(&flat(codec, topic, old), &flat(codec, topic, command));
                found.push(Difference::Changed { id, kind, fields, shown });
            }
        }
    }
    for command in before.commands.iter().filter(|command| !new.contains(&command.meta.id)) {
        found.push(Difference::Gone { id: command.meta.id, kind: command.meta.kind.clone() });
    }
    match (&before.held, &after.held) {
        (None, Some(held)) => {
            found.push(Difference::NewHold { reason: held.reason, detail: held.detail.clone() });
        }
        (Some(held), None) => {
            found.push(Difference::NoMoreHeld { reason: held.reason, detail: held.detail.clone() });
        }
        (Some(_), Some(_)) | (None, None) => {}
    }
    found
}

/// Values of the payload by path, without what is empty. A command that cannot be written differs as a whole.
fn flat<C>(codec: &Codec, topic: &str, command: &Envelope<C>) -> BTreeMap<String, String>
where
    Envelope<C>: Record,
{
    let mut bytes = Vec::new();
    let mut out = BTreeMap::new();
    let described = codec.encode(topic, command, &mut bytes).ok().and_then(|()| codec.describe(topic, &bytes).ok());
    if let Some(Value::Object(mut members)) = described.map(|described| described.payload) {
        members.remove("only_if");
        for (name, value) in members {
            flatten(name, &value, &mut out);
        }
    }
    out
}

fn flatten(path: String, value: &Value, out: &mut BTreeMap<String, String>) {
    match value {
        Value::Null => {}
        Value::Object(members) => {
            for (name, value) in members {
                flatten(format!("{path}.{name}"), value, out);
            }
        }
        Value::Array(items) if items.is_empty() => {}
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => {
            out.insert(path, text.clone());
        }
        Value::Array(_) | Value::Bool(_) | Value::Number(_) => {
            out.insert(path, value.to_string());
        }
    }
}

fn fields(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> (Vec<String>, Vec<String>) {
    let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differ: Vec<String> = paths.into_iter().filter(|path| old.get(*path) != new.get(*path)).cloned().collect();
    let shown = differ.iter().filter(|path| !old.contains_key(*path)).cloned().collect();
    (differ, shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::issue::{InternalCommand as IC, StatusWrite, UpdateFields};
    use domain::{InternalCommand, OnlyIf};
    use mapping::Held;

    fn command(n: u8, payload: IC) -> Envelope<InternalCommand> {
        let payload = InternalCommand::Issue(payload);
        let meta = serde_json::json!({
            "id": MessageId::from_bytes([n; 16]), "subject": "case/tg/1", "system": "rt", "type": payload.kind(),
            "occurred_at": 0, "recorded_at": 0,
        });
        Envelope { meta: serde_json::from_value(meta).unwrap(), payload }
    }

    fn update(n: u8, fields: &[(&str, &str)]) -> Envelope<InternalCommand> {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        command(n, IC::UpdateFields(UpdateFields { fields }))
    }

    fn close(n: u8, to: &str, only: &[&str]) -> Envelope<InternalCommand> {
        let one_of = only.iter().map(|word| (*word).to_owned()).collect();
        let only_if = Some(OnlyIf { field: "status".to_owned(), one_of, set_by: String::new() });
        command(n, IC::CloseCase(StatusWrite { to: to.to_owned(), only_if }))
    }

    fn mapped(commands: Vec<Envelope<InternalCommand>>) -> Mapped<InternalCommand> {
        Mapped { commands, skipped: Vec::new(), held: None }
    }

    fn differences(before: Vec<Envelope<InternalCommand>>, after: Vec<Envelope<InternalCommand>>) -> Vec<Difference> {
        compare(&Codec::offline(), "internal.commands", &mapped(before), &mapped(after))
    }

    #[test]
    fn a_change_names_its_fields_and_those_that_were_empty() {
        let before = vec![update(1, &[("A", "1"), ("B", "2")])];
        let after = vec![update(1, &[("A", "9"), ("C", "3")])];
        let [Difference::Changed { fields, shown, .. }] = &differences(before, after)[..] else { panic!() };
        assert_eq!(fields, &["fields.A", "fields.B", "fields.C"]);
        assert_eq!(shown, &["fields.C"]);
    }

    #[test]
    fn commands_come_and_go_by_their_ids_and_a_condition_is_no_change() {
        let before = vec![update(1, &[("A", "1")]), close(2, "closed", &["open"])];
        let after = vec![close(2, "closed", &["open", "new"]), update(3, &[("A", "1")])];
        let found = differences(before, after);
        assert!(matches!(&found[..], [Difference::Added { .. }, Difference::Gone { .. }]), "{found:?}");
    }

    #[test]
    fn a_hold_that_begins_or_ends_is_told() {
        let codec = Codec::offline();
        let held = |reason| Held { reason, detail: "frozen".to_owned() };
        let holding = Mapped { commands: Vec::new(), skipped: Vec::new(), held: Some(held("unknown-status")) };
        let free = mapped(vec![update(1, &[("A", "1")])]);
        let ended = compare(&codec, "internal.commands", &holding, &free);
        assert!(matches!(&ended[..], [Difference::Added { .. }, Difference::NoMoreHeld { .. }]), "{ended:?}");
        let begun = compare(&codec, "internal.commands", &free, &holding);
        assert!(matches!(&begun[..], [Difference::Gone { .. }, Difference::NewHold { .. }]), "{begun:?}");
        assert_eq!(compare(&codec, "internal.commands", &holding, &holding), []);
    }
}
