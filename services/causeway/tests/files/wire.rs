//! A way to one system that counts the bytes of both directions, and breaks or falls silent at a chosen one.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// As the role sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// What the role is given.
    Down,
    /// What the role sends.
    Up,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The connection breaks.
    Break,
    /// Nothing passes on this connection any more, and nobody is told.
    Silence,
}

pub struct Wire {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    down: AtomicU64,
    up: AtomicU64,
    plan: Mutex<Option<(Way, u64, What)>>,
    reached: Notify,
}

impl Wire {
    pub async fn to(system: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::<Shared>::default();
        let ours = shared.clone();
        tokio::spawn(async move {
            while let Ok((role, _)) = listener.accept().await {
                let shared = ours.clone();
                tokio::spawn(async move {
                    let Ok(system) = TcpStream::connect(system).await else { return };
                    let ((from_role, to_role), (from_system, to_system)) = (role.into_split(), system.into_split());
                    // The end of either direction ends both.
                    tokio::select! {
                        () = pass(&shared, Way::Up, from_role, to_system) => {}
                        () = pass(&shared, Way::Down, from_system, to_role) => {}
                    }
                });
            }
        });
        Self { address, shared }
    }

    /// Bytes so far, over all connections.
    pub fn count(&self, way: Way) -> u64 {
        self.shared.counter(way).load(Ordering::Relaxed)
    }

    /// Once, behind so many more bytes that way.
    pub fn plan(&self, way: Way, behind: u64, what: What) {
        *self.shared.plan.lock().unwrap() = Some((way, self.count(way) + behind, what));
    }

    /// When what was planned has happened.
    pub async fn reached(&self) {
        self.shared.reached.notified().await;
    }
}

impl Shared {
    fn counter(&self, way: Way) -> &AtomicU64 {
        match way {
            Way::Down => &self.down,
            Way::Up => &self.up,
        }
    }

    fn due(&self, way: Way, passed: u64) -> Option<What> {
        let mut plan = self.plan.lock().unwrap();
        let (_, _, what) = plan.filter(|(on, at, _)| *on == way && passed >= *at)?;
        *plan = None;
        self.reached.notify_one();
        Some(what)
    }
}

async fn pass(shared: &Shared, way: Way, mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) {
    let mut buffer = vec![0; 64 * 1024];
    let mut silent = false;
    loop {
        let Ok(read @ 1..) = from.read(&mut buffer).await else { return };
        if silent {
            continue;
        }
        let passed = shared.counter(way).fetch_add(read as u64, Ordering::Relaxed) + read as u64;
        match shared.due(way, passed) {
            Some(What::Break) => return,
            Some(What::Silence) => silent = true,
            None => {
                if to.write_all(&buffer[..read]).await.is_err() {
                    return;
                }
            }
        }
    }
}
