use std::path::PathBuf;

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    #[error("kafka client failed")]
    Kafka(#[from] rdkafka::error::KafkaError),
    #[error("role failed")]
    Role(#[from] runtime::StartError),
    #[error("event cannot be encoded")]
    Encode(#[from] codec::EncodeError),
    #[error("event cannot be decoded")]
    Decode(#[from] codec::DecodeError),
    #[error("`{path}` cannot be used")]
    File { path: PathBuf, source: std::io::Error },
    #[error("`{program}` cannot be run")]
    Program { program: String, source: std::io::Error },
    #[error("input or output failed")]
    Io(#[from] std::io::Error),
    #[error("telemetry cannot be set up")]
    Telemetry(#[from] telemetry::TelemetryError),
    #[error("{0}")]
    Wrong(String),
}

/// For what has no error of its own to keep.
pub fn wrong<T>(what: impl Into<String>) -> Result<T, BenchError> {
    Err(BenchError::Wrong(what.into()))
}
