//! Keys and users from the terminal, beside a server that runs on the same database.

use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use unistatus_core::store::testkit::Database;

use crate::client::{Answer, Client, LOOK, PATIENCE};
use crate::process::{Ended, Process, address_after};
use crate::unistatus;

const JSON: (&str, &str) = ("Content-Type", "application/json");
const PASSWORD: &str = "correct horse battery";
const OTHER_PASSWORD: &str = "staple of another stable";

fn databases() -> impl Iterator<Item = Database> {
    [Some(Database::sqlite()), Database::mongo()].into_iter().flatten()
}

/// A collector and an API that tell all there is to be told, and let nobody read unasked.
async fn serve(database: &Database) -> (Process, Client) {
    let arguments = ["up", "1", "--port", "0", "--catalog", "none", "--db", database.address()];
    let closed = unistatus(arguments).env("READ_ACCESS", "key").env("ADDRESS_ALLOW", "127.0.0.0/8");
    let mut process = closed.env("LOG_LEVEL", "debug").start();
    let said = process.until_printed(|said| said.ends_with("Ctrl-C ends it.\n").then(|| said.to_owned())).await;
    (process, Client { address: address_after(&said, "as JSON").unwrap() })
}

/// Runs a command on the database, with a password where it asks for one.
async fn command(database: &Database, arguments: &[&str], password: Option<&str>) -> Ended {
    let from_file = ["--password-file", "password.txt"];
    let words = arguments.iter().copied().chain(password.iter().flat_map(|_| from_file));
    let program = unistatus(words.chain(["--db", database.address()]));
    let program = password.into_iter().fold(program, |program, password| program.file("password.txt", password));
    program.env("LOG_LEVEL", "debug").run().await
}

/// The same for what goes well: what it printed. No password or key is in what it logged.
async fn done(database: &Database, arguments: &[&str], password: Option<&str>) -> String {
    let ended = command(database, arguments, password).await;
    assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
    assert!(password.is_none_or(|password| !ended.stderr.contains(password)), "{}", ended.stderr);
    assert!(!ended.stderr.contains("us_"), "{}", ended.stderr);
    ended.stdout
}

async fn with_key(client: &Client, key: &str, path: &str) -> Answer {
    client.send("GET", path, &[("X-API-KEY", key)]).await
}

fn log_in(name: &str, password: &str) -> String {
    json!({"name": name, "password": password}).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_given_access_has_it_at_once_and_who_loses_it_has_none_and_nothing_tells_a_secret() {
    for database in databases() {
        let (process, client) = serve(&database).await;
        let nobody = client.get("/api/status").await;
        assert!(
            nobody.status == 401 && nobody.body.contains("unistatus keys create NAME --scope read"),
            "{}",
            nobody.body
        );

        let made = done(&database, &["keys", "create", "deploy", "--scope", "write", "--json"], None).await;
        let made: Value = serde_json::from_str(&made).unwrap();
        let (key, id) = (made["key"].as_str().unwrap(), made["id"].as_str().unwrap());
        assert_eq!(with_key(&client, key, "/api/status").await.status, 200);

        // A server that the key adds is pinged by the collector that runs, from its next interval on.
        let own = r#"{"server":{"name":"own","IP":"127.0.0.1"}}"#;
        let added = client.post("/api/servers", &[JSON, ("X-API-KEY", key)], own).await;
        assert_eq!((added.status, added.body.as_str()), (201, r#"{"status":"CREATED"}"#));
        let pinged = async {
            loop {
                let pings = with_key(&client, key, "/api/servers/own").await.json();
                if pings["pings"].as_array().is_some_and(|pings| !pings.is_empty()) {
                    return pings;
                }
                sleep(LOOK).await;
            }
        };
        let pings = timeout(PATIENCE, pinged).await.expect("the server is never pinged");
        let latency = pings["pings"][0].as_object().unwrap().values().next().unwrap();
        assert!(latency.is_number(), "{pings}");

        let said = done(&database, &["users", "add", "ann", "--scope", "admin"], Some(PASSWORD)).await;
        let wrong = client.post("/api/login", &[JSON], &log_in("ann", OTHER_PASSWORD)).await;
        assert_eq!(wrong.status, 401);
        let token = client.post("/api/login", &[JSON], &log_in("ann", PASSWORD)).await.json();
        let token = token["token"].as_str().unwrap();
        let bearer = format!("Bearer {token}");
        let by_token = async |path| client.send("GET", path, &[("Authorization", bearer.as_str())]).await;
        let listed = by_token("/api/keys").await;
        assert!(listed.json()["keys"][0]["lastUsedAt"].is_string(), "{}", listed.body);
        let served = [listed.body, by_token("/api/users").await.body, by_token("/metrics").await.body].concat();

        done(&database, &["users", "password", "ann"], Some(OTHER_PASSWORD)).await;
        assert_eq!(by_token("/api/keys").await.status, 401, "another password ends the sessions");
        done(&database, &["keys", "revoke", id], None).await;
        assert_eq!(with_key(&client, key, "/api/status").await.status, 401, "it is worth nothing from then on");
        let last = command(&database, &["users", "remove", "ann"], None).await;
        assert!(last.code == Some(2) && last.stderr.contains("the last who may give access"), "{}", last.stderr);
        done(&database, &["keys", "create", "root", "--scope", "admin"], None).await;
        done(&database, &["users", "remove", "ann"], None).await;
        assert_eq!(client.post("/api/login", &[JSON], &log_in("ann", OTHER_PASSWORD)).await.status, 401);
        let lists = done(&database, &["keys", "list"], None).await + &done(&database, &["users", "list"], None).await;

        process.signal("TERM");
        let ended = process.ended().await;
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(ended.stderr.contains("a login failed"), "{}", ended.stderr);
        let told = [ended.stdout, ended.stderr, said, served, lists, wrong.body, last.stdout, last.stderr].concat();
        for secret in [&key[16..], PASSWORD, OTHER_PASSWORD, token] {
            assert!(!told.contains(secret), "{secret} is told in {told}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_looked_for_among_others_is_named_by_its_id_and_no_other() {
    for database in databases() {
        let make = async |name| {
            let arguments = ["keys", "create", name, "--scope", "read", "--expires", "90d", "--json"];
            serde_json::from_str::<Value>(&done(&database, &arguments, None).await).unwrap()
        };
        let (first, second) = (make("ci").await, make("ci").await);
        done(&database, &["keys", "revoke", first["id"].as_str().unwrap()], None).await;
        let list: Value = serde_json::from_str(&done(&database, &["keys", "list", "--json"], None).await).unwrap();
        let told: Vec<_> =
            list["keys"].as_array().unwrap().iter().map(|key| (&key["id"], key["revokedAt"].is_null())).collect();
        assert_eq!(told, [(&first["id"], false), (&second["id"], true)]);
        let unknown = command(&database, &["keys", "revoke", "none"], None).await;
        assert_eq!(unknown.code, Some(2), "{}", unknown.stderr);
        for (name, password, said) in [("", PASSWORD, "name"), ("ann", "short", "8"), ("a\u{7}", PASSWORD, "control")] {
            let refused = command(&database, &["users", "add", name], Some(password)).await;
            assert!(refused.code == Some(2) && refused.stderr.contains(said), "{name:?}: {}", refused.stderr);
        }
    }
}
