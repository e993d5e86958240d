//! Who is at the other end: the address that a request came from, as far as it can be believed.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::http::header::{HeaderMap, HeaderValue, X_FORWARDED_FOR, X_FORWARDED_PROTO};
use unistatus_core::networks::Networks;

/// Who is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remote {
    /// The other end of the connection.
    Peer(SocketAddr),
    /// Whom a proxy that is trusted speaks for.
    Forwarded(IpAddr),
}

impl Remote {
    /// Who sent a request. What `X-Forwarded-For` says is believed as far as proxies that are trusted wrote it: everybody
    /// can write one.
    pub(crate) fn of(peer: Option<SocketAddr>, headers: &HeaderMap, trusted: &Networks) -> Option<Self> {
        let peer = peer?;
        let is_trusted = |address: &IpAddr| trusted.contain(*address);
        if trusted.is_empty() || !is_trusted(&peer.ip().to_canonical()) {
            return Some(Self::Peer(peer));
        }
        // Each proxy appends whom it heard from. From the last one back, those are known whom a trusted one names.
        let values: Vec<&[u8]> = headers.get_all(X_FORWARDED_FOR).map(HeaderValue::as_bytes).collect();
        let hops = values.iter().rev().flat_map(|value| value.rsplit(|byte| *byte == b',')).map(address);
        let mut client = None;
        for hop in hops {
            let Some(hop) = hop else { break };
            client = Some(hop);
            if !is_trusted(&hop) {
                break;
            }
        }
        Some(client.map_or(Self::Peer(peer), Self::Forwarded))
    }

    /// The address; an IPv4 one as such, also where it came over a socket of IPv6.
    pub(crate) const fn address(&self) -> IpAddr {
        match self {
            Self::Peer(peer) => peer.ip().to_canonical(),
            Self::Forwarded(address) => *address,
        }
    }
}

impl fmt::Display for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Peer(peer) => peer.fmt(f),
            Self::Forwarded(address) => address.fmt(f),
        }
    }
}

/// Whether a proxy that is trusted says that it was asked by HTTPS.
pub(crate) fn is_forwarded_https(peer: Option<SocketAddr>, headers: &HeaderMap, trusted: &Networks) -> bool {
    let is_trusted = peer.is_some_and(|peer| trusted.contain(peer.ip().to_canonical()));
    is_trusted && headers.get(X_FORWARDED_PROTO).is_some_and(|scheme| scheme.as_bytes().eq_ignore_ascii_case(b"https"))
}

/// Tells the log, once, that somebody speaks for others who is not trusted: mostly a proxy that was forgotten in the settings.
#[derive(Debug, Default)]
pub(crate) struct Unheard {
    is_told: AtomicBool,
}

impl Unheard {
    /// Looks at a request. Anybody can send such a header, so no further one is told of.
    pub(crate) fn look_at(&self, peer: Option<SocketAddr>, headers: &HeaderMap, trusted: &Networks) {
        if self.is_told.load(Ordering::Relaxed) {
            return;
        }
        if let Some(peer) = unheard(peer, headers, trusted)
            && !self.is_told.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                %peer,
                "X-Forwarded-For is ignored, as TRUSTED_PROXIES does not name who sends it: if that is a proxy of yours, \
                 name it there, as all its clients count as one else; this is told once"
            );
        }
    }
}

/// Who speaks for others without being trusted.
fn unheard(peer: Option<SocketAddr>, headers: &HeaderMap, trusted: &Networks) -> Option<IpAddr> {
    let peer = peer?.ip().to_canonical();
    (headers.contains_key(X_FORWARDED_FOR) && !trusted.contain(peer)).then_some(peer)
}

/// An address as proxies write it: some with the port.
fn address(hop: &[u8]) -> Option<IpAddr> {
    let hop = std::str::from_utf8(hop).ok()?.trim();
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse().ok().or_else(|| hop.parse().ok().map(|hop: SocketAddr| hop.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(X_FORWARDED_FOR, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let trusted = "10.0.0.0/8, ::1".parse().unwrap();
        Remote::of(Some(peer.parse().unwrap()), &headers, &trusted).unwrap().to_string()
    }

    #[test]
    fn what_a_trusted_proxy_heard_is_believed_and_nothing_else() {
        for (peer, forwarded, client) in [
            ("192.0.2.1:5", &["203.0.113.9"][..], "192.0.2.1:5"),
            ("10.0.0.1:5", &[], "10.0.0.1:5"),
            ("10.0.0.1:5", &["203.0.113.9"], "203.0.113.9"),
            ("[::ffff:10.0.0.1]:5", &["203.0.113.9"], "203.0.113.9"),
            ("[::1]:5", &["2001:db8::7"], "2001:db8::7"),
            // The client made up the first one.
            ("10.0.0.1:5", &["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1:5", &["198.51.100.1", "203.0.113.9, 10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1:5", &["203.0.113.9:1234"], "203.0.113.9"),
            ("10.0.0.1:5", &["[2001:db8::7]:80"], "2001:db8::7"),
            ("10.0.0.1:5", &["[2001:db8::7]"], "2001:db8::7"),
            // Behind nonsense nothing is believed.
            ("10.0.0.1:5", &["203.0.113.9, unknown, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1:5", &["unknown"], "10.0.0.1:5"),
            ("10.0.0.1:5", &["ÿ, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1:5", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ] {
            assert_eq!(of(peer, forwarded), client, "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn who_speaks_for_others_and_is_not_trusted_is_found() {
        let (mut headers, trusted) = (HeaderMap::new(), "10.0.0.0/8, ::1".parse().unwrap());
        let of = |peer: &str, headers: &HeaderMap, trusted: &Networks| {
            unheard(Some(peer.parse().unwrap()), headers, trusted).map(|peer| peer.to_string())
        };
        assert_eq!(of("192.0.2.1:5", &headers, &trusted), None, "it speaks for nobody");
        headers.insert(X_FORWARDED_FOR, HeaderValue::from_static("203.0.113.9"));
        for (peer, found) in [
            ("192.0.2.1:5", Some("192.0.2.1")),
            ("[::ffff:192.0.2.1]:5", Some("192.0.2.1")),
            ("[2001:db8::7]:5", Some("2001:db8::7")),
            ("10.0.0.1:5", None),
            ("[::ffff:10.0.0.1]:5", None),
            ("[::1]:5", None),
        ] {
            assert_eq!(of(peer, &headers, &trusted).as_deref(), found, "{peer}");
        }
        assert_eq!(of("10.0.0.1:5", &headers, &Networks::default()).as_deref(), Some("10.0.0.1"), "none is trusted");
    }

    #[test]
    fn only_a_trusted_proxy_says_how_it_was_asked() {
        let mut headers = HeaderMap::new();
        headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static("https"));
        let trusted = "10.0.0.0/8".parse().unwrap();
        let is_https = |peer: &str| is_forwarded_https(Some(peer.parse().unwrap()), &headers, &trusted);
        assert_eq!([is_https("10.0.0.1:5"), is_https("192.0.2.1:5")], [true, false]);
        assert!(!is_forwarded_https(Some("10.0.0.1:5".parse().unwrap()), &HeaderMap::new(), &trusted));
    }
}
