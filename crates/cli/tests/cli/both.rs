//! Each command on the database, and through an API over it: they do the same.

use std::future::ready;
use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use unistatus_api::{Options, ServeError, Server};
use unistatus_core::access::{NewKey, Scope};
use unistatus_core::config::ReadAccess;
use unistatus_core::networks::AddressPolicy;
use unistatus_core::schema::{IncidentKind, Status, Timestamp};
use unistatus_core::store::testkit::{Author, Database, at, health, incident, service};
use unistatus_core::store::{Commit, Store};

use crate::client::Client;
use crate::process::Ended;
use crate::unistatus;

/// An API over a database, which nobody may even read without a key.
struct World {
    database: Database,
    store: Arc<dyn Store>,
    client: Client,
    key: String,
    stop: CancellationToken,
    server: JoinHandle<Result<(), ServeError>>,
}

impl World {
    async fn over(database: Database) -> Self {
        let store = database.open().await;
        let mut author = Author::new("github");
        for status in [Status::Ok, Status::Outage] {
            let change = author.change(vec![service("Actions", status), service("東京 / 1", Status::Ok)]);
            store.commit(&Commit { health: health(Timestamp::now()), ..change }).await.unwrap();
        }
        let mut told = author.change(vec![service("Actions", Status::Outage), service("東京 / 1", Status::Ok)]);
        told.change.as_mut().unwrap().incidents = vec![incident("i1", Some(at(0)))];
        assert_eq!(told.change.as_ref().unwrap().incidents[0].kind, IncidentKind::Incident);
        store.commit(&Commit { health: health(Timestamp::now()), ..told }).await.unwrap();
        let new = NewKey::create("admin", Scope::Admin, None, Timestamp::now()).unwrap();
        assert!(store.add_key(&new.key).await.unwrap());

        let server = Server::bind("127.0.0.1", 0).await.unwrap();
        let client = Client { address: server.addresses()[0] };
        let stop = CancellationToken::new();
        let open = ready(Ok(Some(Arc::clone(&store))));
        let options =
            Options { read_access: ReadAccess::Key, address_policy: AddressPolicy::default(), ..Options::default() };
        let server = tokio::spawn(server.run(open, options, stop.clone()));
        client.until("/readyz", |answer| answer.status == 200).await;
        Self { database, store, client, key: new.secret.clone(), stop, server }
    }

    async fn here(&self, arguments: &[&str]) -> Ended {
        unistatus(arguments.iter().copied().chain(["--db", self.database.address()])).run().await
    }

    async fn there(&self, arguments: &[&str]) -> Ended {
        let url = format!("http://{}", self.client.address);
        let program = unistatus(arguments.iter().copied()).env("UNISTATUS_URL", &url);
        program.env("UNISTATUS_API_KEY", &self.key).run().await
    }

    async fn end(self) {
        self.stop.cancel();
        self.server.await.unwrap().unwrap();
        self.store.close().await;
    }
}

fn shown(ended: &Ended) -> (Option<i32>, &str, &str) {
    (ended.code, &ended.stdout, &ended.stderr)
}

