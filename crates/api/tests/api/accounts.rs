//! Keys and users: how they come to be, what they are good for, and how they go.

use std::time::Duration;

use serde_json::Value;
use unistatus_api::ensure_admin;
use unistatus_core::access::{Scope, Session, User};
use unistatus_core::config::{Hidden, ReadAccess};
use unistatus_core::schema::Status;
use unistatus_core::store::Accounts;

use crate::support::{Answer, Cast, Client, MemoryStore, NOW, TestApp, add_user, at, service, target};

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn code(answer: &Answer) -> String {
    answer.json()["error"]["code"].as_str().unwrap().to_owned()
}

async fn as_key(client: &Client, key: &str, method: &str, path: &str, body: &str) -> Answer {
    client.send_body(method, path, &[("X-API-KEY", key), JSON], body).await
}

async fn app(read_access: ReadAccess) -> (TestApp, Cast) {
    let store = MemoryStore::new([target("github", [service("Actions", Status::Ok, &[])])]);
    let cast = Cast::of(&store).await;
    let app = TestApp::with(store, |options| options.read_access = read_access).await;
    app.until("/readyz", |answer| answer.status == 200).await;
    (app, cast)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_told_once_works_at_once_and_ends_at_once_on_every_server() {
    let (app, cast) = app(ReadAccess::Key).await;
    let other = TestApp::with(app.store.clone(), |options| options.read_access = ReadAccess::Key).await;
    let made = as_key(&app, &cast.admin, "POST", "/api/keys", r#"{"name":"schlüssel","scope":"read"}"#).await;
    assert_eq!((made.status, made.header("cache-control")), (201, Some("no-store")));
    let (made, id) = (made.json(), made.json()["id"].as_str().unwrap().to_owned());
    let key = made["key"].as_str().unwrap();
    assert_eq!(
        (&made["name"], &made["scope"], &made["expiresAt"]),
        (&"schlüssel".into(), &"read".into(), &Value::Null)
    );

    other.until("/readyz", |answer| answer.status == 200).await;
    for client in [&*app, &*other] {
        assert_eq!(as_key(client, key, "GET", "/api/status", "").await.status, 200);
    }
    let list = as_key(&app, &cast.admin, "GET", "/api/keys", "").await;
    assert!(list.body.contains(&id), "{}", list.body);
    for secret in [&key[16..], &cast.admin[16..], "hash"] {
        assert!(!list.body.contains(secret), "{}", list.body);
    }
    let revoked = as_key(&other, &cast.admin, "DELETE", &format!("/api/keys/{id}"), "").await;
    assert_eq!((revoked.status, revoked.body.as_str()), (204, ""));
    for client in [&*app, &*other] {
        assert_eq!(as_key(client, key, "GET", "/api/status", "").await.status, 401);
    }
    let gone = as_key(&app, &cast.admin, "DELETE", "/api/keys/nothing", "").await;
    assert_eq!((gone.status, code(&gone)), (404, "KeyNotFound".to_owned()));
    let list = as_key(&app, &cast.admin, "GET", "/api/keys", "").await.json();
    let listed = list["keys"].as_array().unwrap().iter().find(|key| key["id"] == *id).unwrap().clone();
    assert!(listed["revokedAt"].is_string(), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_ends_when_it_was_said_to() {
    let (app, cast) = app(ReadAccess::Key).await;
    for (end, status) in
        [("2026-05-04T12:01:00Z", 201), ("2026-05-04T12:00:00Z", 400), ("tomorrow", 400), ("2026-05-05", 400)]
    {
        let body = format!(r#"{{"name":"a","scope":"read","expiresAt":"{end}"}}"#);
        let made = as_key(&app, &cast.admin, "POST", "/api/keys", &body).await;
        assert_eq!(made.status, status, "{end}: {}", made.body);
        if status == 201 {
            let made = made.json();
            let key = made["key"].as_str().unwrap();
            assert_eq!(as_key(&app, key, "GET", "/api/status", "").await.status, 200);
            app.clock.advance(Duration::from_millis(59_499));
            assert_eq!(as_key(&app, key, "GET", "/api/status", "").await.status, 200);
            app.clock.advance(Duration::from_millis(1));
            assert_eq!(as_key(&app, key, "GET", "/api/status", "").await.status, 401);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_page_like_all_others() {
    let (app, cast) = app(ReadAccess::Open).await;
    for name in ["ann", "bob", "cec"] {
        add_user(&app.store, name, Scope::Read).await;
    }
    for (path, list, id, count) in [("/api/keys", "keys", "id", 5), ("/api/users", "users", "name", 3)] {
        let all = as_key(&app, &cast.admin, "GET", path, "").await.json();
        let ids = |page: &Value| page[list].as_array().unwrap().iter().map(|one| one[id].clone()).collect::<Vec<_>>();
        assert_eq!(ids(&all).len(), count);
        let (mut paged, mut next) = (Vec::new(), Some(format!("{path}?limit=2")));
        while let Some(path) = next {
            let page = as_key(&app, &cast.admin, "GET", &path, "").await;
            assert_eq!(page.status, 200, "{}", page.body);
            paged.extend(ids(&page.json()));
            next = page.header("link").map(|link| link[1..link.find('>').unwrap()].to_owned());
        }
        assert_eq!(paged, ids(&all));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_added_changed_and_removed() {
    let (app, cast) = app(ReadAccess::Open).await;
    let log_in = async |password: &str| {
        app.post("/api/login", &[JSON], &format!(r#"{{"name":"ann/1","password":"{password}"}}"#)).await
    };
    let as_admin = async |method, path, body| as_key(&app, &cast.admin, method, path, body).await;
    let wish = r#"{"name":"ann/1","password":"correct horse","scope":"write"}"#;
    let added = as_admin("POST", "/api/users", wish).await;
    assert_eq!((added.status, &added.json()["name"], &added.json()["scope"]), (201, &"ann/1".into(), &"write".into()));
    assert_eq!(code(&as_admin("POST", "/api/users", wish).await), "UserExists");
    let token = log_in("correct horse").await.json()["token"].as_str().unwrap().to_owned();
    let session = async || app.send("GET", "/api/session", &[("Authorization", &format!("Bearer {token}"))]).await;
    assert_eq!(session().await.json()["scope"], "write");

    let changed = as_admin("PUT", "/api/users/ann%2F1", r#"{"password":"battery staple"}"#).await;
    assert_eq!((changed.status, &changed.json()["scope"]), (200, &"write".into()));
    assert_eq!(session().await.status, 401, "the sessions ended");
    assert_eq!((log_in("correct horse").await.status, log_in("battery staple").await.status), (401, 200));
    assert_eq!(as_admin("DELETE", "/api/users/ann%2F1", "").await.status, 204);
    assert_eq!(code(&as_admin("DELETE", "/api/users/ann%2F1", "").await), "UserNotFound");
    assert_eq!(code(&as_admin("PUT", "/api/users/nobody", r#"{"scope":"read"}"#).await), "UserNotFound");
    for (path, body) in [
        ("/api/users", r#"{"name":"","password":"correct horse","scope":"read"}"#),
        ("/api/users", r#"{"name":"bob","password":"short","scope":"read"}"#),
        ("/api/users", r#"{"name":"bob","password":"correct horse","scope":"all"}"#),
        ("/api/users", r#"{"name":"bob","password":12345678,"scope":"read"}"#),
        ("/api/keys", r#"{"name":"a\nb","scope":"read"}"#),
        ("/api/keys", r#"{"name":"a"}"#),
        ("/api/keys", r#"{"name":"a","scope":"read","expires":"x"}"#),
    ] {
        let refused = as_admin("POST", path, body).await;
        assert_eq!((refused.status, code(&refused)), (400, "BadRequest".to_owned()), "{body}");
        assert!(!refused.body.contains("correct horse") && !refused.body.contains("12345678"), "{}", refused.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_left_who_may_give_access() {
    let store = MemoryStore::new([]);
    let admin = Some(("root".to_owned(), Hidden::new("correct horse")));
    let app = TestApp::with(store, |options| options.admin = admin).await;
    let login = r#"{"name":"root","password":"correct horse"}"#;
    // The first admin is made beside the requests.
    while app.store.users().await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    let token = app.post("/api/login", &[JSON], login).await.json()["token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    let as_root =
        async |method, path, body| app.send_body(method, path, &[("Authorization", bearer.as_str()), JSON], body).await;
    assert_eq!(code(&as_root("DELETE", "/api/users/root", "").await), "LastAdmin");
    assert_eq!(code(&as_root("PUT", "/api/users/root", r#"{"scope":"write"}"#).await), "LastAdmin");
    let key = as_root("POST", "/api/keys", r#"{"name":"a","scope":"admin"}"#).await.json();
    assert_eq!(as_root("DELETE", "/api/users/root", "").await.status, 204);
    assert_eq!(
        as_key(&app, key["key"].as_str().unwrap(), "GET", "/api/users", "").await.json()["users"],
        Value::Array(vec![])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_use_of_a_key_is_written_down_once_a_minute() {
    let (app, cast) = app(ReadAccess::Key).await;
    let id = &cast.read[3..15];
    for minute in 1..=3 {
        for _ in 0..20 {
            assert_eq!(as_key(&app, &cast.read, "GET", "/api/status", "").await.status, 200);
        }
        while app.store.uses() < minute {
            tokio::task::yield_now().await;
        }
        let key = app.store.key(id).await.unwrap().unwrap();
        assert!(key.last_used_at.is_some());
        app.clock.advance(Duration::from_mins(1));
    }
    assert_eq!(app.store.uses(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_store_is_away_who_was_known_lately_may_read_and_nothing_else() {
    let (app, cast) = app(ReadAccess::Key).await;
    assert_eq!(as_key(&app, &cast.admin, "GET", "/api/status", "").await.status, 200);
    app.store.set_away(true);
    for _ in 0..2 {
        assert_eq!(as_key(&app, &cast.admin, "GET", "/api/status", "").await.status, 200);
        assert_eq!(as_key(&app, &cast.read, "GET", "/api/status", "").await.status, 503, "was not known");
        let body = r#"{"server":{"name":"a","IP":"10.0.0.1"}}"#;
        let answer = as_key(&app, &cast.admin, "POST", "/api/servers", body).await;
        assert_eq!((answer.status, code(&answer)), (503, "StoreUnavailable".to_owned()));
        assert_eq!(app.get("/api/status").await.status, 401);
    }
    app.clock.advance(Duration::from_secs(301));
    assert_eq!(as_key(&app, &cast.admin, "GET", "/api/status", "").await.status, 503);
    app.store.set_away(false);
    // For a second it is not asked again.
    assert_eq!(as_key(&app, &cast.read, "GET", "/api/status", "").await.status, 503);
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(as_key(&app, &cast.admin, "GET", "/api/status", "").await.status, 200);
    assert_eq!(as_key(&app, &cast.read, "GET", "/api/status", "").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_reading_is_open_a_store_that_is_away_keeps_nobody_from_it() {
    let (app, cast) = app(ReadAccess::Open).await;
    app.store.set_away(true);
    assert_eq!(as_key(&app, &cast.read, "GET", "/api/status", "").await.status, 200);
    assert_eq!(as_key(&app, &cast.read, "GET", "/api/session", "").await.status, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_told_by_metrics_or_errors() {
    let (app, cast) = app(ReadAccess::Open).await;
    let mut told = String::new();
    for key in [&cast.wrong, &cast.expired, &cast.read] {
        told += &as_key(&app, key, "POST", "/api/keys", &format!(r#"{{"name":"{key}""#)).await.body;
        told += &as_key(&app, key, "GET", &format!("/api/servers?{key}=1"), "").await.body;
    }
    told += &as_key(&app, &cast.admin, "GET", "/metrics", "").await.body;
    assert!(told.contains("unistatus_http_requests_total"));
    for key in [&cast.wrong, &cast.expired, &cast.admin] {
        assert!(!told.contains(&key[16..]), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_admin_is_as_the_settings_say_and_stays_logged_in_where_nothing_changed() {
    let store = MemoryStore::new([]);
    add_user(&store, "ann", Scope::Read).await;
    for (name, password) in [("root", "correct horse"), ("root", "battery staple"), ("ann", "correct horse")] {
        ensure_admin(&store, name, password, at(NOW)).await.unwrap();
        let user = store.user(name).await.unwrap().unwrap();
        assert!(user.scope == Scope::Admin && User::accepts(Some(&user), password), "{name} {password}");
        let session = Session::begin(name, at(NOW).plus(Duration::from_mins(1))).unwrap();
        assert!(store.begin_session(&session, &user, at(NOW)).await.unwrap());
        ensure_admin(&store, name, password, at(NOW)).await.unwrap();
        assert!(store.session(&session.id).await.unwrap().is_some());
    }
    assert!(ensure_admin(&store, "root", "short", at(NOW)).await.is_err());
}
