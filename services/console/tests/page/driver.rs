//! Just enough of the WebDriver protocol (W3C) to drive a headless Chromium through chromedriver.

use reqwest::Client;
use serde_json::{Value, json};
use std::io::{BufRead as _, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub struct Browser {
    client: Client,
    session: String,
    port: u16,
    driver: Child,
}

/// Also where a test fails: the session is ended, with its browser, before the driver is.
impl Drop for Browser {
    fn drop(&mut self) {
        let path = self.session.find("/session").map_or("", |at| &self.session[at..]);
        if let Ok(mut driver) = std::net::TcpStream::connect(("127.0.0.1", self.port)) {
            let _ = driver.set_read_timeout(Some(Duration::from_secs(10)));
            let _ = write!(driver, "DELETE {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 0\r\n\r\n");
            let _ = driver.read(&mut [0; 64]);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

impl Browser {
    /// `None` where chromedriver or Chromium is missing.
    pub async fn open() -> Option<Self> {
        let has = |name: &str| {
            Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
        };
        if !has("chromedriver") || !has("chromium") {
            return None;
        }
        let mut driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn().unwrap();
        let lines = std::io::BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            line.split("started successfully on port ").nth(1)?.trim_end_matches('.').parse::<u16>().ok()
        });
        let Some(port) = port else {
            let _ = driver.kill();
            panic!("chromedriver ended with {:?} and named no port", driver.wait());
        };
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(60)).build().unwrap();
        let args = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server"];
        let options = json!({ "args": args });
        let wanted =
            json!({ "capabilities": { "alwaysMatch": { "browserName": "chrome", "goog:chromeOptions": options } } });
        let at = format!("http://127.0.0.1:{port}/session");
        let made: Value = client.post(&at).json(&wanted).send().await.unwrap().json().await.unwrap();
        let id = made["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("{made}"));
        Some(Self { client, session: format!("{at}/{id}"), port, driver })
    }

    pub async fn call(&self, path: &str, body: Value) -> Value {
        let response = self.client.post(format!("{}/{path}", self.session)).json(&body).send().await.unwrap();
        let answer: Value = response.json().await.unwrap();
        assert!(answer["value"]["error"].is_null(), "{path}: {answer}");
        answer["value"].clone()
    }

    async fn devtools(&self, cmd: &str, params: Value) -> Value {
        self.call("goog/cdp/execute", json!({ "cmd": cmd, "params": params })).await
    }

    pub async fn look(&self, width: u32, height: u32, scheme: &str) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme }, { "name": "prefers-reduced-motion", "value": "reduce" }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    pub async fn go(&self, url: &str) {
        self.call("url", json!({ "url": url })).await;
    }

    pub async fn script(&self, script: &str) -> Value {
        self.call("execute/sync", json!({ "script": script, "args": [] })).await
    }

    /// Waits in the page until the expression is true; the page itself says when, by its own mutations.
    pub async fn until(&self, expression: &str) {
        let script = format!(
            "const done = arguments[arguments.length - 1]; const is = () => {{ try {{ return Boolean({expression}); }} catch {{ return false; }} }};
             if (is()) return done(true);
             const watch = new MutationObserver(() => {{ if (is()) {{ watch.disconnect(); done(true); }} }});
             watch.observe(document, {{ subtree: true, childList: true, attributes: true, characterData: true }});
             setTimeout(() => {{ watch.disconnect(); done(is()); }}, 15000);"
        );
        let came = self.call("execute/async", json!({ "script": script, "args": [] })).await;
        let text = if came == true { Value::Null } else { self.script("return document.body.innerText").await };
        assert!(came == true, "not seen within 15 s: {expression}; the page: {text}");
    }

    /// Keys as a person presses them, each down and up.
    pub async fn keys(&self, keys: &str) {
        let presses: Vec<Value> = keys
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() })))
            .collect();
        self.call("actions", json!({ "actions": [{ "type": "key", "id": "keys", "actions": presses }] })).await;
    }

    /// Presses Tab until what is focused fits.
    pub async fn tab_to(&self, expression: &str) {
        for _ in 0..60 {
            if self.script(&format!("const e = document.activeElement; return Boolean({expression})")).await == true {
                return;
            }
            self.keys("\u{e004}").await;
        }
        panic!("the keyboard does not reach {expression}");
    }

    pub async fn screenshot(&self, name: &str) {
        let shot = self.devtools("Page.captureScreenshot", json!({ "format": "png" })).await;
        let bytes = decode(shot["data"].as_str().unwrap());
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("console");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), bytes).unwrap();
    }
}

fn decode(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}
