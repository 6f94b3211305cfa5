//! The schema registry: the calls of Confluent's API that our client makes, kept in a journal beside the log.
//!
//! It stores compatibility levels but judges nothing by them: whoever registers here judges by itself, as
//! `causeway schemas apply` does. Schemas must be JSON; the same schema has the same id under every subject.

use crate::journal::Journal;
use crate::options::{Durability, StartError};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Schemas of all subjects.
const MOST: usize = 10_000;
/// How long requests under way may take after the stop.
const MOMENT: Duration = Duration::from_secs(1);
const DEFAULT_LEVEL: &str = "BACKWARD";

#[derive(Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event {
    Schema { subject: String, id: u32, schema: String },
    Level { subject: Option<String>, level: String },
}

#[derive(Default)]
struct Fold {
    /// Ids of each subject's schemas; the first is version 1.
    subjects: BTreeMap<String, Vec<u32>>,
    schemas: BTreeMap<u32, (String, Value)>,
    levels: BTreeMap<Option<String>, String>,
}

impl Fold {
    fn apply(&mut self, event: Event) {
        match event {
            Event::Schema { subject, id, schema } => {
                let parsed = serde_json::from_str(&schema).unwrap_or_default();
                self.schemas.insert(id, (schema, parsed));
                self.subjects.entry(subject).or_default().push(id);
            }
            Event::Level { subject, level } => {
                self.levels.insert(subject, level);
            }
        }
    }
}

pub struct Schemas {
    journal: Journal,
    fold: Fold,
    closed: bool,
}

impl Schemas {
    pub fn open(folder: &std::path::Path, durability: Durability) -> Result<Self, StartError> {
        let mut fold = Fold::default();
        let journal = Journal::open(&folder.join("schemas"), durability, |event| fold.apply(event))?;
        Ok(Self { journal, fold, closed: false })
    }

    fn record(&mut self, event: Event) -> Result<(), Failure> {
        if self.closed {
            return Err(failure(StatusCode::SERVICE_UNAVAILABLE, 50301, "the registry has ended"));
        }
        if let Err(error) = self.journal.append(std::slice::from_ref(&event)) {
            tracing::error!(%error, "the schemas cannot be written");
            return Err(failure(StatusCode::INTERNAL_SERVER_ERROR, 50001, "the schemas cannot be written"));
        }
        self.fold.apply(event);
        Ok(())
    }

    fn find(&self, wanted: &Value) -> Option<u32> {
        self.fold.schemas.iter().find(|(_, (_, known))| known == wanted).map(|(id, _)| *id)
    }

    fn versions(&self, subject: &str) -> Result<&[u32], Failure> {
        let found = self.fold.subjects.get(subject).map(Vec::as_slice);
        found.ok_or_else(|| failure(StatusCode::NOT_FOUND, 40401, "subject not found"))
    }

    fn described(&self, subject: &str, position: usize) -> Option<Value> {
        let id = self.fold.subjects.get(subject)?.get(position)?;
        let (schema, _) = self.fold.schemas.get(id)?;
        Some(json!({ "subject": subject, "version": position + 1, "id": id, "schema": schema }))
    }
}

type Failure = (StatusCode, axum::Json<Value>);
type Shared = Arc<Mutex<Schemas>>;

fn failure(status: StatusCode, code: u32, message: &str) -> Failure {
    (status, axum::Json(json!({ "error_code": code, "message": message })))
}

fn lock(schemas: &Shared) -> MutexGuard<'_, Schemas> {
    schemas.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves until `stop` turns true; idle connections are closed then, others after a moment.
pub async fn run(schemas: Schemas, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let schemas = Arc::new(Mutex::new(schemas));
    let router = Router::new()
        .route("/subjects", get(subjects))
        .route("/subjects/{subject}", post(lookup))
        .route("/subjects/{subject}/versions", get(versions).post(register))
        .route("/subjects/{subject}/versions/{version}", get(version))
        .route("/schemas/ids/{id}", get(by_id))
        .route("/config", get(level).put(set_level))
        .route("/config/{subject}", get(level_of).put(set_level_of))
        .with_state(schemas.clone());
    let mut begun = stop.clone();
    let stopped = async move {
        let _ = begun.wait_for(|stop| *stop).await;
    };
    let late = async {
        let _ = stop.wait_for(|stop| *stop).await;
        tokio::time::sleep(MOMENT).await;
    };
    tokio::select! {
        ended = axum::serve(listener, router).with_graceful_shutdown(stopped).into_future() => {
            if let Err(error) = ended {
                tracing::error!(%error, "the schema registry ended");
            }
        }
        () = late => {}
    }
    lock(&schemas).closed = true;
}

async fn subjects(State(schemas): State<Shared>) -> Response {
    axum::Json(lock(&schemas).fold.subjects.keys().cloned().collect::<Vec<_>>()).into_response()
}

