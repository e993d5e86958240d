//! What the probes of a process share.

use std::net::{IpAddr, SocketAddr};

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

/// Connects to the first address that accepts, each in its turn with an equal part of what is left of the time; tells
/// which one that is.
///
/// # Errors
/// The fault that tells most, of several the last: a machine without IPv6 has no way to one of a name's two addresses,
/// and that is not why its server is not reached. [`Trouble::Ours`] only where no address could be asked.
pub(super) async fn connect(addresses: &[SocketAddr], until: Instant) -> Result<(TcpStream, IpAddr), Trouble> {
    let (mut told, mut ours): (Option<Fault>, Option<Trouble>) = (None, None);
    for (left, address) in (1..=addresses.len()).rev().zip(addresses) {
        let now = Instant::now();
        let share = until.saturating_duration_since(now) / u32::try_from(left).unwrap_or(u32::MAX);
        let fault = match timeout_at(now + share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok((stream, address.ip())),
            Ok(Err(error)) => match Trouble::of_connection(&error, address.ip()) {
                Trouble::Theirs(fault) => fault,
                trouble @ Trouble::Ours(_) => {
                    ours = Some(trouble);
                    continue;
                }
            },
            Err(_) => Fault::new(Reason::Timeout, "no connection in time"),
        };
        let fault = Fault::new(fault.reason, format!("{address}: {}", fault.detail));
        if told.as_ref().is_none_or(|told| says(told.reason) <= says(fault.reason)) {
            told = Some(fault);
        }
    }
    let nowhere = || Fault::new(Reason::Dns, "there is no address to ask").into();
    Err(told.map(Trouble::Theirs).or(ours).unwrap_or_else(nowhere))
}

/// How much the reason for having no connection says of the server.
const fn says(reason: Reason) -> u8 {
    match reason {
        Reason::Unreachable => 0,
        Reason::Timeout => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::future::{join, join_all};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio::time::timeout;

    use super::*;
    use crate::secrets::Template;
    use crate::target::probe::names::Host;
    use crate::target::probe::{Http, Means as _, Tcp};

    #[tokio::test]
    async fn addresses_are_tried_in_their_order_until_one_accepts() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let accepts = listener.local_addr().unwrap();
        let refuses = SocketAddr::new("127.0.0.2".parse().unwrap(), accepts.port());
        let until = || Instant::now() + Duration::from_secs(30);
        let (connected, address) = connect(&[refuses, accepts], until()).await.unwrap();
        assert_eq!((connected.peer_addr().unwrap(), address), (accepts, accepts.ip()));
        let Err(Trouble::Theirs(fault)) = connect(&[refuses], until()).await else { panic!("nobody listens there") };
        assert_eq!(fault.reason, Reason::Refused);
        assert!(fault.detail.starts_with(&refuses.to_string()), "{fault}");
    }

    /// A server that answers every request with success; its port.
    async fn server() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let _read = client.read(&mut [0; 1024]).await;
                    let _written = client.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
                });
            }
        });
        port
    }

    #[tokio::test]
    async fn probes_that_wait_for_names_and_for_connections_keep_nobody_waiting_for_ever() {
        let port = server().await;
        let prober = Prober { connections: Semaphore::new(4), ..Prober::new(Secrets::default()) };
        let http = Http::new(Template::parse(&format!("http://localhost:{port}/")).unwrap());
        let tcp = Tcp::new(Host::parse("localhost").unwrap(), port);
        let (https, tcps) =
            (join_all((0..64).map(|_| http.attempt(&prober))), join_all((0..64).map(|_| tcp.attempt(&prober))));
        let (https, tcps) = timeout(Duration::from_mins(1), join(https, tcps)).await.expect("they wait for each other");
        for attempt in https.into_iter().chain(tcps) {
            assert_eq!(attempt.unwrap().fault, None);
        }
    }

    #[tokio::test]
    async fn a_server_that_refuses_is_told_of_whatever_keeps_from_its_other_addresses() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let refuses = SocketAddr::new("127.0.0.2".parse().unwrap(), listener.local_addr().unwrap().port());
        // No system lets a connection be made to it.
        let no_way: SocketAddr = "[ff00::1]:9".parse().unwrap();
        for addresses in [[refuses, no_way], [no_way, refuses]] {
            let ended = connect(&addresses, Instant::now() + Duration::from_secs(30)).await;
            let Err(Trouble::Theirs(fault)) = ended else { panic!("nobody listens there") };
            assert_eq!(fault.reason, Reason::Refused, "{addresses:?}");
        }
    }
}
