//! What can go wrong between a record and its bytes. No reason holds a payload or a secret.

/// Why a record was not encoded. All but [`EncodeError::NotPrepared`] are mistakes in our own code or data.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The topic's contract does not list the record: it would be read by somebody it is not meant for.
    #[error("record `{record}` does not belong on topic `{topic}`")]
    WrongTopic { topic: String, record: &'static str },
    #[error("no schema id for `{record}` on topic `{topic}`: `prepare` was not called")]
    NotPrepared { topic: String, record: &'static str },
    /// A text is marked stricter than a reader would mark it again: on the wire it would become visible to more.
    #[error("field `{field}` of `{record}` is marked stricter than its record and schema say")]
    WouldWiden { record: &'static str, field: &'static str },
    #[error("record `{record}` has {size} bytes, {max} are allowed", max = crate::MAX_DATUM)]
    TooLarge { record: &'static str, size: usize },
    #[error("record `{record}` does not fit its schema")]
    Schema {
        record: &'static str,
        #[source]
        source: serde_avro_fast::ser::SerError,
    },
}

/// Why bytes are not a record.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Call [`crate::Codec::fetch`] with the id and decode again.
    #[error("schema {0} is not known yet")]
    UnknownSchema(u32),
    #[error("not in the Confluent wire format: {reason}")]
    Framing { reason: &'static str },
    #[error("record has {size} bytes, {max} are allowed", max = crate::MAX_DATUM)]
    TooLarge { size: usize },
    /// A record of this name is not expected here.
    #[error("schema {id} describes `{name}`, which does not belong on topic `{topic}`")]
    UnexpectedRecord { id: u32, name: String, topic: String },
    /// The bytes do not fit the schema they name, or a value is outside its range. `field` is empty where unknown.
    #[error("malformed `{record}` (schema {id}): {reason}")]
    Malformed { id: u32, record: &'static str, reason: String },
}

impl DecodeError {
    /// The schema to fetch, where that may help.
    pub const fn missing_schema(&self) -> Option<u32> {
        match self {
            Self::UnknownSchema(id) => Some(*id),
            Self::Framing { .. } | Self::TooLarge { .. } | Self::UnexpectedRecord { .. } | Self::Malformed { .. } => {
                None
            }
        }
    }
}

/// Why the registry did not answer what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Worth trying again: refused connection, timeout, 429, 5xx, an answer that is no JSON.
    #[error("schema registry unavailable: {reason}")]
    Unavailable { reason: String },
    /// The registry does not know it. Remembered for a while, so that hostile ids cost little.
    #[error("schema registry does not know schema {id}")]
    NotFound { id: u32 },
    #[error("subject `{subject}` lacks the schema of this program's version: run `causeway schemas apply`")]
    NotRegistered { subject: String },
    /// Credentials, permission or address are wrong: a person must act.
    #[error("schema registry refused: {reason}")]
    Refused { reason: String },
    /// The schema is none that a record of ours can have: recursive, too large, not Avro.
    #[error("schema {id} is unusable: {reason}")]
    Unusable { id: u32, reason: String },
    #[error("no topic `{topic}` in the contract")]
    UnknownTopic { topic: String },
    /// `causeway schemas apply` found a change that old or new readers could not read.
    #[error("schema of `{subject}` is not compatible with version {version}: {reason}")]
    Incompatible { subject: String, version: u32, reason: String },
}

impl RegistryError {
    /// Trying again later may help without anybody acting.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable { .. } => true,
            Self::NotFound { .. }
            | Self::NotRegistered { .. }
            | Self::Refused { .. }
            | Self::Unusable { .. }
            | Self::UnknownTopic { .. }
            | Self::Incompatible { .. } => false,
        }
    }
}