/// The schema of a request as it was written, and parsed.
fn posted(body: &Bytes) -> Result<(String, Value), Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Posted {
        schema: String,
        #[serde(default)]
        schema_type: Option<String>,
        #[serde(default)]
        references: Vec<Value>,
    }
    let refused = |reason| failure(StatusCode::UNPROCESSABLE_ENTITY, 42201, reason);
    let posted: Posted = serde_json::from_slice(body).map_err(|_| refused("the body is not what it should be"))?;
    if posted.schema_type.is_some_and(|kind| kind != "AVRO") || !posted.references.is_empty() {
        return Err(refused("only Avro schemas without references are kept here"));
    }
    let parsed = serde_json::from_str(&posted.schema).map_err(|_| refused("the schema is not JSON"))?;
    Ok((posted.schema, parsed))
}

async fn register(
    State(schemas): State<Shared>,
    Path(subject): Path<String>,
    body: Bytes,
) -> Result<Response, Failure> {
    let (schema, parsed) = posted(&body)?;
    let mut schemas = lock(&schemas);
    let known = schemas.find(&parsed);
    let there = known.is_some_and(|id| schemas.fold.subjects.get(&subject).is_some_and(|ids| ids.contains(&id)));
    if !there && schemas.fold.subjects.values().map(Vec::len).sum::<usize>() >= MOST {
        return Err(failure(StatusCode::UNPROCESSABLE_ENTITY, 42201, "too many schemas"));
    }
    let next = schemas.fold.schemas.keys().next_back().map_or(1, |last| last + 1);
    let id = known.unwrap_or(next);
    if !there {
        schemas.record(Event::Schema { subject, id, schema })?;
    }
    Ok(axum::Json(json!({ "id": id })).into_response())
}

async fn lookup(State(schemas): State<Shared>, Path(subject): Path<String>, body: Bytes) -> Result<Response, Failure> {
    let (_, parsed) = posted(&body)?;
    let schemas = lock(&schemas);
    let ids = schemas.versions(&subject)?;
    let position = schemas.find(&parsed).and_then(|id| ids.iter().position(|known| *known == id));
    let found = position.and_then(|position| schemas.described(&subject, position));
    let found = found.ok_or_else(|| failure(StatusCode::NOT_FOUND, 40403, "schema not found"))?;
    Ok(axum::Json(found).into_response())
}

async fn versions(State(schemas): State<Shared>, Path(subject): Path<String>) -> Result<Response, Failure> {
    let count = lock(&schemas).versions(&subject)?.len();
    Ok(axum::Json((1..=count).collect::<Vec<_>>()).into_response())
}

async fn version(
    State(schemas): State<Shared>,
    Path((subject, version)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let schemas = lock(&schemas);
    let ids = schemas.versions(&subject)?;
    let position = if version == "latest" { Some(ids.len()) } else { version.parse().ok() };
    let found = position.and_then(|version: usize| schemas.described(&subject, version.checked_sub(1)?));
    let found = found.ok_or_else(|| failure(StatusCode::NOT_FOUND, 40402, "version not found"))?;
    Ok(axum::Json(found).into_response())
}

async fn by_id(State(schemas): State<Shared>, Path(id): Path<u32>) -> Result<Response, Failure> {
    let schemas = lock(&schemas);
    match schemas.fold.schemas.get(&id) {
        Some((schema, _)) => Ok(axum::Json(json!({ "schema": schema })).into_response()),
        None => Err(failure(StatusCode::NOT_FOUND, 40403, "schema not found")),
    }
}

fn shown(schemas: &Shared, subject: Option<String>) -> Result<Response, Failure> {
    let schemas = lock(schemas);
    match schemas.fold.levels.get(&subject) {
        Some(level) => Ok(axum::Json(json!({ "compatibilityLevel": level })).into_response()),
        None if subject.is_none() => Ok(axum::Json(json!({ "compatibilityLevel": DEFAULT_LEVEL })).into_response()),
        None => Err(failure(StatusCode::NOT_FOUND, 40408, "the subject has no level of its own")),
    }
}

fn changed(schemas: &Shared, subject: Option<String>, body: &Bytes) -> Result<Response, Failure> {
    const LEVELS: [&str; 7] =
        ["NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE"];
    let level = serde_json::from_slice::<Value>(body).ok();
    let level = level.as_ref().and_then(|body| body["compatibility"].as_str()).filter(|level| LEVELS.contains(level));
    let level = level.ok_or_else(|| failure(StatusCode::UNPROCESSABLE_ENTITY, 42203, "no such level"))?.to_owned();
    let mut schemas = lock(schemas);
    if schemas.fold.levels.len() >= MOST {
        return Err(failure(StatusCode::UNPROCESSABLE_ENTITY, 42201, "too many subjects"));
    }
    if schemas.fold.levels.get(&subject) != Some(&level) {
        schemas.record(Event::Level { subject, level: level.clone() })?;
    }
    Ok(axum::Json(json!({ "compatibility": level })).into_response())
}

async fn level(State(schemas): State<Shared>) -> Result<Response, Failure> {
    shown(&schemas, None)
}
async fn level_of(State(schemas): State<Shared>, Path(subject): Path<String>) -> Result<Response, Failure> {
    shown(&schemas, Some(subject))
}
async fn set_level(State(schemas): State<Shared>, body: Bytes) -> Result<Response, Failure> {
    changed(&schemas, None, &body)
}
async fn set_level_of(
    State(schemas): State<Shared>,
    Path(subject): Path<String>,
    body: Bytes,
) -> Result<Response, Failure> {
    changed(&schemas, Some(subject), &body)
}
