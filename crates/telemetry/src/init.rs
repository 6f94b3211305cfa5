use crate::export::{self, Exporting};
use serde::Deserialize;
use std::time::Duration;
use tracing::Subscriber;
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    #[default]
    Json,
    Text,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetryConfig {
    /// `tracing-subscriber`'s filter, such as `info,causeway=debug`.
    pub filter: String,
    pub format: LogFormat,
    /// OTLP over HTTP, such as `http://localhost:4318`; without it nothing is exported.
    pub otlp_endpoint: Option<String>,
    /// Share of the traces that begin here which are exported, 0 to 1. A sampled parent is always followed.
    pub sample_ratio: f64,
    /// How long the last spans may take to leave when the process ends, in milliseconds.
    pub flush_ms: u64,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            filter: "info".to_owned(),
            format: LogFormat::Json,
            otlp_endpoint: None,
            sample_ratio: 0.01,
            flush_ms: 3_000,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error("log filter `{filter}` cannot be read")]
    Filter {
        filter: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("sample ratio {0} is not between 0 and 1")]
    Ratio(f64),
    #[error("trace exporter for `{endpoint}` cannot be made")]
    Exporter {
        endpoint: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("telemetry is already initialised in this process")]
    Twice,
}

/// Keep it until the process ends: dropping it sends what is left, within the deadline.
#[must_use = "dropping it ends the export of spans"]
#[derive(Debug)]
pub struct Guard {
    exporting: Option<Exporting>,
    flush: Duration,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(exporting) = self.exporting.take() {
            exporting.end(self.flush);
        }
    }
}

/// Logs to standard output and, where configured, spans to an OTLP receiver. Once per process.
///
/// A receiver that is away costs spans, never records: the queue is bounded and drops what does not fit.
pub fn init(service: &str, config: &TelemetryConfig) -> Result<Guard, TelemetryError> {
    let (subscriber, guard) = build(service, config, std::io::stdout)?;
    subscriber.try_init().map_err(|_| TelemetryError::Twice)?;
    Ok(guard)
}

/// As [`init`], without making it the process's own: for tests.
pub(crate) fn build<W>(
    service: &str,
    config: &TelemetryConfig,
    writer: W,
) -> Result<(impl Subscriber + Send + Sync + 'static, Guard), TelemetryError>
where
    W: for<'a> tracing_subscriber::fmt::MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(&config.filter)
        .map_err(|source| TelemetryError::Filter { filter: config.filter.clone(), source: source.into() })?;
    if !(0.0..=1.0).contains(&config.sample_ratio) {
        return Err(TelemetryError::Ratio(config.sample_ratio));
    }
    let exporting = match &config.otlp_endpoint {
        Some(endpoint) => Some(export::start(service, endpoint, config.sample_ratio)?),
        None => None,
    };
    let logs = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(false);
    let logs = match config.format {
        LogFormat::Json => logs.json().flatten_event(true).with_span_list(false).boxed(),
        LogFormat::Text => logs.boxed(),
    };
    let spans = exporting.as_ref().map(|exporting| tracing_opentelemetry::layer().with_tracer(exporting.tracer()));
    let subscriber = tracing_subscriber::registry().with(filter).with(logs).with(spans);
    Ok((subscriber, Guard { exporting, flush: Duration::from_millis(config.flush_ms) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat) -> String {
        let written = Written::default();
        let sink = written.clone();
        let config = TelemetryConfig { format, ..TelemetryConfig::default() };
        let (subscriber, _guard) = build("test", &config, move || sink.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, || {
            tracing::debug!("below the filter");
            crate::facts::CommandParked { system: "rt", kind: "k", subject: "case/tg/1\n\u{1b}[31m" }.emit();
        });
        let bytes = written.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_log_line_is_one_line_whatever_is_in_it() {
        for format in [LogFormat::Json, LogFormat::Text] {
            let text = logged(format);
            assert_eq!(text.lines().count(), 1, "{text:?}");
            assert!(text.contains("command parked") && !text.contains('\u{1b}'), "{text:?}");
        }
        assert!(logged(LogFormat::Json).starts_with('{'));
    }

    #[test]
    fn a_receiver_that_never_answers_delays_the_end_by_the_deadline_at_most() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let config = TelemetryConfig {
            otlp_endpoint: Some(format!("http://{}", silent.local_addr().unwrap())),
            sample_ratio: 1.0,
            flush_ms: 200,
            ..TelemetryConfig::default()
        };
        let (subscriber, guard) = build("test", &config, std::io::sink).unwrap();
        let begun = std::time::Instant::now();
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!("lost");
            assert!(crate::inject(&span).unwrap().ends_with("-01"));
        });
        drop(guard);
        let took = begun.elapsed();
        assert!(took >= Duration::from_millis(150) && took < Duration::from_secs(3), "{took:?}");
    }

    #[test]
    fn a_configuration_that_cannot_work_is_refused() {
        let config = TelemetryConfig::default();
        let ratio = TelemetryConfig { sample_ratio: f64::NAN, ..config.clone() };
        assert!(matches!(build("test", &ratio, std::io::sink).err(), Some(TelemetryError::Ratio(_))));
        let filter = TelemetryConfig { filter: "a=b=c".to_owned(), ..config };
        assert!(matches!(build("test", &filter, std::io::sink).err(), Some(TelemetryError::Filter { .. })));
    }
}
