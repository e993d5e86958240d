//! How users change their own passwords.

use std::time::Duration;

use serde_json::{Value, json};
use unistatus_core::access::{Scope, User};
use unistatus_core::store::Accounts;

use crate::support::{Answer, Cast, Client, MemoryStore, TestApp, add_user};

const JSON: (&str, &str) = ("Content-Type", "application/json");
const OLD: &str = "correct horse";
const NEW: &str = "battery staple";

async fn app() -> TestApp {
    let store = MemoryStore::new([]);
    for name in ["ann", "bob"] {
        add_user(&store, name, Scope::Read).await;
    }
    TestApp::ready(store).await
}

async fn log_in(client: &Client, name: &str, password: &str) -> Answer {
    client.post("/api/login", &[JSON], &json!({"name": name, "password": password}).to_string()).await
}

/// Who sends a request by the token of a login.
async fn bearer(client: &Client, name: &str) -> String {
    bearer_of(&log_in(client, name, OLD).await)
}

fn bearer_of(login: &Answer) -> String {
    format!("Bearer {}", login.json()["token"].as_str().unwrap())
}

fn cookie_of(answer: &Answer) -> String {
    answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
}

async fn session(client: &Client, who: (&str, &str)) -> Answer {
    client.send("GET", "/api/session", &[who]).await
}

async fn change(client: &Client, who: &[(&str, &str)], current: &str, new: &str) -> Answer {
    let body = json!({"current": current, "new": new}).to_string();
    client.send_body("PUT", "/api/password", &[who, &[JSON]].concat(), &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_goes_on_with_a_new_session_and_all_others_of_the_user_end() {
    let app = app().await;
    let (cookie, elsewhere) = (cookie_of(&log_in(&app, "ann", OLD).await), bearer(&app, "ann").await);
    let bob = bearer(&app, "bob").await;
    let csrf = session(&app, ("Cookie", &cookie)).await.json()["csrfToken"].as_str().unwrap().to_owned();

    let changed = change(&app, &[("Cookie", &cookie), ("X-CSRF-Token", &csrf)], OLD, NEW).await;
    assert_eq!((changed.status, changed.header("cache-control")), (200, Some("no-store")), "{}", changed.body);
    let body = changed.json();
    assert_eq!((&body["scope"], &body["expiresAt"]), (&"read".into(), &"2026-05-04T12:30:00.000Z".into()));
    let token = body["token"].as_str().unwrap();
    let wanted = format!("unistatus_session={token}; Path=/; Max-Age=1800; HttpOnly; SameSite=Lax");
    assert_eq!(changed.header("set-cookie").unwrap(), wanted);

    assert_eq!(session(&app, ("Cookie", &cookie_of(&changed))).await.json()["name"], "ann");
    for old in [("Cookie", cookie.as_str()), ("Authorization", &elsewhere)] {
        assert_eq!(session(&app, old).await.status, 401, "{old:?}");
    }
    assert_eq!(session(&app, ("Authorization", &bob)).await.status, 200);
    assert_eq!(app.store.sessions(), 2);
    assert_eq!((log_in(&app, "ann", OLD).await.status, log_in(&app, "ann", NEW).await.status), (401, 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_given_a_new_token_and_no_cookie() {
    let app = app().await;
    let old = bearer(&app, "ann").await;
    let changed = change(&app, &[("Authorization", &old)], OLD, NEW).await;
    assert_eq!((changed.status, changed.header("set-cookie")), (200, None), "{}", changed.body);
    assert_eq!(session(&app, ("Authorization", &bearer_of(&changed))).await.status, 200);
    assert_eq!(session(&app, ("Authorization", &old)).await.status, 401);
    let ann = app.store.user("ann").await.unwrap().unwrap();
    assert!(ann.scope == Scope::Read && User::accepts(Some(&ann), NEW));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_counts_as_a_failed_login_and_changes_nothing() {
    let app = app().await;
    let bearer = bearer(&app, "ann").await;
    let who = [("Authorization", bearer.as_str())];
    for _ in 0..5 {
        let refused = change(&app, &who, "wrong horse", NEW).await;
        let wanted = r#"{"error":{"code":"Forbidden","message":"The current password is wrong."}}"#;
        assert_eq!((refused.status, refused.body.as_str()), (403, wanted));
    }
    let wait = change(&app, &who, OLD, NEW).await;
    assert_eq!((wait.status, wait.header("retry-after")), (429, Some("1")));
    assert_eq!(log_in(&app, "ann", OLD).await.status, 429, "both count together");
    assert_eq!(session(&app, who[0]).await.status, 200, "the session goes on");
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(log_in(&app, "ann", OLD).await.status, 200, "nothing was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_change_is_refused_and_is_no_wrong_password() {
    let app = app().await;
    let bearer = bearer(&app, "ann").await;
    let key = Cast::of(&app.store).await.admin;
    let (by_login, by_key) = (("Authorization", bearer.as_str()), ("X-API-KEY", key.as_str()));
    for _ in 0..3 {
        for (who, body, said) in [
            (by_login, json!({"current": "wrong horse", "new": "short"}), "8 to 256 characters"),
            (by_login, json!({"current": "wrong horse", "new": "x".repeat(257)}), "8 to 256 characters"),
            (by_login, json!({"new": NEW}), "not the JSON expected"),
            (by_login, json!({"current": OLD, "new": NEW, "name": "bob"}), "not the JSON expected"),
            (by_key, json!({"current": OLD, "new": NEW}), "A key has no password"),
        ] {
            let refused = app.send_body("PUT", "/api/password", &[who, JSON], &body.to_string()).await;
            assert_eq!((refused.status, &refused.json()["error"]["code"]), (400, &"BadRequest".into()), "{body}");
            let message = refused.json()["error"]["message"].as_str().unwrap().to_owned();
            assert!(message.contains(said) && !message.contains("horse") && !message.contains(NEW), "{message}");
        }
    }
    assert_eq!(app.send("PUT", "/api/password?current=x", &[by_login]).await.status, 400);
    assert_eq!(change(&app, &[by_login], OLD, NEW).await.status, 200, "nothing counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_changes_meanwhile_stays() {
    for (at_login, is_there) in [(false, true), (true, false)] {
        let app = app().await;
        let bearer = bearer(&app, "ann").await;
        if at_login {
            app.store.remove_at_login("ann");
        } else {
            app.store.promote_at_replacement("ann");
        }
        let refused = change(&app, &[("Authorization", &bearer)], OLD, NEW).await;
        assert_eq!((refused.status, refused.header("set-cookie")), (401, None), "{}", refused.body);
        assert_eq!(app.store.sessions(), 0);
        let ann = app.store.user("ann").await.unwrap();
        assert_eq!(ann.is_some(), is_there);
        let as_they_made_it = |ann: User| ann.scope == Scope::Write && User::accepts(Some(&ann), OLD);
        assert!(ann.is_none_or(as_they_made_it));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_nothing_is_changed_and_nobody_is_slowed_down() {
    let app = app().await;
    let bearer = bearer(&app, "ann").await;
    let who = [("Authorization", bearer.as_str())];
    app.store.set_away(true);
    for _ in 0..8 {
        let answer = change(&app, &who, OLD, NEW).await;
        assert_eq!((answer.status, &answer.json()["error"]["code"]), (503, &Value::from("StoreUnavailable")));
    }
    app.store.set_away(false);
    assert_eq!(change(&app, &who, OLD, NEW).await.status, 200);
}
