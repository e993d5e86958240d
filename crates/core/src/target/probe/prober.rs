//! What the probes of a process share.

use std::net::SocketAddr;

use tokio::net::TcpStream;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

use super::attempt::{Fault, Reason, Trouble};
use super::icmp::Icmp;
use super::names::Names;
use super::tls::Trust;
use crate::secrets::Secrets;

/// How many connections probes have at a time. Far above what is under way at once in practice: it is there to spare
/// file descriptors.
const AT_ONCE: usize = 512;

/// What the probes of a process share: the sockets that pings go through, the certificates that are trusted, the
/// secrets, and the limits on what is under way at once. Each is made when a probe first needs it.
///
/// A connection is never kept for the next ask. Whoever uses the server anew has to make one, so that is what is
/// measured: a kept one hides a port that refuses, a name that moved and a certificate that was replaced.
#[derive(Debug)]
pub struct Prober {
    pub(super) secrets: Secrets,
    pub(super) icmp: Icmp,
    pub(super) names: Names,
    pub(super) trust: Trust,
    connections: Semaphore,
}

impl Prober {
    /// A prober; `secrets` are what probes may show to their servers.
    pub fn new(secrets: Secrets) -> Self {
        Self {
            secrets,
            icmp: Icmp::default(),
            names: Names::default(),
            trust: Trust::default(),
            connections: Semaphore::new(AT_ONCE),
        }
    }

    /// Waits for the right to have a connection: that wait is this process's and nobody's latency.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed, so there always is one.
        self.connections.acquire().await.ok()
    }
}

/// Connects to the first address that accepts, each in its turn with an equal part of what is left of the time.
///
/// # Errors
/// [`Trouble`] of this machine at once; else that of the last address.
pub(super) async fn connect(addresses: &[SocketAddr], until: Instant) -> Result<TcpStream, Trouble> {
    let mut last = Fault::new(Reason::Dns, "there is no address to ask");
    for (left, address) in (1..=addresses.len()).rev().zip(addresses) {
        let now = Instant::now();
        let share = until.saturating_duration_since(now) / u32::try_from(left).unwrap_or(u32::MAX);
        let fault = match timeout_at(now + share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => match Trouble::of_socket(&error) {
                Trouble::Theirs(fault) => fault,
                ours @ Trouble::Ours(_) => return Err(ours),
            },
            Err(_) => Fault::new(Reason::Timeout, "no connection in time"),
        };
        last = Fault::new(fault.reason, format!("{address}: {}", fault.detail));
    }
    Err(last.into())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn addresses_are_tried_in_their_order_until_one_accepts() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let accepts = listener.local_addr().unwrap();
        let refuses = SocketAddr::new("127.0.0.2".parse().unwrap(), accepts.port());
        let until = || Instant::now() + Duration::from_secs(30);
        let connected = connect(&[refuses, accepts], until()).await.unwrap();
        assert_eq!(connected.peer_addr().unwrap(), accepts);
        let Err(Trouble::Theirs(fault)) = connect(&[refuses], until()).await else { panic!("nobody listens there") };
        assert_eq!(fault.reason, Reason::Refused);
        assert!(fault.detail.starts_with(&refuses.to_string()), "{fault}");
    }
}
