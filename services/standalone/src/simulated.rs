//! The two simulated systems, with the tokens of this folder.

use crate::StandaloneError;
use crate::configs::Layout;
use runtime::Shutdown;
use simulators::hooks::HookOptions;
use simulators::{case_system, community};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub struct Simulated(Vec<JoinHandle<()>>);

impl Simulated {
    /// Returns when both have closed their journals.
    pub async fn ended(self) {
        for task in self.0 {
            // One that panicked has ended too.
            let _ = task.await;
        }
    }
}

fn secret(layout: &Layout, name: &str) -> Result<String, StandaloneError> {
    let file = layout.secret(name);
    let text = std::fs::read_to_string(&file).map_err(|source| StandaloneError::Folder { folder: file, source })?;
    Ok(text.trim().to_owned())
}

fn hook(layout: &Layout, at: SocketAddr, name: &str) -> Result<Option<HookOptions>, StandaloneError> {
    Ok(Some(HookOptions { url: format!("http://{at}/hooks"), secret: secret(layout, name)? }))
}

/// Serves both until shutdown begins. Their journals are opened, and locked, before this returns.
pub fn start(
    layout: &Layout,
    community_at: TcpListener,
    case_system_at: Option<TcpListener>,
    shutdown: &Shutdown,
) -> Result<Simulated, StandaloneError> {
    let options = community::Options {
        folder: layout.folder.join("community"),
        host_token: secret(layout, "community.token")?,
        partners: BTreeMap::from([(secret(layout, "partner-acme.token")?, "ACME".to_owned())]),
        environment: "P".to_owned(),
        hook: hook(layout, layout.hooks[0], "community-webhook.secret")?,
        control: true,
        page: true,
    };
    let failed = |what| move |source| StandaloneError::Simulator { what, source };
    let router = community::router(options).map_err(failed("community"))?;
    let mut tasks = vec![serve(community_at, router, shutdown)];
    if let Some(listener) = case_system_at {
        let user = |name: &str, token: String| case_system::User { name: name.to_owned(), token };
        let options = case_system::Options {
            folder: layout.folder.join("case-system"),
            pipeline: user("causeway-sync", secret(layout, "desk-sync.token")?),
            partner_voice: user("causeway-partner", secret(layout, "desk-partner.token")?),
            agents: vec![user("agent", secret(layout, "desk-agent.token")?)],
            environment: "P".to_owned(),
            hook: hook(layout, layout.hooks[1], "desk-nudge.secret")?,
            control: true,
            page: true,
            reply_opens: true,
        };
        let router = case_system::router(options).map_err(failed("case system"))?;
        tasks.push(serve(listener, router, shutdown));
    }
    Ok(Simulated(tasks))
}

fn serve(listener: TcpListener, router: axum::Router, shutdown: &Shutdown) -> JoinHandle<()> {
    let ending = shutdown.clone();
    let limits = simulators::serve::Limits::default();
    tokio::spawn(async move {
        simulators::serve::serve(listener, router, limits, async move { ending.begun().await }).await;
    })
}
