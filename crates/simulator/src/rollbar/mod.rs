//! A stand-in for Rollbar's API, built from its public documentation: a project whose items are listed, changed and
//! reported as there, and trouble on demand.
//!
//! ```no_run
//! use unistatus_simulator::rollbar::{Project, StandIn, Trouble, tokens};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let rollbar = StandIn::start(Project::of(250)).await?;
//! println!("ROLLBAR_URL={} ROLLBAR_TOKEN={}", rollbar.url(), tokens::ALL);
//! rollbar.trouble(Trouble::Status { status: 429, retry_after: Some(1) }, Some(1));
//! assert!(rollbar.asked().is_empty());
//! # Ok(())
//! # }
//! ```

mod project;
pub mod tokens;
mod wire;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

pub use self::project::{Project, item};
use self::wire::{Answer, Question};
use crate::faults::bodies::LOGIN_PAGE;
use crate::server::answer::{AnyBody, answer, drip, full, padded};
use crate::server::listen::{Hangup, serve};
use crate::server::locked;

/// Where the API begins.
const BASE: &str = "/api/1";
/// How many bytes a request may have, as documented.
const LARGEST: usize = 128 * 1024;

/// What goes wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The right answer, so late.
    Late(Duration),
    /// No answer, ever; the connection stays open. Nothing is done.
    Hang,
    /// The connection is closed once the request is read. Nothing is done.
    Close,
    /// This status in Rollbar's shape, with `Retry-After` in seconds where it is given. Nothing is done.
    Status {
        /// The status.
        status: u16,
        /// After how many seconds to ask again.
        retry_after: Option<u32>,
    },
    /// A 429 whose wait is told in Rollbar's own header only.
    Limited {
        /// After how many seconds to ask again.
        seconds: u32,
    },
    /// It is done, and half of what is to be said of it is.
    Half,
    /// 200 with a page that asks for a password.
    LoginPage,
    /// 200 with valid JSON that is something else.
    ChangedShape,
    /// The right answer and white space behind it, up to so many bytes.
    Oversized(u64),
    /// The right answer, a byte at a time, with this pause before each.
    SlowDrip(Duration),
    /// A refusal that repeats the token that was sent.
    Telltale,
}

/// A request as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// `GET` and so on.
    pub method: String,
    /// The path behind `/api/1`.
    pub path: String,
    /// The names and values of the query, decoded.
    pub query: Vec<(String, String)>,
    /// The body as JSON; `null` where there is none.
    pub body: Value,
    /// The `User-Agent`.
    pub user_agent: String,
}

/// What is set for it, and what was asked.
#[derive(Debug, Default)]
struct State {
    project: Project,
    /// The trouble, and for how many more requests; `None` until it is cleared.
    trouble: Option<(Trouble, Option<u32>)>,
    asked: Vec<Asked>,
    /// How many requests are being answered, and how many were at the most.
    in_flight: usize,
    most_in_flight: usize,
}

/// As long as it lives, a request is in flight.
struct InFlight<'a>(&'a Mutex<State>);

impl<'a> InFlight<'a> {
    fn begin(state: &'a Mutex<State>) -> Self {
        let mut now = locked(state);
        now.in_flight += 1;
        now.most_in_flight = now.most_in_flight.max(now.in_flight);
        Self(state)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        locked(self.0).in_flight -= 1;
    }
}

/// A Rollbar that answers on 127.0.0.1. Dropping it stops it.
#[derive(Debug)]
pub struct StandIn {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    count: watch::Receiver<usize>,
    _stop_on_drop: DropGuard,
}

