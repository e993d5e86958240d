//! Logging in and out, and giving access, without scripts.

use unistatus_core::access::{NewKey, Scope};
use unistatus_core::config::{Hidden, ReadAccess};
use unistatus_core::schema::Status;
use unistatus_core::store::Accounts;

use crate::person::{FORM, Person};
use crate::support::{MemoryStore, NOW, TestApp, add_user, at, service, target};
use crate::world::{BROWSER, browse};

/// Users who may read, write and give access.
const USERS: [(&str, Scope); 3] = [("rea", Scope::Read), ("will", Scope::Write), ("ada", Scope::Admin)];

async fn app(read_access: ReadAccess) -> TestApp {
    let store = MemoryStore::new([target("github", [service("Actions", Status::Ok, &[])])]);
    for (name, scope) in USERS {
        add_user(&store, name, scope).await;
    }
    let app = TestApp::with(store, |options| options.read_access = read_access).await;
    app.until("/readyz", |answer| answer.status == 200).await;
    app
}

#[actix_web::test]
async fn a_person_logs_in_comes_back_to_where_they_were_and_logs_out() {
    let app = app(ReadAccess::Open).await;
    let mut person = Person::new(*app);
    let page = person.get("/targets/github").await;
    assert!(page.body.contains(r#"<a class="account" href="/login?next=%2Ftargets%2Fgithub">Log in</a>"#));
    let page = person.get("/login?next=%2Ftargets%2Fgithub").await;
    assert_eq!((page.status, page.header("Cache-Control")), (200, Some("no-store")));
    assert!(page.body.contains(r#"name="next" value="&#x2f;targets&#x2f;github""#), "{}", page.body);
    let fields = [("name", "will"), ("password", "correct horse"), ("next", "/targets/github")];
    let answer = person.post("/login", &fields).await;
    assert_eq!((answer.status, answer.header("Location")), (303, Some("/targets/github")));
    let page = person.get("/targets/github").await;
    assert_eq!(page.header("Cache-Control"), Some("private, no-cache"));
    assert!(page.body.contains(">will</a>") && page.body.contains("Log out") && !page.body.contains("Log in"));
    assert!(!page.body.contains("href=\"/keys\""), "who may not give access is not led to it");
    let answer = person.post("/logout", &[]).await;
    assert_eq!((answer.status, answer.header("Location")), (303, Some("/")));
    assert!(person.get("/").await.body.contains("Log in"));
    assert_eq!(app.store.sessions(), 0);
}

#[actix_web::test]
async fn a_login_that_fails_says_so_and_keeps_the_name_alone() {
    let app = app(ReadAccess::Open).await;
    let mut person = Person::new(*app);
    for name in ["ada", "nobody", "", "<b>"] {
        let page = person.post("/login", &[("name", name), ("password", "battery staple"), ("next", "/keys")]).await;
        assert_eq!((page.status, page.header("Set-Cookie")), (401, None));
        assert!(page.body.contains("The name or the password is wrong."), "{}", page.body);
        assert!(page.body.contains("&#x2f;keys") && !page.body.contains("staple") && !page.body.contains("<b>"));
    }
    assert!(person.post("/login", &[("name", "ada")]).await.body.contains("value=\"ada\""));
    let foreign = [BROWSER, FORM, ("Origin", "https://evil.test")];
    let refused = app.post("/login", &foreign, "name=ada&password=correct+horse").await;
    assert_eq!((refused.status, refused.header("Set-Cookie")), (403, None));
    let away =
        person.post("/login", &[("name", "ada"), ("password", "correct horse"), ("next", "https://evil.test/")]).await;
    assert_eq!(away.header("Location"), Some("/"), "nobody is led elsewhere");
    let json = app.post("/login", &[BROWSER, ("Content-Type", "application/json")], "{}").await;
    assert_eq!(json.status, 415);
    assert_eq!(person.get("/login?wat=1").await.status, 400);
}

#[actix_web::test]
async fn what_is_shown_to_somebody_is_shown_to_nobody_else() {
    let app = app(ReadAccess::Open).await;
    let mut person = Person::logged_in(*app, "ada").await;
    let page = person.get("/").await;
    assert!(page.body.contains(">ada</a>") && page.body.contains("href=\"/users\""));
    assert_eq!(page.header("Vary"), Some("Accept, Accept-Encoding, Cookie"));
    let stranger = browse(&app, "/").await;
    assert!(!stranger.body.contains("ada") && !stranger.body.contains("csrf"));
    assert_ne!(stranger.header("ETag"), page.header("ETag"));
}

#[actix_web::test]
async fn where_reading_is_closed_people_are_led_to_the_login() {
    let app = app(ReadAccess::Key).await;
    for path in ["/", "/targets/github?q=a%26b", "/keys", "/nothing", "/api/docs/"] {
        let answer = browse(&app, path).await;
        let next: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
        let wanted = if path == "/" { "/login".to_owned() } else { format!("/login?next={next}") };
        assert_eq!((answer.status, answer.header("Location")), (303, Some(wanted.as_str())), "{path}");
        assert_eq!(answer.header("Cache-Control"), Some("no-store"));
        assert_eq!(app.get(path).await.status, 401, "{path}");
    }
    for path in ["/api/status", "/graphql", "/metrics"] {
        assert_eq!(browse(&app, path).await.status, 401, "{path}");
    }
    let login = browse(&app, "/login").await;
    assert_eq!(login.status, 200);
    let style = login.body.split("stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(app.get(style).await.status, 200, "a page for strangers is dressed, too");
    let mut person = Person::logged_in(*app, "rea").await;
    assert_eq!(person.get("/targets/github").await.status, 200);
    assert_eq!(person.get("/nothing").await.status, 404);
}

/// Every form, whoever may send it, and what it takes.
const FORMS: [(&str, Scope); 10] = [
    ("/account/password", Scope::Read),
    ("/keys", Scope::Admin),
    ("/keys/revoke", Scope::Admin),
    ("/users", Scope::Admin),
    ("/users/change", Scope::Admin),
    ("/users/remove", Scope::Admin),
    ("/servers", Scope::Write),
    ("/servers/web/address", Scope::Write),
    ("/servers/web/remove", Scope::Write),
    // The last: it ends what the others need.
    ("/logout", Scope::Read),
];

#[actix_web::test]
async fn each_form_takes_its_scope_and_the_proof_that_it_is_ours() {
    let app = app(ReadAccess::Open).await;
    for (name, has) in USERS {
        let mut person = Person::logged_in(*app, name).await;
        for (path, scope) in FORMS {
            let without = person.post_as(path, None).await.status;
            assert_eq!(without, 403, "{path} by {name} from elsewhere");
            let wrong = person.post_as(path, Some("wrong")).await.status;
            assert_eq!(wrong, 403, "{path} by {name} with a wrong proof");
            let status = person.post(path, &[]).await.status;
            assert_eq!(status == 403, has < scope, "{path} by {name}: {status}");
        }
    }
    for (path, _) in FORMS {
        let by_nobody = Person::new(*app).post(path, &[]).await.status;
        // Who is logged out already may log out.
        assert_eq!(by_nobody, if path == "/logout" { 303 } else { 401 }, "{path} by nobody");
        assert_eq!(browse(&app, path).await.status == 405, !matches!(path, "/keys" | "/users" | "/servers"), "{path}");
    }
    for (name, status) in [("rea", 403), ("will", 403), ("ada", 200)] {
        let mut person = Person::logged_in(*app, name).await;
        for path in ["/keys", "/users"] {
            assert_eq!(person.get(path).await.status, status, "{path} by {name}");
        }
    }
}

#[actix_web::test]
async fn a_key_is_shown_once_and_revoked_by_a_form() {
    let app = app(ReadAccess::Key).await;
    let mut ada = Person::logged_in(*app, "ada").await;
    assert!(ada.get("/keys").await.body.contains("There is none."));
    let page = ada.post("/keys", &[("name", "ci <b>"), ("scope", "read"), ("days", "30")]).await;
    assert_eq!((page.status, page.header("Cache-Control")), (200, Some("no-store")));
    assert!(page.body.contains("ci &lt;b&gt;") && !page.body.contains("<b>"));
    let key = page.body.split("id=\"secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_eq!(app.send("GET", "/api/status", &[("X-API-KEY", &key)]).await.status, 200);
    let list = ada.get("/keys").await;
    assert!(!list.body.contains(&key) && list.body.contains("3 Jun 2026, 12:00 UTC"), "{}", list.body);
    let id = &key[3..15];
    let answer = ada.post("/keys/revoke", &[("id", id)]).await;
    assert_eq!((answer.status, answer.header("Location")), (303, Some("/keys")));
    assert_eq!(app.send("GET", "/api/status", &[("X-API-KEY", &key)]).await.status, 401);
    assert!(ada.get("/keys").await.body.contains("No longer accepted (1)"));
    for (fields, said) in [
        (&[("scope", "read")][..], "name"),
        (&[("name", "x"), ("scope", "all")], "expected is read, write or admin"),
        (&[("name", "x"), ("scope", "read"), ("days", "31")], "30, 90 or 365 days"),
    ] {
        let page = ada.post("/keys", fields).await;
        assert!(page.status == 400 && page.body.contains(said), "{fields:?}: {}", page.body);
    }
    assert_eq!(ada.post("/keys/revoke", &[("id", "none")]).await.status, 404);
}

#[actix_web::test]
async fn users_come_and_go_by_forms() {
    let app = app(ReadAccess::Open).await;
    let mut ada = Person::logged_in(*app, "ada").await;
    let new = [("name", "Zoë/1"), ("password", "correct horse"), ("scope", "write")];
    assert_eq!(ada.post("/users", &new).await.header("Location"), Some("/users"));
    assert!(ada.get("/users").await.body.contains("Zoë&#x2f;1"));
    let mut zoe = Person::logged_in(*app, "Zoë/1").await;
    let again = ada.post("/users", &new).await;
    assert!(again.status == 409 && again.body.contains("exists already") && !again.body.contains("correct horse"));
    assert!(again.body.contains(r#"name="name" value="Zoë&#x2f;1" maxlength"#), "what was typed is kept");
    for (password, scope) in [("short", "read"), ("", "read"), ("correct horse", "king")] {
        let page = ada.post("/users", &[("name", "x"), ("password", password), ("scope", scope)]).await;
        assert_eq!(page.status, 400, "{password} {scope}");
    }
    let changed =
        ada.post("/users/change", &[("name", "Zoë/1"), ("scope", "read"), ("password", "battery staple")]).await;
    assert_eq!(changed.status, 303);
    assert!(zoe.get("/").await.body.contains("Log in"), "the session ended");
    let answer = zoe.post("/login", &[("name", "Zoë/1"), ("password", "battery staple")]).await;
    assert_eq!(answer.status, 303);
    assert!(zoe.get("/").await.body.contains("title=\"Scope: read\""));
    assert_eq!(ada.post("/users/remove", &[("name", "Zoë/1")]).await.status, 303);
    assert!(zoe.get("/").await.body.contains("Log in"));
    assert_eq!(ada.post("/users/remove", &[("name", "Zoë/1")]).await.status, 404);
    let last = ada.post("/users/remove", &[("name", "ada")]).await;
    assert!(last.status == 409 && last.body.contains("the last who may give access"), "{}", last.body);
}

#[actix_web::test]
async fn people_change_their_own_passwords_by_a_form() {
    let app = app(ReadAccess::Open).await;
    assert_eq!(browse(&app, "/account").await.header("Location"), Some("/login?next=%2Faccount"));
    let (mut rea, mut elsewhere) = (Person::logged_in(*app, "rea").await, Person::logged_in(*app, "rea").await);
    let page = rea.get("/account").await;
    assert_eq!((page.status, page.header("Cache-Control")), (200, Some("no-store")));
    assert!(page.body.contains("<dd>rea</dd>") && page.body.contains("<dd>read</dd>"), "{}", page.body);
    assert!(!page.body.contains("is changed") && !page.body.contains("ADMIN_PASSWORD"));
    for (current, new, status, said) in [
        ("wrong horse", "battery staple", 403, "The current password is wrong."),
        ("", "battery staple", 403, "The current password is wrong."),
        ("correct horse", "short", 400, "8 to 256 characters"),
    ] {
        let page = rea.post("/account/password", &[("current", current), ("new", new)]).await;
        assert!(page.status == status && page.body.contains(said), "{}", page.body);
        assert!(page.body.contains("id=\"problem\"") && page.header("Set-Cookie").is_none());
        for secret in ["horse", "staple", "short"] {
            assert!(!page.body.contains(secret), "{secret} in {}", page.body);
        }
    }
    let fields = [("current", "correct horse"), ("new", "battery staple"), ("name", "ada")];
    let changed = rea.post("/account/password", &fields).await;
    assert_eq!((changed.status, changed.header("Location")), (303, Some("/account?password=changed")));
    let page = rea.get("/account?password=changed").await;
    assert!(page.status == 200 && page.body.contains("The password is changed."), "{}", page.body);
    assert_eq!(rea.post("/account/password", &[("current", "x"), ("new", "battery horse")]).await.status, 403);
    assert!(elsewhere.get("/").await.body.contains("Log in"), "the other session ended");
    let again = elsewhere.post("/login", &[("name", "rea"), ("password", "battery staple")]).await;
    assert_eq!(again.status, 303);
    Person::logged_in(*app, "ada").await;
    for query in ["password=kept", "name=ada"] {
        assert_eq!(rea.get(&format!("/account?{query}")).await.status, 400, "{query}");
    }
}

#[actix_web::test]
async fn who_has_a_password_in_the_settings_is_told_that_it_holds_again() {
    let store = MemoryStore::new([]);
    add_user(&store, "ada", Scope::Admin).await;
    let settings = Some(("ada".to_owned(), Hidden::new("correct horse")));
    let app = TestApp::with(store, |options| options.admin = settings).await;
    let mut ada = Person::logged_in(*app, "ada").await;
    assert!(ada.get("/account").await.body.contains("ADMIN_PASSWORD"));
    let key = NewKey::create("ci", Scope::Read, None, at(NOW)).unwrap();
    assert!(app.store.add_key(&key.key).await.unwrap());
    let page = app.send("GET", "/account", &[BROWSER, ("X-API-KEY", &key.secret)]).await;
    assert!(page.status == 200 && !page.body.contains("password"), "a key has none: {}", page.body);
}

#[actix_web::test]
async fn a_login_that_comes_too_often_is_told_to_wait() {
    let app = app(ReadAccess::Open).await;
    let mut person = Person::new(*app);
    let mut refused = person.post("/login", &[("name", "ada"), ("password", "wrong")]).await;
    while refused.status == 401 {
        refused = person.post("/login", &[("name", "ada"), ("password", "wrong")]).await;
    }
    assert_eq!(refused.status, 429);
    assert!(refused.header("Retry-After").is_some() && refused.body.contains("Too many requests"), "{}", refused.body);
}

#[actix_web::test]
async fn a_page_that_is_not_there_is_a_page_to_people() {
    let app = app(ReadAccess::Open).await;
    let page = browse(&app, "/nothing").await;
    assert_eq!((page.status, page.header("Content-Type")), (404, Some("text/html; charset=utf-8")));
    assert!(page.body.contains("There is nothing here"));
    assert_eq!(app.get("/nothing").await.json()["error"]["code"], "RouteNotFound");
    assert_eq!(browse(&app, "/api/nothing").await.json()["error"]["code"], "RouteNotFound");
    let mut ada = Person::logged_in(*app, "ada").await;
    assert!(ada.get("/nothing").await.body.contains(">ada</a>"));
}
