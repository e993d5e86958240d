//! What attempts come to: the status of the service, and why. Pure.

use std::time::Duration;

use super::attempt::{Attempt, Reason};
use crate::schema::{Kind, Status, Timestamp};

/// From where on an answer is not good enough: then the service is Degraded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thresholds {
    /// The latency.
    pub latency: Option<Duration>,
    /// The share of the packets that are lost, above 0 up to 1.
    pub loss: Option<f64>,
    /// How long before its end a certificate should have been replaced.
    pub certificate: Option<Duration>,
}

impl Thresholds {
    /// What holds where nothing is said: half of the packets of a `PING`; a week to the end of an `HTTP` server's
    /// certificate, since whoever renews them by machine does so earlier.
    pub fn usual(kind: Kind) -> Self {
        Self {
            latency: None,
            loss: (kind == Kind::Ping).then_some(0.5),
            certificate: (kind == Kind::Http).then_some(Duration::from_hours(7 * 24)),
        }
    }

    /// The first threshold that an attempt at `now` reaches.
    fn reached(&self, attempt: &Attempt, now: Timestamp) -> Option<Reason> {
        let loss = f64::from(attempt.lost) / f64::from(attempt.sent.max(1));
        let is_lossy = self.loss.is_some_and(|limit| loss >= limit);
        let is_slow = self.latency.zip(attempt.latency).is_some_and(|(limit, latency)| latency >= limit);
        let expires = self.certificate.zip(attempt.certificate_expires);
        let is_expiring = expires.is_some_and(|(before, expires)| now.plus(before) >= expires);
        let reached =
            [(is_lossy, Reason::Loss), (is_slow, Reason::Latency), (is_expiring, Reason::CertificateExpiring)];
        reached.into_iter().find_map(|(is_reached, reason)| is_reached.then_some(reason))
    }
}

/// What an ask of one or several attempts comes to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Verdict {
    pub(super) status: Status,
    /// Why it is not OK.
    pub(super) reason: Option<Reason>,
    pub(super) sent: u16,
    pub(super) lost: u16,
    /// That of the last attempt, to the microsecond.
    pub(super) latency: Option<Duration>,
    pub(super) certificate_expires: Option<Timestamp>,
}

impl Verdict {
    /// Judges the attempts of an ask at `now`, of which only the last may have gone well.
    ///
    /// The last one alone counts: its failure is an Outage. What a retry made good was no failure, and a server that is
    /// down would weigh as many times as it was tried.
    pub(super) fn of(attempts: &[Attempt], thresholds: &Thresholds, now: Timestamp) -> Self {
        let last = attempts.last();
        let mut verdict = Self {
            status: Status::Ok,
            reason: None,
            sent: last.map_or(0, |attempt| attempt.sent),
            lost: last.map_or(0, |attempt| attempt.lost),
            latency: last.and_then(|attempt| attempt.latency).map(to_micros),
            certificate_expires: last.and_then(|attempt| attempt.certificate_expires),
        };
        if let Some(fault) = last.and_then(|attempt| attempt.fault.as_ref()) {
            (verdict.status, verdict.reason) = (Status::Outage, Some(fault.reason));
        } else if let Some(reason) = last.and_then(|attempt| thresholds.reached(attempt, now)) {
            (verdict.status, verdict.reason) = (Status::Degraded, Some(reason));
        }
        verdict
    }
}

