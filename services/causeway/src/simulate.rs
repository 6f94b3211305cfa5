//! `causeway simulate`: stand-ins, for newcomers and tests. A simulator proves only what it implements.

use crate::tools::{block_on, failed};
use ports::{Mistake, Secret};
use runtime::service::report;
use serde::Deserialize;
use simulators::community::{Options, hooks::HookOptions, serve};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Who may call the simulated community.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tokens {
    /// The pipeline's.
    host: String,
    /// Token by partner id.
    #[serde(default)]
    partners: BTreeMap<String, String>,
}

fn tokens(path: &Path) -> Result<Tokens, Mistake> {
    let text = Secret::read("--tokens", path)?;
    toml::from_str(text.expose()).map_err(|error| {
        // The message of the parser would quote the file.
        let at = error.span().map_or(0, |span| span.start);
        Mistake::new("--tokens", format!("{} is not as expected near byte {at}", path.display()), "see --help")
    })
}

pub fn community(
    listen: SocketAddr,
    folder: PathBuf,
    token_file: &Path,
    webhook: Option<String>,
    webhook_secret: Option<&Path>,
) -> ExitCode {
    let tokens = match tokens(token_file) {
        Ok(tokens) => tokens,
        Err(mistake) => return report(&[mistake]),
    };
    let secret = webhook_secret.map(|path| Secret::read("--webhook-secret", path)).transpose();
    let hook = match (webhook, secret) {
        (Some(url), Ok(Some(secret))) => Some(HookOptions { url, secret: secret.expose().to_owned() }),
        (_, Err(mistake)) => return report(&[mistake]),
        (Some(_) | None, Ok(_)) => None,
    };
    let options = Options {
        folder,
        host_token: tokens.host,
        partners: tokens.partners.into_iter().map(|(partner, token)| (token, partner)).collect(),
        environment: "P".to_owned(),
        hook,
        control: true,
    };
    let served = block_on(async {
        let listener = match tokio::net::TcpListener::bind(listen).await {
            Ok(listener) => listener,
            Err(error) => {
                eprintln!("causeway: cannot listen on {listen}: {error}");
                return ExitCode::FAILURE;
            }
        };
        println!("simulated community on http://{listen}");
        match serve(listener, options, ended()).await {
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
