//! The simulated systems' misbehaviour, switched over their own control endpoints.

use crate::configs::Layout;
use console::control::{DemoSide, Fault, Refusal, Switch};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::Mutex;

const TIMEOUT: Duration = Duration::from_secs(5);
/// Of the fault that makes everything slow.
const LATENCY_MS: u64 = 1_500;
/// What writes are told to wait when there are too many.
const RETRY_AFTER_SECONDS: u64 = 2;

pub struct Switches {
    http: reqwest::Client,
    community: String,
    desk: Option<String>,
    on: Mutex<BTreeSet<(&'static str, &'static str)>>,
}

const fn side_word(side: DemoSide) -> &'static str {
    match side {
        DemoSide::Community => "community",
        DemoSide::Desk => "desk",
    }
}

const fn fault_word(fault: Fault) -> &'static str {
    match fault {
        Fault::Latency => "latency",
        Fault::TimeoutAfterApply => "timeout-after-apply",
        Fault::TooManyRequests => "too-many-requests",
        Fault::Outage => "outage",
    }
}

impl Switches {
    pub fn new(layout: &Layout) -> Self {
        Self {
            http: reqwest::Client::new(),
            community: format!("http://{}", layout.community),
            desk: layout.simulated().map(|address| format!("http://{address}")),
            on: Mutex::default(),
        }
    }

    fn sides(&self) -> Vec<DemoSide> {
        if self.desk.is_some() { vec![DemoSide::Community, DemoSide::Desk] } else { vec![DemoSide::Community] }
    }

    pub async fn all(&self) -> Vec<Switch> {
        let on = self.on.lock().await;
        let of = |side: DemoSide| {
            let on = &on;
            Fault::ALL.into_iter().map(move |fault| {
                let on = on.contains(&(side_word(side), fault_word(fault)));
                Switch { side, fault, on }
            })
        };
        self.sides().into_iter().flat_map(of).collect()
    }

    pub async fn set(&self, switch: Switch) -> Result<String, Refusal> {
        let base = match switch.side {
            DemoSide::Community => &self.community,
            DemoSide::Desk => self.desk.as_ref().ok_or_else(|| {
                Refusal::Refused("the case system is a real one: nothing is switched there".to_owned())
            })?,
        };
        let (side, fault) = (side_word(switch.side), fault_word(switch.fault));
        let mut on = self.on.lock().await;
        let mut wanted = on.clone();
        if switch.on {
            wanted.insert((side, fault))
        } else {
            wanted.remove(&(side, fault))
        };
        let faults = faults(Fault::ALL.into_iter().filter(|f| wanted.contains(&(side, fault_word(*f)))));
        let request = self.http.put(format!("{base}/control/faults")).timeout(TIMEOUT).json(&faults);
        let answer = request.send().await.and_then(reqwest::Response::error_for_status);
        answer.map_err(|error| Refusal::Failed(error.without_url().to_string()))?;
        *on = wanted;
        Ok(format!("{fault} is {} at the simulated {side}", if switch.on { "on" } else { "off" }))
    }
}

/// The simulators' own words. It is the pipeline that suffers, not whoever acts on the page.
fn faults(on: impl Iterator<Item = Fault>) -> Value {
    let (mut rules, mut outage) = (Vec::new(), false);
    for fault in on {
        match fault {
            Fault::Latency => rules.push(json!({ "kind": "latency", "latency_ms": LATENCY_MS })),
            // Every second one, so that a retry is seen to find what was done.
            Fault::TimeoutAfterApply => {
                for method in ["POST", "PATCH"] {
                    rules.push(json!({ "kind": "timeout-after-apply", "method": method, "every": 2 }));
                }
            }
            Fault::TooManyRequests => {
                for method in ["POST", "PATCH"] {
                    rules.push(json!({
                        "kind": "too-many-requests",
                        "method": method,
                        "retry_after_seconds": RETRY_AFTER_SECONDS,
                    }));
                }
            }
            Fault::Outage => outage = true,
        }
    }
    json!({ "rules": rules, "outage": outage, "spare_people": true })
}
