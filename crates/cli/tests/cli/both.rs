//! Each command on the database, and through an API over it: they do the same.

use std::fs;
use std::future::ready;
use std::sync::Arc;

use serde_json::json;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use unistatus_api::{Options, ServeError, Server};
use unistatus_core::access::{NewKey, Scope};
use unistatus_core::config::ReadAccess;
use unistatus_core::networks::AddressPolicy;
use unistatus_core::schema::{IncidentKind, Status, Timestamp};
use unistatus_core::store::testkit::{Author, Database, at, health, incident, service};
use unistatus_core::store::{Commit, Store};
use unistatus_core::template::Renderer;
use unistatus_simulator::rollbar::{Project, StandIn, Trouble, tokens};

use crate::client::Client;
use crate::process::{Ended, Program};
use crate::rollbar::{account, rollbar};
use crate::unistatus;

/// An API over a database, which nobody may even read without a key.
struct World {
    database: Database,
    store: Arc<dyn Store>,
    client: Client,
    key: String,
    rollbar: StandIn,
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
        let rollbar = rollbar(Project::of(30)).await;
        let options = Options {
            read_access: ReadAccess::Key,
            address_policy: AddressPolicy::default(),
            rollbar: Some(account(&rollbar)),
            renderer: Renderer::of(env!("CARGO_BIN_EXE_unistatus").into()),
            ..Options::default()
        };
        let server = tokio::spawn(server.run(open, options, stop.clone()));
        client.until("/readyz", |answer| answer.status == 200).await;
        Self { database, store, client, key: new.secret.clone(), rollbar, stop, server }
    }

    async fn here(&self, arguments: &[&str]) -> Ended {
        self.own(arguments).run().await
    }

    async fn there(&self, arguments: &[&str]) -> Ended {
        self.elsewhere(arguments).run().await
    }

    /// A command on the database.
    fn own(&self, arguments: &[&str]) -> Program {
        let program = unistatus(arguments.iter().copied().chain(["--db", self.database.address()]));
        program.env("ROLLBAR_URL", &self.rollbar.url()).env("ROLLBAR_TOKEN", tokens::ALL)
    }

    /// A command that asks the API.
    fn elsewhere(&self, arguments: &[&str]) -> Program {
        let url = format!("http://{}", self.client.address);
        unistatus(arguments.iter().copied()).env("UNISTATUS_URL", &url).env("UNISTATUS_API_KEY", &self.key)
    }

    /// Gives a command on the database and one that asks the API: they end and say the same.
    async fn answers_alike(&self, arguments: &[&str], code: i32) {
        // A use of the key is written down, so each is looked at after one.
        let there = self.there(arguments).await;
        let here = self.here(arguments).await;
        assert_eq!(here.code, Some(code), "{arguments:?}: {}", here.stderr);
        if arguments != ["keys", "list"] {
            assert_eq!(shown(&here), shown(&there), "{arguments:?}");
        }
        let says_nothing = arguments.iter().any(|word| ["move", "change", "remove"].contains(word));
        assert!(code != 0 || !here.stdout.is_empty() || says_nothing, "{arguments:?}");
        assert!(!format!("{here:?}").contains(tokens::ALL), "{here:?}");
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
            (vec!["targets", "collection"], 0),
            (vec!["targets", "collection", "github", "--json"], 0),
            (vec!["targets", "collection", "nobody"], 2),
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
            (vec!["check", "--ready"], 0),
        ] {
            world.answers_alike(&arguments, code).await;
        }
        world.end().await;
    }
}

