//! Every exchange of a tour through everything is one that the description allows, and nothing described is left out.

use crate::world::{Exchange, World};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub struct Contract(Value);

/// `<<` of YAML 1.1: members of the merged mapping that the mapping itself does not have.
fn merge(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::Object(merged)) = members.remove("<<") {
                for (name, member) in merged {
                    members.entry(name).or_insert(member);
                }
            }
            members.values_mut().for_each(merge);
        }
        Value::Array(items) => items.iter_mut().for_each(merge),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

impl Contract {
    pub fn read() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/case-system.openapi.yaml");
        let mut contract: Value = serde_yaml_ng::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        merge(&mut contract);
        Self(contract)
    }

    fn resolve<'a>(&'a self, node: &'a Value) -> &'a Value {
        match node.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.0.pointer(&reference[1..]).unwrap_or_else(|| panic!("no {reference}")),
            None => node,
        }
    }

    pub fn schema(&self, name: &str) -> &Value {
        &self.0["components"]["schemas"][name]
    }

    /// Every mistake of `value` against the part of JSON Schema that the description uses.
    pub fn mistakes(&self, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        let schema = self.resolve(schema);
        if let Some(options) = schema["anyOf"].as_array() {
            let fits = options.iter().any(|option| self.mistakes(option, value, at).is_empty());
            return if fits { vec![] } else { vec![format!("{at}: fits none of the alternatives: {value}")] };
        }
        let kinds: Vec<&str> = match &schema["type"] {
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            kind => kind.as_str().into_iter().collect(),
        };
        let is = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        assert!(!kinds.is_empty(), "{at}: the schema has no type");
        if !kinds.contains(&is) {
            return vec![format!("{at}: {is} instead of {kinds:?}")];
        }
        let mut wrong = Vec::new();
        if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
            wrong.push(format!("{at}: {value} is not listed"));
        }
        match value {
            Value::Array(items) => {
                wrong.extend(items.iter().flat_map(|item| self.mistakes(&schema["items"], item, &format!("{at}[]"))));
            }
            Value::Object(members) => {
                for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                    if !members.contains_key(name) {
                        wrong.push(format!("{at}: {name} is missing"));
                    }
                }
                for (name, member) in members {
                    let at = format!("{at}.{name}");
                    match (schema["properties"].get(name), &schema["additionalProperties"]) {
                        (Some(property), _) => wrong.extend(self.mistakes(property, member, &at)),
                        (None, Value::Object(_)) => {
                            wrong.extend(self.mistakes(&schema["additionalProperties"], member, &at));
                        }
                        (None, _) => wrong.push(format!("{at}: not in the description")),
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        wrong
    }

    /// `METHOD template` of every operation.
    fn operations(&self) -> BTreeSet<String> {
        let paths = self.0["paths"].as_object().unwrap().iter();
        // Bytes are no JSON; the adapter's `files.rs` says all of these.
        let paths = paths.filter(|(template, _)| !template.contains("/uploads/") && !template.contains("/files/"));
        let each = paths.flat_map(|(template, methods)| {
            methods.as_object().unwrap().keys().map(move |method| format!("{} {template}", method.to_uppercase()))
        });
        each.collect()
    }

    /// The operation of an exchange, and its mistakes.
    pub fn check(&self, exchange: &Exchange) -> (String, Vec<String>) {
        let given: Vec<&str> = exchange.path.split('/').collect();
        let fits = |template: &str| {
            let wanted: Vec<&str> = template.split('/').collect();
            wanted.len() == given.len() && wanted.iter().zip(&given).all(|(w, g)| w == g || w.starts_with('{'))
        };
        let name = self.operations().into_iter().find(|operation| {
            let (method, template) = operation.split_once(' ').unwrap();
            method == exchange.method && fits(template)
        });
        let Some(name) = name else {
            return (String::new(), vec![format!("{} {} is no operation", exchange.method, exchange.path)]);
        };
        let (method, template) = name.split_once(' ').unwrap();
        let operation = &self.0["paths"][template][method.to_lowercase()];
        let responses = &operation["responses"];
        let listed = responses.get(exchange.status.to_string());
        let mut wrong = Vec::new();
        if listed.is_none() && exchange.status < 400 {
            wrong.push(format!("{name}: status {} is not listed", exchange.status));
        }
        let response = self.resolve(listed.unwrap_or(&responses["default"]));
        let content = response["content"].as_object().unwrap().values().next().unwrap();
        wrong.extend(self.mistakes(&content["schema"], &exchange.response, &format!("{name} response")));
        if let (Some(_), Some(body)) = (listed, operation.get("requestBody")) {
            let schema = &body["content"]["application/json"]["schema"];
            wrong.extend(self.mistakes(schema, &exchange.request, &format!("{name} request")));
        }
        (name, wrong)
    }
}

/// Everything that can be done, once, and some of what is refused.
async fn tour(world: &World) {
    let id = world.create("case/tg/1").await;
    let ticket = format!("/v1/tickets/{id}");
    let update = json!({
        "queue": "Partner Compliance", "title": "ASN still missing", "priority": 90, "owner": "ann", "due_at": "2026-07-01T00:00:00Z", "marker": "u1",
        "fields": {"Root Cause": "a full disk", "TG Severity": ""}, "status": "open",
    });
    world.patch("ann", &ticket, update.clone()).await;
    world.patch("ann", &ticket, update).await;
    world.patch("ann", &ticket, json!({"status": "closed"})).await;
    let words = json!({"text": "hello", "on_behalf_of": "Pat", "marker": "r1"});
    world.post("causeway-partner", &format!("{ticket}/replies"), words).await;
    world.post("causeway-sync", &format!("{ticket}/notes"), json!({"text": "inside"})).await;
    world.post("causeway-partner", &format!("{ticket}/notes"), json!({"text": "inside"})).await;
    world.post("ann", &format!("{ticket}/questions"), json!({"text": "which line?", "due_at": 1})).await;
    let link = world.post("ann", &format!("{ticket}/links"), json!({"relation": "refers-to", "to": "2"})).await;
    let link = format!("{ticket}/links/{}", link.body["changes"][0]["id"]);
    for who in ["ann", "causeway-partner"] {
        for path in ["/v1/setup", "/v1/tickets", "/v1/tickets?external_id=case/tg/1", &ticket] {
            world.get(who, path).await;
        }
        world.get(who, &format!("{ticket}/history")).await;
        world.get(who, "/v1/changes").await;
        world.get(who, "/v1/changes/2").await;
        world.get(who, "/v1/cursor").await;
    }
    world.send("ann", Method::DELETE, &link, &[], None).await.unwrap();
    world.send("ann", Method::DELETE, &link, &[], None).await.unwrap();
    world.get("ann", "/v1/tickets/77").await;
    world.get("", &ticket).await;
    world.get("ann", "/v1/changes?after=nonsense").await;
    world.get("ann", "/v1/changes").await;
}

#[tokio::test]
async fn all_that_is_said_is_described_and_all_that_is_described_is_said() {
    let world = World::start().await;
    tour(&world).await;
    let contract = Contract::read();
    let (mut seen, mut kinds, mut wrong) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for exchange in world.exchanges.lock().unwrap().iter() {
        let (name, mistakes) = contract.check(exchange);
        if exchange.status < 300 {
            seen.insert(name);
        }
        wrong.extend(mistakes);
        let changes = exchange.response["changes"].as_array().into_iter().flatten();
        kinds.extend(changes.filter_map(|c| c["kind"].as_str().map(str::to_owned)));
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(seen, contract.operations());
    let listed = contract.schema("Change")["properties"]["kind"]["enum"].as_array().unwrap();
    assert_eq!(kinds, listed.iter().map(|k| k.as_str().unwrap().to_owned()).collect());
}

#[test]
fn the_check_itself_finds_mistakes() {
    let contract = Contract::read();
    let response = json!({"cursor": 7, "extra": true});
    let (method, path) = ("GET".to_owned(), "/v1/cursor".to_owned());
    let exchange = Exchange { method, path, status: 200, request: Value::Null, response };
    assert_eq!(contract.check(&exchange).1.len(), 2);
    let elsewhere = Exchange { path: "/v2".to_owned(), ..exchange };
    assert_eq!(contract.check(&elsewhere).1.len(), 1);
}
