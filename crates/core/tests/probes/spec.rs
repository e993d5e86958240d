//! How probes are written in a targets file, and what is said of mistakes.

use std::path::PathBuf;

use unistatus_core::catalog::{Selection, assemble};
use unistatus_core::schema::Kind;

use crate::support::targets;

fn fault(text: &str) -> String {
    match assemble(&Selection::None, &[(PathBuf::from("targets.toml"), text.to_owned())]) {
        Ok(set) => panic!("{set:?} has no fault: {text}"),
        Err(error) => error.to_string(),
    }
}

fn written(kind: &str, endpoint: &str, more: &str) -> String {
    format!("[[target]]\nname = \"it\"\ntype = \"{kind}\"\nendpoint = \"{endpoint}\"\n{more}\n")
}

#[test]
fn a_probe_needs_no_more_than_an_endpoint() {
    for (kind, endpoints) in [
        (Kind::Ping, &["db.example", "192.0.2.7", "2001:db8::7", "[2001:db8::7]"][..]),
        (Kind::Tcp, &["db.example:5432", "192.0.2.7:22", "[2001:db8::7]:443"]),
        (Kind::Http, &["https://db.example", "http://192.0.2.7:8080/health?full", "https://${HOST}/x", "${URL}"]),
    ] {
        for endpoint in endpoints {
            let targets = targets(&written(kind.as_str(), endpoint, "every = \"1s\""));
            let configured = targets.get("it").unwrap();
            let identity = configured.target.identity();
            assert_eq!((identity.kind, identity.endpoint.as_str(), configured.format), (kind, *endpoint, ""));
            assert_eq!(identity.every, Some(std::time::Duration::from_secs(1)));
        }
    }
}

#[test]
fn everything_can_be_said() {
    let common = "timeout = \"3s\", retries = 0, pause = \"0s\"";
    for (kind, endpoint, probe) in [
        (
            "PING",
            "db.example",
            "packets = 10, spacing = \"50ms\", family = \"ipv6\", degraded = { latency = \"80ms\", loss = 1 }",
        ),
        ("TCP", "db.example:5432", "degraded = { latency = \"80ms\" }"),
        (
            "HTTP",
            "https://db.example/",
            "method = \"POST\", headers = { Authorization = \"Bearer ${TOKEN}\", Accept = \"text/plain\" }, \
             body = \"ping ${TOKEN}\", status = [200, \"300-399\"], contains = \"pong\", jq = \".up\", redirects = 0, \
             ca = \"ca.pem\", degraded = { latency = \"1s\", certificate = \"14d\" }",
        ),
    ] {
        targets(&written(kind, endpoint, &format!("probe = {{ {common}, {probe} }}")));
    }
    let table = "title = \"The shop\"\n[target.probe]\nstatus = \"200\"\n[target.probe.degraded]\nlatency = \"1s\"";
    let targets = targets(&written("HTTP", "https://shop.example/", table));
    assert_eq!(targets.get("it").unwrap().target.identity().about.title.as_deref(), Some("The shop"));
}

fn ping(more: &str) -> String {
    written("PING", "db.example", more)
}

fn http(more: &str) -> String {
    written("HTTP", "https://db.example/", more)
}

fn tcp(endpoint: &str) -> String {
    written("TCP", endpoint, "")
}

/// Each is told in one line, and shows no secret.
fn assert_told(faults: &[(String, &str)]) {
    for (text, expected) in faults {
        let message = fault(text);
        assert!(message.contains(expected), "{message:?} does not contain {expected:?}");
        assert!(!message.contains("s3cret"), "{message:?}");
        assert_eq!(message.lines().count(), 1, "{message:?}");
    }
}

