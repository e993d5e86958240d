//! Targets that are asked nothing about themselves: whether they answer is what is measured.
//!
//! A probe is the same for all kinds ([`Probe`]): some attempts, and what they come to (`verdict`). The kinds differ in
//! their [`Means`] of making one attempt: [`Ping`], [`Tcp`], [`Http`]. A failure is a measurement here, and no failed
//! ask; only where this machine itself cannot ask (it may not, it has no secret, it has no file left) the ask fails.

mod attempt;
mod certificate;
mod http;
mod icmp;
mod names;
mod ping;
mod prober;
mod server;
mod tcp;
mod tls;
mod verdict;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, timeout};

pub use attempt::{Attempt, Fault, Reason};
pub use http::{BodyMatch, Http, HttpTarget, Statuses};
pub use names::{Family, Host};
pub use ping::{Ping, PingTarget};
pub use prober::Prober;
pub use server::of_server;
pub use tcp::{Tcp, TcpTarget};
pub use verdict::Thresholds;
use verdict::Verdict;

use super::fetch::FetchError;
use super::{
    Answer, CollectError, Context, Document, Examination, Explanation, Found, Identity, Line, Observation, ParseError,
    Report, Target,
};
use crate::schema::{Check, Service, Status, Timestamp, Validators, dimension_names};

/// What part of an interval all attempts of an ask may take together, so that the next ask begins when it is due.
const SHARE: f64 = 0.9;
/// The key of a probe's only service: its name may change, its history stays.
const KEY: &str = "probe";

/// How one attempt is made.
#[async_trait]
pub trait Means: Send + Sync + fmt::Debug + 'static {
    /// Makes one attempt, within the time that it may take.
    ///
    /// May be cancelled at any await.
    ///
    /// # Errors
    /// [`FetchError`] if this machine itself cannot ask; what is wrong with whoever is asked stands in the attempt.
    async fn attempt(&self, prober: &Prober) -> Result<Attempt, FetchError>;
}

/// How often it is tried again before a failure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// How many attempts follow a first one that failed.
    pub count: u16,
    /// How long after the one the next begins.
    pub pause: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self { count: 2, pause: Duration::from_secs(1) }
    }
}

/// A target that is measured by some means.
#[derive(Debug)]
pub struct Probe<M> {
    identity: Identity,
    means: M,
    retries: Retries,
    thresholds: Thresholds,
}

impl<M: Means> Probe<M> {
    /// A target that is measured so.
    pub fn new(identity: Identity, means: M, retries: Retries, thresholds: Thresholds) -> Self {
        Self { identity, means, retries, thresholds }
    }

    /// Makes attempts until one goes well, there are enough, or the next ask is near; at least one. One that the next ask
    /// would have to wait for is broken off, and counts for nothing.
    async fn attempts(&self, cx: &Context<'_>) -> Result<Vec<Attempt>, FetchError> {
        let begun = Instant::now();
        let time = cx.interval.map_or(Duration::MAX, |interval| interval.mul_f64(SHARE));
        let mut attempts = vec![self.means.attempt(cx.prober).await?];
        for _ in 0..self.retries.count {
            if attempts.last().is_some_and(|attempt| attempt.fault.is_none()) {
                break;
            }
            let retry = async {
                tokio::time::sleep(self.retries.pause).await;
                self.means.attempt(cx.prober).await
            };
            match timeout(time.saturating_sub(begun.elapsed()), retry).await {
                Ok(attempt) => attempts.push(attempt?),
                Err(_) => break,
            }
        }
        Ok(attempts)
    }

    /// What a verdict says, in the unified words. The latency is not among them: a state lasts, a measurement does not.
    fn report(&self, verdict: &Verdict) -> Report {
        let name = self.identity.about.title.as_ref().unwrap_or(&self.identity.name);
        let mut service = Service { status: verdict.status, ..Service::named(KEY, name) };
        let reason = verdict.reason.map(|reason| (dimension_names::REASON, reason.as_str().to_owned()));
        let expires = verdict.certificate_expires.map(|at| (dimension_names::CERTIFICATE_EXPIRES, at.to_string()));
        let dimensions = reason.into_iter().chain(expires);
        service.dimensions = dimensions.map(|(name, value)| (name.to_owned(), value.into())).collect();
        Report { services: vec![service], ..Report::complete() }
    }
}

#[async_trait]
impl<M: Means> Target for Probe<M> {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    async fn collect(&self, cx: &Context<'_>) -> Result<Observation, CollectError> {
        let attempts = self.attempts(cx).await?;
        let verdict = Verdict::of(&attempts, &self.thresholds, cx.now);
        if let Some(fault) = attempts.iter().filter_map(|attempt| attempt.fault.as_ref()).next_back() {
            tracing::debug!(target = self.identity.name, status = %verdict.status, %fault, "an attempt failed");
        }
        let last = attempts.last();
        Ok(Observation {
            answer: Answer::Report(self.report(&verdict)),
            validators: Validators::default(),
            http_status: last.and_then(|attempt| attempt.http_status),
            bytes: last.map_or(0, |attempt| attempt.bytes),
            check: Some(Check {
                probe: self.identity.probe(),
                at: cx.now,
                status: verdict.status,
                latency: verdict.latency,
                sent: verdict.sent,
                lost: verdict.lost,
            }),
        })
    }

