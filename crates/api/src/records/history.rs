//! How a target's services were, over a window of time.

use serde::Serialize;
use unistatus_core::history::{Condition, Counting, ServiceHistory, Span, Stretch, Totals};
use unistatus_core::schema::{Dimensions, Status, Timestamp};
use utoipa::ToSchema;

use crate::openapi::schemas;

/// The history of a target.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = History, example = json!({
    "target": "github",
    "from": "2026-05-03T00:00:00.000Z",
    "to": "2026-05-04T00:00:00.000Z",
    "counting": {"degraded": "up", "maintenance": "excluded", "unknown": "excluded"},
    "services": [{
        "service": "Git Operations",
        "key": "8l4ygp009s5s",
        "dimensions": {"serviceId": "8l4ygp009s5s"},
        "uptime": 0.75,
        "downtimeSeconds": 21600.0,
        "seconds": {"ok": 64800.0, "unknown": 0.0, "degraded": 0.0, "maintenance": 0.0, "outage": 21600.0},
        "intervals": [
            {
                "from": "2026-05-03T00:00:00.000Z",
                "to": "2026-05-03T18:00:00.000Z",
                "status": "OK",
                "maintenance": false,
            },
            {
                "from": "2026-05-03T18:00:00.000Z",
                "to": "2026-05-04T00:00:00.000Z",
                "status": "Outage",
                "maintenance": false,
            },
        ],
        "buckets": [{
            "from": "2026-05-03T00:00:00.000Z",
            "to": "2026-05-04T00:00:00.000Z",
            "worst": "Outage",
            "uptime": 0.75,
            "downtimeSeconds": 21600.0,
            "seconds": {"ok": 64800.0, "unknown": 0.0, "degraded": 0.0, "maintenance": 0.0, "outage": 21600.0},
        }],
    }],
}))]
pub(crate) struct HistoryRecord<'a> {
    /// The target's name.
    pub(crate) target: &'a str,
    /// The first instant of the window.
    #[schema(value_type = schemas::Timestamp)]
    pub(crate) from: Timestamp,
    /// The first instant after it; never later than now.
    #[schema(value_type = schemas::Timestamp)]
    pub(crate) to: Timestamp,
    /// How time was counted.
    pub(crate) counting: CountingRecord,
    /// The services that existed at any time of the window.
    pub(crate) services: Vec<ServiceRecord<'a>>,
}

/// What time counts as.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = Counting)]
pub(crate) struct CountingRecord {
    /// What degraded time without planned work counts as.
    #[schema(value_type = schemas::Counted)]
    degraded: &'static str,
    /// What planned work counts as.
    #[schema(value_type = schemas::Counted)]
    maintenance: &'static str,
    /// What time in which nobody knew counts as.
    #[schema(value_type = schemas::Counted)]
    unknown: &'static str,
}

impl From<Counting> for CountingRecord {
    fn from(Counting { maintenance, unknown, degraded }: Counting) -> Self {
        Self { degraded: degraded.as_str(), maintenance: maintenance.as_str(), unknown: unknown.as_str() }
    }
}

/// Which parts of a service's history are shown beside its totals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// What tells the service from others.
    Dimensions,
    /// When it was how.
    Intervals,
    /// The totals of each bucket.
    Buckets,
}

