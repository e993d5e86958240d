//! `unistatus up --demo`: a world to look at, of which nothing is left.

use std::collections::BTreeSet;
use std::time::Duration;

use unistatus_simulator::World;

use crate::client::{Answer, Client};
use crate::process::{Process, address_after, names_in};
use crate::unistatus;

/// Something begins or ends somewhere each minute, and is seen by the next ask.
const CHANGE: Duration = Duration::from_mins(3);

/// Starts it and waits for its summary.
async fn demo() -> (Process, Client, String) {
    let program = unistatus(["up", "--demo", "--port", "0"]);
    let folder = program.folder().display().to_string();
    let mut process = program.env("TMPDIR", &folder).start();
    let summary = process.until_printed(|said| said.ends_with("Ctrl-C ends it.\n").then(|| said.to_owned())).await;
    let client = Client { address: address_after(&summary, "as JSON").unwrap() };
    (process, client, summary)
}

async fn ends_without_a_trace(process: Process, signal: &str) {
    assert_eq!(names_in(process.folder()).len(), 1);
    process.signal(signal);
    let ended = process.ended().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.left_behind().is_empty(), "{:?}", ended.left_behind());
}

/// Each service of each target, with its status.
fn statuses(everything: &Answer) -> Vec<[String; 3]> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let of_target = |target: &serde_json::Value| {
        let row =
            |service: &serde_json::Value| [text(&target["name"]), text(&service["name"]), text(&service["status"])];
        target["services"].as_array().unwrap().iter().map(row).collect::<Vec<_>>()
    };
    everything.json()["targets"].as_array().unwrap().iter().flat_map(of_target).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_vendors_answer_and_change() {
    let (process, client, summary) = demo().await;
    let world = World::demo(0);
    let vendors: BTreeSet<_> = world.vendors().iter().map(|vendor| vendor.name.as_str()).collect();
    let said = format!("{count} of {count} targets answered, with ", count = vendors.len());
    assert!(summary.starts_with(&said), "{summary}");
    // What was just heard is on its way.
    let first =
        client.until("/api/status", |answer| answer.json()["targets"].as_array().unwrap().len() == vendors.len()).await;
    let body = first.json();
    let targets = body["targets"].as_array().unwrap();
    let listed: BTreeSet<_> = targets.iter().map(|target| target["name"].as_str().unwrap()).collect();
    assert_eq!(listed, vendors);
    let kinds: BTreeSet<_> = targets.iter().map(|target| target["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, BTreeSet::from(["HTML", "REST", "RSS"]));

    for service in targets.iter().flat_map(|target| target["services"].as_array().unwrap()) {
        assert!(["OK", "Degraded", "Outage"].contains(&service["status"].as_str().unwrap()), "{service}");
        assert!(service["lastTimestamp"].as_str().unwrap().ends_with('Z'), "{service}");
    }
    // The command that the summary names shows the same.
    let (_, db) = summary.split_once("unistatus status --db ").unwrap();
    let table = unistatus(["status", "github", "--db", db.lines().next().unwrap()]).run().await;
    assert_eq!(table.code, Some(0), "{}", table.stderr);
    assert!(table.stdout.contains("\ngithub  Git Transport "), "{}", table.stdout);

    // Whoever has the database may make a key, and with it see the items of a project that is simulated, too.
    let db = db.lines().next().unwrap();
    let key = unistatus(["keys", "create", "me", "--scope", "read", "--db", db]).run().await.stdout;
    let items = unistatus(["items", "list", "--url", &format!("http://{}", client.address)]);
    let items = items.env("UNISTATUS_API_KEY", key.trim()).run().await;
    assert!(items.code == Some(0) && items.stdout.contains("#120 "), "{} {}", items.stdout, items.stderr);

    let before = statuses(&first);
    let changed = client.until_within(CHANGE, "/api/status", |answer| statuses(answer) != before).await;
    assert_ne!(changed.header("etag"), first.header("etag"));
    ends_without_a_trace(process, "INT").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_it_too() {
    let (process, _, _) = demo().await;
    ends_without_a_trace(process, "TERM").await;
}
