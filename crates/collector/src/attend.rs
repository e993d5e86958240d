//! One target's life: wait, ask, see what changed, hand it over, and again.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span, field};
use unistatus_core::observe::{Ask, Known, observe};
use unistatus_core::schema::{FailureClass, Timestamp, Validators};
use unistatus_core::store::Commit;
use unistatus_core::target::spec::Configured;
use unistatus_core::target::{Answer, CollectError, Context, Observation};

use crate::monitor::Outcome;
use crate::random;
use crate::schedule::{Ended, Policy};
use crate::shared::Shared;
use crate::turn;

/// How often a store that does not say what is known of a target is asked again.
const RELOAD: Duration = Duration::from_secs(1);

/// Under what a collector asks a target.
#[derive(Clone, Debug)]
pub(crate) struct Tenure {
    /// The token of the lease; another one each time that the lease is taken anew.
    pub(crate) token: Arc<AtomicU64>,
    pub(crate) begins: Begins,
}

/// When a target is asked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begins {
    /// At once: nobody else asks.
    AtOnce,
    /// When whoever asked it before meant to.
    InTurn,
}

/// Asks one target until `stop`; an ask that is under way then goes on until `abort`. `known` is what is known of it,
/// `None` to ask the store. Returns what is known at the end, with all that was handed over; `None` if the store never
/// said.
pub(crate) async fn attend(
    shared: Arc<Shared>,
    configured: Configured,
    tenure: Tenure,
    known: Option<Known>,
    (stop, abort): (CancellationToken, CancellationToken),
) -> Option<Known> {
    let name = &configured.target.identity().name;
    let mut known = match known {
        Some(known) => known,
        None => learn(&shared, name, &stop).await?,
    };
    attend_known(&shared, &configured, tenure, &mut known, (&stop, &abort)).await;
    Some(known)
}

async fn attend_known(
    shared: &Shared,
    configured: &Configured,
    tenure: Tenure,
    known: &mut Known,
    (stop, abort): (&CancellationToken, &CancellationToken),
) {
    let identity = configured.target.identity();
    let policy = Policy::new(&identity.name, identity.interval(shared.options.interval));
    let mut told_words = BTreeSet::new();
    let mut planned = first_ask(shared, tenure.begins, known);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = in_turn(shared, planned) => {}
        }
        if shared.backlog.is_outrun(&identity.name) {
            // Before the ask: its question "has it changed?" must be about what the store has, too.
            let Some(anew) = load_patiently(shared, &identity.name, stop).await else { return };
            *known = anew;
            shared.backlog.caught_up(&identity.name);
        }
        let turn = tokio::select! {
            is_taken = turn::take(shared, &identity.name, known) => is_taken,
            () = abort.cancelled() => return,
        };
        if !turn {
            planned = policy.next(planned, shared.clock.now(), Ended::Well, random::unit()).at;
            continue;
        }
        let (at, begun) = (Timestamp::now(), Instant::now());
        let Some(outcome) = ask(shared, configured, known, at, abort).await else { return };
        let took = begun.elapsed();
        shared.monitor.asked(&identity.name, identity.kind, took, &outcome);
        tell(shared, &identity.name, &outcome, known, &mut told_words);
        if let Ok(Observation { check: Some(check), .. }) = &outcome {
            shared.recorder.push(check.clone());
        }
        let now = shared.clock.now();
        let next = policy.next(planned, now, ended(known, &outcome), random::unit());
        let ask = Ask {
            identity,
            commit_id: shared.commit_ids.next(),
            at,
            took,
            interval: policy.interval(),
            horizon: shared.options.retention.horizon(at),
            next: Timestamp::now().plus(next.at.saturating_sub(now)),
        };
        let commit = Commit { fence: Some(tenure.token.load(Ordering::Relaxed)), ..observe(known, ask, &outcome) };
        known.apply(&commit);
        shared.progress.asked(&identity.name, &outcome, known.services.len());
        // If it was outrun just now, the next ask sees the same once more.
        let _ = shared.backlog.push(commit);
        turn::end(shared, &identity.name).await;
        if next.missed > 0 {
            shared.monitor.missed(next.missed);
            tracing::warn!(
                target = identity.name,
                missed = next.missed,
                took_ms = took.as_millis(),
                "an ask took longer than the interval"
            );
        }
        planned = next.at;
    }
}

