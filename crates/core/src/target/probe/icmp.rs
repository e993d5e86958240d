//! Echo requests through one socket per family, shared by all that a process pings.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use surge_ping::{Client, Config, ICMP, IcmpPacket, PingIdentifier, PingSequence, SurgeError};
use tokio::time::Instant;

use super::attempt::{Fault, Reason, Trouble};
use super::names::Family;
use crate::target::fetch::FetchError;

/// How many packets leave a socket at a time. A thousand at once would come back at once, more than the socket holds until
/// somebody reads them: lost on our own doorstep. Sent one by one, each would wake a processor up for itself.
const VOLLEY: u32 = 16;
/// How far apart volleys are.
const GAP: Duration = Duration::from_millis(4);
/// Who is woken up later than this waits anew: where the process stood still, all who waited would send at once.
const LATE: Duration = Duration::from_millis(20);
/// How often somebody waits anew.
const ANEW: usize = 8;

/// What is in a packet.
const PAYLOAD: &[u8] = b"Unistatus asks whether this host answers.";

/// The types of a message that are an answer (RFC 792, RFC 4443); others tell of why there is none.
const ECHO_REPLY_V4: u8 = 0;
const ECHO_REPLY_V6: u8 = 129;

/// The sockets of a process, each opened when it is first needed.
#[derive(Debug)]
pub(super) struct Icmp {
    /// Marks this process's packets: raw sockets see everybody's answers.
    identifier: u16,
    v4: Door,
    v6: Door,
}

impl Default for Icmp {
    fn default() -> Self {
        // The standard library's only source of chance.
        let [first, second, ..] = RandomState::new().build_hasher().finish().to_ne_bytes();
        Self { identifier: u16::from_ne_bytes([first, second]), v4: Door::default(), v6: Door::default() }
    }
}

/// The socket of a family.
#[derive(Default)]
struct Door {
    client: Mutex<Option<Client>>,
    /// The next packet's number: no two that are under way have the same.
    sequence: AtomicU16,
    volley: Mutex<Option<Volley>>,
}

/// Packets that leave together.
#[derive(Clone, Copy)]
struct Volley {
    /// When they leave.
    at: Instant,
    /// How many more there is room for.
    room: u32,
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Door").finish_non_exhaustive()
    }
}

impl Icmp {
    /// Sends one packet and waits so long for its answer: how long that took, or why there was none.
    ///
    /// # Errors
    /// [`Trouble`]; where this machine may not ping, of class `not_configured`.
    pub(super) async fn echo(&self, address: IpAddr, timeout: Duration) -> Result<Duration, Trouble> {
        let (door, family) = match address {
            IpAddr::V4(_) => (&self.v4, Family::Ipv4),
            IpAddr::V6(_) => (&self.v6, Family::Ipv6),
        };
        let client = door.client(family)?;
        door.turn().await;
        let sequence = PingSequence(door.sequence.fetch_add(1, Ordering::Relaxed));
        let mut pinger = client.pinger(address, PingIdentifier(self.identifier)).await;
        match pinger.timeout(timeout).ping(sequence, PAYLOAD).await {
            Ok((packet, latency)) => Ok(reply(&packet).map(|()| latency)?),
            Err(SurgeError::Timeout { .. }) => Err(Fault::too_slow("no answer", timeout).into()),
            Err(SurgeError::IOError(error)) => Err(Trouble::of_socket(&error)),
            Err(error) => Err(FetchError::own_trouble(&error).into()),
        }
    }
}

impl Door {
    /// The socket. That it cannot be opened is not kept: whoever is told how to allow it need not start anew.
    fn client(&self, family: Family) -> Result<Client, FetchError> {
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = client.as_ref() {
            return Ok(client.clone());
        }
        let kind = match family {
            Family::Ipv4 => ICMP::V4,
            Family::Ipv6 => ICMP::V6,
        };
        // Tries an unprivileged socket first, then a raw one.
        let opened = Client::new(&Config::builder().kind(kind).build()).map_err(|error| refusal(family, &error))?;
        Ok(client.insert(opened).clone())
    }

    /// Waits until a packet may leave.
    async fn turn(&self) {
        for _ in 0..=ANEW {
            let slot = self.slot(Instant::now());
            tokio::time::sleep_until(slot).await;
            if slot.elapsed() <= LATE {
                return;
            }
        }
    }

