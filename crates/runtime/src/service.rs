//! The life of a process: configuration, telemetry, admin port, signals, drain, exit code. The same for every role.

use crate::entry::{Shutdown, StartError};
use figment::Figment;
use figment::providers::{Env, Format, Toml};
use ports::Mistake;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use telemetry::TelemetryConfig;
use telemetry::admin::Health;

/// `EX_USAGE` of sysexits.h: the configuration is wrong and no restart will mend it.
pub const BAD_CONFIGURATION: u8 = 64;
/// A role that has not drained by then is ended; the log knows what it did not finish.
const DRAIN: Duration = Duration::from_secs(30);
/// A host's loop that has not gone round for so long will not do so any more. Above what a loop may rightly wait for: a
/// transaction's own timeout, or a look-up at a broker that is away.
pub(crate) const PULSE: Duration = Duration::from_secs(180);

/// `[admin]`: metrics and health. Keep it away from strangers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdminConfig {
    pub listen: SocketAddr,
}

/// A role's configuration file.
pub trait RoleConfig: DeserializeOwned {
    /// Checked, with secrets read.
    type Ready: Send + 'static;
    fn admin(&self) -> &AdminConfig;
    fn telemetry(&self) -> &TelemetryConfig;
    /// Every mistake at once; opens no connection and binds no port.
    fn check(self) -> Result<Self::Ready, Vec<Mistake>>;
}

/// What a running role is given.
#[derive(Clone)]
pub struct Context {
    pub shutdown: Shutdown,
    pub health: Health,
}

impl Context {
    /// Runs a blocking host on a thread of its own, inside the runtime.
    pub async fn on_thread(
        &self,
        host: impl FnOnce(&Self) -> Result<(), StartError> + Send + 'static,
    ) -> Result<(), StartError> {
        let context = self.clone();
        tokio::task::spawn_blocking(move || host(&context)).await.map_err(|_| StartError::Worker("host"))?
    }
}

/// The file, then the environment: `CAUSEWAY_KAFKA__BOOTSTRAP` overrides `kafka.bootstrap`.
pub fn load<C: DeserializeOwned>(file: Option<&Path>) -> Result<C, Vec<Mistake>> {
    let mut figment = Figment::new();
    if let Some(file) = file {
        if !file.is_file() {
            let problem = format!("{} is not a file", file.display());
            return Err(vec![Mistake::new("--config", problem, "name a readable TOML file")]);
        }
        figment = figment.merge(Toml::file_exact(file));
    }
    // What tests ask of the process is not its configuration.
    let environment = Env::prefixed("CAUSEWAY_").ignore(&["crash_at", "unguarded"]).split("__");
    figment.merge(environment).extract().map_err(|errors| {
        let mistake = |error: figment::Error| {
            let key = if error.path.is_empty() { "configuration".to_owned() } else { error.path.join(".") };
            Mistake::new(key, error.kind.to_string(), "see the role's file under deploy/config")
        };
        errors.into_iter().map(mistake).collect()
    })
}

/// Says every mistake on standard error.
pub fn report(mistakes: &[Mistake]) -> ExitCode {
    for mistake in mistakes {
        eprintln!("configuration: {mistake}");
    }
    ExitCode::from(BAD_CONFIGURATION)
}

/// Runs a role until a signal, and drains it.
pub fn main<C, F, R>(role: &'static str, file: Option<&Path>, start: F) -> ExitCode
where
    C: RoleConfig,
    F: FnOnce(C::Ready, Context) -> R + Send + 'static,
    R: Future<Output = Result<(), StartError>> + Send,
{
    let config: C = match load(file) {
        Ok(config) => config,
        Err(mistakes) => return report(&mistakes),
    };
    let (admin, telemetry_config) = (config.admin().clone(), config.telemetry().clone());
    let ready = match config.check() {
        Ok(ready) => ready,
        Err(mistakes) => return report(&mistakes),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let _entered = runtime.enter();
    let _telemetry = match telemetry::init(role, &telemetry_config) {
        Ok(guard) => guard,
        Err(error) => {
            return report(&[Mistake::new("telemetry", error.to_string(), "see deploy/config")]);
        }
    };
    let context = Context { shutdown: Shutdown::new(), health: Health::default() };
    let result = runtime.block_on(live(role, admin, context, |context| start(ready, context)));
    let code = match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(role, error = &error as &(dyn std::error::Error + 'static), "role ended");
            eprintln!("{role}: {}", chain(&error));
            ExitCode::FAILURE
        }
    };
    // Threads that wait for Kafka must not hold up the end.
    runtime.shutdown_timeout(Duration::from_secs(5));
    code
}

/// An error with everything behind it, on one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

async fn live<R>(
    role: &'static str,
    admin: AdminConfig,
    context: Context,
    start: impl FnOnce(Context) -> R,
) -> Result<(), StartError>
where
    R: Future<Output = Result<(), StartError>>,
{
    let listener = bind(admin.listen).await?;
    let (router, ending) = (telemetry::admin::router(context.health.clone()), context.shutdown.clone());
    let limits = telemetry::http::Limits { max_connections: 64, ..telemetry::http::Limits::default() };
    let admin = tokio::spawn(async move {
        telemetry::http::serve(listener, router, limits, async move { ending.begun().await }).await
    });
    let signalled = context.shutdown.clone();
    tokio::spawn(async move {
        wait_for_signal().await;
        tracing::info!("draining");
        signalled.begin();
    });
    crate::observe::started(role);
    let shutdown = context.shutdown.clone();
    let work = start(context);
    tokio::pin!(work);
    let result = tokio::select! {
        result = &mut work => result,
        () = shutdown.begun() => match tokio::time::timeout(DRAIN, &mut work).await {
            Ok(result) => result,
            Err(_) => {
                tracing::warn!(role, seconds = DRAIN.as_secs(), "not drained in time");
                Ok(())
            }
        },
    };
    shutdown.begin();
    admin.abort();
    result
}

/// Names the port in the error: "address in use" alone helps nobody.
pub async fn bind(address: SocketAddr) -> Result<tokio::net::TcpListener, StartError> {
    tokio::net::TcpListener::bind(address).await.map_err(|source| StartError::Bind { address, source })
}

/// Returns on SIGTERM or SIGINT.
pub async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(mut term), Ok(mut int)) => {
            tokio::select! {
                _ = term.recv() => {}
                _ = int.recv() => {}
            }
        }
        (Err(error), _) | (_, Err(error)) => {
            tracing::error!(%error, "signals cannot be heard");
            std::future::pending::<()>().await;
        }
    }
}
