//! `unistatus targets discover`: every dialect of the simulated world, found by its address.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::thread;

use serde_json::{Value, json};
use unistatus_core::catalog::{Selection, assemble};
use unistatus_core::schema::{Service, Timestamp, Validators};
use unistatus_core::secrets::Secrets;
use unistatus_core::target::fetch::Limits;
use unistatus_core::target::{Answer, Context, Fetcher, Parser, Prober, find_format};
use unistatus_simulator::formats::DIALECTS;
use unistatus_simulator::{Condition, Fault, Options, RetryAfter, Simulator, VendorView, World};

use crate::process::Ended;
use crate::unistatus;

async fn discover(address: &str, more: &[&str]) -> Ended {
    let arguments = ["targets", "discover", address].into_iter().chain(more.iter().copied());
    unistatus(arguments).run().await
}

fn json(ended: &Ended) -> Value {
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    serde_json::from_str(&ended.stdout).unwrap()
}

async fn start(vendors: &[&str]) -> Simulator {
    Simulator::start(World::demo(1).only(vendors).quiet(), Options::manual()).await.unwrap()
}

/// The scheme, host and port of a vendor.
fn origin(vendor: &VendorView) -> String {
    vendor.url.split('/').take(3).collect::<Vec<_>>().join("/")
}

