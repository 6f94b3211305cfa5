//! Bytes: uploads by hash, downloads by the file's id. Whoever speaks for partners reads none.

use super::super::Server;
use super::super::setup::Role;
use super::problem::Problem;
use super::{Answer, App, who};
use crate::files::{Refused, Shelf};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State as Shared};
use axum::routing::{get, put};
use http::HeaderMap;
use std::sync::Arc;

pub fn routes() -> Router<Arc<Server>> {
    Router::new().route("/v1/uploads/{hash}", put(upload).head(uploaded)).route("/v1/files/{id}", get(download))
}

pub fn shelf(server: &Server) -> Shelf {
    Shelf::new(&server.options.folder, "house")
}

async fn upload(Shared(server): App, Path(hash): Path<String>, headers: HeaderMap, body: Body) -> Answer {
    who(&server, &headers)?;
    Ok(shelf(&server).put(&hash, &headers, body).await?)
}

async fn uploaded(Shared(server): App, Path(hash): Path<String>, headers: HeaderMap) -> Answer {
    who(&server, &headers)?;
    Ok(shelf(&server).head(&hash)?)
}

async fn download(Shared(server): App, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let you = who(&server, &headers)?;
    if you.role == Role::PartnerVoice {
        return Err(Problem::forbidden());
    }
    let file = server.store().model().file(&id).cloned();
    Ok(shelf(&server).get(&file.ok_or(UNKNOWN)?, &headers).await?)
}

const UNKNOWN: Refused = Refused(http::StatusCode::NOT_FOUND, "file-unknown", "there is no such file");

impl From<Refused> for Problem {
    fn from(Refused(status, code, detail): Refused) -> Self {
        Self::new(status, code, detail)
    }
}
