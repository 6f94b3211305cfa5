//! What both sides may read; the partner its own only.

use super::super::State;
use super::super::model::Who;
use super::super::wire::Comment;
use super::problem::Problem;
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde::{Deserialize, Serialize};
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

fn may_see(who: &Who, partner_id: &str) -> bool {
    match who {
        Who::Host => true,
        Who::Partner(id) => *id == partner_id,
    }
}

/// Without its comments, which have their own pages: a case stays small however much is said.
fn view<T: Serialize>(record: &T) -> Value {
    let mut value = serde_json::to_value(record).unwrap_or_default();
    if let Some(members) = value.as_object_mut() {
        members.remove("comments");
    }
    value
}

pub fn case(state: &State, who: &Who, id: &str) -> Result<Response, Problem> {
    let store = state.store();
    let case = store.model().case(id).filter(|c| may_see(who, &c.partner_id)).ok_or_else(Problem::unknown_case)?;
    Ok(one(view(case), case.version))
}

fn one(record: Value, version: u64) -> Response {
    let mut response = Json(record).into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}

pub fn cases(state: &State, who: &Who, paging: &Paging) -> Response {
    let store = state.store();
    let mut seen = store.model().cases_after(&paging.after).filter(|c| may_see(who, &c.partner_id));
    let cases: Vec<Value> = seen.by_ref().take(paging.limit()).map(view).collect();
    Json(json!({ "cases": cases, "has_more": seen.next().is_some() })).into_response()
}

pub fn comments(state: &State, who: &Who, id: &str, paging: &Paging) -> Result<Response, Problem> {
    let store = state.store();
    let case = store.model().case(id).filter(|c| may_see(who, &c.partner_id)).ok_or_else(Problem::unknown_case)?;
    Ok(page(&case.comments, paging))
}

fn page(comments: &[Comment], paging: &Paging) -> Response {
    let start = comments.iter().position(|c| c.note_id == paging.after).map_or(0, |p| p + 1);
    let mut rest = comments.iter().skip(start);
    let comments: Vec<_> = rest.by_ref().take(paging.limit()).collect();
    Json(json!({ "comments": comments, "has_more": rest.next().is_some() })).into_response()
}

pub fn discrepancy(state: &State, who: &Who, id: &str) -> Result<Response, Problem> {
    let store = state.store();
    let found = store.model().discrepancy(id).filter(|d| may_see(who, &d.partner_id));
    let record = found.ok_or_else(Problem::unknown_case)?;
    Ok(one(view(record), record.version))
}

pub fn discrepancies(state: &State, who: &Who, paging: &Paging) -> Response {
    let store = state.store();
    let mut seen = store.model().discrepancies_after(&paging.after).filter(|d| may_see(who, &d.partner_id));
    let records: Vec<Value> = seen.by_ref().take(paging.limit()).map(view).collect();
    Json(json!({ "discrepancies": records, "has_more": seen.next().is_some() })).into_response()
}

pub fn remarks(state: &State, who: &Who, id: &str, paging: &Paging) -> Result<Response, Problem> {
    let store = state.store();
    let found = store.model().discrepancy(id).filter(|d| may_see(who, &d.partner_id));
    Ok(page(&found.ok_or_else(Problem::unknown_case)?.comments, paging))
}

pub fn document(state: &State, who: &Who, id: &str) -> Result<Response, Problem> {
    let store = state.store();
    let found = store.model().document(id).filter(|d| may_see(who, &d.partner_id));
    let record = found.ok_or_else(Problem::unknown_case)?;
    Ok(one(view(record), record.version))
}

pub fn documents(state: &State, who: &Who, paging: &Paging) -> Response {
    let store = state.store();
    let mut seen = store.model().documents_after(&paging.after).filter(|d| may_see(who, &d.partner_id));
    let records: Vec<Value> = seen.by_ref().take(paging.limit()).map(view).collect();
    Json(json!({ "documents": records, "has_more": seen.next().is_some() })).into_response()
}

pub fn remarks_on_document(state: &State, who: &Who, id: &str, paging: &Paging) -> Result<Response, Problem> {
    let store = state.store();
    let found = store.model().document(id).filter(|d| may_see(who, &d.partner_id));
    Ok(page(&found.ok_or_else(Problem::unknown_case)?.comments, paging))
}
