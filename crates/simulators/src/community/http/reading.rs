//! What both sides may read; the partner its own only.

use super::super::State;
use super::super::model::Who;
use super::super::wire::Case;
use super::problem::Problem;
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Paging {
    pub after: String,
    pub limit: Option<usize>,
}

impl Paging {
    pub fn limit(&self) -> usize {
        self.limit.unwrap_or(100).clamp(1, 500)
    }
}

fn may_see(who: &Who, case: &Case) -> bool {
    match who {
        Who::Host => true,
        Who::Partner(id) => *id == case.partner_id,
    }
}

/// Without its comments, which have their own pages: a case stays small however much is said.
fn view(case: &Case) -> Value {
    let mut value = serde_json::to_value(case).unwrap_or_default();
    if let Some(members) = value.as_object_mut() {
        members.remove("comments");
    }
    value
}

pub fn case(state: &State, who: &Who, id: &str) -> Result<Response, Problem> {
    let store = state.store();
    let case = store.model().case(id).filter(|c| may_see(who, c)).ok_or_else(Problem::unknown_case)?;
    let mut response = Json(view(case)).into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("\"{}\"", case.version)) {
        response.headers_mut().insert(header::ETAG, value);
    }
    Ok(response)
}

pub fn cases(state: &State, who: &Who, paging: &Paging) -> Response {
    let store = state.store();
    let mut seen = store.model().cases_after(&paging.after).filter(|c| may_see(who, c));
    let cases: Vec<Value> = seen.by_ref().take(paging.limit()).map(view).collect();
    Json(json!({ "cases": cases, "has_more": seen.next().is_some() })).into_response()
}

pub fn comments(state: &State, who: &Who, id: &str, paging: &Paging) -> Result<Response, Problem> {
    let store = state.store();
    let case = store.model().case(id).filter(|c| may_see(who, c)).ok_or_else(Problem::unknown_case)?;
    let start = case.comments.iter().position(|c| c.note_id == paging.after).map_or(0, |p| p + 1);
    let mut rest = case.comments.iter().skip(start);
    let comments: Vec<_> = rest.by_ref().take(paging.limit()).collect();
    Ok(Json(json!({ "comments": comments, "has_more": rest.next().is_some() })).into_response())
}
