//! Holds the adapter and the simulator against `schemas/trading-grid.openapi.yaml`.

use crate::target::one_of_each;
use crate::world::{Exchange, World, command, context};
use ports::{Cursor, Feed as _, Target as _};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub struct Contract(Value);

impl Contract {
    pub fn read() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../schemas/trading-grid.openapi.yaml");
        Self(serde_yaml_ng::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
    }

    fn resolve<'a>(&'a self, node: &'a Value) -> &'a Value {
        match node.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.0.pointer(&reference[1..]).unwrap_or_else(|| panic!("no {reference}")),
            None => node,
        }
    }

    /// Every mistake of `value` against the part of JSON Schema that the contract uses.
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
        let over = |limit: &str, size: usize| schema[limit].as_u64().is_some_and(|max| size as u64 > max);
        match value {
            Value::String(text) if over("maxLength", text.len()) => wrong.push(format!("{at}: too long")),
            Value::Array(items) => {
                if over("maxItems", items.len()) {
                    wrong.push(format!("{at}: too many"));
                }
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
                        (None, _) => wrong.push(format!("{at}: not in the contract")),
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        wrong
    }

    /// `METHOD template` of every operation.
    fn operations(&self) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for (template, methods) in self.0["paths"].as_object().unwrap() {
            // Bytes are no JSON; `files.rs` says all of these.
            if template.contains("/uploads/") || template.contains("/files/") {
                continue;
            }
            for method in methods.as_object().unwrap().keys() {
                all.insert(format!("{} {template}", method.to_uppercase()));
            }
        }
        all
    }

    fn operation_of(&self, exchange: &Exchange) -> Option<String> {
        let given: Vec<&str> = exchange.path.split('/').collect();
        let fits = |template: &str| {
            let wanted: Vec<&str> = template.split('/').collect();
            wanted.len() == given.len() && wanted.iter().zip(&given).all(|(w, g)| w == g || w.starts_with('{'))
        };
        self.operations().into_iter().find(|operation| {
            let (method, template) = operation.split_once(' ').unwrap();
            method == exchange.method && fits(template)
        })
    }

    /// Mistakes of one exchange, and the operation it was.
    pub fn check(&self, exchange: &Exchange) -> (String, Vec<String>) {
        let Some(name) = self.operation_of(exchange) else {
            return (String::new(), vec![format!("{} {} is no operation", exchange.method, exchange.path)]);
        };
        let (method, template) = name.split_once(' ').unwrap();
        let operation = &self.0["paths"][template][method.to_lowercase()];
        let responses = &operation["responses"];
        let listed = responses.get(exchange.status.to_string());
        let response = self.resolve(listed.unwrap_or(&responses["default"]));
        let is_problem = listed.is_none();
        let mut wrong = Vec::new();
        if is_problem && exchange.status < 400 {
            wrong.push(format!("{name}: status {} is not listed", exchange.status));
        }
        let content = response["content"].as_object().unwrap().values().next().unwrap();
        wrong.extend(self.mistakes(&content["schema"], &exchange.response, &format!("{name} response")));
        if !is_problem && let Some(body) = operation.get("requestBody") {
            let schema = &body["content"]["application/json"]["schema"];
            wrong.extend(self.mistakes(schema, &exchange.request, &format!("{name} request")));
        }
        let needs_key = operation["parameters"].as_array().into_iter().flatten().any(|parameter| {
            let parameter = self.resolve(parameter);
            parameter["name"] == "Idempotency-Key" && parameter["required"] == true
        });
        if needs_key && !exchange.has_key && !is_problem {
            wrong.push(format!("{name}: taken without Idempotency-Key"));
        }
        (name, wrong)
    }

    pub fn schema(&self, name: &str) -> &Value {
        &self.0["components"]["schemas"][name]
    }
}

