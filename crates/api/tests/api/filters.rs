//! Only what is asked for, and page by page.

use std::time::Duration;

use serde_json::{Value, json};
use unistatus_core::schema::{Kind, Scalar, Status};
use unistatus_core::store::TargetState;

use crate::support::{Answer, MemoryStore, TestApp, service, target};

fn world() -> [TargetState; 4] {
    let mut github = target(
        "github",
        [
            service("Git Operations", Status::Ok, &[("region", "eu")]),
            service("Actions", Status::Outage, &[("region", "us")]),
            service("Pages", Status::Degraded, &[]),
        ],
    );
    github.services[2].dimensions.insert("maintenance".to_owned(), Scalar::Bool(true));
    github.about.title = Some("GitHub, Inc.".to_owned());
    github.about.category = Some("our-own".to_owned());
    let mut aws = target("aws", [service("EC2", Status::Ok, &[("region", "us")])]);
    aws.kind = Kind::Rss;
    aws.about.category = Some("cloud".to_owned());
    [github, aws, target("zoom", []), target("slack", [service("Huddles", Status::Ok, &[])])]
}

/// `target/service` for each service, `target/` for a target without any.
fn names(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let mut names = Vec::new();
    for target in answer.json()["targets"].as_array().unwrap() {
        let services = target["services"].as_array().unwrap();
        let target = target["name"].as_str().unwrap();
        names.extend(services.iter().map(|service| format!("{target}/{}", service["name"].as_str().unwrap())));
        if services.is_empty() {
            names.push(format!("{target}/"));
        }
    }
    names
}