#[test]
fn what_a_probe_cannot_have_and_what_is_no_endpoint_are_told() {
    assert_told(&[
        (
            ping("format = \"jq\""),
            "targets.toml:5: target \"it\", format: a PING target is measured, and reads no document; expected it at a REST, HTML or RSS target",
        ),
        (http("jq = \".up\""), ":5: target \"it\", jq: a HTTP target is measured"),
        (http("include = [\"a\"]"), ":5: target \"it\", include: "),
        (http("words = { up = \"OK\" }"), ":2: target \"it\", words: "),
        (http("covers = \"complete\""), ":2: target \"it\", covers: "),
        (
            http("auth = { bearer = \"${T}\" }"),
            ":5: target \"it\", auth: a HTTP target is measured, and reads no document; expected probe.headers",
        ),
        (
            written("REST", "http://127.0.0.1/", "format = \"statuspage\"\nprobe = { retries = 1 }"),
            ":6: target \"it\", probe: a REST target is read, not measured; expected it at a PING, TCP or HTTP target",
        ),
        (
            written("PING", "http://db.example/", ""),
            ":4: target \"it\", endpoint: \"http://db.example/\" is no host; expected a host's name or address",
        ),
        (written("PING", "999.1.1.1", ""), "\"999.1.1.1\" is no host"),
        (
            tcp("db.example"),
            ":4: target \"it\", endpoint: \"db.example\" is not that; expected a host and a port such as db.example:5432 or [2001:db8::1]:5432",
        ),
        (tcp("db.example:0"), "expected a host and a port"),
        (tcp("db.example:65536"), "expected a host and a port"),
        (tcp("db.example:http"), "expected a host and a port"),
        (tcp("db.example:+80"), "expected a host and a port"),
        (tcp("2001:db8::1:80"), "expected a host and a port"),
        (tcp(":80"), "expected a host and a port"),
        (
            written("HTTP", "db.example", ""),
            "endpoint: \"db.example\" is not a web address; expected an absolute http:// or https:// address",
        ),
        (written("HTTP", "https://ann:s3cret@db.example/", ""), "endpoint: it says who asks; expected probe.headers"),
        (written("HTTP", "https://db.example/${TOKEN", ""), "endpoint: it has a \"${\" without"),
    ]);
}

