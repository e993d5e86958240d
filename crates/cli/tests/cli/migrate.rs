//! `unistatus migrate`: from one database to another, and on from there.

use std::net::TcpListener;
use std::time::Duration;

use tempfile::TempDir;
use unistatus_core::schema::{ProbeId, Timestamp};
use unistatus_core::store::testkit::{Database, answers};
use unistatus_core::store::{CheckQuery, Store};
use unistatus_simulator::{Options, Simulator, World};

use crate::client::Client;
use crate::process::{Ended, Process, address_after};
use crate::unistatus;

/// Asks these vendors and a port of ours, and serves what they say.
fn up(vendors: &Simulator, port: u16, db: &str) -> Process {
    let probe = format!("\n[[target]]\nname = \"port\"\ntype = \"TCP\"\nendpoint = \"127.0.0.1:{port}\"\n");
    let arguments = ["up", "1s", "--port", "0", "--catalog", "none", "--targets", "own.toml", "--db", db];
    unistatus(arguments).file("own.toml", &(vendors.targets_toml() + &probe)).start()
}

async fn served(process: &mut Process) -> Client {
    let summary = process.until_printed(|said| said.ends_with("Ctrl-C ends it.\n").then(|| said.to_owned())).await;
    Client { address: address_after(&summary, "as JSON").unwrap() }
}

async fn ends_well(process: Process) {
    process.signal("INT");
    let ended = process.ended().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

async fn migrate(from: &str, to: &str) -> Ended {
    unistatus(["migrate", "--from", from, "--to", to]).run().await
}

/// Waits until so many checks of the port are kept.
async fn until_checked(store: &dyn Store, count: usize) {
    let query = CheckQuery::all_of(ProbeId::of_target("port"));
    let wait = async {
        while store.checks(&query).await.unwrap().len() < count {
            tokio::time::sleep(crate::client::LOOK).await;
        }
    };
    tokio::time::timeout(crate::client::PATIENCE, wait).await.unwrap();
}

/// Adds what people add.
async fn add_more(db: &str) {
    let folder = TempDir::new().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (password, template) = (file("password", "correct horse battery"), file("short.j2", "{{ service }}\n"));
    for arguments in [
        vec!["servers", "add", "dns", "8.8.8.8"],
        vec!["users", "add", "ann", "--scope", "admin", "--password-file", &password],
        vec!["keys", "create", "ci", "--scope", "read"],
        vec!["templates", "add", "short", &template],
    ] {
        let ended = unistatus(arguments.iter().copied().chain(["--db", db])).run().await;
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
    }
}

/// What the commands that read say of a database, of the past up to an instant.
async fn said(db: &str, to: Timestamp) -> Vec<String> {
    let [from, to] = [to.minus(Duration::from_mins(5)), to].map(|instant| instant.to_string());
    let mut said = Vec::new();
    for arguments in [
        vec!["status", "--json"],
        vec!["targets", "collection", "--json"],
        vec!["history", "github", "--from", &from, "--to", &to, "--json"],
        vec!["incidents", "--json"],
        vec!["servers", "list", "--json"],
        vec!["servers", "pings", "dns", "--json"],
        vec!["users", "list", "--json"],
        vec!["keys", "list", "--json"],
        vec!["templates", "list", "--json"],
    ] {
        let ended = unistatus(arguments.iter().copied().chain(["--db", db])).run().await;
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
        said.push(ended.stdout);
    }
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_learnt_is_moved_and_goes_on_there() {
    let Some(to) = Database::mongo() else { return };
    let from = Database::sqlite();
    let vendors = Simulator::start(World::demo(0).only(&["github", "npm"]).quiet(), Options::default()).await.unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    let number = port.local_addr().unwrap().port();
    let mut process = up(&vendors, number, from.address());
    let client = served(&mut process).await;
    client.until("/api/status/github", |answer| answer.status == 200 && answer.body != "[]").await;
    let store = from.open().await;
    until_checked(&*store, 2).await;

    let busy = migrate(from.address(), to.address()).await;
    assert_eq!((busy.code, busy.stdout.as_str()), (Some(78), ""), "{}", busy.stderr);
    assert!(busy.stderr.contains("live on the source: stop all collectors first"), "{}", busy.stderr);
    ends_well(process).await;
    add_more(from.address()).await;

    let moved = migrate(from.address(), to.address()).await;
    assert_eq!(moved.code, Some(0), "{}", moved.stderr);
    assert!(moved.stdout.starts_with("KIND") && moved.stdout.contains("\nchecks"), "{}", moved.stdout);
    assert!(moved.stderr.contains("and was compared."), "{}", moved.stderr);
    let compared = migrate(from.address(), to.address()).await;
    assert_eq!((compared.code, compared.stdout), (Some(0), moved.stdout), "{}", compared.stderr);

    let copy = to.open().await;
    assert_eq!(answers(&*copy).await, answers(&*store).await);
    let history = async || copy.events("github").await.unwrap();
    let (before, checks) = (history().await, copy.checks(&CheckQuery::all_of(ProbeId::of_target("port"))).await);
    let now = Timestamp::now();
    assert_eq!(said(to.address(), now).await, said(from.address(), now).await);

    // No test asks the internet.
    assert!(copy.remove_server("dns").await.unwrap());
    // As if nothing had happened: nothing is seen for the first time, and what is measured is added.
    let mut process = up(&vendors, number, to.address());
    served(&mut process).await;
    until_checked(&*copy, checks.unwrap().len() + 2).await;
    ends_well(process).await;
    assert_eq!(history().await, before);
    let differs = migrate(from.address(), to.address()).await;
    assert_eq!((differs.code, differs.stdout.as_str()), (Some(1), ""), "{}", differs.stderr);
    assert!(differs.stderr.contains(" is not the same in source and destination: "), "{}", differs.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_moved_is_one_clear_line() {
    let (from, to) = (Database::sqlite(), Database::sqlite());
    from.open().await.close().await;
    let nobody = "mongodb://ann:s3cr3t@127.0.0.1:1/unistatus";
    for (from, to, code, told) in [
        (from.address(), from.address(), 2, "source and destination are the same database, sqlite:/"),
        (
            "sqlite:none.db",
            to.address(),
            3,
            "the source cannot be read: the database is not available: there is no file",
        ),
        (from.address(), nobody, 3, "the destination cannot be read or written: the database is not available: "),
        (from.address(), "mongodb://ann:s3cr3t%@h/", 2, "--to mongodb://"),
    ] {
        let ended = migrate(from, to).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""), "{}", ended.stderr);
        assert!(ended.stderr.starts_with(&format!("unistatus: {told}")), "{}", ended.stderr);
        assert!(!ended.stderr.contains("s3cr3t") && ended.stderr.lines().count() == 1, "{}", ended.stderr);
    }
}