/// Files that commands are given.
fn files() -> TempDir {
    let folder = TempDir::new().unwrap();
    let item = json!({"title": "Renamed", "id": 1, "status": "active", "level": null});
    let event = json!({
        "target": "github", "service": "Actions", "from": null, "to": "Outage", "at": "2026-05-04T12:00:00.000Z",
    });
    for (name, content) in [
        ("item.json", item.to_string()),
        ("event.json", event.to_string()),
        ("other.json", json!({"target": "github"}).to_string()),
        ("short.j2", "{{ service }} is {{ to }}\n".to_owned()),
        ("long.j2", "{{ target }}: {{ service }} is {{ to }}\n".to_owned()),
        ("broken.j2", "{% if".to_owned()),
        ("password.txt", "correct horse battery".to_owned()),
    ] {
        fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_told_alike() {
    for database in [Some(Database::sqlite()), Database::mongo()].into_iter().flatten() {
        let (world, files) = (World::over(database).await, files());
        let file = |name: &str| files.path().join(name).to_str().unwrap().to_owned();
        let [item, event, other, short, broken] =
            ["item.json", "event.json", "other.json", "short.j2", "broken.j2"].map(file);
        let id = async |arguments: &[&str]| world.here(arguments).await.stdout.trim().to_owned();
        let report = &*id(&["reports", "keep", "--level", "critical"]).await;
        let template = &*id(&["templates", "add", "short", &short]).await;
        for (arguments, code) in [
            (vec!["items", "list"], 0),
            (vec!["items", "list", "--status", "resolved", "--level", "error,critical", "--limit", "2", "--json"], 0),
            (vec!["items", "list", "--level", "loud"], 2),
            (vec!["items", "show", "#7"], 0),
            (vec!["items", "show", "#7", "--json"], 0),
            (vec!["items", "show", "1"], 2),
            (vec!["items", "show", "seven"], 2),
            (vec!["items", "change", "#7", "--status", "muted", "--snooze", "2h", "--json"], 0),
            (vec!["items", "change", "#7", "--from", &item], 0),
            (vec!["items", "change", "#999", "--status", "muted"], 2),
            (vec!["items", "change", "#7", "--level", "loud"], 2),
            (vec!["items", "change", "#7", "--from", &short], 2),
            (vec!["items", "report", "--from", &event], 2),
            (vec!["items", "remove", "#8"], 0),
            (vec!["items", "remove", "#999"], 2),
            (vec!["reports", "list"], 0),
            (vec!["reports", "list", "--limit", "1", "--json"], 0),
            (vec!["reports", "list", "--limit", "many"], 2),
            (vec!["reports", "show", report], 0),
            (vec!["reports", "show", report, "--json"], 0),
            (vec!["reports", "show", "nothing"], 2),
            (vec!["reports", "keep", "--status", "lost"], 2),
            (vec!["reports", "remove", "nothing"], 2),
            (vec!["templates", "list"], 0),
            (vec!["templates", "list", "--json"], 0),
            (vec!["templates", "show", template], 0),
            (vec!["templates", "show", template, "--json"], 0),
            (vec!["templates", "show", "nothing"], 2),
            (vec!["templates", "render", template], 0),
            (vec!["templates", "render", template, "--event", &event, "--json"], 0),
            (vec!["templates", "render", template, "--event", &other], 2),
            (vec!["templates", "render", "nothing"], 2),
            (vec!["templates", "add", "broken", &broken], 2),
            (vec!["templates", "change", template, "--name", "short"], 0),
            (vec!["templates", "change", template, "--name", "other", "--if-match", "old"], 2),
            (vec!["templates", "change", template, "--content", &broken], 2),
            (vec!["templates", "remove", template, "--if-match", "old"], 2),
            (vec!["templates", "remove", "nothing"], 2),
        ] {
            world.answers_alike(&arguments, code).await;
        }
        world.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_by_one_is_seen_by_the_other() {
    let (world, files) = (World::over(Database::sqlite()).await, files());
    let file = |name: &str| files.path().join(name).to_str().unwrap().to_owned();
    let (short, long) = (file("short.j2"), file("long.j2"));
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

        let password = file("password.txt");
        well(does, &["users", "add", "ann", "--scope", "write", "--password-file", &password]).await;
        assert!(well(sees, &["users", "list"]).await.contains("ann   write"));
        well(does, &["users", "password", "ann", "--password-file", &password]).await;
        assert_eq!(run(sees, &["users", "add", "ann", "--password-file", &password]).await.code, Some(2));
        well(does, &["users", "remove", "ann"]).await;
        assert!(!well(sees, &["users", "list"]).await.contains("ann"));

        let status = if does { "muted" } else { "active" };
        well(does, &["items", "change", "#7", "--status", status]).await;
        assert!(well(sees, &["items", "show", "#7", "--json"]).await.contains(&format!(r#""status":"{status}""#)));
        assert!(!well(does, &["items", "report", "The backup failed"]).await.trim().is_empty());
        well(does, &["items", "remove", "#9"]).await;
        assert!(well(sees, &["items", "list", "--status", "archived"]).await.contains("#9"));

        let listed = well(sees, &["items", "list", "--status", "archived", "--json", "--limit", "30"]).await;
        let report = well(does, &["reports", "keep", "--status", "archived"]).await;
        assert_eq!(well(sees, &["reports", "show", report.trim(), "--json"]).await, listed);
        well(does, &["reports", "remove", report.trim()]).await;
        assert_eq!(run(sees, &["reports", "show", report.trim()]).await.code, Some(2));
        well(does, &["reports", "keep", "--limit", "1"]).await;
        assert_eq!(well(sees, &["reports", "remove", "--all"]).await, "1\n");

        let template = well(does, &["templates", "add", "short", &short]).await;
        let template = template.trim();
        let shown = run(sees, &["templates", "show", template]).await;
        assert_eq!(shown.stdout, "{{ service }} is {{ to }}\n");
        let tag = shown.stderr.strip_prefix("Its entity tag is ").unwrap().trim_end().trim_end_matches('.');
        well(does, &["templates", "change", template, "--content", &long, "--if-match", tag]).await;
        // Whoever has not seen that changes nothing.
        for change in [&["change", template, "--name", "mine"][..], &["remove", template]] {
            let refused = run(sees, &[&["templates"], change, &["--if-match", tag]].concat()).await;
            assert_eq!(refused.code, Some(2), "{}", refused.stderr);
        }
        assert_eq!(well(sees, &["templates", "render", template]).await, "github: Git Operations is Degraded");
        well(does, &["templates", "remove", template]).await;
        assert_eq!(run(sees, &["templates", "render", template]).await.code, Some(2));
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_of_rollbar_is_told_apart_and_its_token_to_nobody() {
    let world = World::over(Database::sqlite()).await;
    for (status, code, told) in
        [(401, 3, "access token"), (422, 2, "Rollbar"), (429, 2, "Rollbar"), (500, 3, "Rollbar")]
    {
        for program in [world.own(&["items", "show", "#7"]), world.elsewhere(&["items", "show", "#7"])] {
            world.rollbar.trouble(Trouble::Status { status, retry_after: None }, None);
            let ended = program.env("LOG_LEVEL", "debug").run().await;
            assert_eq!((ended.code, &*ended.stdout), (Some(code), ""), "{status}: {}", ended.stderr);
            assert!(ended.stderr.contains(told) && !ended.stderr.contains(tokens::ALL), "{status}: {}", ended.stderr);
        }
    }
    world.rollbar.well();
    let unset = unistatus(["items", "list", "--db", world.database.address()]).run().await;
    assert_eq!((unset.code, &*unset.stdout), (Some(78), ""), "{}", unset.stderr);
    assert!(unset.stderr.contains("ROLLBAR_TOKEN"), "{}", unset.stderr);
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