/// Everything both sides can do, once.
async fn tour(world: &World) {
    let other = world.open("globex").await;
    let case = world.open("acme").await;
    let at = |path: &str| format!("/cases/{case}{path}");
    world.as_partner("acme", Method::PATCH, &at(""), json!({"fields": {"severity": "low"}})).await;
    world.as_partner("acme", Method::POST, &at("/comments"), json!({"text": "hello", "author": "Ada"})).await;
    for (path, body) in [("revision", json!({"text": "hello again"})), ("removal", json!({}))] {
        let path = at(&format!("/comments/{case}-n1/{path}"));
        let (status, answer) = world.as_partner("acme", Method::POST, &path, body).await;
        assert_eq!(status, 201, "{answer}");
    }
    for (number, payload) in (0..).zip(one_of_each()) {
        let command = command(&case, number, payload);
        world.target.apply(&command, &context(&command)).await.unwrap();
        world.target.look(&command, &context(&command)).await.unwrap();
        let answers: &[&str] = match number {
            5 => &["/resolutions/r1/rejection"],
            7 => &["/resolutions/r2/acceptance"],
            _ => &[],
        };
        for path in answers {
            let (status, body) = world.as_partner("acme", Method::POST, &at(path), json!({"comment": "ok"})).await;
            assert_eq!(status, 201, "{body}");
        }
    }
    world.as_partner("globex", Method::POST, &format!("/cases/{other}/withdrawal"), json!({})).await;
    for path in ["/cases", &at(""), &at("/comments"), "/cases/C-999999", &format!("/cases/{other}")] {
        world.as_partner("acme", Method::GET, path, Value::Null).await;
    }
    for path in ["/v1/cases", &format!("/v1/cases/{case}"), &format!("/v1/cases/{case}/comments"), "/v1/changes/x"] {
        world.ask("host-token", Method::GET, path, None).await;
        world.ask("wrong", Method::GET, path, None).await;
    }
    // Refusals, by rule and by shape.
    let refused = [json!({"text": ""}), json!({"txt": "a"}), json!([])];
    for body in refused {
        assert!(world.as_partner("acme", Method::POST, &at("/comments"), body).await.0 >= 400);
    }
    let without_key =
        world.ask("host-token", Method::POST, &format!("/v1/cases/{case}/closure"), Some(json!({}))).await;
    assert_eq!(without_key.0, 400);
    crate::discrepancy::tour(world).await;
    crate::onboarding::tour(world).await;
    crate::document::tour(world).await;
    crate::outward::tour(world).await;
    let mut feed = world.feed.clone();
    feed.begin().await.unwrap();
    let page = feed.fetch(&Cursor::default()).await.unwrap();
    feed.reread(&page.changes[0].entity, &page.changes[0].id).await.unwrap();
    let _ = feed.fetch(&Cursor("bm9uc2Vuc2U".to_owned())).await;
}

#[tokio::test]
async fn all_that_adapter_and_simulator_say_is_in_the_contract_and_all_of_the_contract_is_said() {
    let (world, contract) = (World::start().await, Contract::read());
    tour(&world).await;
    let exchanges = world.exchanges.lock().unwrap().clone();
    let (mut seen, mut wrong) = (BTreeSet::new(), Vec::new());
    for exchange in exchanges.iter().filter(|exchange| !exchange.path.contains("/uploads/")) {
        let (operation, mistakes) = contract.check(exchange);
        if exchange.status < 400 {
            seen.insert(operation);
        }
        wrong.extend(mistakes);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let never: Vec<String> = contract.operations().difference(&seen).cloned().collect();
    assert!(never.is_empty(), "never answered: {never:?}");
    assert!(exchanges.len() > 50, "{}", exchanges.len());
}

#[test]
fn the_check_itself_sees_what_is_missing_unknown_or_of_another_type() {
    let contract = Contract::read();
    let good = json!({"note_key": "n", "text": "t"});
    let wrong = |value: &Value| contract.mistakes(contract.schema("PostComment"), value, "x").len();
    assert_eq!(wrong(&good), 0);
    for bad in
        [json!({"text": "t"}), json!({"note_key": 1, "text": "t"}), json!({"note_key": "n", "text": "t", "a": 1})]
    {
        assert_eq!(wrong(&bad), 1, "{bad}");
    }
    assert_eq!(contract.mistakes(contract.schema("CaseStatus"), &json!("lost"), "x").len(), 1);
    let exchange = Exchange {
        method: "POST".into(),
        path: "/v1/cases/C-1/nothing".into(),
        status: 201,
        request: Value::Null,
        response: Value::Null,
        has_key: true,
    };
    assert_eq!(contract.check(&exchange).1.len(), 1);
}

#[tokio::test]
async fn no_token_reads_or_changes_what_is_not_its_own() {
    let world = World::start().await;
    let case = world.open("globex").await;
    let before = world.journalled();
    let unknown = world.as_partner("acme", Method::GET, "/cases/C-999999", Value::Null).await;
    assert_eq!(unknown.0, 404);
    let asked = [
        (Method::GET, "", Value::Null),
        (Method::GET, "/comments", Value::Null),
        (Method::PATCH, "", json!({"fields": {"severity": "low"}})),
        (Method::POST, "/comments", json!({"text": "hello"})),
        (Method::POST, "/comments/C-000001-n1/revision", json!({"text": "hello"})),
        (Method::POST, "/comments/C-000001-n1/removal", json!({})),
        (Method::POST, "/withdrawal", json!({})),
        (Method::POST, "/resolutions/r1/acceptance", json!({})),
        (Method::POST, "/resolutions/r1/rejection", json!({})),
    ];
    for (method, path, body) in asked {
        let path = format!("/cases/{case}{path}");
        // Word for word the answer for a case that does not exist.
        assert_eq!(world.as_partner("acme", method.clone(), &path, body).await, unknown, "{method} {path}");
    }
    let (_, own) = world.as_partner("acme", Method::GET, "/cases", Value::Null).await;
    assert_eq!(own["cases"], json!([]));
    // A partner's token opens nothing of the host's, and the other way round.
    assert_eq!(world.ask("acme-token", Method::GET, "/v1/changes", None).await.0, 403);
    assert_eq!(world.ask("acme-token", Method::GET, &format!("/v1/cases/{case}"), None).await.0, 403);
    assert_eq!(world.ask("host-token", Method::GET, "/partner/v1/cases", None).await.0, 403);
    assert_eq!(world.ask("nobody", Method::GET, "/partner/v1/cases", None).await.0, 401);
    assert_eq!(world.journalled(), before);
}
