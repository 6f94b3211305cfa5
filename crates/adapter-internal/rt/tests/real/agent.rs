use crate::fixture::Rt;
use serde_json::Value;

/// A person at RT, or a plain caller of its interface: no part of the adapter.
pub struct Agent {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Agent {
    pub fn new(rt: &Rt, name: &str) -> Self {
        let token = std::fs::read_to_string(rt.home.join(format!("secrets/{name}.token"))).unwrap();
        // One connection per call: an idle one would hold a worker of RT.
        let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
        Self { http, base: format!("{}/REST/2.0", rt.url), token: token.trim().to_owned() }
    }

    pub async fn call(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
        if_match: Option<&str>,
    ) -> (u16, Value, String) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.base))
            .header("Authorization", format!("token {}", self.token));
        if let Some(body) = body {
            request = request.json(&body);
        }
        if let Some(version) = if_match {
            request = request.header("If-Match", version);
        }
        let answer = request.send().await.unwrap();
        let etag = answer.headers().get("etag").map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(Value::Null), etag)
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, value, _) = self.call("GET", path, None, None).await;
        assert_eq!(status, 200, "GET {path}: {value}");
        value
    }
    pub async fn put(&self, path: &str, body: Value) -> (u16, Value) {
        let (status, value, _) = self.call("PUT", path, Some(body), None).await;
        (status, value)
    }
    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let (status, value, _) = self.call("POST", path, Some(body), None).await;
        (status, value)
    }

    pub async fn ticket(&self, id: &str) -> Value {
        self.get(&format!("/ticket/{id}")).await
    }
    pub async fn field(&self, id: &str, name: &str) -> Vec<String> {
        let ticket = self.ticket(id).await;
        let fields = ticket["CustomFields"].as_array().unwrap();
        let field = fields.iter().find(|f| f["name"] == name).unwrap_or_else(|| panic!("no field {name}"));
        field["values"].as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
    }
    /// Every row of the query, by ascending id, over all pages.
    pub async fn rows(&self, sql: &str) -> Vec<Value> {
        let (mut all, mut last): (Vec<Value>, String) = (Vec::new(), "0".into());
        loop {
            let query = format!("{sql} AND id > {last}").replace(' ', "%20").replace('\'', "%27").replace('>', "%3E");
            let fields = "Type,Field,OldValue,NewValue,Creator,ObjectId,Data,Created";
            let page = self
                .get(&format!("/transactions?query={query}&orderby=id&order=ASC&per_page=100&fields={fields}"))
                .await;
            let items = page["items"].as_array().unwrap();
            all.extend(items.iter().cloned());
            match items.last() {
                Some(item) if items.len() == 100 => last = item["id"].as_str().unwrap().to_owned(),
                _ => return all,
            }
        }
    }
    /// Numbers of the tickets with this external id.
    pub async fn tickets_of(&self, external: &str) -> Vec<u64> {
        let query = format!("CF.%7BTG%20Case%20Id%7D%20%3D%20%27{external}%27");
        let page = self.get(&format!("/tickets?query={query}&orderby=id&order=ASC&per_page=100")).await;
        page["items"].as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap().parse().unwrap()).collect()
    }
}
