//! Bytes: uploads by hash, each uploader's own; downloads by the file's id, the partner its own records' only.

use super::super::model::Who;
use super::problem::Problem;
use super::{App, State, who};
use crate::files::{Refused, Shelf};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State as Shared};
use axum::response::Response;
use axum::routing::{get, put};
use http::HeaderMap;
use std::sync::Arc;

type Answer = Result<Response, Problem>;

macro_rules! uploads {
    ($host:literal) => {
        put(|Shared(state): App, Path(hash): Path<String>, headers: HeaderMap, body: Body| async move {
            let shelf = shelf(&state, &who(&state, &headers, $host)?);
            Ok::<_, Problem>(shelf.put(&hash, &headers, body).await?)
        })
        .head(|Shared(state): App, Path(hash): Path<String>, headers: HeaderMap| async move {
            let shelf = shelf(&state, &who(&state, &headers, $host)?);
            Ok::<_, Problem>(shelf.head(&hash)?)
        })
    };
}

macro_rules! downloads {
    ($host:literal) => {
        get(|Shared(state): App, Path(id): Path<String>, headers: HeaderMap| async move {
            let who = who(&state, &headers, $host)?;
            download(&state, &who, &id, &headers).await
        })
    };
}

pub fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/v1/uploads/{hash}", uploads!(true))
        .route("/v1/files/{id}", downloads!(true))
        .route("/partner/v1/uploads/{hash}", uploads!(false))
        .route("/partner/v1/files/{id}", downloads!(false))
}

/// Where this uploader's bytes are.
pub fn shelf(state: &State, who: &Who) -> Shelf {
    let owner = match who {
        Who::Host => "host".to_owned(),
        Who::Partner(id) => format!("partner/{id}"),
    };
    Shelf::new(&state.options.folder, &owner)
}

async fn download(state: &State, who: &Who, id: &str, headers: &HeaderMap) -> Answer {
    let attached = state.store().model().file(id).cloned();
    let may_see = |partner: &str| match who {
        Who::Host => true,
        Who::Partner(id) => id == partner,
    };
    // Whether another partner's file exists is not told.
    let attached = attached.filter(|a| may_see(&a.partner_id)).ok_or(UNKNOWN)?;
    let brought = if attached.by_partner { Who::Partner(attached.partner_id) } else { Who::Host };
    Ok(shelf(state, &brought).get(&attached.file, headers).await?)
}

const UNKNOWN: Refused = Refused(http::StatusCode::NOT_FOUND, "file-unknown", "there is no such file");

impl From<Refused> for Problem {
    fn from(Refused(status, code, detail): Refused) -> Self {
        Self::new(status, code, detail)
    }
}
