//! Spans to an OTLP receiver over HTTP.

use crate::TelemetryError;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::WithExportConfig;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider, SpanData, SpanExporter};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};

/// For one request.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The SDK exports from a thread of its own, where an HTTP client on tokio finds no reactor; so the requests get a
/// runtime of theirs, which also outlives the service's.
#[derive(Debug)]
pub(crate) struct Exporting {
    provider: SdkTracerProvider,
    runtime: Runtime,
}

pub(crate) fn start(service: &str, endpoint: &str, ratio: f64) -> Result<Exporting, TelemetryError> {
    let failure = |source: Box<dyn std::error::Error + Send + Sync>| TelemetryError::Exporter {
        endpoint: endpoint.to_owned(),
        source,
    };
    let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("telemetry").enable_all().build();
    let runtime = runtime.map_err(|error| failure(error.into()))?;
    let inside = runtime.enter();
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .with_timeout(TIMEOUT)
        .build()
        .map_err(|error| failure(error.into()))?;
    drop(inside);
    let provider = SdkTracerProvider::builder()
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(ratio))))
        .with_resource(Resource::builder().with_service_name(service.to_owned()).build())
        .with_batch_exporter(OnRuntime { exporter: Arc::new(exporter), handle: runtime.handle().clone() })
        .build();
    Ok(Exporting { provider, runtime })
}

impl Exporting {
    pub(crate) fn tracer(&self) -> SdkTracer {
        self.provider.tracer("causeway")
    }

    /// Sends what is queued, for at most `deadline`.
    pub(crate) fn end(self, deadline: Duration) {
        if let Err(error) = self.provider.shutdown_with_timeout(deadline) {
            tracing::warn!(%error, "the last spans did not leave in time");
        }
        // Not a plain drop, which would wait without a deadline and must not happen inside a runtime.
        self.runtime.shutdown_background();
    }
}

#[derive(Debug)]
struct OnRuntime<E> {
    exporter: Arc<E>,
    handle: Handle,
}

impl<E: SpanExporter + 'static> SpanExporter for OnRuntime<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let exporter = self.exporter.clone();
        let sent = self.handle.spawn(async move { exporter.export(batch).await });
        sent.await.map_err(|error| OTelSdkError::InternalFailure(error.to_string()))?
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        if let Some(exporter) = Arc::get_mut(&mut self.exporter) {
            exporter.set_resource(resource);
        }
    }
}
