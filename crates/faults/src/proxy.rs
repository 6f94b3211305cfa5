//! A TCP proxy on loopback. Before Kafka it understands the heads of requests, so that a fault can be meant for one kind
//! of call, and rewrites the addresses in the broker's answers, so that clients keep coming through it. Before anything
//! else it passes bytes.
//!
//! Answers of one connection keep their order, as Kafka's do: a late one holds up those behind it.

mod connection;
mod frame;
mod http;
mod planned;
mod rewrite;

pub use frame::Api;
pub use planned::{Befell, Fault, Faults};

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Whether anything gets through at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Open,
    /// Connections are cut, and new ones are closed at once.
    Shut,
    /// Connections stay, and nothing passes: a network that swallows packets.
    Silent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speaks {
    Kafka,
    /// What a request begins with that is counted as [`Api::HTTP_NAMED`].
    Http(&'static str),
    Anything,
}

/// Lives as long as this value; dropped, every connection is cut.
pub struct Proxy {
    shared: Arc<Shared>,
    /// In the order of the servers it was given; never empty.
    ours: Vec<SocketAddr>,
}

struct Shared {
    speaks: Speaks,
    faults: Faults,
    door: watch::Sender<Door>,
    /// Where we listen for whom; grows with the nodes that the broker names.
    ways: tokio::sync::Mutex<BTreeMap<String, SocketAddr>>,
    tasks: Mutex<JoinSet<()>>,
}

impl Proxy {
    /// Before a Kafka cluster: `host:port`, several separated by commas; nodes that they name are added.
    pub async fn kafka(upstreams: &str, faults: Faults) -> io::Result<Self> {
        Self::start(upstreams, Speaks::Kafka, faults).await
    }

    /// Before a server of HTTP/1.1 in clear text. `named` is the beginning of a request line.
    pub async fn http(upstream: &str, faults: Faults, named: &'static str) -> io::Result<Self> {
        Self::start(upstream, Speaks::Http(named), faults).await
    }

    /// Before any other server; only its door can be shut.
    pub async fn plain(upstream: &str) -> io::Result<Self> {
        Self::start(upstream, Speaks::Anything, Faults::seeded(0)).await
    }

    async fn start(upstreams: &str, speaks: Speaks, faults: Faults) -> io::Result<Self> {
        let (door, _) = watch::channel(Door::Open);
        let shared = Arc::new(Shared { speaks, faults, door, ways: Default::default(), tasks: Default::default() });
        let mut ours = Vec::new();
        for upstream in upstreams.split(',') {
            ours.push(shared.way_to(upstream.trim()).await?);
        }
        Ok(Self { shared, ours })
    }

    /// Where clients find it: as many addresses as it was given, separated by commas.
    pub fn address(&self) -> String {
        self.ours.iter().map(SocketAddr::to_string).collect::<Vec<_>>().join(",")
    }

    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    pub fn set_door(&self, door: Door) {
        self.shared.door.send_replace(door);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.tasks.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }
}

impl Shared {
    /// Our address for that node, listening.
    fn way_to<'a>(
        self: &'a Arc<Self>,
        upstream: &'a str,
    ) -> std::pin::Pin<Box<dyn Future<Output = io::Result<SocketAddr>> + Send + 'a>> {
        Box::pin(async move {
            let mut ways = self.ways.lock().await;
            if let Some(known) = ways.get(upstream) {
                return Ok(*known);
            }
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            let address = listener.local_addr()?;
            ways.insert(upstream.to_owned(), address);
            self.spawn(accept(self.clone(), listener, upstream.to_owned()));
            Ok(address)
        })
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }
}

async fn accept(shared: Arc<Shared>, listener: TcpListener, upstream: String) {
    // Out of descriptors, or the listener is gone: nothing to do here would mend it, and no client would get further.
    while let Ok((client, _)) = listener.accept().await {
        if *shared.door.borrow() == Door::Shut {
            continue;
        }
        let (shared, upstream) = (shared.clone(), upstream.clone());
        let one = shared.clone();
        shared.spawn(async move {
            // A server that is down looks to the client as a connection that ends.
            if let Ok(server) = TcpStream::connect(&upstream).await {
                // An end of either side ends both; who caused it is of no interest.
                let _ = connection::serve(&one, client, server).await;
            }
        });
    }
}
