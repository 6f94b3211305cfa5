//! Spans leave over OTLP/HTTP with the parent that a record's header named. One test: telemetry is global.

// Helpers here are called from tests only.
#![allow(clippy::unwrap_used)]

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use std::sync::{Arc, Mutex};
use telemetry::{LogFormat, TelemetryConfig, TelemetryError, http};
use tokio::net::TcpListener;

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_span_arrives_with_the_parent_its_record_named() {
    let received: Arc<Mutex<Vec<ExportTraceServiceRequest>>> = Arc::default();
    let sink = received.clone();
    let collect = move |body: Bytes| async move {
        sink.lock().unwrap().push(ExportTraceServiceRequest::decode(body).unwrap());
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/v1/traces", post(collect));
    tokio::spawn(http::serve(listener, router, http::Limits::default(), std::future::pending()));

    let config = TelemetryConfig {
        otlp_endpoint: Some(endpoint),
        // Nothing of our own is sampled: what arrives was sampled by its parent.
        sample_ratio: 0.0,
        format: LogFormat::Text,
        ..TelemetryConfig::default()
    };
    let guard = telemetry::init("transform-partner", &config).unwrap();
    assert!(matches!(telemetry::init("again", &TelemetryConfig::default()), Err(TelemetryError::Twice)));

    let process = tracing::info_span!("process", topic = "partner.events");
    telemetry::set_parent(&process, PARENT);
    let send = process.in_scope(|| tracing::info_span!("send", topic = "internal.commands"));
    let header = telemetry::inject(&send).unwrap();
    drop((send, process));

    let unsampled = tracing::info_span!("unsampled");
    for malformed in ["", "00-zz", "00-00000000000000000000000000000000-b7ad6b7169203331-01", &"0".repeat(4_000)] {
        telemetry::set_parent(&unsampled, malformed);
    }
    let of_unsampled = telemetry::inject(&unsampled).unwrap();
    assert!(of_unsampled.ends_with("-00") && !of_unsampled.contains("0af7651916cd43dd"), "{of_unsampled}");
    drop(unsampled);

    // Dropping the guard flushes; it blocks, so not on a worker.
    tokio::task::spawn_blocking(move || drop(guard)).await.unwrap();
    let requests = received.lock().unwrap().clone();
    let resources = requests.iter().flat_map(|request| &request.resource_spans);
    let named = resources.clone().all(|r| format!("{:?}", r.resource).contains("transform-partner"));
    let spans: Vec<Span> = resources.flat_map(|r| &r.scope_spans).flat_map(|s| s.spans.clone()).collect();
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    assert!(named && names == ["send", "process"], "{names:?}");
    let (send, process) = (&spans[0], &spans[1]);
    assert_eq!(hex(&process.trace_id), "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(hex(&process.parent_span_id), "b7ad6b7169203331");
    assert_eq!(send.parent_span_id, process.span_id);
    assert_eq!(header, format!("00-{}-{}-01", hex(&send.trace_id), hex(&send.span_id)));
}
