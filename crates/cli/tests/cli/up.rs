//! `unistatus up`: collector and API in one process.

use std::future::pending;
use std::net::TcpListener;

use tokio_util::sync::CancellationToken;
use unistatus_api::Server;
use unistatus_core::schema::Timestamp;
use unistatus_core::template::{Renderer, context, example};
use unistatus_simulator::{Fault, Options, Simulator, World};

use crate::client::Client;
use crate::process::{Process, address_after};
use crate::unistatus;

const SIGNALS: [&str; 2] = ["INT", "TERM"];

/// Waits for the whole summary.
async fn summary(process: &mut Process) -> (String, Client) {
    let summary = process.until_printed(|said| said.ends_with("Ctrl-C ends it.\n").then(|| said.to_owned())).await;
    let client = Client { address: address_after(&summary, "as JSON").unwrap() };
    (summary, client)
}

async fn ends_well(process: Process, signal: &str) {
    process.signal(signal);
    let ended = process.ended().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

/// Vendors that all is well with.
async fn vendors(names: &[&str]) -> Simulator {
    Simulator::start(World::demo(0).only(names).quiet(), Options::default()).await.unwrap()
}

/// Asks these vendors and keeps what they say in `own.db`.
fn asking(vendors: &Simulator) -> Process {
    let arguments = ["up", "1h", "--port", "0", "--catalog", "none", "--targets", "own.toml", "--db", "sqlite:own.db"];
    unistatus(arguments).file("own.toml", &vendors.targets_toml()).start()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_target_at_all_is_legal() {
    for signal in SIGNALS {
        let mut process = unistatus(["up", "--port", "0"]).env("CATALOG", "none").start();
        let (summary, client) = summary(&mut process).await;
        assert_eq!(
            summary,
            format!(
                "0 of 0 targets answered, with 0 services.\n  as JSON    http://{}/api/status\n  as table   unistatus \
                 status\nCtrl-C ends it.\n",
                client.address
            )
        );
        let answer = client.until("/api/status", |answer| answer.status == 200).await;
        assert_eq!(answer.body, r#"{"targets":[]}"#);
        ends_well(process, signal).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_is_the_servers_own_and_none_of_the_database() {
    let check = async |arguments: &[&str], client: &Client| {
        let url = format!("http://{}", client.address);
        let ended = unistatus(arguments.iter().copied().chain(["--url", &url])).run().await;
        (ended.code, ended.stdout, ended.stderr)
    };
    // A server whose database never comes.
    let server = Server::bind("127.0.0.1", 0).await.unwrap();
    let client = Client { address: server.addresses()[0] };
    let stop = CancellationToken::new();
    let running = tokio::spawn(server.run(pending(), unistatus_api::Options::default(), stop.clone()));
    let waiting = check(&["check", "--ready"], &client).await;
    assert_eq!(waiting, (Some(3), String::new(), "unistatus: the server is not ready\n".to_owned()));
    stop.cancel();
    running.await.unwrap().unwrap();

    // A collector, which knows no other question.
    let mut process = unistatus(["up", "--port", "0"]).env("CATALOG", "none").env("COLLECTOR_PORT", "0").start();
    let collector = Client { address: process.until_logged(|log| address_after(log, "listening")).await };
    collector.until("/readyz", |answer| answer.status == 200).await;
    assert_eq!(check(&["check", "--ready"], &collector).await, (Some(0), "OK\n".to_owned(), String::new()));
    assert_eq!(check(&["check"], &collector).await.0, Some(3));
    ends_well(process, "TERM").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_collector_can_be_looked_at_beside_the_api() {
    let mut process = unistatus(["up", "--port", "0"]).env("CATALOG", "none").env("COLLECTOR_PORT", "0").start();
    let collector = Client { address: process.until_logged(|log| address_after(log, "listening")).await };
    let (_, api) = summary(&mut process).await;
    collector.until("/readyz", |answer| answer.status == 200).await;
    let (collected, served) = (collector.get("/metrics").await, api.get("/metrics").await);
    // Each counts for itself, in one process.
    for (name, is_collectors) in [("unistatus_targets ", true), ("unistatus_snapshot_age_seconds ", false)] {
        assert_eq!(collected.body.contains(name), is_collectors, "{name} in {}", collected.body);
        assert_eq!(served.body.contains(name), !is_collectors, "{name} in {}", served.body);
    }
    let port = collector.address.port().to_string();
    let taken = unistatus(["up", "--port", "0"]).env("CATALOG", "none").env("COLLECTOR_PORT", &port).run().await;
    assert_eq!(taken.code, Some(78), "{}", taken.stderr);
    assert!(taken.stderr.contains("the port is taken by another process"), "{}", taken.stderr);
    ends_well(process, "TERM").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_summary_tells_who_answered_and_where_to_look() {
    let vendors = vendors(&["github", "npm", "pypi"]).await;
    vendors.set_fault("npm", Fault::Status(500)).unwrap();
    let mut process = asking(&vendors);
    let (summary, client) = summary(&mut process).await;
    let mut lines = summary.lines();
    let failed = lines.next().unwrap();
    assert!(failed.starts_with("  npm did not answer: ") && failed.contains("500"), "{summary}");
    let counted = lines.next().unwrap();
    assert!(counted.starts_with("2 of 3 targets answered, with "), "{summary}");
    assert_eq!(lines.nth(1), Some("  as table   unistatus status --db sqlite:own.db"));
    let log = process.stderr();
    assert!(log.contains("asking begins"), "{log}");
    assert!(!summary.contains('\u{1b}') && !log.contains('\u{1b}'), "{summary}{log}");

    // A target is listed from its first ask on.
    let listed = |body: &str| ["github", "npm"].iter().all(|name| body.contains(&format!("\"{name}\"")));
    let everything = client.until("/api/status", |answer| listed(&answer.body)).await;
    let services = everything.json()["targets"][0]["services"].as_array().unwrap().len();
    assert!(services > 5, "{}", everything.body);
    assert_eq!(client.get("/api/status/npm").await.body, "[]");
    ends_well(process, "INT").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_dallies_does_not_hold_back_the_summary() {
    let vendors = vendors(&["github", "npm"]).await;
    // A byte a second: never silent for long, and not at its end when the summary comes.
    vendors.set_fault("npm", Fault::SlowDrip(1000)).unwrap();
    let mut process = asking(&vendors);
    let (summary, client) = summary(&mut process).await;
    assert!(summary.starts_with("1 of 2 targets answered, with "), "{summary}");
    assert!(summary.contains("\nStill being asked: 1.\n"), "{summary}");
    assert_eq!(client.get("/api/status/github").await.status, 200);
    ends_well(process, "TERM").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_in_the_first_round_although_sources_hang() {
    for signal in SIGNALS {
        let names = ["github", "gitlab", "npm"];
        let vendors = vendors(&names).await;
        for name in names {
            vendors.set_fault(name, Fault::Hang).unwrap();
        }
        let process = asking(&vendors);
        for name in names {
            vendors.wait_for_requests(name, 1).await.unwrap();
        }
        process.signal(signal);
        let ended = process.ended().await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "{}", ended.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_learnt_is_there_afterwards() {
    let vendors = vendors(&["github"]).await;
    let database = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", database.path().join("kept.db").display());
    let arguments = ["up", "--port", "0", "--catalog", "none", "--targets", "own.toml", "--db", &address];
    let mut process = unistatus(arguments).file("own.toml", &vendors.targets_toml()).start();
    let (_, client) = summary(&mut process).await;
    let served = client.until("/api/status/github", |answer| answer.status == 200 && answer.body != "[]").await;
    ends_well(process, "INT").await;
    let status = unistatus(["status", "github", "--json", "--db", &address]).run().await;
    assert_eq!((status.code, status.stdout), (Some(0), served.body + "\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_targets_are_told_with_file_and_line() {
    let broken =
        "# ours\n[[target]]\nname = \"intranet\"\ntype = \"SOAP\"\nformat = \"statuspage\"\nendpoint = \"http://h/\"\n";
    let ended = unistatus(["up", "--port", "0", "--targets", "own.toml"]).file("own.toml", broken).run().await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(78), ""));
    assert_eq!(
        ended.stderr,
        "unistatus: own.toml:4: target \"intranet\", type: \"SOAP\" is not a type; expected REST, HTML, RSS, PING, TCP or HTTP\n"
    );
    assert_eq!(ended.left_behind(), ["own.toml"], "nothing starts half configured");

    let ended = unistatus(["up", "--port", "0", "--targets", "none.toml"]).run().await;
    assert_eq!(ended.code, Some(78));
    assert!(ended.stderr.starts_with("unistatus: none.toml: "), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_is_one_clear_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    for what in [&["--demo"][..], &["--catalog", "none"]] {
        let port = address.port().to_string();
        let program = unistatus(["up", "--port", &port].into_iter().chain(what.iter().copied()));
        let folder = program.folder().display().to_string();
        let ended = program.env("TMPDIR", &folder).run().await;
        let told = format!("unistatus: cannot listen on {address}: the port is taken by another process\n");
        assert_eq!((ended.code, ended.stdout.as_str(), &ended.stderr), (Some(78), "", &told));
        assert!(ended.left_behind().is_empty(), "{:?}", ended.left_behind());
    }
}

#[tokio::test]
async fn its_templates_are_rendered_by_the_same_program() {
    let renderer = Renderer::of(env!("CARGO_BIN_EXE_unistatus").into());
    let known = context(&example(Timestamp::now()));
    assert_eq!(renderer.render("{{ service }} is {{ to }}", known).await.unwrap(), "Git Operations is Degraded");
}
