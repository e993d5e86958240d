//! `/api/stream`: what changes, as it changes (Server-Sent Events).
//!
//! First a snapshot, then each change with its place in the history as the event's id. Who comes back with the last id
//! gets exactly what followed it: from the ring in memory, else from the store; only where neither knows, a snapshot.
//! A reader that does not keep up is let go: its browser comes back with the last id it has seen.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::convert::Infallible;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::{Bytes, BytesMut};
use futures_util::stream;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};
use tokio_util::sync::CancellationToken;
use unistatus_core::store::{EventId, Place, Placed};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::filters;
use super::parameters::Parameters;
use crate::app::Context;
use crate::archive::Archive;
use crate::auth::Warrant;
use crate::error::ApiError;
use crate::json;
use crate::openapi::answers::{NoPast, Refused};
use crate::openapi::parameters;
use crate::select::TargetFilter;
use crate::snapshot::{Change, Item, Lagged, Latest, Snapshot, Snapshots};

/// How long a browser shall wait before it comes back.
const RETRY: &[u8] = b"retry: 2000\n\n";
/// How many missed changes are sent; who missed more gets a snapshot.
const MOST_MISSED: usize = 10_000;
/// How long the store may take to tell what was missed, and then the snapshot to know of that.
const CATCH_UP: Duration = Duration::from_secs(5);
/// How many bytes are handed over at a time. The server keeps a copy of those for each reader, and no more: what all
/// readers are sent is shared until then.
const CHUNK: usize = 64 * 1024;

/// `GET /api/stream`.
#[utoipa::path(
    get,
    path = "/api/stream",
    operation_id = "followStream",
    tag = "Status",
    summary = "What changes, as it changes",
    description = "Server-Sent Events that never end. First `snapshot`, whose data is what `/api/status` answers; \
                   then `change` (an element of `/api/events`, with an id), `target` (an element of `/api/status`) \
                   where what is served of a target changed, and `gone`. Who comes back with the last id gets \
                   exactly what followed it.",
    params(Subscription),
    responses(
        (
            status = 200,
            description = "The events.",
            body = String,
            content_type = "text/event-stream",
            headers(("Cache-Control" = String, description = "A stream is never kept: `no-store`.")),
            example = json!("retry: 2000\n\nid: 41\nevent: snapshot\ndata: {\"targets\":[]}\n\n"),
        ),
        Refused,
        NoPast,
    ),
)]
pub(super) async fn follow(request: HttpRequest, context: web::Data<Context>) -> Result<HttpResponse, ApiError> {
    let mut snapshots = context.snapshots.clone();
    let latest = snapshots.latest_unseen().ok_or(ApiError::NO_SNAPSHOT)?;
    let mut parameters = Parameters::read(request.query_string())?;
    let targets = filters::targets(&mut parameters, &[&latest.snapshot])?;
    let asked_for = parameters.one("lastEventId", place)?;
    parameters.finish()?;
    let last = match request.headers().get("Last-Event-ID") {
        Some(id) => Some(read_header(id)?),
        None => asked_for,
    };
    let mut reader = Reader {
        cursor: latest.follows,
        snapshots,
        targets,
        sent: BTreeSet::new(),
        ready: VecDeque::from([Bytes::from_static(RETRY)]),
        heartbeat: heartbeat(context.heartbeat),
        stop: context.stop.clone(),
        warrant: Warrant::of(&request, &context),
    };
    match last {
        None => reader.send_snapshot(&latest),
        Some(last) => reader.resume(&last, latest, &context.archive).await,
    }
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // nginx would keep events back until it has a buffer full of them.
        .insert_header(("X-Accel-Buffering", "no"));
    if request.method() == Method::HEAD {
        return Ok(response.finish());
    }
    let events = stream::unfold(reader, |mut reader| async {
        let chunk = reader.next().await?;
        if let Some(warrant) = &reader.warrant
            && !warrant.holds().await
        {
            return None;
        }
        Some((Ok::<_, Infallible>(chunk), reader))
    });
    Ok(response.streaming(Box::pin(events)))
}

/// What a client may say that follows.
enum Subscription {}

