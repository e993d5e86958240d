//! How a service was, as history tells it.

use super::Span;
use crate::schema::{Event, Status, dimension_names};
use crate::store::Period;

/// How a service was: its status, with planned work told from a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// It worked.
    Ok,
    /// Nobody could say: the source did not, or was not heard for too long.
    Unknown,
    /// It worked in part, and nobody had planned that.
    Degraded,
    /// It was under planned maintenance.
    Maintenance,
    /// It did not work.
    Outage,
}

impl Condition {
    /// The condition that an event brought; `None` if it removed the service.
    pub fn after(event: &Event) -> Option<Self> {
        event.to.map(|status| match status {
            Status::Ok => Self::Ok,
            Status::Unknown => Self::Unknown,
            Status::Degraded if dimension_names::is_planned(&event.dimensions) => Self::Maintenance,
            Status::Degraded => Self::Degraded,
            Status::Outage => Self::Outage,
        })
    }

    /// The status: planned maintenance is `Degraded`.
    pub const fn status(self) -> Status {
        match self {
            Self::Ok => Status::Ok,
            Self::Unknown => Status::Unknown,
            Self::Degraded | Self::Maintenance => Status::Degraded,
            Self::Outage => Status::Outage,
        }
    }

    /// Whether it is planned maintenance.
    pub const fn is_maintenance(self) -> bool {
        matches!(self, Self::Maintenance)
    }
}

/// A span of time that a service was in one condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch {
    /// The time.
    pub span: Span,
    /// How the service was.
    pub condition: Condition,
}

impl Stretch {
    /// What a period says of a span of time; `None` if that is nothing: a removal begins no time in which a service is
    /// anything, and what ends before it begins (a clock stepped back) lasted no time.
    pub(super) fn of(period: &Period, within: Span) -> Option<Self> {
        let condition = Condition::after(&period.event)?;
        let span = Span { from: period.event.at, until: period.until.unwrap_or(within.until) }.within(within);
        (!span.is_empty()).then_some(Self { span, condition })
    }
}