#[test]
fn each_key_of_a_probe_says_what_it_accepts() {
    assert_told(&[
        (
            ping("probe = { timeout = \"soon\" }"),
            ":5: target \"it\", probe.timeout: \"soon\" is not that; expected a length of time such as \"500ms\", from 1ms to 1m",
        ),
        (ping("probe = { timeout = \"2m\" }"), "probe.timeout: \"2m\" is not that"),
        (ping("probe = { timeout = 2 }"), "targets.toml:5: probe: invalid type: integer, expected a string"),
        (ping("probe = { retries = 11 }"), "probe.retries: 11 is not that; expected a number from 0 to 10"),
        (ping("probe = { retries = -1 }"), "probe.retries: -1 is not that"),
        (
            ping("probe = { pause = \"1h\" }"),
            "probe.pause: \"1h\" is not that; expected a length of time such as \"500ms\", from 0s to 1m",
        ),
        (ping("probe = { packets = 0 }"), "probe.packets: 0 is not that; expected a number from 1 to 100"),
        (ping("probe = { spacing = \"\" }"), "probe.spacing: \"\" is not that"),
        (ping("probe = { family = \"ipv5\" }"), ":5: probe: unknown variant `ipv5`, expected `ipv4` or `ipv6`"),
        (
            ping("probe = { degraded = { loss = 0 } }"),
            "probe.degraded.loss: 0 is not that; expected a share of the packets above 0",
        ),
        (ping("probe = { degraded = { loss = 1.5 } }"), "probe.degraded.loss: 1.5 is not that"),
        (ping("probe = { degraded = { loss = nan } }"), "probe.degraded.loss: NaN is not that"),
        (ping("probe = { degraded = { latency = \"x\" } }"), "probe.degraded.latency: \"x\" is not that"),
        (
            ping("probe = { degraded = { certificate = \"14d\" } }"),
            "probe.degraded.certificate: a PING target has no such thing; expected it at a HTTP target",
        ),
        (ping("probe = { method = \"GET\" }"), ":5: target \"it\", probe.method: a PING target has no such thing"),
        (ping("[target.probe]\n\nstatus = 200"), "targets.toml:7: target \"it\", probe.status: "),
        (ping("probe = { packet = 4 }"), ":5: probe: unknown field `packet`, expected one of"),
        (ping("probe = 5"), ":5: probe: invalid type: integer"),
        (
            http("probe = { packets = 4 }"),
            "probe.packets: a HTTP target has no such thing; expected it at a PING target",
        ),
        (http("probe = { degraded = { loss = 0.5 } }"), "probe.degraded.loss: a HTTP target has no such thing"),
        (
            http("probe = { degraded = { certificate = \"soon\" } }"),
            "probe.degraded.certificate: \"soon\" is not that; expected a length of time such as \"14d\"",
        ),
        (http("probe = { method = \"get\" }"), "probe.method: \"get\" is not a method; expected GET, HEAD, POST"),
        (
            http("probe = { status = 99 }"),
            "probe.status: \"99\" is not that; expected statuses such as 200, ranges such as \"200-299\", or a list of them",
        ),
        (http("probe = { status = [] }"), "probe.status: \"\" is not that"),
        (http("probe = { status = [\"2xx\"] }"), "probe.status: \"2xx\" is not that"),
        (http("probe = { status = true }"), "expected statuses such as 200"),
        (http("probe = { contains = \"\" }"), "probe.contains: every body contains that; expected a text"),
        (http("probe = { jq = \".a |\" }"), "probe.jq: unexpected the end at line 1"),
        (http("probe = { redirects = 21 }"), "probe.redirects: 21 is not that; expected a number from 0 to 20"),
        (
            http("probe = { headers = { Authorization = \"Bearer s3cret\" } }"),
            "probe.headers.Authorization: it holds the secret itself; expected a reference",
        ),
        (http("probe = { headers = { cookie = \"s3cret\" } }"), "probe.headers.cookie: it holds the secret itself"),
        (http("probe = { headers = { \"a b\" = \"x\" } }"), "probe.headers: \"a b\" is not the name of a header"),
        (http("probe = { headers = { X-A = \"a\\nb\" } }"), "probe.headers.X-A: it cannot stand in a header"),
        (http("probe = { headers = { X-A = \"${s3cret!}\" } }"), "probe.headers.X-A: it has a \"${\" without"),
        (http("probe = { body = \"${s3cret\" }"), "probe.body: it has a \"${\" without"),
    ]);
}

#[test]
fn all_mistakes_are_told_at_once() {
    let probe =
        "format = \"jq\"\nprobe = { timeout = \"soon\", retries = 99, method = \"get\", redirects = 99, packets = 4 }";
    assert_eq!(fault(&written("HTTP", "ftp://db.example/", probe)).lines().count(), 7);
}

#[test]
fn a_definition_changes_with_what_is_measured_and_not_with_where_it_stands() {
    let definition = |text: &str| targets(text).get("it").unwrap().definition.clone();
    let usual = written("HTTP", "https://db.example/", "probe = { status = 200, jq = \".up\" }");
    assert_eq!(definition(&usual), definition(&format!("# a comment\n\n{usual}")));
    for (from, to) in [
        ("200", "201"),
        (".up", ".up or false"),
        ("db.example/", "db.example/x"),
        ("status", "retries = 1, status"),
        ("status", "degraded = { latency = \"1s\" }, status"),
        ("status", "body = \"x\", status"),
        ("name =", "every = \"5s\"\nname ="),
        ("name =", "title = \"The shop\"\nname ="),
    ] {
        assert_ne!(definition(&usual), definition(&usual.replace(from, to)), "{to}");
    }
}
