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
    pub fn forbidden() -> Self {
        Refusal::Forbidden.into()
    }
    pub fn unknown_ticket() -> Self {
        Refusal::UnknownTicket.into()
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (status, code) = match &refusal {
            Refusal::UnknownTicket => (StatusCode::NOT_FOUND, "ticket-unknown"),
            Refusal::Transition { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "transition-refused"),
            Refusal::Unknown(_) => (StatusCode::UNPROCESSABLE_ENTITY, "value-unknown"),
            Refusal::Text(_) => (StatusCode::UNPROCESSABLE_ENTITY, "text-refused"),
            Refusal::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
        };
        Self::new(status, code, refusal.to_string())
    }
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Refused(refusal) => refusal.into(),
            WriteError::Stale { .. } => Self::new(StatusCode::PRECONDITION_FAILED, "stale-version", error.to_string()),
            WriteError::TooLate => Self::new(StatusCode::PRECONDITION_FAILED, "too-late", error.to_string()),
            WriteError::Journal(source) => {
                tracing::error!(%source, "journal not written");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the change may or may not be stored")
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        crate::problem::document("case-system", self.status, self.code, &self.detail, self.retry_after)
    }
}
