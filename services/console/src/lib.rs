//! Shows what happened to each case: reads every topic of the log, writes none, remembers a bounded part in memory.
//!
//! In production it only looks. In a demonstration, where everything runs in one process on one machine, the same page
//! also acts: on the two simulated systems ([`Sides`]) and on the processes themselves ([`Control`]).

pub mod control;
mod model;
pub mod timeline;
mod web;

pub use control::Control;
pub use model::{Change, MAX_LISTENERS, Model};
pub use web::{Hosts, MAX_BODY, Sides, read_only, router};

use codec::{Codec, RegistryConfig};
use ports::Mistake;
use runtime::entry::fetch_schema;
use runtime::service::{AdminConfig, Context, RoleConfig, bind};
use runtime::tail::{self, Heard, Record};
use runtime::{KafkaConfig, StartError};
use serde::Deserialize;
use std::net::SocketAddr;
use std::time::Duration;
use telemetry::TelemetryConfig;
use telemetry::http::Limits;

pub const ROLE: &str = "console";

/// The role's configuration file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub kafka: KafkaConfig,
    pub registry: RegistryConfig,
    pub admin: AdminConfig,
    #[serde(default)]
    pub telemetry: TelemetryConfig,
    pub console: ConsoleConfig,
}

/// Where the page is. It asks nobody who they are and shows what is on the log, the inside included: keep it on the
/// loopback, or behind a proxy that lets only the host's own people in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsoleConfig {
    pub listen: SocketAddr,
    /// Further names it is reached by, as a browser's address line shows them, with a port where there is one.
    #[serde(default)]
    pub hosts: Vec<String>,
}

pub struct Ready {
    kafka: KafkaConfig,
    codec: Codec,
    console: ConsoleConfig,
}

impl RoleConfig for Config {
    type Ready = Ready;
    fn admin(&self) -> &AdminConfig {
        &self.admin
    }
    fn telemetry(&self) -> &TelemetryConfig {
        &self.telemetry
    }
    fn check(self) -> Result<Ready, Vec<Mistake>> {
        let mut mistakes = self.kafka.check();
        for host in &self.console.hosts {
            if host.is_empty() || host.len() > 255 || host.contains(['/', '*', ' ']) {
                let fix = "write a name such as `console.example`, with `:port` where there is one";
                mistakes.push(Mistake::new("console.hosts", format!("`{host}` is no host's name"), fix));
            }
        }
        match Codec::new(self.registry) {
            Ok(codec) if mistakes.is_empty() => Ok(Ready { kafka: self.kafka, codec, console: self.console }),
            Ok(_) => Err(mistakes),
            Err(more) => {
                mistakes.extend(more);
                Err(mistakes)
            }
        }
    }
}

/// Runs until shutdown or until it cannot go on.
pub async fn run(ready: Ready, context: Context) -> Result<(), StartError> {
    let Ready { kafka, codec, console } = ready;
    let listener = bind(console.listen).await?;
    let model = Model::new();
    let router = read_only(model.clone(), Hosts::Listed(console.hosts));
    let shutdown = context.shutdown.clone();
    let served = telemetry::http::serve(listener, router, limits(), async move { shutdown.begun().await });
    let followed = {
        let context = context.clone();
        async move {
            let ended = context.on_thread(move |context| follow(&kafka, &codec, &model, context)).await;
            // Whichever ends first ends the other: a page over a log that is no longer read would lie.
            context.shutdown.begin();
            ended
        }
    };
    let (served, followed) = tokio::join!(served, followed);
    followed?;
    served.map_err(|source| StartError::Bind { address: console.listen, source })
}

/// For whoever serves the page: streams are long, bodies are small. The router's own bound is the one that answers 413.
pub fn limits() -> Limits {
    Limits { max_body: 4 * MAX_BODY, max_connections: 256, grace: Duration::from_secs(2), ..Limits::default() }
}

/// Reads the log into the model until shutdown, then ends the model's streams. Ready once the log has been read to the
/// end it had. Blocking.
pub fn follow(kafka: &KafkaConfig, codec: &Codec, model: &Model, context: &Context) -> Result<(), StartError> {
    context.health.set_not_ready("reading the log");
    let pulse = context.health.pulse("tail", Duration::from_secs(180));
    let result = tail::run(kafka, ROLE, &timeline::TOPICS, &context.shutdown, &pulse, |heard| {
        match heard {
            Heard::Record(record) => take(codec, model, &record, context),
            Heard::End => {
                model.caught_up();
                context.health.set_ready();
            }
        }
        Ok(())
    });
    model.end();
    result
}

/// Waits for a registry that is away; a record that stays unreadable is counted, and the next one is read.
fn take(codec: &Codec, model: &Model, record: &Record, context: &Context) {
    let Err(error) = model.take(codec, record) else { return };
    let Some(id) = error.missing_schema() else { return };
    let fetched = tokio::runtime::Handle::current().block_on(fetch_schema(codec, id, &context.shutdown));
    match fetched {
        Ok(()) => match model.take(codec, record) {
            Err(error) if error.missing_schema().is_some() => model.pass(record, "its schema does not stay known"),
            Ok(()) | Err(_) => {}
        },
        Err(error) => model.pass(record, &error.to_string()),
    }
}
