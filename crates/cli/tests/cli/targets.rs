//! `unistatus targets`: what is asked, and what could be.

use serde_json::Value;

use crate::process::{Ended, Program};
use crate::unistatus;

/// Two targets of one's own: one in place of a built-in one, one called as another one is called, too.
const OWN: &str = r#"
[[target]]
name     = "github"
title    = "GitHub Enterprise"
type     = "REST"
format   = "statuspage"
endpoint = "http://127.0.0.1:9000/summary.json"
every    = "5s"
include  = ["Git *", "Actions"]

[[target]]
name     = "twitter"
type     = "HTML"
format   = "statuspage"
endpoint = "http://127.0.0.1:9000/"
aliases  = ["board"]
auth     = { bearer = "${BOARD_TOKEN}" }
note     = "Colours \u001b[2Jand\u202e turns."
"#;

fn targets<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Program {
    unistatus(["targets"].into_iter().chain(arguments))
}

fn with_own<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Program {
    targets(arguments).file("own.toml", OWN).env("TARGETS_FILE", "own.toml")
}

fn json(ended: &Ended) -> Value {
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    serde_json::from_str(&ended.stdout).unwrap()
}

fn names(listed: &Value) -> Vec<&str> {
    listed.as_array().unwrap().iter().map(|about| about["name"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_configured_is_listed_as_a_table() {
    let ended = with_own(["list", "--catalog", "gitlab,gcp"]).run().await;
    assert_eq!(
        ended.stdout,
        "NAME     TITLE              CATEGORY  TYPE  FORMAT      FLAGS\n\
         gcp      Google Cloud       cloud     RSS   google      recommended\n\
         github   GitHub Enterprise  (own)     REST  statuspage\n\
         gitlab   GitLab             code      HTML  statusio    recommended, unverified\n\
         twitter  twitter            (own)     HTML  statuspage  not configured\n"
    );
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert!(ended.left_behind().iter().all(|file| file == "own.toml"), "{:?}", ended.left_behind());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_stands_for_the_configured_one() {
    let count = async |arguments: &[&str]| {
        let listed = json(&with_own(["list", "--json"].into_iter().chain(arguments.iter().copied())).run().await);
        listed.as_array().unwrap().len()
    };
    let recommended = count(&[]).await;
    assert!((35..=52).contains(&recommended), "{recommended}");
    assert_eq!(count(&["--recommended", "--catalog", "none"]).await, recommended);
    assert_eq!(count(&["--own"]).await, 2);
    assert_eq!(count(&["--catalog", "none"]).await, 2);
    assert!(count(&["--all"]).await > 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_narrow_the_list() {
    for (filters, expected) in [
        (&["--search", "GOOGLE cloud"][..], &["gcp"][..]),
        (&["--search", "google-cloud"], &["gcp"]),
        (&["--search", "status.claude"], &["anthropic"]),
        (&["--search", "twitterstat.us"], &["x"]),
        (&["--search", "github", "--category", "code"], &[]),
        (&["--category", "cloud", "--type", "rss", "--format", "google"], &["gcp"]),
        (&["--category", "social", "--type", "HTML"], &["x"]),
        (&["--search", "github"], &["github"]),
        (&["--format", "selectors"], &["x"]),
    ] {
        let program = with_own(["list", "--all", "--json"]).args(filters.iter().copied());
        assert_eq!(names(&json(&program.run().await)), expected, "{filters:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_are_of_a_type_too() {
    let own = "[[target]]\nname = \"gateway\"\ntype = \"PING\"\nendpoint = \"192.0.2.1\"\n";
    for (kind, expected) in [("ping", &["gateway"][..]), ("TCP", &[])] {
        let program = targets(["list", "--own", "--json", "--type", kind, "--targets", "own.toml"]);
        assert_eq!(names(&json(&program.file("own.toml", own).run().await)), expected, "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_has_everything_that_is_known() {
    let listed = json(&targets(["list", "--all", "--json"]).run().await);
    let all = listed.as_array().unwrap();
    assert!(names(&listed).is_sorted());
    for about in all {
        for text in ["name", "title", "category", "homepage", "type", "format", "endpoint", "evidence"] {
            assert!(about[text].as_str().is_some_and(|text| !text.is_empty()), "{text} in {about}");
        }
        assert!(about["floor"].as_u64().is_some_and(|seconds| seconds >= 60), "{about}");
        assert!(about["aliases"].is_array() && about["recommended"].is_boolean() && about["unverified"].is_boolean());
        assert!(about["note"].is_null() || about["note"].is_string(), "{about}");
    }
    let x = all.iter().find(|about| about["name"] == "x").unwrap();
    assert_eq!((&x["aliases"][0], &x["floor"], &x["unverified"]), (&"twitter".into(), &300.into(), &true.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_says_how_to_see_more() {
    for (arguments, told) in [
        (&["--search", "nobody has this"][..], "No target matches; --all looks through the whole catalog.\n"),
        (&["--search", "nobody has this", "--all"], "No target matches.\n"),
        (&["--catalog", "none"], "No target is configured; --all lists the whole catalog.\n"),
    ] {
        let ended = targets(["list"]).args(arguments.iter().copied()).run().await;
        assert_eq!(ended.stdout, "NAME  TITLE  CATEGORY  TYPE  FORMAT  FLAGS\n");
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), told));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_is_shown_by_name_and_by_alias() {
    let by_name = targets(["show", "gcp"]).run().await;
    assert_eq!(
        by_name.stdout,
        "name      gcp\n\
         title     Google Cloud\n\
         aliases   google-cloud, google-cloud-platform\n\
         category  cloud\n\
         homepage  https://status.cloud.google.com\n\
         type      RSS\n\
         format    google\n\
         endpoint  https://status.cloud.google.com/en/feed.atom\n\
         floor     60s\n\
         evidence  2026-09\n\
         flags     recommended\n\
         note      Each product and location that an incident names.\n\
         asked     yes\n"
    );
    assert_eq!((by_name.code, by_name.stderr.as_str()), (Some(0), ""));
    assert_eq!(targets(["show", "Google-Cloud"]).run().await.stdout, by_name.stdout);
    let unselected = json(&targets(["show", "gcp", "--json", "--catalog", "aws"]).run().await);
    assert_eq!((&unselected["name"], &unselected["asked"]), (&"gcp".into(), &false.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_targets_win() {
    let shown = with_own(["show", "github"]).run().await.stdout;
    assert!(shown.contains("title     GitHub Enterprise\nfile      own.toml\n"), "{shown}");
    assert!(shown.contains("every     5s\nfloor     1s\ninclude   \"Git *\", \"Actions\"\nasked     yes\n"), "{shown}");
    for name in ["twitter", "board"] {
        let shown = with_own(["show", name]).run().await.stdout;
        assert!(shown.starts_with("name      twitter\n"), "{shown}");
        assert!(shown.contains("note      Colours \u{fffd}[2Jand\u{fffd} turns.\n"), "{shown}");
    }
    let missing = "missing   neither BOARD_TOKEN nor BOARD_TOKEN_FILE is set";
    assert!(with_own(["show", "board"]).run().await.stdout.contains(missing));
    let shown = with_own(["show", "board"]).env("BOARD_TOKEN", "s3cret").run().await.stdout;
    assert!(shown.ends_with("asked     yes\n") && !shown.contains("s3cret"), "{shown}");
    let shown = json(&with_own(["show", "x", "--json"]).run().await);
    assert_eq!((&shown["category"], &shown["file"]), (&"social".into(), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_categories_that_are_not_known() {
    for (arguments, told) in [
        (&["show", "githup"][..], "unistatus: no target is called \"githup\"; near it: github"),
        (&["show", "bord"], "unistatus: no target is called \"bord\"; near it: bird, board, bolt\n"),
        (
            &["show", "postgresql"],
            "unistatus: no target is called \"postgresql\"; `unistatus targets list --all` lists those there are\n",
        ),
        (&["list", "--category", "clouds"], "error: invalid value 'clouds' for '--category <NAME>'"),
        (&["list", "--type", "SOAP"], "[possible values: REST, HTML, RSS, PING, TCP, HTTP]"),
        (&["list", "--all", "--own"], "error: the argument '--all' cannot be used with '--own'"),
    ] {
        let ended = with_own(arguments.iter().copied()).run().await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(ended.stderr.contains(told), "{arguments:?}: {}", ended.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_that_cannot_be_used() {
    for arguments in [["list", "--all"], ["show", "gcp"]] {
        let broken = targets(arguments).file("own.toml", "[[target]]\nname = 5\n").env("TARGETS_FILE", "own.toml");
        let ended = broken.run().await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(78), ""));
        assert!(ended.stderr.starts_with("unistatus: own.toml:2: name: invalid type"), "{}", ended.stderr);
    }
    let ended = targets(["list", "--catalog", "githup"]).run().await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(78), ""));
    assert!(ended.stderr.contains("CATALOG (flag): \"githup\" is not accepted"), "{}", ended.stderr);
    assert!(ended.stderr.contains("near it: github"), "{}", ended.stderr);
}