impl Part {
    /// All of them, with their names.
    pub(crate) const ALL: [(&'static str, Self); 3] =
        [("dimensions", Self::Dimensions), ("intervals", Self::Intervals), ("buckets", Self::Buckets)];
}

/// The history of a service.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ServiceHistory)]
pub(crate) struct ServiceRecord<'a> {
    /// Its name.
    service: &'a str,
    /// What tells it from the others of its target.
    key: &'a str,
    /// Its dimensions after its last change in the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schemas::Dimensions, required = false)]
    dimensions: Option<&'a Dimensions>,
    #[serde(flatten)]
    totals: TotalsRecord,
    /// When it was how, oldest first; time in which it did not exist is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    intervals: Option<Vec<IntervalRecord>>,
    /// The window, divided.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    buckets: Option<Vec<BucketRecord>>,
}

/// How long it was how, in seconds.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Totals)]
pub(crate) struct TotalsRecord {
    /// The time that counts as up, divided by the time that counts; null where none does.
    #[schema(required, minimum = 0, maximum = 1)]
    pub(crate) uptime: Option<f64>,
    /// The time that counts as down.
    pub(crate) downtime_seconds: f64,
    /// The time in each condition.
    pub(crate) seconds: SecondsRecord,
}

/// How many seconds it was in each condition.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = ConditionSeconds)]
pub(crate) struct SecondsRecord {
    /// It worked.
    pub(crate) ok: f64,
    /// Nobody could say.
    pub(crate) unknown: f64,
    /// It worked in part, and nobody had planned that.
    pub(crate) degraded: f64,
    /// It was under planned maintenance.
    pub(crate) maintenance: f64,
    /// It did not work.
    pub(crate) outage: f64,
}

/// A time in which a service's status was the same.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Interval)]
pub(crate) struct IntervalRecord {
    /// Its first instant.
    #[schema(value_type = schemas::Timestamp)]
    pub(crate) from: Timestamp,
    /// The first instant after it.
    #[schema(value_type = schemas::Timestamp)]
    pub(crate) to: Timestamp,
    /// The status.
    #[schema(value_type = schemas::Status)]
    pub(crate) status: Status,
    /// Whether it was degraded by planned work.
    pub(crate) maintenance: bool,
}

/// A part of the window.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Bucket)]
pub(crate) struct BucketRecord {
    /// Its first instant.
    #[schema(value_type = schemas::Timestamp)]
    pub(crate) from: Timestamp,
    /// The first instant after it.
    #[schema(value_type = schemas::Timestamp)]
    pub(crate) to: Timestamp,
    /// The worst status in it; null where the service did not exist.
    #[schema(value_type = Option<schemas::Status>, required)]
    pub(crate) worst: Option<Status>,
    /// How long the service was how.
    #[serde(flatten)]
    pub(crate) totals: TotalsRecord,
}

impl<'a> ServiceRecord<'a> {
    /// The record of a service, with these parts.
    pub(crate) fn new(history: &'a ServiceHistory, buckets: &[Span], counting: Counting, parts: &[Part]) -> Self {
        let shows = |part| parts.contains(&part);
        Self {
            service: &history.name,
            key: &history.key,
            dimensions: shows(Part::Dimensions).then_some(&history.dimensions),
            totals: TotalsRecord::new(&history.totals(), counting),
            intervals: shows(Part::Intervals).then(|| IntervalRecord::of(history)),
            buckets: shows(Part::Buckets).then(|| BucketRecord::of(history, buckets, counting)),
        }
    }
}

impl TotalsRecord {
    /// The record of a time's totals.
    pub(crate) fn new(totals: &Totals, counting: Counting) -> Self {
        let uptime = counting.uptime(totals);
        let Totals { ok_ms, unknown_ms, degraded_ms, maintenance_ms, outage_ms } = *totals;
        Self {
            uptime: uptime.ratio(),
            downtime_seconds: seconds(uptime.down_ms),
            seconds: SecondsRecord {
                ok: seconds(ok_ms),
                unknown: seconds(unknown_ms),
                degraded: seconds(degraded_ms),
                maintenance: seconds(maintenance_ms),
                outage: seconds(outage_ms),
            },
        }
    }
}

impl IntervalRecord {
    /// When a service was how, oldest first.
    pub(crate) fn of(history: &ServiceHistory) -> Vec<Self> {
        history.stretches().map(Self::from).collect()
    }
}

impl From<Stretch> for IntervalRecord {
    fn from(Stretch { span, condition }: Stretch) -> Self {
        let (status, maintenance) = (condition.status(), condition.is_maintenance());
        Self { from: span.from, to: span.until, status, maintenance }
    }
}

impl BucketRecord {
    /// How a service was in each part of the window.
    pub(crate) fn of(history: &ServiceHistory, buckets: &[Span], counting: Counting) -> Vec<Self> {
        let totals = history.totals_in(buckets);
        buckets.iter().zip(&totals).map(|(span, totals)| Self::new(*span, totals, counting)).collect()
    }

    fn new(span: Span, totals: &Totals, counting: Counting) -> Self {
        Self { from: span.from, to: span.until, worst: worst(totals), totals: TotalsRecord::new(totals, counting) }
    }
}

/// The worst status that lasted any time.
fn worst(totals: &Totals) -> Option<Status> {
    let lasted = [
        (Condition::Ok, totals.ok_ms),
        (Condition::Unknown, totals.unknown_ms),
        (Condition::Degraded, totals.degraded_ms),
        (Condition::Maintenance, totals.maintenance_ms),
        (Condition::Outage, totals.outage_ms),
    ];
    Status::worst(lasted.into_iter().filter(|&(_, millis)| millis > 0).map(|(condition, _)| condition.status()))
}

fn seconds(millis: u64) -> f64 {
    std::time::Duration::from_millis(millis).as_secs_f64()
}
