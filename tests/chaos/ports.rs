//! Ports that a killed process finds free again: below the range that outgoing connections take theirs from.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// Where the search goes on; begins at `CHAOS_PORT`, or somewhere that depends on the process.
static NEXT: AtomicU16 = AtomicU16::new(0);

pub fn free() -> u16 {
    let first = std::env::var("CHAOS_PORT").ok().and_then(|port| port.parse().ok());
    let first = first.unwrap_or(20_000 + u16::try_from(std::process::id() % 10_000).unwrap());
    let _ = NEXT.compare_exchange(0, first, Ordering::Relaxed, Ordering::Relaxed);
    for _ in 0..1_000 {
        let port = NEXT.fetch_add(1, Ordering::Relaxed);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port from {first} on");
}