impl IntoParams for Subscription {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let last = "The id of the last event that was seen, for who comes back";
        let own = vec![
            parameters::opaque("lastEventId", &format!("{last}; the header counts where both are given.")),
            parameters::header("Last-Event-ID", &format!("{last}: browsers send it by themselves.")),
        ];
        [filters::targets_documented(), own].concat()
    }
}

fn place(id: &str) -> Result<Place, &'static str> {
    Place::parse(id).ok_or("expected is the id of an event that this resource sent")
}

fn read_header(id: &HeaderValue) -> Result<Place, ApiError> {
    let read = id.to_str().map_err(|_| "it is not text").and_then(place);
    read.map_err(|accepted| ApiError::BadRequest(format!("The header Last-Event-ID is not accepted: {accepted}.")))
}

fn heartbeat(every: Duration) -> Interval {
    let mut heartbeat = interval_at(Instant::now() + every, every);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    heartbeat
}

/// One client that follows.
struct Reader {
    snapshots: Snapshots,
    /// The number of the next item of the feed to look at.
    cursor: u64,
    /// The targets it wants to hear of.
    targets: TargetFilter,
    /// Changes that were read from the store and will come by in the feed once more.
    sent: BTreeSet<EventId>,
    /// What is to be sent next.
    ready: VecDeque<Bytes>,
    heartbeat: Interval,
    stop: CancellationToken,
    /// What lets it read on, where not everybody may: looked at before anything is sent.
    warrant: Option<Warrant>,
}

