//! Listening on a port.

use std::io;
use std::net::{SocketAddr, TcpListener};

use tokio::net::{TcpSocket, lookup_host};

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// Why nothing can be listened on.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The host's name does not resolve.
    #[error("cannot listen on {host}: it is not the name of an address of this machine")]
    Host {
        /// The name.
        host: String,
        /// What the resolver says.
        #[source]
        source: io::Error,
    },
    /// Somebody listens there already.
    #[error("cannot listen on {0}: the port is taken by another process")]
    PortTaken(SocketAddr),
    /// The system does not let us listen there.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

/// Listens on all addresses of a host (`localhost` often has two), of which there is one at least. Port 0 lets the
/// system choose. The sockets do not block.
///
/// # Errors
/// Where nothing could be listened on, and for a port that is taken on any of the addresses.
pub async fn bind(host: &str, port: u16) -> Result<Vec<(TcpListener, SocketAddr)>, ListenError> {
    let unknown = |source| ListenError::Host { host: host.to_owned(), source };
    let mut listening = Vec::new();
    let mut failure = None;
    for address in lookup_host((host, port)).await.map_err(unknown)? {
        match listen(address) {
            Ok(listener) => listening.push(listener),
            Err(source) if source.kind() == io::ErrorKind::AddrInUse => return Err(ListenError::PortTaken(address)),
            // Names resolve to IPv6 addresses on machines without IPv6: one address that works is enough.
            Err(source) => failure = Some(ListenError::Bind { address, source }),
        }
    }
    if listening.is_empty() {
        return Err(failure.unwrap_or_else(|| unknown(io::ErrorKind::AddrNotAvailable.into())));
    }
    Ok(listening)
}

fn listen(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restart must not wait for the connections of the process before it.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    let listener = socket.listen(BACKLOG)?;
    let address = listener.local_addr()?;
    Ok((listener.into_std()?, address))
}
