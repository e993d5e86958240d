//! A migration that is killed at any moment goes on when it is begun again, and ends the same.

use std::io::{BufRead, BufReader, Write, stdout};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, thread};

use unistatus_core::schema::Status;
use unistatus_core::store::testkit::{Author, Database, answers, at, check, fill, service};
use unistatus_core::store::transfer::{Step, migrate};
use unistatus_core::store::{Store, open_destination, open_source};

use super::{kills, start};

/// Tells the one that moves from where, to where and up to which step, a line each, and that it is one.
const TASK: &str = "UNISTATUS_TEST_MIGRATION";
const MOVER: &str = "kill::migrate::it_goes_on_after_kills";

/// What the process does that the tests kill: moves, and says each step. At the last of its steps it waits for its end.
async fn move_until_killed(task: &str) {
    let [from, to, last] = task.split('\n').collect::<Vec<_>>().try_into().unwrap();
    let (source, destination) = (open_source(from).await.unwrap(), open_destination(to).await.unwrap());
    let last: usize = last.parse().unwrap();
    let (output, steps) = (stdout(), AtomicUsize::new(0));
    let tell = |Step { task, part, done, .. }: Step| {
        writeln!(&output, "step {task} {part} {done}").unwrap();
        while steps.fetch_add(1, Ordering::Relaxed) + 1 >= last {
            thread::park();
        }
    };
    migrate(&*source, &*destination, &tell).await.unwrap();
}

/// Lets a process move for so many steps, and kills it in the middle of one of the next three.
fn move_and_be_killed(from: &Database, to: &Database, steps: usize) {
    let mut mover = start(MOVER, TASK, &format!("{}\n{}\n{}", from.address(), to.address(), steps + 3));
    let lines = BufReader::new(mover.stdout.take().unwrap()).lines();
    let told = lines.map(Result::unwrap).filter(|line| line.starts_with("step ")).take(steps).count();
    mover.kill().unwrap();
    mover.wait().unwrap();
    assert_eq!(told, steps, "it ended before it was killed");
}

/// More than a page of what there is most of.
async fn fill_amply(store: &dyn Store) {
    fill(store).await;
    for n in 0..40 {
        let services = (0..40).map(|n| service(&format!("{n}"), Status::Ok)).collect();
        Author::new(&format!("target-{n}")).write(store, services).await.unwrap();
    }
    store.record(&(0..6000).map(|n| check("target-1", at(n))).collect::<Vec<_>>()).await.unwrap();
}

async fn goes_on_after_kills(from: &Database, to: &Database) {
    let store = from.open().await;
    fill_amply(&*store).await;
    for kill in 0..kills() {
        // Up to those of the comparison, and never to the end.
        move_and_be_killed(from, to, kill * 5 % 30 + 1);
        assert!(to.try_open().await.is_err(), "the half of a copy is not opened");
    }
    migrate(&*from.open_source().await, &*to.open_destination().await, &|_| {}).await.unwrap();
    assert_eq!(answers(&*to.open().await).await, answers(&*store).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_on_after_kills() {
    if let Ok(task) = env::var(TASK) {
        return move_until_killed(&task).await;
    }
    goes_on_after_kills(&Database::sqlite(), &Database::sqlite()).await;
    if let Some(mongo) = Database::mongo() {
        goes_on_after_kills(&Database::sqlite(), &mongo).await;
        goes_on_after_kills(&mongo.another(), &Database::sqlite()).await;
    }
}
