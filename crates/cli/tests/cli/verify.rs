//! `unistatus targets verify`: what moved, what changed and what is gone.

use serde_json::Value;
use unistatus_simulator::{Condition, Fault, Options, RetryAfter, Simulator, World};

use crate::process::{Ended, Program};
use crate::unistatus;

async fn start(vendors: &[&str]) -> Simulator {
    Simulator::start(World::demo(1).only(vendors).quiet(), Options::manual()).await.unwrap()
}

/// Checks all vendors of a simulator, and nothing else.
fn verify(targets: &str) -> Program {
    let arguments = ["targets", "verify", "--catalog", "none", "--targets", "own.toml"];
    unistatus(arguments).file("own.toml", targets)
}

/// The rows of a table, their cells parted.
fn rows(ended: &Ended) -> Vec<Vec<&str>> {
    let table = ended.stdout.lines().skip(1).take_while(|line| !line.is_empty());
    table.map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_fine_is_exit_code_zero() {
    let simulator = start(&["github", "slack", "factory"]).await;
    let ended = verify(&simulator.targets_toml()).run().await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert_eq!(
        ended.stdout,
        "TARGET   VERDICT  DETAIL\n\
         factory  fine     8 services: 8 OK.\n\
         github   fine     7 services: 7 OK.\n\
         slack    fine     No service is named: nothing is wrong, as far as the source tells.\n\n\
         3 of 3 targets are fine.\n"
    );
    for vendor in simulator.vendors() {
        assert_eq!(simulator.count(&vendor.name).unwrap(), 1, "{vendor:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_needs_attention_is_told_with_its_verdict() {
    let names = [
        "github",
        "atlassian",
        "bitbucket",
        "npm",
        "pypi",
        "slack",
        "zoom",
        "discord",
        "openai",
        "cloudflare",
        "digitalocean",
        "factory",
    ];
    let simulator = start(&names).await;
    for (vendor, fault) in [
        ("npm", Fault::MovedTo("github".to_owned())),
        // An entry has to change as far as every redirect from its address on is one for good.
        ("atlassian", Fault::RedirectTo("npm".to_owned())),
        ("bitbucket", Fault::MovedTo("pypi".to_owned())),
        // Where a temporary redirect leads counts all the same.
        ("pypi", Fault::RedirectTo("slack".to_owned())),
        ("zoom", Fault::Status(404)),
        ("discord", Fault::TooManyRequests(RetryAfter::Seconds(30))),
        ("openai", Fault::Status(401)),
        ("cloudflare", Fault::LoginPage),
        ("digitalocean", Fault::Reset),
    ] {
        simulator.set_fault(vendor, fault).unwrap();
    }
    simulator.set("factory", &first_service(&simulator, "factory"), Condition::Degraded).unwrap();
    // Its owner has not heard of machines that are slow.
    let targets = simulator.targets_toml().replace("\"Slow\" = \"Degraded\", ", "");
    let ended = verify(&targets).run().await;
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    let github = simulator.vendor("github").unwrap().url;
    let moved = format!("to {github}");
    let rows = rows(&ended);
    let row = |target: &str| rows.iter().find(|row| row[0] == target).unwrap_or_else(|| panic!("{target} in {rows:?}"));
    for (target, verdict, detail) in [
        ("github", "fine", "7 services: 7 OK."),
        ("atlassian", "fine", "7 services: 7 OK."),
        ("npm", "moved", &moved),
        ("pypi", "another format", "REST slack"),
        ("zoom", "not found", "the source answered 404 Not Found"),
        ("discord", "rate limited", "the source answered 429 Too Many Requests and asks to be left alone for 30 s"),
        ("openai", "needs credentials", "the source answered 401 Unauthorized"),
        ("cloudflare", "unreadable", "a page of HTML or XML where JSON was expected"),
        ("factory", "unknown words", "\"Slow\""),
    ] {
        assert_eq!(row(target)[1..], [verdict, detail], "{target}");
    }
    assert_eq!(row("digitalocean")[1], "unreachable");
    let bitbucket: Vec<_> = rows.iter().filter(|row| row[0] == "bitbucket").map(|row| row[1..].to_vec()).collect();
    let moved_on = format!("to {}", simulator.vendor("pypi").unwrap().url);
    assert_eq!(bitbucket, [["moved", &moved_on], ["another format", "REST slack"]]);
    assert!(ended.stdout.ends_with("\n3 of 12 targets are fine.\n"), "{}", ended.stdout);
    let wanting =
        "unistatus: 9 need attention: bitbucket, cloudflare, digitalocean, discord, factory, npm, openai, pypi, zoom\n";
    assert_eq!(ended.stderr, wanting);

    let json = verify(&targets).args(["--json"]).run().await;
    assert_eq!(json.code, Some(1));
    let checked: Value = serde_json::from_str(&json.stdout).unwrap();
    let npm = checked.as_array().unwrap().iter().find(|one| one["target"] == "npm").unwrap();
    assert_eq!(npm["findings"], serde_json::json!([{"verdict": "moved", "detail": moved}]));
}

fn first_service(simulator: &Simulator, vendor: &str) -> String {
    simulator.truth(vendor, |truth| truth.vendor.services[0].id.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_not_shown() {
    let simulator = start(&["github", "npm"]).await;
    simulator.set_fault("npm", Fault::MovedTo("github".to_owned())).unwrap();
    let targets = simulator.targets_toml().replace("summary.json", "summary.json?key=${KEY}");
    let ended = verify(&targets).env("KEY", "s3cr3t").run().await;
    assert_eq!(ended.code, Some(1));
    assert_eq!(rows(&ended)[1], ["npm", "moved", "to an address of 127.0.0.1"]);
    assert!(!ended.stdout.contains("s3cr3t") && !ended.stderr.contains("s3cr3t"), "{}{}", ended.stdout, ended.stderr);

    let ended = verify(&targets).run().await;
    let missing = rows(&ended);
    assert!(missing.iter().all(|row| row[1] == "needs credentials" && row[2].contains("KEY")), "{missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_choose_own_targets_first() {
    let simulator = start(&["github", "npm"]).await;
    let arguments = ["targets", "verify", "npm", "--targets", "own.toml"];
    let ended = unistatus(arguments).file("own.toml", &simulator.targets_toml()).run().await;
    assert_eq!((ended.code, rows(&ended)), (Some(0), vec![vec!["npm", "fine", "5 services: 5 OK."]]));

    let ended = unistatus(["targets", "verify", "githup"]).run().await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert!(ended.stderr.starts_with("unistatus: no target is called \"githup\"; near it: github"), "{}", ended.stderr);
    assert_eq!(unistatus(["targets", "verify", "github", "--all"]).run().await.code, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_host_is_asked_by_two_at_a_time() {
    let simulator = start(&["github"]).await;
    let entry = simulator.targets_toml();
    let many: String = (0..12).map(|number| entry.replace("\"github\"", &format!("\"hub-{number:02}\""))).collect();
    simulator.set_fault("github", Fault::Delay(30)).unwrap();
    let ended = verify(&many).run().await;
    assert_eq!((ended.code, rows(&ended).len()), (Some(0), 12), "{}", ended.stderr);
    assert_eq!(simulator.count("github").unwrap(), 12);
    assert!(simulator.max_in_flight("github").unwrap() <= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_it_with_what_is_known() {
    for signal in ["INT", "TERM"] {
        let simulator = start(&["github", "npm"]).await;
        simulator.set_fault("npm", Fault::Hang).unwrap();
        let process = verify(&simulator.targets_toml()).start();
        for vendor in ["github", "npm"] {
            simulator.wait_for_requests(vendor, 1).await.unwrap();
        }
        process.signal(signal);
        let ended = process.ended().await;
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        assert!(ended.stdout.starts_with("TARGET"), "{}", ended.stdout);
        assert!(!rows(&ended).iter().any(|row| row[0] == "npm"), "{}", ended.stdout);
        assert!(
            ended.stderr.contains("unistatus: interrupted: ") && ended.stderr.contains("of 2 targets"),
            "{}",
            ended.stderr
        );
    }
}