    /// When the next packet may leave: with the last volley, or with one of its own behind it.
    fn slot(&self, now: Instant) -> Instant {
        let mut last = self.volley.lock().unwrap_or_else(PoisonError::into_inner);
        let volley = match *last {
            Some(Volley { at, room }) if room > 0 && at + GAP > now => Volley { at: at.max(now), room: room - 1 },
            Some(Volley { at, .. }) => Volley { at: now.max(at + GAP), room: VOLLEY - 1 },
            None => Volley { at: now, room: VOLLEY - 1 },
        };
        *last = Some(volley);
        volley.at
    }
}

/// Why there is no socket, and what to do.
fn refusal(family: Family, error: &io::Error) -> FetchError {
    if error.kind() == io::ErrorKind::PermissionDenied {
        return FetchError::not_configured(
            &"this process may not send ICMP echo requests; expected either \
              `sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"` (IPv6 goes by it, too), or the capability: \
              `setcap cap_net_raw+ep` on the program, NET_RAW for a container",
        );
    }
    match Trouble::of_socket(error) {
        Trouble::Ours(error) => error,
        Trouble::Theirs(_) => FetchError::not_configured(&format!("this system has no ICMP for {family}: {error}")),
    }
}

/// Tells an answer from a message of somebody on the way, who says why there is none.
fn reply(packet: &IcmpPacket) -> Result<(), Fault> {
    let (is_reply, from) = match packet {
        IcmpPacket::V4(packet) => (packet.get_icmp_type().0 == ECHO_REPLY_V4, IpAddr::from(packet.get_source())),
        IcmpPacket::V6(packet) => (packet.get_icmpv6_type().0 == ECHO_REPLY_V6, IpAddr::from(packet.get_source())),
    };
    if is_reply { Ok(()) } else { Err(Fault::new(Reason::Unreachable, format!("{from} says that it is unreachable"))) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn packets_leave_in_volleys_and_nobody_waits_for_those_that_left() {
        let door = Door::default();
        let now = Instant::now();
        let slots: Vec<_> = (0..3 * VOLLEY).map(|_| door.slot(now) - now).collect();
        let expected: Vec<_> = (0..3 * VOLLEY).map(|packet| GAP * (packet / VOLLEY)).collect();
        assert_eq!(slots, expected);
        let later = now + Duration::from_secs(1);
        assert_eq!(door.slot(later), later);
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_standstill_not_everybody_sends_at_once() {
        let door = Door::default();
        let begin = Instant::now();
        let turn = async || {
            door.turn().await;
            begin.elapsed()
        };
        let standstill = async {
            // Everybody has taken a place.
            tokio::task::yield_now().await;
            tokio::time::advance(Duration::from_secs(1)).await;
        };
        let waiting = futures_util::future::join_all((0..1_000).map(|_| turn()));
        let (left, ()) = futures_util::future::join(waiting, standstill).await;
        let begin_again = Duration::from_secs(1)..Duration::from_millis(1_002);
        let at_once = left.iter().filter(|&at| begin_again.contains(at)).count();
        let room = usize::try_from(VOLLEY * 7).unwrap();
        assert!(at_once <= room, "{at_once} at once");
        assert!(left.iter().all(|at| *at < Duration::from_millis(1_500)), "nobody waits for ever");
    }

    proptest! {
        #[test]
        fn no_volley_is_larger_than_it_may_be_or_too_close_to_the_last(
            pauses in prop::collection::vec(0..2_000_u64, 1..200),
        ) {
            let (door, begin) = (Door::default(), Instant::now());
            let mut now = begin;
            let mut left: Vec<Duration> = Vec::new();
            for pause in pauses {
                now += Duration::from_micros(pause);
                let slot = door.slot(now);
                prop_assert!(slot >= now);
                left.push(slot - begin);
            }
            prop_assert!(left.is_sorted());
            let room = usize::try_from(VOLLEY).unwrap();
            for (first, beyond) in left.iter().zip(left.iter().skip(room)) {
                prop_assert!(*beyond >= *first + GAP, "{first:?} {beyond:?}");
            }
        }
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        let denied = refusal(Family::Ipv6, &io::ErrorKind::PermissionDenied.into());
        let none = refusal(Family::Ipv6, &io::ErrorKind::Unsupported.into());
        for (error, said) in [(denied, "setcap cap_net_raw+ep"), (none, "no ICMP for IPv6")] {
            assert_eq!(error.class(), crate::schema::FailureClass::NotConfigured);
            assert!(error.to_string().contains(said), "{error}");
        }
    }
}
