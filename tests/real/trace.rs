//! Every hop of a case tells of itself in one trace: ingest, transformer and sink of the way there, and of the way back.

use crate::Test;
use crate::stack::Stack;
use crate::wait::{SOON, until};
use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

pub const TESTS: &[(&str, Test)] =
    &[("a_trace_leads_from_the_first_hop_to_the_last", |stack| Box::pin(one_trace(stack)))];

#[derive(Clone, Debug)]
struct Seen {
    service: String,
    name: String,
    trace: Vec<u8>,
    id: Vec<u8>,
    parent: Vec<u8>,
}

/// Takes the spans of all roles over OTLP/HTTP, as a collector would.
#[derive(Clone)]
pub struct Collector {
    pub endpoint: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Collector {
    pub async fn start() -> Self {
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let sink = seen.clone();
        let collect = move |body: Bytes| async move {
            let request = ExportTraceServiceRequest::decode(body).unwrap();
            sink.lock().unwrap().extend(spans(request));
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/v1/traces", post(collect))).await });
        Self { endpoint, seen }
    }
}

fn service(resource: Option<&Resource>) -> String {
    let attributes = resource.map(|resource| resource.attributes.as_slice()).unwrap_or_default();
    let named = attributes.iter().find(|attribute| attribute.key == "service.name");
    match named.and_then(|attribute| attribute.value.as_ref()?.value.as_ref()) {
        Some(Value::StringValue(name)) => name.clone(),
        _ => String::new(),
    }
}

fn spans(request: ExportTraceServiceRequest) -> Vec<Seen> {
    let mut all = Vec::new();
    for resource in request.resource_spans {
        let service = service(resource.resource.as_ref());
        for span in resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            let (service, name) = (service.clone(), span.name);
            all.push(Seen { service, name, trace: span.trace_id, id: span.span_id, parent: span.parent_span_id });
        }
    }
    all
}

/// From the first hop to the last; each is the child of the one before.
const WAY: [(&str, &str); 5] = [
    ("ingest-partner", "send partner.issue.opened"),
    ("transform-partner", "process partner.issue.opened"),
    ("sink-internal", "apply internal.issue.create-case"),
    ("transform-internal", "process internal.outcome.done"),
    ("sink-partner", "apply partner.issue.acknowledge-case"),
];

async fn one_trace(stack: Arc<Stack>) {
    let case = stack.community.open("A case to be followed").await;
    until("the acknowledgement", SOON, || async {
        (stack.community.case(&case).await["status"] == "acknowledged").then_some(())
    })
    .await;
    // Spans leave in batches; other cases' are among them.
    let trace = until("a trace with every hop", SOON, || async {
        let mut traces: BTreeMap<Vec<u8>, Vec<Seen>> = BTreeMap::new();
        for span in stack.collector.seen.lock().unwrap().iter() {
            traces.entry(span.trace.clone()).or_default().push(span.clone());
        }
        traces.into_values().find(|spans| WAY.iter().all(|hop| find(spans, hop).is_some()))
    })
    .await;
    let way: Vec<&Seen> = WAY.iter().map(|hop| find(&trace, hop).unwrap()).collect();
    for hop in way.windows(2) {
        assert_eq!(hop[1].parent, hop[0].id, "{} follows {}", hop[1].name, hop[0].name);
    }
    println!("{} spans in one trace, {} hops each the child of the one before", trace.len(), way.len());
}

fn find<'a>(spans: &'a [Seen], (service, name): &(&str, &str)) -> Option<&'a Seen> {
    spans.iter().find(|span| span.service == *service && span.name == *name)
}