/// Services as the contract writes them.
fn written(services: &[Service]) -> Value {
    let service = |service: &Service| {
        let at = service.last_timestamp.map(|at| at.to_string()).unwrap_or_default();
        json!({
            "name": service.name,
            "lastTimestamp": at,
            "status": service.status,
            "dimensions": service.dimensions,
        })
    };
    services.iter().map(service).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_dialect_is_found_and_reads_as_its_own_target() {
    let world = World::uniform(DIALECTS.len(), 4, &[]).quiet();
    let simulator = Simulator::start(world, Options::manual()).await.unwrap();
    let file = (PathBuf::from("targets.toml"), simulator.targets_toml());
    let targets = assemble(&Selection::None, &[file]).unwrap();
    let fetcher = Fetcher::new(Limits::default(), None, Secrets::default()).unwrap();
    for vendor in simulator.vendors() {
        simulator.set(&vendor.name, "Service 2", Condition::MajorOutage).unwrap();
        let before = simulator.count(&vendor.name).unwrap();
        let ended = discover(&vendor.url, &["--json"]).await;
        let asked = simulator.count(&vendor.name).unwrap() - before;
        assert!(simulator.max_in_flight(&vendor.name).unwrap() <= 2, "{vendor:?}");
        let row = find_format(vendor.kind.parse().unwrap(), vendor.format).unwrap();
        if row.is_mapped() {
            assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{vendor:?}");
            let said = format!("unistatus: nothing at {} is read by a built-in format; `jq`, `selectors`", vendor.url);
            assert!(ended.stderr.starts_with(&said), "{}", ended.stderr);
            assert!(ended.stderr.contains(&format!("\nunistatus:   {}: ", vendor.url)), "{}", ended.stderr);
            assert!(asked <= 16, "{vendor:?} was asked {asked} times");
            continue;
        }
        let found = json(&ended);
        let candidates = found["candidates"].as_array().unwrap();
        let is_own = |candidate: &&Value| {
            (candidate["type"].as_str(), candidate["format"].as_str(), candidate["endpoint"].as_str())
                == (Some(vendor.kind), Some(vendor.format), Some(vendor.url.as_str()))
        };
        let own = candidates.iter().find(is_own).unwrap_or_else(|| panic!("{vendor:?} is not among {candidates:?}"));
        let is_parted = matches!(row.parser, Parser::Parted(_));
        assert!(is_parted || asked <= 8, "{vendor:?} was asked {asked} times");
        // Only what is recommended is read in all its parts.
        if !is_parted || own == &candidates[0] {
            let (prober, none) = (Prober::new(Secrets::default()), Validators::default());
            let context = Context {
                fetcher: &fetcher,
                prober: &prober,
                validators: &none,
                now: Timestamp::now(),
                interval: None,
            };
            let target = &targets.get(&vendor.name).unwrap().target;
            let Answer::Report(report) = target.collect(&context).await.unwrap().answer else { unreachable!() };
            assert_eq!(own["services"], written(&report.services), "{vendor:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_best_endpoint_is_found_from_any_other() {
    let simulator = start(&["github", "slack", "gitlab"]).await;
    for (vendor, path, r#type, format, endpoint) in [
        ("github", "", "REST", "statuspage", "/api/v2/summary.json"),
        ("github", "/history.rss", "REST", "statuspage", "/api/v2/summary.json"),
        ("github", "/api/v2/status.json", "REST", "statuspage", "/api/v2/summary.json"),
        ("slack", "/", "REST", "slack", "/api/v2.0.0/current"),
        ("gitlab", "/", "HTML", "statusio", "/"),
    ] {
        let origin = origin(&simulator.vendor(vendor).unwrap());
        let found = json(&discover(&format!("{origin}{path}"), &["--json", "--name", "found"]).await);
        let best = &found["candidates"][0];
        let endpoint = format!("{origin}{endpoint}");
        assert_eq!(
            (&best["type"], &best["format"], &best["endpoint"]),
            (&json!(r#type), &json!(format), &json!(endpoint))
        );
        let entry = found["entry"].as_str().unwrap();
        let begins = format!(
            "[[target]]\nname = \"found\"\ntype = \"{type}\"\nformat = \"{format}\"\nendpoint = \"{endpoint}\"\n"
        );
        assert!(entry.starts_with(&begins), "{entry}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_is_shown_with_the_entry_and_the_reasons() {
    let simulator = start(&["github", "npm"]).await;
    let github = simulator.vendor("github").unwrap();
    let npm = simulator.vendor("npm").unwrap();
    simulator.set_fault_for("npm", Fault::RedirectTo("github".to_owned()), 1).unwrap();
    let ended = discover(&npm.url, &[]).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let begins = format!(
        "GitHub: REST statuspage at {}\n  {} leads there\n  each document names every service\n\nSERVICE ",
        github.url, npm.url
    );
    assert!(ended.stdout.starts_with(&begins), "{}", ended.stdout);
    for said in [
        "\nGit Transport             OK ",
        "\n\n7 services: 7 OK.\n\n[[target]]\nname = \"127-0-0-1\"\ntype = \"REST\"\n",
        &format!("\n\nAsked:\n  {}: read by REST statuspage\n", npm.url),
    ] {
        assert!(ended.stdout.contains(said), "{said:?} in {}", ended.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_entry_is_added_to_a_targets_file_and_nothing_is_lost() {
    let simulator = start(&["github"]).await;
    let url = simulator.vendor("github").unwrap().url;
    let mine =
        "# ours\n[[target]]\nname = \"intranet\"\ntype = \"REST\"\nformat = \"statuspage\"\nendpoint = \"http://h/\"\n";
    let write = |name: &'static str| ["targets", "discover", "--write", "own.toml", "--name", name];

    let program = unistatus(write("hub")).args([url.as_str()]).file("own.toml", mine);
    let path = program.folder().join("own.toml");
    let ended = program.run().await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), "Added \"hub\" to own.toml.\n"));
    let written = fs::read_to_string(path).unwrap();
    let entry = format!(
        "[[target]]\nname = \"hub\"\ntype = \"REST\"\nformat = \"statuspage\"\nendpoint = \"{url}\"\ntitle = \"GitHub\"\n"
    );
    assert_eq!(written, format!("{mine}\n{entry}"));
    assert_eq!(ended.left_behind(), ["own.toml"]);

    // It is a target now.
    let tested = unistatus(["targets", "test", "hub", "--targets", "own.toml"]).file("own.toml", &written).run().await;
    assert_eq!(tested.code, Some(0), "{}", tested.stderr);

    let asked = simulator.count("github").unwrap();
    for (name, content, code, told) in [
        ("intranet", mine, 2, "own.toml has a target \"intranet\" already; expected another name by --name\n"),
        ("hub", "[[target]]\nname = 5\n", 78, "own.toml:2: name: invalid type: integer, expected a string\n"),
    ] {
        let program = unistatus(write(name)).args([url.as_str()]).file("own.toml", content);
        let path = program.folder().join("own.toml");
        let ended = program.run().await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""));
        assert_eq!(ended.stderr, format!("unistatus: {told}"));
        assert_eq!(fs::read_to_string(path).unwrap(), content);
    }
    assert_eq!(
        simulator.count("github").unwrap(),
        asked,
        "what is wrong with the file is told before anybody is asked"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_with_control_characters_reaches_the_file_and_not_the_terminal() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/api/v2/summary.json", listener.local_addr().unwrap());
    let name = "Ac\u{9b}2Jme\u{202e}";
    let body = json!({
        "page": {"id": "8l4ygp009s5s", "name": name, "url": "https://status.example", "updated_at": "2026-01-01T00:00:00Z"},
        "components": [{"id": "c1", "name": name, "status": "operational", "updated_at": "2026-01-01T00:00:00Z"}],
        "incidents": [], "scheduled_maintenances": [],
        "status": {"indicator": "none", "description": "All Systems Operational"},
    })
    .to_string();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all((head + &body).as_bytes());
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("targets.toml");
    let ended = discover(&address, &["--name", "acme", "--write", path.to_str().unwrap()]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("title = ") && !ended.stdout.contains(['\u{9b}', '\u{202e}']), "{:?}", ended.stdout);
    let tested = unistatus(["targets", "test", path.to_str().unwrap()]).run().await;
    assert_eq!(tested.code, Some(0), "{}", tested.stderr);
    assert!(!tested.stdout.contains(['\u{9b}', '\u{202e}']), "{:?}", tested.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_found_is_told_by_its_reason() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ended = discover(&format!("http://{closed}/"), &[]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""));
    assert!(ended.stderr.starts_with(&format!("unistatus: http://{closed}/ cannot be read: no connection")));

    let ended = discover("ftp://status.example.com", &[]).await;
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("\"ftp://status.example.com\" is not a web address; expected"), "{}", ended.stderr);
    let ended = discover("status.example.com", &["--name", "Not a name"]).await;
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("expected 1 to 64 characters of a-z, 0-9 and -"), "{}", ended.stderr);

    let simulator = start(&["github"]).await;
    let url = simulator.vendor("github").unwrap().url;
    simulator.set_fault("github", Fault::LoginPage).unwrap();
    let ended = discover(&url, &[]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.contains(&format!("  {url}: a page that no built-in format reads (")), "{}", ended.stderr);
    assert!(ended.stderr.contains("\"Sign in\""), "{}", ended.stderr);
    assert!(simulator.count("github").unwrap() <= 16);

    // Who wants to be left alone is asked once.
    simulator.set_fault("github", Fault::TooManyRequests(RetryAfter::Seconds(30))).unwrap();
    let before = simulator.count("github").unwrap();
    let ended = discover(&url, &[]).await;
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert_eq!(simulator.count("github").unwrap(), before + 1);
}
