//! How long it takes from a commit until clients see it.

use std::net::SocketAddr;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use unistatus_core::store::testkit::Database;

use crate::beside::median;
use crate::client::Connection;
use crate::limits::Limits;
use crate::server::Server;
use crate::{fill, pages};

const TARGETS: usize = 1000;
const CHANGES: usize = 50;
/// How long a change may take before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(10);
/// Pauses between changes differ by this much, up to a quarter of a second: a store that is polled shall not be met at
/// the same moment each time.
const STEP: Duration = Duration::from_millis(37);

/// The longest that a change may take to be seen, in milliseconds.
fn most(database: &Database) -> f64 {
    if database.address().starts_with("mongodb") { 250.0 } else { 500.0 }
}

/// Commits changes of a thousand targets, one after the other, and watches for them.
pub(crate) fn measure(name: &str, runtime: &Runtime, database: &Database, limits: &mut Limits) {
    let mut world = fill(runtime, database, TARGETS);
    let api = Server::api(database);
    let (polled, streamed) = (poll(api.address), follow(api.address));
    let (mut commits, mut polls, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..CHANGES {
        thread::sleep(STEP * u32::try_from(number % 7).unwrap());
        let mark = format!("{number:04}");
        let begun = Instant::now();
        runtime.block_on(world.turn(number * 19, number % 2 == 1, &mark));
        let committed = Instant::now();
        commits.push(millis(committed - begun));
        polls.push(millis(seen(&polled, &mark).saturating_duration_since(committed)));
        events.push(millis(seen(&streamed, &mark).saturating_duration_since(committed)));
    }
    println!("\n{name}: from the end of a commit until it is seen, {TARGETS} targets, {CHANGES} changes; times in ms");
    println!("{:<36} {:>8} {:>8}", "", "median", "max");
    let most = most(database);
    for (what, times, is_limited) in
        [("the commit itself", commits, false), ("/api/status", polls, true), ("/api/stream", events, true)]
    {
        let max = times.iter().copied().fold(0.0, f64::max);
        println!("{what:<36} {:>8.1} {max:>8.1}", median(times));
        if is_limited {
            limits.at_most(&format!("{name}: {what} shows a change"), most, max, " ms");
        }
    }
    pages::rendering(&mut Connection::open(api.address), limits);
    runtime.block_on(world.close());
}

/// When a mark was seen.
type Sight = (String, Instant);

/// Asks for `/api/status` again and again, on condition, and tells when the newest mark is another one.
fn poll(address: SocketAddr) -> Receiver<Sight> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut connection = Connection::open(address);
        let mut etag = String::new();
        while let Ok(answer) = connection.try_get("/api/status", &[("If-None-Match", etag.clone())]) {
            let now = Instant::now();
            if answer.status == 304 {
                continue;
            }
            answer.header("etag").unwrap_or_default().clone_into(&mut etag);
            if tell.send((newest_mark(&String::from_utf8_lossy(&answer.body)), now)).is_err() {
                return;
            }
        }
    });
    told
}

/// Follows `/api/stream`.
fn follow(address: SocketAddr) -> Receiver<Sight> {
    let (tell, told) = mpsc::channel();
    let lines = Connection::open(address).follow("/api/stream");
    thread::spawn(move || {
        for line in lines {
            let now = Instant::now();
            let mark = newest_mark(&line);
            if !mark.is_empty() && tell.send((mark, now)).is_err() {
                return;
            }
        }
    });
    told
}

/// The highest mark in a text of JSON; empty if there is none.
fn newest_mark(json: &str) -> String {
    let marks = json.split(r#""mark":""#).skip(1).filter_map(|after| after.split('"').next());
    marks.max().unwrap_or_default().to_owned()
}

/// Waits until a mark is seen.
fn seen(sights: &Receiver<Sight>, mark: &str) -> Instant {
    loop {
        let (seen, at) = sights.recv_timeout(PATIENCE).expect("the change is seen");
        if seen == mark {
            return at;
        }
    }
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1e3
}
