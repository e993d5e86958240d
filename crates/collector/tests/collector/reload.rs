//! The targets file changes while the program runs.

use std::fs;
use std::sync::Arc;

use tempfile::TempDir;
use unistatus_core::schema::Status;
use unistatus_core::store::testkit::Database;
use unistatus_core::store::{Store, TargetState};

use crate::support::{Program, assert_whole, changes, on_both_stores, only, start, target_until, targets};

on_both_stores! {
    what_is_removed_while_nobody_runs_is_taken_off_the_list
}

/// The names of the listed targets.
async fn listed(store: &dyn Store) -> Vec<String> {
    store.targets().await.unwrap().into_iter().map(|state| state.name).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_the_targets_file_is_taken_up_while_running() {
    const CHANGED: &str = "the targets changed";
    let simulator = start(only(&["github", "npm"])).await;
    let one = targets(&simulator, &["github"]);
    let two = targets(&simulator, &["github", "npm"]);
    let database = Database::sqlite();
    let store = database.open().await;
    let store = store.as_ref();
    let mut program = Program::collect(database.address(), &one);
    // In one step, as editors do: half a file would be another one.
    let write = |program: &Program, text: &str| {
        fs::write(program.path("new.toml"), text).unwrap();
        fs::rename(program.path("new.toml"), program.path("targets.toml")).unwrap();
    };
    let known = |state: &TargetState| !state.retired && !state.services.is_empty();
    let github = target_until(store, "github", "it is known", known).await;

    // One more.
    write(&program, &two);
    program.says(CHANGED).await;
    target_until(store, "npm", "it is known", known).await;
    assert_eq!(listed(store).await, ["github", "npm"]);

    // A fault: told with its place, and nothing else happens.
    write(&program, &two.replace("\"REST\"", "\"JSON\""));
    let told = program.says("targets.toml").await;
    assert!(told.contains("targets.toml:3: target \"github\", type: \"JSON\" is not a type"), "{told}");
    let asked = ["github", "npm"].map(|name| simulator.count(name).unwrap());
    simulator.wait_for_requests("github", asked[0] + 2).await.unwrap();
    simulator.wait_for_requests("npm", asked[1] + 2).await.unwrap();
    assert_eq!(listed(store).await, ["github", "npm"]);

    // One changed, the other one gone.
    write(&program, &format!("{one}include = [\"Runners\"]\n"));
    program.says(CHANGED).await;
    let is_narrow = |state: &TargetState| state.services.len() == 1;
    target_until(store, "github", "only one service is left", is_narrow).await;
    let npm = target_until(store, "npm", "it is retired", |state| state.retired).await;
    assert_eq!((npm.services.len(), listed(store).await), (0, vec!["github".to_owned()]));
    let removed = changes(store, "npm").await;
    assert!(
        removed[removed.len() / 2..].iter().all(|(_, from, to)| (*from, *to) == (Some(Status::Ok), None)),
        "{removed:?}"
    );
    let asked = simulator.count("npm").unwrap();

    // And both as they were.
    write(&program, &two);
    program.says(CHANGED).await;
    let npm = target_until(store, "npm", "it is back", known).await;
    assert_eq!((npm.revision, listed(store).await), (3, vec!["github".to_owned(), "npm".to_owned()]));
    let is_whole = |state: &TargetState| state.services.len() == github.services.len();
    target_until(store, "github", "it has all services", is_whole).await;
    assert!(simulator.count("npm").unwrap() > asked);
    for name in ["github", "npm"] {
        assert_whole(store, name).await;
    }

    // A file that is gone is a fault as well.
    fs::remove_file(program.path("targets.toml")).unwrap();
    program.says("expected a readable TOML file").await;
    let asked = simulator.count("github").unwrap();
    simulator.wait_for_requests("github", asked + 2).await.unwrap();
    program.end("TERM").await;
    store.close().await;
}

async fn what_is_removed_while_nobody_runs_is_taken_off_the_list(database: Database) {
    let simulator = start(only(&["github", "npm"])).await;
    let (one, two) = (targets(&simulator, &["github"]), targets(&simulator, &["github", "npm"]));
    let folder = Arc::new(TempDir::new().unwrap());
    let collect = |targets: &str| Program::collect_in(&folder, database.address(), targets, &[]);
    let store = &*database.open().await;
    let known = |state: &TargetState| !state.retired && !state.services.is_empty();
    for is_killed in [false, true] {
        let both = collect(&two);
        target_until(store, "github", "it is known", known).await;
        target_until(store, "npm", "it is known", known).await;
        if is_killed {
            both.kill().await;
        } else {
            both.end("TERM").await;
        }
        let mut other = collect(&one);
        other.says("it is taken off the list target=\"npm\"").await;
        target_until(store, "npm", "it is retired", |state| state.retired).await;
        assert_eq!(listed(store).await, ["github"]);
        assert_whole(store, "npm").await;
        other.end("TERM").await;
    }
    store.close().await;
}