impl StandIn {
    /// Starts one with this project, on a free port.
    ///
    /// # Errors
    /// If it cannot listen.
    pub async fn start(project: Project) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State { project, ..State::default() }));
        let (counted, count) = watch::channel(0);
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let (shared, counted) = (Arc::clone(&state), Arc::new(counted));
        let handle = move |request| {
            let (state, counted) = (Arc::clone(&shared), Arc::clone(&counted));
            async move { respond(&state, &counted, request).await }
        };
        tokio::spawn(serve(listener, stop.clone(), tasks, handle));
        Ok(Self { address, state, count, _stop_on_drop: stop.drop_guard() })
    }

    /// The address of the API.
    pub fn url(&self) -> String {
        format!("http://{}{BASE}", self.address)
    }

    /// Lets the next requests fail, or all until [`Self::well`].
    pub fn trouble(&self, trouble: Trouble, requests: Option<u32>) {
        locked(&self.state).trouble = Some((trouble, requests));
    }

    /// Lets it answer rightly again.
    pub fn well(&self) {
        locked(&self.state).trouble = None;
    }

    /// Looks at the project, or changes it.
    pub fn with_project<R>(&self, act: impl FnOnce(&mut Project) -> R) -> R {
        act(&mut locked(&self.state).project)
    }

    /// What was asked so far, in order.
    pub fn asked(&self) -> Vec<Asked> {
        locked(&self.state).asked.clone()
    }

    /// How many requests it was answering at the same time, at the most.
    pub fn most_at_once(&self) -> usize {
        locked(&self.state).most_in_flight
    }

    /// Waits until there were so many requests.
    pub async fn wait_for(&self, count: usize) {
        // An error would mean that it serves no more.
        let _ = self.count.clone().wait_for(|&so_far| so_far >= count).await;
    }
}

/// Answers a request, or does not.
async fn respond(
    state: &Mutex<State>,
    counted: &watch::Sender<usize>,
    request: Request<Incoming>,
) -> Result<Response<AnyBody>, Hangup> {
    let _in_flight = InFlight::begin(state);
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST).collect().await else {
        return Ok(Answer::refusal(413, "Request entity too large").response());
    };
    let question = Question::of(&head, &body.to_bytes());
    let trouble = {
        let mut state = locked(state);
        state.asked.push(question.asked.clone());
        state.draw()
    };
    counted.send_modify(|count| *count += 1);
    let right = || locked(state).project.answer(&question);
    Ok(match trouble {
        None => right().response(),
        Some(Trouble::Late(time)) => {
            tokio::time::sleep(time).await;
            right().response()
        }
        Some(Trouble::Hang) => std::future::pending().await,
        Some(Trouble::Close) => return Err(Hangup::Close),
        Some(Trouble::Status { status, retry_after }) => {
            let mut refusal = Answer::refusal(status, "This is made up");
            refusal.retry_after = retry_after;
            refusal.response()
        }
        Some(Trouble::Limited { seconds }) => {
            let mut refusal = Answer::refusal(429, "Rate limit reached");
            refusal.remaining_seconds = Some(seconds);
            refusal.response()
        }
        Some(Trouble::Half) => {
            let bytes = right().bytes();
            json(full(bytes.slice(..bytes.len() / 2)))
        }
        Some(Trouble::LoginPage) => answer(StatusCode::OK, "text/html; charset=utf-8", full(LOGIN_PAGE)),
        Some(Trouble::ChangedShape) => json(full(r#"{"ok":true,"data":[1,2,3]}"#)),
        Some(Trouble::Oversized(size)) => json(padded(right().bytes(), size)),
        Some(Trouble::SlowDrip(pause)) => json(drip(right().bytes(), pause)),
        Some(Trouble::Telltale) => {
            Answer::refusal(403, &format!("access token {} is not good for this", question.token)).response()
        }
    })
}

impl State {
    /// The trouble of this request, one less for those to come.
    fn draw(&mut self) -> Option<Trouble> {
        let (trouble, left) = self.trouble.as_mut()?;
        let trouble = *trouble;
        if let Some(left) = left {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.trouble = None;
            }
        }
        Some(trouble)
    }
}

fn json(body: AnyBody) -> Response<AnyBody> {
    answer(StatusCode::OK, "application/json", body)
}