impl Reader {
    /// Waits for more to send; `None` where the connection is to be closed: the server stops, or the reader is too slow.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(chunk) = self.take_ready() {
                return Some(chunk);
            }
            let latest = self.snapshots.latest_unseen()?;
            if self.cursor < latest.follows {
                self.advance(&latest).ok()?;
                continue;
            }
            tokio::select! {
                is_there = self.snapshots.changed() => if !is_there { return None },
                _ = self.heartbeat.tick() => return Some(Bytes::from_static(b": still here\n\n")),
                () = self.stop.cancelled() => return None,
            }
        }
    }

    /// Goes on behind a place.
    async fn resume(&mut self, last: &Place, latest: Latest, archive: &Archive) {
        if let Some(cursor) = self.snapshots.feed().behind(last) {
            self.cursor = cursor;
            return;
        }
        let missed = async {
            let turn = archive.turn().await?;
            let missed = turn.ask(|store| {
                let last = last.clone();
                async move { store.events_behind(&last, MOST_MISSED).await }
            });
            missed.await
        };
        // A browser that is answered by an error never comes back: where the store does not tell, a snapshot has to do.
        let missed = timeout(CATCH_UP, missed).await;
        if let Ok(Ok(Some(missed))) = missed
            && missed.len() < MOST_MISSED
            && self.send_missed(&missed, &latest.snapshot).await.is_some()
        {
            return;
        }
        self.ready.truncate(1);
        self.sent.clear();
        self.cursor = latest.follows;
        self.send_snapshot(&latest);
    }

    /// Sends changes that the store remembers, and then a snapshot that knows of them: what else changed meanwhile (what
    /// is told of a target, what is stale) the store does not remember. `None` if there is no such snapshot in time.
    ///
    /// The snapshot has no id: it may know less than the last of the changes.
    async fn send_missed(&mut self, missed: &[Placed], snapshot: &Snapshot) -> Option<()> {
        for placed in missed {
            let change = Change::from(placed);
            self.send_change(&change, snapshot);
            self.sent.insert(change.id);
        }
        let caught_up = timeout(CATCH_UP, self.snapshot_with(missed)).await;
        let latest = caught_up.ok().flatten()?;
        // What happened while the store was asked.
        while self.cursor < latest.follows {
            for item in self.read(&latest).ok()? {
                if let Item::Change(change) = item {
                    self.send_unsent(&change, &latest.snapshot);
                }
            }
        }
        let body = latest.snapshot.status_of(|target| self.targets.takes(target));
        self.ready.extend(large_event("snapshot", None, body));
        Some(())
    }

    /// Waits for a snapshot that knows of these changes.
    async fn snapshot_with(&mut self, changes: &[Placed]) -> Option<Latest> {
        let mut revisions: BTreeMap<&str, u64> = BTreeMap::new();
        for Placed { event, .. } in changes {
            let revision = revisions.entry(&event.target).or_default();
            *revision = event.revision.max(*revision);
        }
        loop {
            let latest = self.snapshots.latest_unseen()?;
            let knows = |(name, revision): (&&str, &u64)| {
                latest.snapshot.target(name).is_none_or(|target| target.state().revision >= *revision)
            };
            if revisions.iter().all(knows) {
                return Some(latest);
            }
            if !self.snapshots.changed().await {
                return None;
            }
        }
    }

    /// Looks at the next items of the feed.
    fn advance(&mut self, latest: &Latest) -> Result<(), Lagged> {
        for item in self.read(latest)? {
            match item {
                Item::Change(change) => self.send_unsent(&change, &latest.snapshot),
                Item::Target(name) => self.send_target(&name, &latest.snapshot),
                Item::Anew => {
                    self.cursor = latest.follows;
                    self.send_snapshot(latest);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn read(&mut self, latest: &Latest) -> Result<Vec<Item>, Lagged> {
        let items = self.snapshots.feed().read(self.cursor, latest.follows)?;
        self.cursor += u64::try_from(items.len()).unwrap_or(u64::MAX);
        Ok(items)
    }

    fn wants(&self, name: &str, snapshot: &Snapshot) -> bool {
        match snapshot.target(name) {
            Some(target) => self.targets.takes(target),
            // One that is gone: of what sort it was, nobody knows any more.
            None => self.targets.names.is_empty() || self.targets.names.contains(name),
        }
    }

    /// Sends a change unless it was sent when the reader resumed.
    fn send_unsent(&mut self, change: &Change, snapshot: &Snapshot) {
        if !self.sent.remove(&change.id) {
            self.send_change(change, snapshot);
        }
    }

    fn send_change(&mut self, change: &Change, snapshot: &Snapshot) {
        if self.wants(&change.id.target, snapshot) {
            self.ready.push_back(event("change", Some(&change.place), &change.json));
        }
    }

    fn send_target(&mut self, name: &str, snapshot: &Snapshot) {
        if self.wants(name, snapshot) {
            self.ready.push_back(match snapshot.target(name) {
                Some(target) => event("target", None, target.entry()),
                None => event("gone", None, &json::to_vec(&Gone { name })),
            });
        }
    }

    fn send_snapshot(&mut self, latest: &Latest) {
        let body = latest.snapshot.status_of(|target| self.targets.takes(target));
        self.ready.extend(large_event("snapshot", latest.place.as_ref(), body));
    }

    fn take_ready(&mut self) -> Option<Bytes> {
        let mut first = self.ready.pop_front()?;
        if first.len() > CHUNK {
            let chunk = first.split_to(CHUNK);
            self.ready.push_front(first);
            return Some(chunk);
        }
        let mut chunk = BytesMut::from(first);
        while let Some(more) = self.ready.pop_front_if(|more| chunk.len() + more.len() <= CHUNK) {
            chunk.extend_from_slice(&more);
        }
        Some(chunk.freeze())
    }
}

/// A target that is asked no more.
#[derive(serde::Serialize)]
struct Gone<'a> {
    name: &'a str,
}

/// One event.
fn event(kind: &str, id: Option<&Place>, json: &[u8]) -> Bytes {
    let [head, tail] = around(kind, id);
    [&head, json, &tail].concat().into()
}

/// The parts of one event whose JSON is not copied.
fn large_event(kind: &str, id: Option<&Place>, json: Bytes) -> [Bytes; 3] {
    let [head, tail] = around(kind, id);
    [head, json, tail]
}

/// What stands before the JSON of an event, and behind it. JSON has no line breaks, so the data is one line.
fn around(kind: &str, id: Option<&Place>) -> [Bytes; 2] {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    [format!("{id}event: {kind}\ndata: ").into(), Bytes::from_static(b"\n\n")]
}