    async fn examine(&self, cx: &Context<'_>) -> Result<Examination, FetchError> {
        let attempts = self.attempts(cx).await?;
        let verdict = Verdict::of(&attempts, &self.thresholds, cx.now);
        let mut lines: Vec<_> = (1..).zip(&attempts).map(|(number, attempt)| line(number, attempt)).collect();
        if let (Some(reason), Some(line), Status::Degraded) = (verdict.reason, lines.last_mut(), verdict.status) {
            line.outcome = format!("{}, but {reason} is beyond its threshold", line.outcome);
        }
        let explanation = Explanation { lines, left_out: Vec::new(), report: Ok(self.report(&verdict)) };
        Ok(Examination::without_document(explanation))
    }

    fn explain(&self, _document: &Document<'_>) -> Explanation {
        let kind = self.identity.kind;
        Err(ParseError::unrecognised(format!("a {kind} target measures, and reads no document"))).into()
    }
}

/// What one attempt found, for people.
fn line(number: usize, attempt: &Attempt) -> Line {
    let found = |by: &str, what: Option<String>| what.map(|what| Found { by: by.to_owned(), what });
    let expires = |at: Timestamp| format!("expires {at}");
    let found = [
        found("address", attempt.address.map(|address| address.to_string())),
        found("packets", (attempt.sent > 1).then(|| format!("{} sent, {} lost", attempt.sent, attempt.lost))),
        found("HTTP status", attempt.http_status.map(|status| status.to_string())),
        found("latency", attempt.latency.map(|latency| format!("{:.3} ms", latency.as_secs_f64() * 1000.0))),
        found("certificate", attempt.certificate_expires.map(expires)),
    ];
    let outcome = attempt.fault.as_ref().map_or_else(|| "answered".to_owned(), ToString::to_string);
    Line { piece: format!("attempt {number}"), found: found.into_iter().flatten().collect(), outcome }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Mutex;

    use super::*;
    use crate::schema::{About, Kind};
    use crate::secrets::Secrets;
    use crate::target::Fetcher;
    use crate::target::fetch::Limits;

    /// Attempts that take so many seconds each, and go well or do not.
    #[derive(Debug)]
    struct Scripted(Mutex<Vec<(u64, bool)>>);

    #[async_trait]
    impl Means for Scripted {
        async fn attempt(&self, _: &Prober) -> Result<Attempt, FetchError> {
            let (secs, is_answered) = self.0.lock().unwrap().remove(0);
            tokio::time::sleep(Duration::from_secs(secs)).await;
            let fault = || Fault::new(Reason::Timeout, "no answer");
            Ok(if is_answered { Attempt::answered(Duration::ZERO) } else { Attempt::failed(1, fault()) })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_ask_that_is_tried_again_ends_before_the_next_one_is_due() {
        let secrets = Secrets::new(HashMap::new(), HashMap::new());
        let fetcher = Fetcher::new(Limits::default(), None, secrets.clone()).unwrap();
        let (prober, validators) = (Prober::new(secrets), Validators::default());
        for (interval, attempts, expected, secs) in [
            // Whatever is left of the interval is used.
            (Some(10), vec![(5, false), (5, false)], Status::Outage, 9),
            (Some(10), vec![(5, false), (2, true)], Status::Ok, 8),
            (Some(10), vec![(0, false), (5, false), (1, true)], Status::Ok, 8),
            // The first attempt is never broken off, and none follows where no time is left.
            (Some(10), vec![(12, true)], Status::Ok, 12),
            (Some(10), vec![(12, false)], Status::Outage, 12),
            (Some(60), vec![(5, false), (5, false), (5, false)], Status::Outage, 17),
            (None, vec![(500, false), (500, false), (500, true)], Status::Ok, 1502),
        ] {
            let identity = Identity {
                name: "it".to_owned(),
                endpoint: "192.0.2.1".to_owned(),
                kind: Kind::Tcp,
                about: About::default(),
                every: None,
                floor: Duration::ZERO,
            };
            let told = format!("{interval:?} {attempts:?}");
            let means = Scripted(Mutex::new(attempts));
            let probe = Probe::new(identity, means, Retries::default(), Thresholds::default());
            let interval = interval.map(Duration::from_secs);
            let now = Timestamp::now();
            let begun = Instant::now();
            let cx = Context { fetcher: &fetcher, prober: &prober, validators: &validators, now, interval };
            let check = probe.collect(&cx).await.unwrap().check.unwrap();
            assert_eq!((check.status, check.sent), (expected, 1), "{told}");
            assert_eq!(begun.elapsed().as_secs(), secs, "{told}");
            assert!(probe.means.0.lock().unwrap().is_empty(), "{told}");
        }
    }
}