fn services(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let rows = answer.json();
    rows.as_array().unwrap().iter().map(|row| row["service"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_and_services_that_are_asked_for() {
    let app = TestApp::spawn(world()).await;
    let (aws, zoom) = ("aws/EC2", "zoom/");
    let [git, actions, pages] = ["github/Git Operations", "github/Actions", "github/Pages"];
    for (query, found) in [
        ("", &[aws, git, actions, pages, "slack/Huddles", zoom][..]),
        ("status=Outage", &[actions]),
        ("status=outage,DEGRADED", &[actions, pages]),
        ("status=Outage&status=Degraded", &[actions, pages]),
        ("type=RSS", &[aws]),
        ("type=rss,html", &[aws]),
        ("target=zoom,aws", &[aws, zoom]),
        ("target=zoom&status=OK", &[]),
        ("category=cloud", &[aws]),
        ("category=cloud&category=our-own", &[aws, git, actions, pages]),
        ("category=database", &[]),
        ("q=HUB", &[git, actions, pages]),
        ("q=hub,%20inc", &[git, actions, pages]),
        ("q=zoo", &[zoom]),
        ("q=git+op", &[git]),
        ("q=git", &[git, actions, pages]),
        ("q=hud", &["slack/Huddles"]),
        ("q=HUB&status=OK", &[git]),
        ("q=nowhere", &[]),
        ("dimension.region=us", &[aws, actions]),
        ("dimension.region=us&dimension.region=eu", &[aws, git, actions]),
        ("dimension.maintenance=true", &[pages]),
        ("dimension.region=us&dimension.maintenance=true", &[]),
        ("dimension.region=us&status=OK", &[aws]),
        ("dimension.region=us,eu", &[]),
        ("dimension.planet=mars", &[]),
    ] {
        assert_eq!(names(&app.get(&format!("/api/status?{query}")).await), found, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_asked_for() {
    let app = TestApp::spawn(world()).await;
    for (path, found) in [
        ("github?status=Outage,OK", &["Git Operations", "Actions"][..]),
        ("github?q=S", &["Git Operations", "Actions", "Pages"]),
        ("github?q=git", &["Git Operations"]),
        ("github?dimension.region=us", &["Actions"]),
        ("github?status=Unknown", &[]),
        ("github/actions?status=Outage", &["Actions"]),
        ("github/Actions?status=OK", &[]),
        ("github/Actions?fields=status", &["Actions"]),
    ] {
        assert_eq!(services(&app.get(&format!("/api/status/{path}")).await), found, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_properties_that_are_asked_for() {
    let app = TestApp::spawn(world()).await;
    for (path, body) in [
        ("/api/status?target=aws&fields=type", r#"{"targets":[{"name":"aws","type":"RSS"}]}"#),
        ("/api/status?target=aws&fields=services", r#"{"targets":[{"name":"aws","services":[{"name":"EC2"}]}]}"#),
        (
            "/api/status?target=aws&fields=status,endpoint",
            concat!(
                r#"{"targets":[{"name":"aws","endpoint":"https://aws.test/status.json","#,
                r#""services":[{"name":"EC2","status":"OK"}]}]}"#,
            ),
        ),
        (
            "/api/status/aws?fields=dimensions&fields=lastTimestamp",
            concat!(
                r#"[{"target":"aws","service":"EC2","lastTimestamp":"2026-05-04T09:45:04.745Z","#,
                r#""dimensions":{"region":"us"}}]"#,
            ),
        ),
        ("/api/status/aws/ec2?fields=STATUS", r#"[{"target":"aws","service":"EC2","status":"OK"}]"#),
    ] {
        assert_eq!(app.get(path).await.body, body, "{path}");
    }
    let all = app.get("/api/status").await;
    let named = app.get("/api/status?fields=endpoint,type,services,lastTimestamp,status,dimensions").await;
    assert_eq!(named.body, all.body);
    assert_eq!(named.header("etag"), all.header("etag"), "the same bytes have the same tag");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stale_is_filtered_as_it_is_served() {
    let app = TestApp::spawn([target("quick", [service("API", Status::Outage, &[])])]).await;
    app.clock.advance(Duration::from_mins(6));
    app.until("/api/status", |answer| answer.body.contains("stale")).await;
    for (query, found) in [
        ("status=Outage", 0),
        ("status=Unknown", 1),
        ("dimension.stale=true", 1),
        ("dimension.lastKnownStatus=Outage", 1),
    ] {
        assert_eq!(names(&app.get(&format!("/api/status?{query}")).await).len(), found, "{query}");
    }
}

/// The query of the next page.
fn next(answer: &Answer) -> Option<String> {
    let link = answer.header("link")?;
    Some(link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")).unwrap().to_owned())
}

/// All pages, each of which has no more elements than it may.
async fn all_pages(app: &TestApp, first: &str, limit: usize, elements: impl Fn(&Value) -> Vec<Value>) -> Vec<Value> {
    let mut all = Vec::new();
    let mut path = Some(first.to_owned());
    while let Some(asked) = path {
        let page = app.get(&asked).await;
        assert_eq!(page.status, 200, "{asked}: {}", page.body);
        let found = elements(&page.json());
        path = next(&page);
        assert!(if path.is_some() { found.len() == limit } else { found.len() <= limit }, "{asked}");
        all.extend(found);
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn links_lead_from_page_to_page_to_the_end() {
    let app = TestApp::spawn(world()).await;
    let targets = |body: &Value| body["targets"].as_array().unwrap().clone();
    let rows = |body: &Value| body.as_array().unwrap().clone();
    for limit in 1..=5 {
        for query in ["", "&status=OK", "&q=o&fields=status"] {
            for resource in ["/api/status", "/api/targets"] {
                if resource == "/api/targets" && query.contains("status") {
                    continue;
                }
                let whole = targets(&app.get(&format!("{resource}?{query}")).await.json());
                let paged = all_pages(&app, &format!("{resource}?limit={limit}{query}"), limit, targets).await;
                assert_eq!(paged, whole, "{resource} {limit} {query}");
            }
            let whole = rows(&app.get(&format!("/api/status/github?{query}")).await.json());
            let paged = all_pages(&app, &format!("/api/status/github?limit={limit}{query}"), limit, rows).await;
            assert_eq!(paged, whole, "rows {limit} {query}");
        }
    }
    assert_eq!(app.get("/api/status").await.header("link"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_while_what_they_show_comes_and_goes() {
    let app = TestApp::spawn(world()).await;
    let first = app.get("/api/status?limit=2").await;
    assert_eq!(names(&first)[0], "aws/EC2");
    let rows = app.get("/api/status/github?limit=2&fields=status").await;
    assert_eq!(services(&rows), ["Git Operations", "Actions"]);

    // The last of the page goes, and one comes before it.
    app.store.update("github", |state| {
        state.services.remove(1);
        state.services.insert(0, service("Codespaces", Status::Ok, &[]));
    });
    app.until("/api/status/github", |answer| answer.body.contains("Codespaces")).await;
    app.store.update("github", |state| drop(state.services.remove(0)));
    app.until("/api/status/github", |answer| !answer.body.contains("Codespaces")).await;
    assert_eq!(services(&app.get(&next(&rows).unwrap()).await), ["Pages"]);

    app.store.update("github", |state| state.retired = true);
    app.store.put(target("azure", []));
    app.until("/api/status/azure", |answer| answer.status == 200).await;
    assert_eq!(names(&app.get(&next(&first).unwrap()).await), ["slack/Huddles", "zoom/"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_not_the_last_any_more_says_so_with_its_304() {
    let app = TestApp::spawn([target("aws", [])]).await;
    let only = app.get("/api/status?limit=1").await;
    assert_eq!(only.header("link"), None);
    app.store.put(target("github", []));
    app.until("/api/status/github", |answer| answer.status == 200).await;
    let etag = [("If-None-Match", only.header("etag").unwrap())];
    let held = app.send("GET", "/api/status?limit=1", &etag).await;
    assert_eq!(held.status, 304);
    assert_eq!(names(&app.get(&next(&held).unwrap()).await), ["github/"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn age_is_told_with_filters_too() {
    let app = TestApp::ready(MemoryStore::new(world())).await;
    app.store.set_away(true);
    app.until("/api/status?status=OK", |answer| answer.header("age").is_some()).await;
    assert_eq!(app.get("/api/targets/aws").await.json()["status"], json!("OK"));
}