/// Stores keep no finer ones.
fn to_micros(latency: Duration) -> Duration {
    Duration::from_micros(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::attempt::Fault;
    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs).unwrap()
    }

    fn lost(sent: u16) -> Attempt {
        Attempt::failed(sent, Fault::new(Reason::Timeout, "no answer"))
    }

    fn judge(attempts: &[Attempt], thresholds: &Thresholds) -> (Status, Option<Reason>) {
        let verdict = Verdict::of(attempts, thresholds, at(NOW));
        (verdict.status, verdict.reason)
    }

    #[test]
    fn thresholds_are_reached_at_their_value() {
        let millis = Duration::from_millis;
        let good = |latency| Attempt::answered(millis(latency));
        let packets = |lost| Attempt { sent: 4, lost, ..good(1) };
        let expiring = |days: i64| Attempt { certificate_expires: Some(at(NOW + 86_400 * days)), ..good(1) };
        let thresholds =
            Thresholds { latency: Some(millis(500)), loss: Some(0.5), certificate: Some(Duration::from_hours(48)) };
        let degraded = |reason| (Status::Degraded, Some(reason));
        for (attempt, expected) in [
            (good(499), (Status::Ok, None)),
            (good(500), degraded(Reason::Latency)),
            (packets(1), (Status::Ok, None)),
            (packets(2), degraded(Reason::Loss)),
            (expiring(3), (Status::Ok, None)),
            (expiring(2), degraded(Reason::CertificateExpiring)),
            (Attempt { latency: Some(millis(500)), ..packets(3) }, degraded(Reason::Loss)),
            (Attempt { fault: lost(1).fault, ..good(500) }, (Status::Outage, Some(Reason::Timeout))),
        ] {
            assert_eq!(judge(std::slice::from_ref(&attempt), &thresholds), expected, "{attempt:?}");
            let none = judge(std::slice::from_ref(&attempt), &Thresholds::default());
            assert_eq!(none.0 == Status::Outage, attempt.fault.is_some(), "only failures count without thresholds");
        }
    }

    #[test]
    fn what_a_retry_made_good_is_no_failure() {
        let attempts = [lost(1), Attempt::answered(Duration::from_nanos(1_234_567))];
        let verdict = Verdict::of(&attempts, &Thresholds::default(), at(NOW));
        assert_eq!((verdict.status, verdict.sent, verdict.lost), (Status::Ok, 1, 0));
        assert_eq!(verdict.latency, Some(Duration::from_micros(1234)), "stores keep no finer ones");
        let thresholds = Thresholds { loss: Some(0.5), ..Thresholds::default() };
        assert_eq!(judge(&attempts, &thresholds), (Status::Ok, None));
    }

    prop_compose! {
        fn attempt()(
            sent in 1..20_u16,
            lost in 0..20_u16,
            latency in 0..2_000_u64,
            fails in any::<bool>(),
            expires in prop::option::of(-10..40_i64),
        ) -> Attempt {
            let lost = if fails { sent } else { lost % sent };
            Attempt {
                sent,
                lost,
                latency: (!fails).then(|| Duration::from_millis(latency)),
                fault: fails.then(|| Fault::new(Reason::Timeout, "no answer")),
                certificate_expires: expires.map(|days| at(NOW + 86_400 * days)),
                ..Attempt::default()
            }
        }
    }

    proptest! {
        /// Said once more, and in whole numbers.
        #[test]
        fn the_status_is_what_the_last_attempt_and_the_thresholds_say(
            attempts in prop::collection::vec(attempt(), 1..5),
            latency in prop::option::of(0..2_000_u64),
            percent in prop::option::of(1..=100_u32),
            days in prop::option::of(0..30_u64),
        ) {
            let thresholds = Thresholds {
                latency: latency.map(Duration::from_millis),
                loss: percent.map(|percent| f64::from(percent) / 100.0),
                certificate: days.map(|days| Duration::from_hours(24 * days)),
            };
            let verdict = Verdict::of(&attempts, &thresholds, at(NOW));
            let last = attempts.last().unwrap();
            prop_assert_eq!((verdict.sent, verdict.lost), (last.sent, last.lost));
            let latency = latency.zip(last.latency);
            let is_slow = latency.is_some_and(|(limit, latency)| latency.as_millis() >= u128::from(limit));
            let is_lossy = percent.is_some_and(|percent| u32::from(last.lost) * 100 >= percent * u32::from(last.sent));
            let expires = days.zip(last.certificate_expires);
            let is_expiring =
                expires.is_some_and(|(days, at)| at.as_millis() / 1000 - NOW <= 86_400 * days.cast_signed());
            let expected = match last.fault {
                Some(_) => Status::Outage,
                None if is_slow || is_lossy || is_expiring => Status::Degraded,
                None => Status::Ok,
            };
            prop_assert_eq!(verdict.status, expected);
            prop_assert_eq!(verdict.reason.is_none(), expected == Status::Ok);
        }
    }
}
