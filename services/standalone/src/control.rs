//! What the page may do to this process: the console's [`Control`] over the roles, the folder and the simulated systems.

mod bundle;
mod faults;

use crate::StandaloneError;
use crate::configs::Layout;
use crate::roles::{Roles, State};
use codec::Codec;
use console::control::{Answer, Held, Refusal, Role, RoleState, Selection, Switch};
use console::{Control, Model, Sides};
use faults::Switches;
use ports::Secret;
use runtime::dead_letter::class;
use runtime::redrive::{self, Filter};
use runtime::service::{Context, chain};
use runtime::{KafkaConfig, Shutdown, StartError};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};
use telemetry::admin::Health;
use tokio::sync::Mutex;

/// A held record that came back so often is left to a person with the command line.
const MAX_REDRIVES: u32 = 50;

/// Between two looks at the roles.
const LOOK: Duration = Duration::from_millis(500);

struct Hand {
    layout: Arc<Layout>,
    roles: Roles,
    kafka: KafkaConfig,
    switches: Switches,
    /// One act on the roles or the bundle at a time.
    acting: Mutex<()>,
}

/// The page's routes with everything it can do here, and the process's metrics; follows the log until shutdown.
pub fn page(layout: &Arc<Layout>, roles: &Roles, shutdown: &Shutdown) -> Result<axum::Router, StandaloneError> {
    let model = Model::new();
    let hand = Hand {
        layout: layout.clone(),
        roles: roles.clone(),
        kafka: crate::kafka(layout),
        switches: Switches::new(layout),
        acting: Mutex::new(()),
    };
    let sides = layout.simulated().map(|case_system| sides(layout, case_system)).transpose()?;
    let health = Health::default();
    follow(layout, &model, shutdown, &health)?;
    tokio::spawn(tell_changes(roles.clone(), model.clone(), shutdown.clone()));
    let router = console::router(model, sides, Some(Arc::new(hand)));
    Ok(router.merge(telemetry::admin::router(health)))
}

fn sides(layout: &Layout, case_system: std::net::SocketAddr) -> Result<Sides, StandaloneError> {
    let secret =
        |name: &str| Secret::read(name, &layout.secret(name)).map_err(|mistake| StartError::SetUp(mistake.to_string()));
    let partners = BTreeMap::from([("ACME".to_owned(), secret("partner-acme.token")?)]);
    let (community, desk) = (format!("http://{}", layout.community), format!("http://{case_system}"));
    let sides = Sides::new("tg", community, partners, desk, secret("desk-agent.token")?);
    Ok(sides.map_err(|error| StartError::SetUp(error.to_string()))?)
}

/// Reads the log into the model, on a thread of its own.
fn follow(layout: &Layout, model: &Model, shutdown: &Shutdown, health: &Health) -> Result<(), StandaloneError> {
    let registry = codec::RegistryConfig::at(layout.registry.clone());
    let codec = Codec::new(registry).map_err(|mistakes| {
        StartError::SetUp(mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    })?;
    let (kafka, model) = (crate::kafka(layout), model.clone());
    let context = Context { shutdown: shutdown.clone(), health: health.clone() };
    tokio::task::spawn_blocking(move || {
        if let Err(error) = console::follow(&kafka, &codec, &model, &context) {
            tracing::error!(error = chain(&error), "the page no longer follows the log");
        }
    });
    Ok(())
}

/// Tells the page when a role has come or gone; it asks again by itself for nothing.
async fn tell_changes(roles: Roles, model: Model, shutdown: Shutdown) {
    let states = || roles.seen().into_iter().map(|role| (role.name, role.state)).collect::<Vec<_>>();
    let mut before = states();
    while !shutdown.has_begun() {
        runtime::entry::pause(&shutdown, LOOK).await;
        let now = states();
        if now != before {
            before = now;
            model.roles_changed();
        }
    }
}

fn failed(error: &StartError) -> Refusal {
    Refusal::Failed(chain(error))
}

/// Blocking work of Kafka's client, off the executor.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StartError> + Send + 'static,
) -> Result<T, Refusal> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(|error| failed(&error)),
        Err(_) => Err(Refusal::Failed("the work ended unexpectedly".to_owned())),
    }
}

