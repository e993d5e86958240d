//! Any name can be asked for.

use unistatus_core::schema::Status;

use crate::support::{TestApp, service, target};

#[tokio::test(flavor = "multi_thread")]
async fn every_name_is_reached_by_percent_encoding() {
    let table = [
        ("Git Operations", "Git%20Operations"),
        ("CI/CD", "CI%2FCD"),
        ("CI/CD", "CI%2fCD"),
        ("/", "%2F"),
        ("100% Uptime", "100%25%20Uptime"),
        ("%2F", "%252F"),
        ("C++", "C++"),
        ("C++", "C%2B%2B"),
        ("a+b c", "a+b%20c"),
        ("São Paulo", "S%C3%A3o%20Paulo"),
        ("東京 🗼", "%E6%9D%B1%E4%BA%AC%20%F0%9F%97%BC"),
        (".", "%2E"),
        (".", "."),
        ("..", "%2E%2E"),
        ("..", ".."),
        ("trailing ", "trailing%20"),
        (" leading", "%20leading"),
        ("What?", "What%3F"),
        ("#1", "%231"),
        ("a;b=c&d", "a;b=c&d"),
        ("{target}", "%7Btarget%7D"),
        ("\"<quoted>\\", "%22%3Cquoted%3E%5C"),
        ("two\nlines\0", "two%0Alines%00"),
    ];
    let services = table.iter().map(|(name, _)| service(name, Status::Ok, &[]));
    let mut services: Vec<_> = services.collect();
    services.dedup_by(|a, b| a.name == b.name);
    let app = TestApp::spawn([target("odd", services)]).await;
    for (name, encoded) in table {
        let answer = app.get(&format!("/api/status/odd/{encoded}")).await;
        assert_eq!(answer.status, 200, "{encoded}: {}", answer.body);
        let rows = answer.json();
        assert_eq!(rows[0]["service"], name, "{encoded}");
        assert_eq!(rows.as_array().unwrap().len(), 1, "{encoded}");
    }
    let encoded_prefix = app.get("/%61pi/st%61tus/odd/C++").await;
    assert_eq!(encoded_prefix.json()[0]["service"], "C++");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_space_that_is_missing_makes_another_name() {
    let app =
        TestApp::spawn([target("odd", [service("trailing ", Status::Ok, &[]), service("", Status::Ok, &[])])]).await;
    for path in ["/api/status/odd/trailing", "/api/status/odd/trailing%2520", "/api/status/odd/trailing+"] {
        assert_eq!(app.get(path).await.json()["error"]["code"], "ServiceNotFound", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exact_name_comes_before_the_same_in_another_case() {
    let services = [
        service("API", Status::Ok, &[]),
        service("api", Status::Outage, &[]),
        service("STRAẞE", Status::Ok, &[]),
        service("Émile", Status::Ok, &[]),
    ];
    let app = TestApp::spawn([target("github", services)]).await;
    for (asked, found) in [
        ("API", &["API"][..]),
        ("api", &["api"]),
        ("Api", &["API", "api"]),
        ("stra%C3%9Fe", &["STRAẞE"]),
        ("%C3%A9MILE", &["Émile"]),
    ] {
        let rows = app.get(&format!("/api/status/github/{asked}")).await.json();
        let names: Vec<&str> = rows.as_array().unwrap().iter().filter_map(|row| row["service"].as_str()).collect();
        assert_eq!(names, found, "{asked}");
    }
    // Targets are named by their owner, in lower case: no guessing there.
    assert_eq!(app.get("/api/status/GitHub").await.json()["error"]["code"], "TargetNotFound");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_name_gives_several_rows_in_the_sources_order() {
    let services = [
        service("EC2", Status::Ok, &[("region", "us-east-1")]),
        service("S3", Status::Ok, &[]),
        service("EC2", Status::Outage, &[("region", "eu-west-1")]),
    ];
    let app = TestApp::spawn([target("aws", services)]).await;
    for asked in ["EC2", "ec2"] {
        let rows = app.get(&format!("/api/status/aws/{asked}")).await.json();
        let regions: Vec<_> = rows.as_array().unwrap().iter().map(|row| &row["dimensions"]["region"]).collect();
        assert_eq!(regions, ["us-east-1", "eu-west-1"], "{asked}");
    }
}
