//! The simulated community, from outside: what a partner's user does, and what a test may see and disturb.

use serde_json::{Value, json};

pub struct Community {
    http: reqwest::Client,
    pub base: String,
    token: String,
}

impl Community {
    pub fn new(base: String, token: String) -> Self {
        // The simulator closes what is idle; a request sent into that moment would be the test's own fault.
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
        Self { http, base, token }
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(format!("{}{path}", self.base)).bearer_auth(&self.token).json(body);
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.http.get(format!("{}{path}", self.base)).bearer_auth(&self.token).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    /// Opens a case and gives its id.
    pub async fn open(&self, title: &str) -> String {
        self.open_as(title, "MAJOR", "INVOICE").await
    }

    pub async fn open_as(&self, title: &str, severity: &str, category: &str) -> String {
        let case = json!({
            "title": title,
            "description": format!("{title}: the total differs from the order"),
            "severity": severity,
            "category": category,
            "contact": {"name": "Pat Partner", "email": "pat@partner.example"},
            "documents": [{"type_code": "380", "number": "INV-4711"}],
        });
        let answer = self.post("/partner/v1/cases", &case).await;
        let id = answer.get("case_id").or_else(|| answer.get("case").and_then(|case| case.get("id")));
        id.and_then(Value::as_str).unwrap_or_else(|| panic!("no id in {answer}")).to_owned()
    }

    pub async fn comment(&self, case: &str, text: &str) {
        self.post(&format!("/partner/v1/cases/{case}/comments"), &json!({"text": text})).await;
    }

    #[expect(dead_code, reason = "the scenarios speak for themselves")]
    pub async fn withdraw(&self, case: &str, reason: &str) {
        self.post(&format!("/partner/v1/cases/{case}/withdrawal"), &json!({"reason": reason})).await;
    }

    pub async fn accept(&self, case: &str, version: &str) {
        self.post(&format!("/partner/v1/cases/{case}/resolutions/{version}/acceptance"), &json!({})).await;
    }

    #[expect(dead_code, reason = "the scenarios speak for themselves")]
    pub async fn reject(&self, case: &str, version: &str, comment: &str) {
        let path = format!("/partner/v1/cases/{case}/resolutions/{version}/rejection");
        self.post(&path, &json!({"comment": comment})).await;
    }

    /// Everything that stands in the community, with comments, by case id.
    pub async fn cases(&self) -> Vec<Value> {
        self.get("/control/cases").await.as_array().cloned().unwrap_or_default()
    }

    pub async fn discrepancies(&self) -> Vec<Value> {
        self.get("/control/discrepancies").await.as_array().cloned().unwrap_or_default()
    }

    pub async fn documents(&self) -> Vec<Value> {
        self.get("/control/documents").await.as_array().cloned().unwrap_or_default()
    }

    pub async fn spaces(&self) -> Vec<Value> {
        self.get("/control/onboarding").await.as_array().cloned().unwrap_or_default()
    }

    pub async fn case(&self, id: &str) -> Value {
        self.cases().await.into_iter().find(|c| c["id"] == id).unwrap_or(Value::Null)
    }

    /// State-changing requests that reached the community's rules.
    pub async fn calls(&self) -> u64 {
        self.get("/control/stats").await["calls"].as_u64().unwrap()
    }

    /// Puts a fault rule in force.
    pub async fn disturb(&self, faults: &Value) {
        let url = format!("{}/control/faults", self.base);
        assert!(self.http.put(url).json(faults).send().await.unwrap().status().is_success());
    }

    pub async fn calm(&self) {
        let url = format!("{}/control/faults", self.base);
        assert!(self.http.delete(url).send().await.unwrap().status().is_success());
    }
}

/// Texts of a case's comments by whoever wrote them.
pub fn comments(case: &Value) -> Vec<String> {
    let texts = case["comments"].as_array().into_iter().flatten();
    texts.map(|c| c["text"].as_str().unwrap_or_default().to_owned()).collect()
}