const WINDOW: [&str; 4] = ["--from", "2023-11-14T00:00:00Z", "--to", "2023-11-16T00:00:00Z"];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_is_answered_alike() {
    for database in [Some(Database::sqlite()), Database::mongo()].into_iter().flatten() {
        let world = World::over(database).await;
        let added = world.here(&["servers", "add", "dns", "8.8.8.8"]).await;
        assert_eq!(shown(&added), (Some(0), "", ""));
        let history = |more: &[&'static str]| [&["history", "github"], more, &WINDOW].concat();
        for (arguments, code) in [
            (vec!["status"], 0),
            (vec!["status", "--json"], 0),
            (vec!["status", "--exit-code"], 1),
            (vec!["status", "github"], 0),
            (vec!["status", "github", "東京 / 1", "--exit-code"], 0),
            (vec!["status", "nobody"], 2),
            (vec!["status", "github", "Nothing", "--json"], 2),
            (history(&[]), 0),
            (history(&["--json"]), 0),
            (history(&["Actions"]), 0),
            (vec!["history", "nobody"], 2),
            (vec!["history", "github", "--from", "yesterday"], 2),
            (vec!["incidents"], 0),
            (vec!["incidents", "github", "--json", "--limit", "1"], 0),
            (vec!["incidents", "--state", "ajar"], 2),
            (vec!["servers", "list"], 0),
            (vec!["servers", "list", "--json"], 0),
            (vec!["servers", "pings", "dns"], 0),
            (vec!["servers", "pings", "dns", "--json"], 0),
            (vec!["servers", "pings", "nobody"], 2),
            (vec!["servers", "pings", "dns", "--limit", "0"], 2),
            (vec!["servers", "add", "github", "8.8.8.8"], 2),
            (vec!["servers", "add", "dns", "8.8.8.8"], 2),
            (vec!["servers", "add", "metadata", "169.254.169.254"], 2),
            (vec!["servers", "add", "other", "999.1.1.1"], 2),
            (vec!["servers", "move", "dns", "8.8.4.4"], 0),
            (vec!["servers", "move", "nobody", "8.8.4.4"], 2),
            (vec!["servers", "remove", "nobody"], 2),
            (vec!["keys", "list"], 0),
            (vec!["keys", "create", "", "--scope", "read"], 2),
            (vec!["keys", "revoke", "nothing"], 2),
            (vec!["users", "list", "--json"], 0),
            (vec!["users", "remove", "nobody"], 2),
            (vec!["check"], 0),
            (vec!["check", "--json"], 0),
        ] {
            // A use of the key is written down, so each is looked at after one.
            let there = world.there(&arguments).await;
            let here = world.here(&arguments).await;
            assert_eq!(here.code, Some(code), "{arguments:?}: {}", here.stderr);
            if arguments != ["keys", "list"] {
                assert_eq!(shown(&here), shown(&there), "{arguments:?}");
            }
            assert!(code != 0 || !here.stdout.is_empty() || arguments.contains(&"move"), "{arguments:?}");
        }
        world.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_by_one_is_seen_by_the_other() {
    let world = World::over(Database::sqlite()).await;
    for (does, sees) in [(true, false), (false, true)] {
        let run = async |is_here, arguments: &[&str]| {
            if is_here { world.here(arguments).await } else { world.there(arguments).await }
        };
        let well = async |is_here, arguments: &[&str]| {
            let ended = run(is_here, arguments).await;
            assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
            ended.stdout
        };
        assert_eq!(well(does, &["servers", "add", "dns", "8.8.8.8"]).await, "");
        assert_eq!(well(sees, &["servers", "list"]).await, "SERVER\ndns\n");
        well(does, &["servers", "remove", "dns"]).await;
        assert_eq!(well(sees, &["servers", "list"]).await, "SERVER\n");
        let made = well(does, &["keys", "create", "ci", "--scope", "read", "--json"]).await;
        let made: serde_json::Value = serde_json::from_str(&made).unwrap();
        assert!(well(sees, &["keys", "list"]).await.contains(made["id"].as_str().unwrap()));
        well(does, &["keys", "revoke", made["key"].as_str().unwrap()]).await;
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_is_not_there_or_lets_nobody_in_is_told_from_one_that_refuses() {
    let world = World::over(Database::sqlite()).await;
    let url = format!("http://{}", world.client.address);
    let stranger = unistatus(["status", "--url", &url]).run().await;
    assert_eq!((stranger.code, stranger.stdout.as_str()), (Some(2), ""));
    assert!(
        stranger.stderr.contains("unistatus keys create NAME --scope read") || stranger.stderr.contains("X-API-KEY"),
        "{}",
        stranger.stderr
    );
    let wrong = unistatus(["status", "--url", &url]).env("UNISTATUS_API_KEY", "us_s3cr3t").run().await;
    assert_eq!(wrong.code, Some(2), "{}", wrong.stderr);
    assert!(!wrong.stderr.contains("s3cr3t"), "{}", wrong.stderr);
    let nobody = unistatus(["status", "--url", "http://127.0.0.1:1"]).run().await;
    assert_eq!((nobody.code, nobody.stdout.as_str()), (Some(3), ""));
    assert!(
        nobody.stderr.starts_with("unistatus: the API at http://127.0.0.1:1 cannot be reached: "),
        "{}",
        nobody.stderr
    );
    let none = unistatus(["status", "--url", "status.example.com"]).run().await;
    assert_eq!(none.code, Some(78), "{}", none.stderr);
    assert!(none.stderr.contains("UNISTATUS_URL (flag)"), "{}", none.stderr);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_told_as_they_happen() {
    for is_here in [true, false] {
        let world = World::over(Database::sqlite()).await;
        let url = format!("http://{}", world.client.address);
        let program = if is_here {
            unistatus(["watch", "github", "--db", world.database.address()])
        } else {
            unistatus(["watch", "github", "--url", &url]).env("UNISTATUS_API_KEY", &world.key)
        };
        let mut process = program.start();
        process.until_logged(|said| said.contains("Waiting for changes").then_some(())).await;
        let mut author = Author::at("github", 3);
        let change = author.change(vec![service("Actions", Status::Ok), service("東京 / 1", Status::Ok)]);
        world.store.commit(&Commit { health: health(Timestamp::now()), ..change }).await.unwrap();
        let told = process.until_printed(|said| said.ends_with('\n').then(|| said.to_owned())).await;
        // Of a writer of the tests each status is the first.
        assert!(told.contains("github  Actions  (none)  →  OK"), "{told}");
        process.signal("INT");
        let ended = process.ended().await;
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        world.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn shells_and_readers_of_manuals_are_told_all_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = unistatus(["completions", shell]).run().await;
        assert_eq!((script.code, script.stderr.as_str()), (Some(0), ""));
        assert!(script.stdout.contains("incidents"), "{shell}");
    }
    let page = unistatus(["man"]).run().await;
    assert!(page.stdout.starts_with(".ie") && page.stdout.contains("unistatus\\-servers"), "{}", page.stdout);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    assert_eq!(unistatus(["man", "--to", path]).run().await.code, Some(0));
    for page in ["unistatus.1", "unistatus-servers-add.1", "unistatus-status.1"] {
        assert!(folder.path().join(page).is_file(), "{page}");
    }
    let nowhere = unistatus(["man", "--to", "/nowhere"]).run().await;
    assert_eq!(nowhere.code, Some(2), "{}", nowhere.stderr);
}
