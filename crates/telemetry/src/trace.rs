//! W3C trace context between a span and a record's header.

use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::TraceContextExt;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use std::collections::HashMap;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Header of a record, and of HTTP, that carries the context.
pub const TRACEPARENT: &str = "traceparent";

/// The `traceparent` of a span, to be written into a record's header; `None` where nothing is exported.
pub fn inject(span: &Span) -> Option<String> {
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&span.context(), &mut carrier);
    carrier.remove(TRACEPARENT)
}

/// Makes the span a child of what `traceparent` names; anything malformed is ignored. Before the span is entered.
pub fn set_parent(span: &Span, traceparent: &str) {
    // Version 00 has 55 characters; later versions may have more, but not without bound.
    if traceparent.len() > 128 {
        return;
    }
    let carrier = HashMap::from([(TRACEPARENT.to_owned(), traceparent.to_owned())]);
    let context = TraceContextPropagator::new().extract(&carrier);
    if context.span().span_context().is_valid() {
        // Fails only where no exporter is configured, and then there is nothing to follow.
        let _ = span.set_parent(context);
    }
}
