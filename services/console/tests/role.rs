//! The role as it runs in production, on librdkafka's mock cluster.
#![allow(clippy::unwrap_used)]

use console::{Config, timeline};
use rdkafka::mocking::MockCluster;
use runtime::Shutdown;
use runtime::service::{Context, RoleConfig as _};
use std::time::Duration;
use telemetry::admin::Health;

fn config(bootstrap: &str, listen: &str, hosts: &[&str]) -> Config {
    serde_json::from_value(serde_json::json!({
        "kafka": { "bootstrap": bootstrap }, "registry": { "urls": ["http://127.0.0.1:9"] },
        "admin": { "listen": "127.0.0.1:0" }, "console": { "listen": listen, "hosts": hosts }
    }))
    .unwrap()
}

#[test]
fn a_mistaken_name_is_told_before_anything_is_opened() {
    let mistakes = config("127.0.0.1:1", "127.0.0.1:0", &["*.example"]).check().err().unwrap();
    assert_eq!(mistakes.iter().map(|m| m.key.as_str()).collect::<Vec<_>>(), ["console.hosts"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_log_is_read_to_its_end_the_page_is_served_and_open_streams_do_not_hold_up_the_end() {
    let cluster = MockCluster::new(1).unwrap();
    for topic in timeline::TOPICS {
        let partitions = if topic == "mapping.bundles" { 1 } else { 12 };
        cluster.create_topic(topic, partitions, 1).unwrap();
    }
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ready = config(&cluster.bootstrap_servers(), &free.to_string(), &[]).check().ok().unwrap();
    let context = Context { shutdown: Shutdown::new(), health: Health::default() };
    let role = tokio::spawn(console::run(ready, context.clone()));
    let mut stream = loop {
        match reqwest::get(format!("http://{free}/api/stream")).await {
            Ok(stream) => break stream,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    let caught_up = async {
        while let Some(chunk) = stream.chunk().await.unwrap() {
            if String::from_utf8_lossy(&chunk).contains("\"caught_up\":true") {
                return;
            }
        }
        panic!("the stream ended before the log did");
    };
    tokio::time::timeout(Duration::from_secs(60), caught_up).await.unwrap();
    assert!(reqwest::get(format!("http://{free}/")).await.unwrap().text().await.unwrap().contains("Causeway"));
    context.shutdown.begin();
    tokio::time::timeout(Duration::from_secs(10), role).await.unwrap().unwrap().unwrap();
    assert_eq!(context.health.not_ready(), None);
}
