//! What the schema is, and what is refused before anything is resolved.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use unistatus_core::schema::{Kind, Status};
use unistatus_core::{history, schema};

use super::bounds::read;
use super::*;
use crate::archive::Archive;
use crate::snapshot::{Snapshot, testing};

#[test]
fn the_schema_changes_on_purpose_only() {
    insta::assert_snapshot!(SCHEMA.sdl());
}

/// Half of what the threads have that serve requests.
const STACK: usize = 1024 * 1024;

#[test]
fn deep_things_are_refused_before_the_stack_ends() {
    std::thread::Builder::new().stack_size(STACK).spawn(read_deep_things).unwrap().join().unwrap();
}

fn read_deep_things() {
    for count in [600, 601, 65_536] {
        for (open, close) in [("[", "]"), ("{a:", "}"), ("{", "}"), ("{a", "}"), ("(", ")")] {
            let deep = format!("{}{}", open.repeat(count), close.repeat(count));
            for query in [
                deep.clone(),
                format!("{{status(target:{deep}){{name}}}}"),
                format!("query(${{x}}:{deep}){{apiVersion}}"),
                format!("query($x:{deep}){{apiVersion}}"),
                format!("query($x:Int={deep}){{apiVersion}}"),
                format!("{{apiVersion @skip(if:{deep})}}"),
                format!("{{a{deep}}}"),
            ] {
                let _ = read(&query);
            }
        }
    }
    assert!(read(&format!("{}{}", "{a".repeat(601), "}".repeat(601))).unwrap_err().message.contains("600 brackets"));
}

/// One who asks about so many targets of ten services each, and has no store.
fn asker(targets: usize) -> Asker {
    let services = || (0..10).map(|number| testing::service(&format!("service {number}"), Status::Ok));
    let states = (0..targets).map(|number| testing::target(&format!("target-{number}"), services()));
    let snapshot = Snapshot::of(states.collect(), testing::at(0));
    Asker::new(snapshot, testing::at(0), Archive::new(std::time::Duration::ZERO))
}

#[tokio::test]
async fn others_have_their_turn_while_a_large_answer_is_made() {
    let turns = Arc::new(AtomicUsize::new(0));
    let other = tokio::spawn({
        let turns = Arc::clone(&turns);
        async move {
            loop {
                turns.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
            }
        }
    });
    let request = Request::new("{targets {name services {name status dimensions}}}").data(asker(100));
    let response = SCHEMA.execute(request).await;
    other.abort();
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    // More than three thousand fields, and tokio counts 128 of them to a turn.
    assert!(turns.load(Ordering::Relaxed) > 20, "{turns:?}");
}

#[tokio::test]
async fn without_a_store_the_past_is_an_error_with_its_code() {
    let question = Question { query: "{events {nodes {key}} apiVersion}".to_owned(), ..Question::default() };
    let answer = answer(question, asker(1)).await.unwrap();
    assert!(!answer.is_refused);
    let [error] = &answer.response.errors[..] else { panic!("{:?}", answer.response.errors) };
    assert_eq!(error.extensions.as_ref().and_then(|all| all.get("code")), Some(&"StoreUnavailable".into()));
}

/// A word is the same wherever it is said.
#[test]
fn the_words_are_those_of_the_schema() {
    use schema::IncidentState::{Completed, Identified, InProgress, Investigating, Monitoring, Resolved, Scheduled};
    fn word<T: async_graphql::OutputType + async_graphql::resolver_utils::EnumType>(value: T) -> String {
        async_graphql::resolver_utils::enum_value(value).to_string()
    }
    for status in Status::ALL {
        assert_eq!(word(words::Status::from(status)), status.as_str());
    }
    for kind in Kind::ALL {
        assert_eq!(word(words::Kind::from(kind)), kind.as_str());
    }
    for granularity in history::Granularity::ALL {
        assert_eq!(word(words::Granularity::from(granularity)), granularity.as_str());
    }
    for counted in history::Counted::ALL {
        assert_eq!(word(words::Counted::from(counted)), counted.as_str());
    }
    for state in [Investigating, Identified, Monitoring, Resolved, Scheduled, InProgress, Completed] {
        let json = serde_json::to_value(state).unwrap();
        assert_eq!(word(words::IncidentState::from(state)), json.as_str().unwrap());
    }
}