impl Hand {
    fn known(&self, role: &str) -> Result<&'static str, Refusal> {
        let found = crate::configs::ROLES.into_iter().find(|known| *known == role);
        found.ok_or_else(|| Refusal::Unknown(format!("there is no role {role}")))
    }

    fn start_again(&self, role: &str) -> Result<(), Refusal> {
        self.roles.start(role).map_err(|error| failed(&error))
    }
}

fn resettable(role: &str) -> bool {
    runtime::admin::GROUPS.iter().any(|(group, _)| *group == role)
}

impl Control for Hand {
    fn roles(&self) -> Answer<'_, Vec<Role>> {
        let role = |seen: crate::roles::Seen| Role {
            name: seen.name.to_owned(),
            state: match seen.state {
                State::Running => RoleState::Running,
                State::Starting => RoleState::Restarting,
                State::Stopped => RoleState::Stopped,
            },
            since: seen.since.duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(0)),
            resettable: resettable(seen.name),
        };
        let roles = self.roles.seen().into_iter().map(role).collect();
        Box::pin(std::future::ready(Ok(roles)))
    }

    fn kill(&self, role: String) -> Answer<'_, String> {
        Box::pin(async move {
            let role = self.known(&role)?;
            let _one = self.acting.lock().await;
            self.roles.stop(role, false).await;
            Ok(format!("{role} was killed: its calls were dropped where they stood. Start it and it goes on."))
        })
    }

    fn start(&self, role: String) -> Answer<'_, String> {
        Box::pin(async move {
            let role = self.known(&role)?;
            let _one = self.acting.lock().await;
            self.start_again(role)?;
            Ok(format!("{role} starts: it rebuilds what it knew from the log and goes on."))
        })
    }

    fn reset(&self, role: String) -> Answer<'_, String> {
        Box::pin(async move {
            let role = self.known(&role)?;
            if !resettable(role) {
                return Err(Refusal::Refused(format!("{role} has no group: its position is a record on the log")));
            }
            let _one = self.acting.lock().await;
            self.roles.stop(role, true).await;
            let kafka = self.kafka.clone();
            let rewound = blocking(move || runtime::admin::rewind(&kafka, role)).await;
            self.start_again(role)?;
            rewound?;
            Ok(format!("{role} reads everything again from the beginning: watch that nothing happens twice."))
        })
    }

    fn bundle(&self) -> Answer<'_, Vec<String>> {
        Box::pin(std::future::ready(Ok(bundle::files())))
    }

    fn bundle_file(&self, name: String) -> Answer<'_, String> {
        Box::pin(async move { bundle::read(&self.layout.bundle(), &name).await })
    }

    fn replace_bundle_file(&self, name: String, text: String) -> Answer<'_, String> {
        Box::pin(async move {
            let _one = self.acting.lock().await;
            let folder = self.layout.bundle();
            let version = bundle::replace(&folder, &name, &text).await?;
            for role in ["transform-partner", "transform-internal", "sink-partner", "track-service-levels"] {
                self.roles.restart(role).await.map_err(|error| failed(&error))?;
            }
            Ok(format!("bundle version {version} is in use: send back what was held"))
        })
    }

    fn faults(&self) -> Answer<'_, Vec<Switch>> {
        Box::pin(async move { Ok(self.switches.all().await) })
    }

    fn switch(&self, switch: Switch) -> Answer<'_, String> {
        Box::pin(async move { self.switches.set(switch).await })
    }

    fn held(&self) -> Answer<'_, Vec<Held>> {
        Box::pin(async move {
            let kafka = self.kafka.clone();
            let letters = blocking(move || redrive::list(&kafka, &Filter::default())).await?;
            let held = |letter: redrive::DeadLetter| Held {
                subject: letter.key,
                class: letter.class,
                reason: letter.reason,
                topic: letter.source.to_owned(),
                redrives: letter.redrives,
            };
            Ok(letters.into_iter().map(held).collect())
        })
    }

    fn redrive(&self, selection: Selection) -> Answer<'_, String> {
        Box::pin(async move {
            let _one = self.acting.lock().await;
            let kafka = self.kafka.clone();
            let class = Some(class::HOLD.to_owned());
            let filter = Filter { class, key: selection.subject, ..Filter::default() };
            let count = blocking(move || {
                let mut letters = redrive::list(&kafka, &filter)?;
                letters.retain(|letter| letter.redrives < MAX_REDRIVES);
                redrive::redrive(&kafka, &letters, |_| {})?;
                Ok(letters.len())
            })
            .await?;
            Ok(format!("{count} sent back to where they came from"))
        })
    }
}
