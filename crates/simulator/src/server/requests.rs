//! The record of who asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use serde::Serialize;
use tokio::sync::watch;

use super::locked;

/// The request headers that are recorded.
const HEADERS: [&str; 7] =
    ["accept", "accept-encoding", "host", "if-modified-since", "if-none-match", "referer", "user-agent"];

/// A request that a vendor got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recorded {
    /// When it came, on the timeline.
    #[serde(serialize_with = "as_millis", rename = "atMs")]
    pub at: Duration,
    /// `GET` and so on.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The headers of interest, by their names in small letters.
    pub headers: Vec<(&'static str, String)>,
    /// Whether there was an `Authorization` header; what it said is not recorded.
    pub has_authorization: bool,
    /// How many requests this vendor was answering then, this one included.
    pub in_flight: usize,
    /// Whether a fault was set for it.
    pub faulty: bool,
}

impl Recorded {
    /// A recorded header's value, by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

fn as_millis<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

/// The record of one vendor.
#[derive(Debug)]
pub(super) struct Record {
    keep: usize,
    tally: Arc<Mutex<Tally>>,
    count: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Tally {
    newest: VecDeque<Recorded>,
    in_flight: usize,
    max_in_flight: usize,
}

/// As long as it lives, a request is in flight.
#[derive(Debug)]
pub(super) struct InFlight(Arc<Mutex<Tally>>);

impl Drop for InFlight {
    fn drop(&mut self) {
        locked(&self.0).in_flight -= 1;
    }
}

impl Record {
    pub(super) fn new(keep: usize) -> Self {
        Self { keep, tally: Arc::default(), count: watch::Sender::new(0) }
    }

    /// Writes a request down; it is in flight until what is answered is dropped.
    pub(super) fn write(&self, at: Duration, request: &hyper::http::request::Parts, faulty: bool) -> InFlight {
        let guard = {
            let mut tally = locked(&self.tally);
            tally.in_flight += 1;
            tally.max_in_flight = tally.max_in_flight.max(tally.in_flight);
            if tally.newest.len() >= self.keep {
                tally.newest.pop_front();
            }
            let recorded = Recorded {
                at,
                method: request.method.to_string(),
                path: request.uri.path_and_query().map_or_else(String::new, ToString::to_string),
                headers: of_interest(&request.headers),
                has_authorization: request.headers.contains_key(AUTHORIZATION),
                in_flight: tally.in_flight,
                faulty,
            };
            if self.keep > 0 {
                tally.newest.push_back(recorded);
            }
            InFlight(Arc::clone(&self.tally))
        };
        // After the entry is there, so that who waits for the count finds it.
        self.count.send_modify(|count| *count += 1);
        guard
    }

    pub(super) fn newest(&self) -> Vec<Recorded> {
        locked(&self.tally).newest.iter().cloned().collect()
    }

    pub(super) fn count(&self) -> u64 {
        *self.count.borrow()
    }

    pub(super) fn in_flight(&self) -> usize {
        locked(&self.tally).in_flight
    }

    pub(super) fn max_in_flight(&self) -> usize {
        locked(&self.tally).max_in_flight
    }

    /// Waits until there were so many requests.
    pub(super) async fn wait_for(&self, count: u64) {
        let mut counts = self.count.subscribe();
        // An error would mean that the sender is gone, and it is ours.
        let _ = counts.wait_for(|&so_far| so_far >= count).await;
    }
}

fn of_interest(headers: &HeaderMap) -> Vec<(&'static str, String)> {
    let value = |name: &str| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    HEADERS.into_iter().filter_map(|name| Some((name, value(name)?))).collect()
}