/// Waits for the time of an ask, and while others may have taken the target over: a process that was stopped asks nothing
/// before it knows.
async fn in_turn(shared: &Shared, planned: Duration) {
    tokio::time::sleep_until(shared.clock.instant(planned)).await;
    shared.standing.sure_or_alone().await;
}

/// The time of the first ask. What the source asked for, to be left alone, is kept in any case.
fn first_ask(shared: &Shared, begins: Begins, known: &Known) -> Duration {
    let health = known.health.as_ref();
    let asked_for = health.and_then(|health| health.not_before);
    let meant = health.and_then(|health| health.next_ask).filter(|_| begins == Begins::InTurn);
    let now = Timestamp::now();
    let wait = asked_for.max(meant).map_or(Duration::ZERO, |until| now.until(until));
    shared.clock.now() + wait.min(Duration::from_hours(24))
}

/// Asks once; `None` if that was aborted.
async fn ask(
    shared: &Shared,
    configured: &Configured,
    known: &Known,
    now: Timestamp,
    abort: &CancellationToken,
) -> Option<Result<Observation, CollectError>> {
    let none = Validators::default();
    let validators = known.health.as_ref().map_or(&none, |health| &health.validators);
    let identity = configured.target.identity();
    let interval = Some(identity.interval(shared.options.interval));
    let context = Context { fetcher: &shared.fetcher, prober: &shared.prober, validators, now, interval };
    let span = span(&identity.name);
    let outcome = tokio::select! {
        outcome = configured.target.collect(&context).instrument(span.clone()) => outcome,
        () = abort.cancelled() => return None,
    };
    span.record("outcome", Outcome::of(&outcome).word());
    if let Err(error) = &outcome {
        span.record("otel.status_code", "ERROR").record("class", error.class().as_str());
    }
    Some(outcome)
}

/// The span of an ask. Disabled where nobody takes traces.
fn span(target: &str) -> Span {
    tracing::info_span!(
        "ask",
        otel.name = format!("ask {target}"),
        otel.kind = "client",
        otel.status_code = field::Empty,
        target,
        outcome = field::Empty,
        class = field::Empty,
    )
}

fn ended(known: &Known, outcome: &Result<Observation, CollectError>) -> Ended {
    match outcome {
        Ok(_) => Ended::Well,
        Err(error) => Ended::Badly { in_a_row: known.failures().saturating_add(1), hint: error.retry_after() },
    }
}

/// Logs what an operator wants to know: the first failure and the recovery, each unknown word once.
fn tell(
    shared: &Shared,
    target: &str,
    outcome: &Result<Observation, CollectError>,
    known: &Known,
    told_words: &mut BTreeSet<String>,
) {
    let failures = known.failures();
    match outcome {
        Ok(observation) => {
            if failures > 0 {
                tracing::info!(target, failures, "answers again");
            }
            if let Answer::Report(report) = &observation.answer {
                for word in report.unknown_words.iter().filter(|word| !told_words.contains(*word)) {
                    shared.monitor.unknown_word();
                    tracing::warn!(target, word, "a status word that no mapping knows; its services are Unknown");
                }
                told_words.extend(report.unknown_words.iter().cloned());
            }
        }
        Err(error) if failures == 0 && error.class() == FailureClass::NotConfigured => {
            tracing::warn!(target, %error, "is asked for nothing");
        }
        Err(error) if failures == 0 => {
            tracing::warn!(target, class = %error.class(), %error, "no answer; what was known stays");
        }
        Err(error) => tracing::debug!(target, class = %error.class(), %error, failures, "no answer again"),
    }
}

/// What is known of a target once what an earlier process left of it is written; `None` if `stop` came first.
async fn learn(shared: &Shared, name: &str, stop: &CancellationToken) -> Option<Known> {
    tokio::select! {
        () = shared.backlog.written(name) => {}
        () = stop.cancelled() => return None,
    }
    load_patiently(shared, name, stop).await
}

/// What the store knows of a target, waiting for a store that is away; `None` if `stop` came first.
async fn load_patiently(shared: &Shared, name: &str, stop: &CancellationToken) -> Option<Known> {
    loop {
        let error = tokio::select! {
            loaded = Known::load(shared.store.as_ref(), name) => match loaded {
                Ok(known) => return Some(known),
                Err(error) => error,
            },
            () = stop.cancelled() => return None,
        };
        if !error.is_transient() {
            tracing::error!(target = name, %error, "what is known of it cannot be read; it is asked when it can");
        }
        tokio::select! {
            () = tokio::time::sleep(RELOAD) => {}
            () = stop.cancelled() => return None,
        }
    }
}
