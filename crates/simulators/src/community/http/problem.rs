use super::super::model::Refusal;
use super::super::store::WriteError;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

/// An error as RFC 9457 says, with our stable `code`.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    pub code: &'static str,
    detail: String,
    retry_after: Option<u64>,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), retry_after: None }
    }
    pub const fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", detail)
    }
    pub fn unknown_case() -> Self {
        Refusal::UnknownCase.into()
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (status, code) = match &refusal {
            Refusal::UnknownCase => (StatusCode::NOT_FOUND, "case-unknown"),
            Refusal::Transition { .. } => (StatusCode::CONFLICT, "transition-refused"),
            Refusal::Final => (StatusCode::CONFLICT, "case-final"),
            Refusal::NotOnOffer => (StatusCode::CONFLICT, "resolution-not-on-offer"),
            Refusal::Field => (StatusCode::UNPROCESSABLE_ENTITY, "field-refused"),
            Refusal::Incomplete => (StatusCode::UNPROCESSABLE_ENTITY, "outcome-incomplete"),
            Refusal::Lapsed => (StatusCode::CONFLICT, "outcome-lapsed"),
            Refusal::Unanswered => (StatusCode::CONFLICT, "outcome-unanswered"),
            Refusal::UnknownTask => (StatusCode::NOT_FOUND, "task-unknown"),
            Refusal::Taken => (StatusCode::CONFLICT, "reference-taken"),
            Refusal::Blocked => (StatusCode::CONFLICT, "dependency-open"),
            Refusal::NotNewest => (StatusCode::CONFLICT, "version-not-newest"),
            Refusal::NotNext => (StatusCode::CONFLICT, "version-not-next"),
            Refusal::SameBytes => (StatusCode::CONFLICT, "same-bytes"),
            Refusal::Text => (StatusCode::UNPROCESSABLE_ENTITY, "text-refused"),
            Refusal::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
        };
        Self::new(status, code, refusal.to_string())
    }
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Refused(refusal) => refusal.into(),
            WriteError::KeyReused => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused", error.to_string())
            }
            WriteError::Stale { .. } => Self::new(StatusCode::PRECONDITION_FAILED, "stale-version", error.to_string()),
            WriteError::Journal(source) => {
                tracing::error!(%source, "journal not written");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the change may or may not be stored")
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        crate::problem::document("trading-grid", self.status, self.code, &self.detail, self.retry_after)
    }
}
