//! `causeway simulate`: stand-ins, for newcomers and tests. A simulator proves only what it implements.

mod case_system;
mod community;

use crate::tools::{block_on, failed};
use clap::{Args, Subcommand};
use ports::{Mistake, Secret};
use runtime::service::report;
use serde::de::DeserializeOwned;
use simulators::hooks::HookOptions;
use simulators::journal::JournalError;
use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tokio::net::TcpListener;

#[derive(Subcommand)]
pub enum Simulate {
    /// A community behind our own contract (`schemas/trading-grid.openapi.yaml`), with faults on demand.
    Community {
        #[arg(long, default_value = "127.0.0.1:8081")]
        listen: SocketAddr,
        /// TOML file: `host = "token"` and `[partners]` with a token each.
        #[arg(long)]
        tokens: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// A case system of our own (`schemas/case-system.openapi.yaml`), with faults on demand. No product's interface.
    CaseSystem {
        #[arg(long, default_value = "127.0.0.1:8082")]
        listen: SocketAddr,
        /// TOML file: `sync = "token"`, `partner = "token"` for the pipeline's two users `causeway-sync` and
        /// `causeway-partner`, and `[agents]` with a token each.
        #[arg(long)]
        tokens: PathBuf,
        /// An answer opens a ticket that rests, as Request Tracker does unless the installation switched it off.
        #[arg(long)]
        reply_opens: bool,
        #[command(flatten)]
        common: Common,
    },
}

/// What both take.
#[derive(Args)]
pub struct Common {
    /// Folder of its journal.
    #[arg(long)]
    data: PathBuf,
    /// Where signed webhooks go, such as `http://127.0.0.1:9201/hooks`.
    #[arg(long, requires = "webhook_secret")]
    webhook: Option<String>,
    /// File that holds the webhook's secret.
    #[arg(long)]
    webhook_secret: Option<PathBuf>,
    /// A page for people at `/`, which is given their tokens: for demonstrations on this machine.
    #[arg(long)]
    page: bool,
}

impl Common {
    /// A page that holds tokens is for this machine alone.
    fn page(&self, listen: SocketAddr) -> Result<bool, Mistake> {
        if self.page && !listen.ip().is_loopback() {
            return Err(Mistake::new("--page", "the page holds people's tokens", "listen on 127.0.0.1"));
        }
        Ok(self.page)
    }

    fn hook(&self) -> Result<Option<HookOptions>, Mistake> {
        let secret = self.webhook_secret.as_deref().map(|path| Secret::read("--webhook-secret", path)).transpose()?;
        Ok(self
            .webhook
            .clone()
            .zip(secret)
            .map(|(url, secret)| HookOptions { url, secret: secret.expose().to_owned() }))
    }
}

/// The tokens, as the simulator's own shape of them.
fn tokens<T: DeserializeOwned>(path: &Path) -> Result<T, Mistake> {
    let text = Secret::read("--tokens", path)?;
    toml::from_str(text.expose()).map_err(|error| {
        // The message of the parser would quote the file.
        let at = error.span().map_or(0, |span| span.start);
        Mistake::new("--tokens", format!("{} is not as expected near byte {at}", path.display()), "see --help")
    })
}

pub fn run(simulate: Simulate) -> ExitCode {
    match simulate {
        Simulate::Community { listen, tokens, common } => match community::options(listen, &tokens, common) {
            Ok(options) => serve("community", listen, |on| simulators::community::serve(on, options, ended())),
            Err(mistake) => report(&[mistake]),
        },
        Simulate::CaseSystem { listen, tokens, reply_opens, common } => {
            match case_system::options(listen, &tokens, reply_opens, common) {
                Ok(options) => serve("case system", listen, |on| simulators::case_system::serve(on, options, ended())),
                Err(mistake) => report(&[mistake]),
            }
        }
    }
}

/// Until SIGTERM or SIGINT. The journal is opened, and locked, only once the address is ours.
fn serve<F>(name: &str, listen: SocketAddr, until_ended: impl FnOnce(TcpListener) -> F) -> ExitCode
where
    F: Future<Output = Result<(), JournalError>>,
{
    let served = block_on(async {
        let listener = match TcpListener::bind(listen).await {
            Ok(listener) => listener,
            Err(error) => {
                eprintln!("causeway: cannot listen on {listen}: {error}");
                return ExitCode::FAILURE;
            }
        };
        println!("simulated {name} on http://{listen}");
        match until_ended(listener).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error),
        }
    });
    served.unwrap_or_else(|code| code)
}

async fn ended() {
    use tokio::signal::unix::{SignalKind, signal};
    if let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
    }
}
