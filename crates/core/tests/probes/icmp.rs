//! What pings make of hosts: of this one, and of others in networks that the tests make.

use std::process::{Child, Command, Stdio};

use unistatus_core::networks::AddressPolicy;
use unistatus_core::schema::{FailureClass, Kind, ProbeId, Server, Timestamp};
use unistatus_core::target::probe::of_server;
use unistatus_core::target::{CollectError, Observation};

use crate::support::{Asker, Measured, degraded, entry, ok, outage, targets};

/// What is measured; `None`, with a note, where this system may not ping at all.
fn unless_forbidden(collected: Result<Observation, CollectError>) -> Option<Measured> {
    match collected {
        Ok(observation) => Some(Measured::of(observation)),
        Err(error) if error.class() == FailureClass::NotConfigured => {
            eprintln!("skipped: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

async fn ping(asker: &Asker, endpoint: &str, probe: &str) -> Option<Measured> {
    let targets = targets(&entry("PING", endpoint, probe));
    unless_forbidden(asker.collect(&*targets.get("it").unwrap().target).await)
}

fn has_ipv6() -> bool {
    let has_it = std::net::UdpSocket::bind("[::1]:0").is_ok();
    if !has_it {
        eprintln!("skipped: this system has no ::1");
    }
    has_it
}

#[tokio::test]
async fn this_host_answers_by_both_families() {
    let asker = Asker::new();
    for endpoint in ["127.0.0.1", "::1", "[::1]"] {
        if endpoint.contains(':') && !has_ipv6() {
            continue;
        }
        let Some(measured) = ping(&asker, endpoint, "spacing = \"10ms\"").await else { continue };
        assert_eq!(measured.verdict(), ok(), "{endpoint}");
        assert_eq!((measured.check.sent, measured.check.lost), (4, 0), "{endpoint}");
        assert!(measured.check.latency.is_some());
        assert!(measured.service.dimensions.is_empty());
    }
}

#[tokio::test]
async fn a_name_is_pinged_at_an_address_of_the_family() {
    let asker = Asker::new();
    let Some(measured) = ping(&asker, "localhost", "family = \"ipv4\", packets = 1").await else { return };
    assert_eq!((measured.verdict(), measured.check.sent), (ok(), 1));
    let measured = ping(&asker, "127.0.0.1", "family = \"ipv6\", retries = 0").await.unwrap();
    assert_eq!(measured.verdict(), outage("dns"));
    let measured = ping(&asker, "nowhere.invalid", "packets = 2").await.unwrap();
    assert_eq!((measured.verdict(), measured.check.sent, measured.check.lost), (outage("dns"), 2, 2));
}

/// All through one socket, which holds so many answers that nobody took yet, and lets others go.
#[tokio::test(flavor = "multi_thread")]
async fn hundreds_are_pinged_at_once_and_each_hears_its_own_answers() {
    let asker = Asker::new();
    let hosts = (0..500).map(|number| {
        let asker = &asker;
        async move { ping(asker, &format!("127.0.{}.{}", number / 200, number % 200 + 1), "retries = 0").await }
    });
    let mut lost = 0;
    for measured in futures_util::future::join_all(hosts).await.into_iter().flatten() {
        assert_eq!((measured.check.sent, measured.check.latency.is_some()), (4, true), "{measured:?}");
        lost += measured.check.lost;
    }
    assert!(lost <= 100, "{lost} of 2,000 answers were lost");
}

#[tokio::test]
async fn a_server_of_the_api_is_pinged_as_far_as_the_policy_allows() {
    let server = Server {
        id: "1".to_owned(),
        name: "Büro 2".to_owned(),
        address: "127.0.0.1".parse().unwrap(),
        added_at: Timestamp::now(),
    };
    let asker = Asker::new();
    let refused = asker.collect(&*of_server(&server, &AddressPolicy::default()).target).await.unwrap_err();
    assert_eq!(refused.class(), FailureClass::NotConfigured);
    assert!(refused.to_string().contains("127.0.0.1 is refused"), "{refused}");
    let policy = AddressPolicy::allowing("127.0.0.1".parse().unwrap());
    let configured = of_server(&server, &policy);
    assert_eq!(configured.target.identity().kind, Kind::Ping);
    if let Some(measured) = unless_forbidden(asker.collect(&*configured.target).await) {
        assert_eq!((measured.verdict(), measured.service.name.as_str()), (ok(), "Büro 2"));
        assert_eq!(measured.check.probe, ProbeId::of_server(&server.id));
    }
}

/// Tells the test below that it has a network of its own.
const IN_OWN_NETWORK: &str = "UNISTATUS_TEST_OWN_NETWORK";

/// Starts a test of this file again in a network of its own, where the system lets us make one.
fn in_own_network(test: &str) {
    let test_binary = std::env::current_exe().unwrap();
    for ways in [&["--net"][..], &["--user", "--map-root-user", "--net"]] {
        if Command::new("unshare").args(ways).arg("true").output().is_ok_and(|ended| ended.status.success()) {
            let ended = Command::new("unshare")
                .args(ways)
                .arg(&test_binary)
                .args(["--exact", test, "--nocapture"])
                .env(IN_OWN_NETWORK, "1")
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&ended.stdout) + String::from_utf8_lossy(&ended.stderr);
            assert!(ended.status.success() && said.contains("1 passed"), "{said}");
            eprintln!("{said}");
            return;
        }
    }
    eprintln!("skipped: this system lets us make no network");
}

/// Whether a command went well.
fn run(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let ended = Command::new(words.next().unwrap()).args(words).output();
    let is_done = ended.as_ref().is_ok_and(|ended| ended.status.success());
    if !is_done {
        eprintln!("`{line}` went wrong: {ended:?}");
    }
    is_done
}

/// A host at the other end of a line, in a network of its own.
struct Neighbour {
    holder: Child,
}

impl Neighbour {
    fn connect() -> Option<Self> {
        // Lives as long as its standard input, which is as long as we do.
        let holder = Command::new("unshare").args(["--net", "cat"]).stdin(Stdio::piped()).spawn().ok()?;
        let there = format!("nsenter --target {} --net", holder.id());
        let neighbour = Self { holder };
        let (id, own) = (neighbour.holder.id(), std::fs::read_link("/proc/self/ns/net").unwrap());
        // Until it has a network of its own, it has ours.
        while std::fs::read_link(format!("/proc/{id}/ns/net")).is_ok_and(|its| its == own) {
            std::thread::yield_now();
        }
        let is_connected = [
            "ip link set lo up".to_owned(),
            format!("ip link add near type veth peer name far netns {id}"),
            "ip address add 192.0.2.1/24 dev near".to_owned(),
            "ip address add 2001:db8::1/64 dev near nodad".to_owned(),
            "ip link set near up".to_owned(),
            format!("{there} ip address add 192.0.2.2/24 dev far"),
            format!("{there} ip address add 2001:db8::2/64 dev far nodad"),
            format!("{there} ip link set far up"),
        ]
        .iter()
        .all(|line| run(line));
        is_connected.then_some(neighbour)
    }

    /// Sets one of the neighbour's knobs for IPv4; `false`, with a note, where this system lets nobody.
    fn set(&self, knob: &str, value: &str) -> bool {
        let id = self.holder.id().to_string();
        let line = format!("echo {value} > /proc/sys/net/ipv4/{knob}");
        let ended = Command::new("nsenter").args(["--target", &id, "--net", "sh", "-c", &line]).status();
        let is_set = ended.unwrap().success();
        if !is_set {
            eprintln!("skipped: {knob} cannot be set here");
        }
        is_set
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

#[tokio::test]
async fn a_host_of_another_network_is_measured_as_it_answers() {
    if std::env::var_os(IN_OWN_NETWORK).is_none() {
        return in_own_network("icmp::a_host_of_another_network_is_measured_as_it_answers");
    }
    let Some(neighbour) = Neighbour::connect() else { return };
    let asker = Asker::new();
    let quick = "spacing = \"10ms\", timeout = \"1s\"";
    for endpoint in ["192.0.2.2", "2001:db8::2"] {
        // A new line takes a moment to carry anything.
        let Some(first) = ping(&asker, endpoint, "packets = 1, timeout = \"1s\", retries = 10").await else { return };
        assert_eq!(first.verdict(), ok(), "{endpoint}: {first:?}");
        let measured = ping(&asker, endpoint, quick).await.unwrap();
        assert_eq!((measured.verdict(), measured.check.lost), (ok(), 0), "{endpoint}: {measured:?}");
    }
    let impatient = "spacing = \"1ms\", timeout = \"50ms\", retries = 1";
    let measured = ping(&asker, "192.0.2.77", impatient).await.unwrap();
    assert_eq!((measured.service.status.to_string().as_str(), measured.check.lost), ("Outage", 4), "nobody is there");
    let measured = ping(&asker, "198.51.100.1", impatient).await.unwrap();
    assert_eq!((measured.verdict(), measured.check.lost), (outage("unreachable"), 4), "no way leads there");
    // A host that answers one in twenty seconds, and the first three at once: it was asked for none for a minute.
    if !(neighbour.set("icmp_ratemask", "1") && neighbour.set("icmp_ratelimit", "20000")) {
        return;
    }
    let lossy = "packets = 6, spacing = \"1ms\", timeout = \"500ms\"";
    let measured = ping(&asker, "192.0.2.2", lossy).await.unwrap();
    assert_eq!(
        (measured.verdict(), measured.check.sent, measured.check.lost),
        (degraded("loss"), 6, 3),
        "{measured:?}"
    );
    assert!(measured.check.latency.is_some());
    assert!(neighbour.set("icmp_echo_ignore_all", "1"));
    let measured = ping(&asker, "192.0.2.2", impatient).await.unwrap();
    assert_eq!((measured.verdict(), measured.check.latency), (outage("timeout"), None));
}
