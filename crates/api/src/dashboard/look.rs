//! How a status looks.

use serde::{Serialize, Serializer};
use unistatus_core::history::Totals;
use unistatus_core::schema::{Status, dimension_names};

use crate::contract::Served;

/// How something is, for people: the four words of the contract, with planned work told from a fault, and a word for
/// that of which nothing is told. In the order of "worst of".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Look {
    /// There is nothing that could be in any way.
    Quiet,
    /// It works.
    Ok,
    /// Nobody can say.
    Unknown,
    /// It is under planned maintenance.
    Maintenance,
    /// It works in part.
    Degraded,
    /// It does not work.
    Outage,
}

impl Look {
    /// All looks, the worst first.
    pub(super) const ALL: [Self; 6] =
        [Self::Outage, Self::Degraded, Self::Maintenance, Self::Unknown, Self::Ok, Self::Quiet];

    /// How a service is.
    pub(super) fn of(service: &Served<'_>) -> Self {
        match service.status() {
            Status::Ok => Self::Ok,
            Status::Unknown => Self::Unknown,
            Status::Degraded if dimension_names::is_planned(&service.dimensions()) => Self::Maintenance,
            Status::Degraded => Self::Degraded,
            Status::Outage => Self::Outage,
        }
    }

    /// How several services are together.
    pub(super) fn worst<'a>(services: impl IntoIterator<Item = Served<'a>>) -> Self {
        services.into_iter().map(|service| Self::of(&service)).max().unwrap_or(Self::Quiet)
    }

    /// The worst in which a service was for any time.
    pub(super) fn worst_of(totals: &Totals) -> Self {
        let Totals { ok_ms, unknown_ms, degraded_ms, maintenance_ms, outage_ms } = *totals;
        let lasted = [
            (Self::Outage, outage_ms),
            (Self::Degraded, degraded_ms),
            (Self::Maintenance, maintenance_ms),
            (Self::Unknown, unknown_ms),
            (Self::Ok, ok_ms),
        ];
        lasted.into_iter().find(|&(_, millis)| millis > 0).map_or(Self::Quiet, |(look, _)| look)
    }

    /// Whether somebody should look at it.
    pub(super) fn is_trouble(self) -> bool {
        self > Self::Ok
    }

    /// The word that is shown beside the sign.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Quiet => "Nothing reported",
            Self::Ok => "OK",
            Self::Unknown => "Unknown",
            Self::Maintenance => "Maintenance",
            Self::Degraded => "Degraded",
            Self::Outage => "Outage",
        }
    }

    /// The class that gives it its sign and its colour.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Ok => "ok",
            Self::Unknown => "unknown",
            Self::Maintenance => "maintenance",
            Self::Degraded => "degraded",
            Self::Outage => "outage",
        }
    }

    /// The status to filter by for what looks so; `None` where no status is like that.
    pub(super) const fn status(self) -> Option<Status> {
        match self {
            Self::Quiet => None,
            Self::Ok => Some(Status::Ok),
            Self::Unknown => Some(Status::Unknown),
            Self::Maintenance | Self::Degraded => Some(Status::Degraded),
            Self::Outage => Some(Status::Outage),
        }
    }
}

impl Serialize for Look {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown {
            class: &'static str,
            word: &'static str,
        }
        Shown { class: self.class(), word: self.word() }.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use unistatus_core::schema::Service;

    use super::*;
    use crate::snapshot::testing::service;

    fn planned() -> Service {
        let mut service = service("planned", Status::Degraded);
        service.dimensions.insert(dimension_names::MAINTENANCE.to_owned(), true.into());
        service
    }

    #[test]
    fn planned_work_is_told_from_a_fault_and_a_fault_is_worse() {
        let (planned, fault, fine) = (planned(), service("a", Status::Degraded), service("b", Status::Ok));
        let worst = |services: &[&Service]| Look::worst(services.iter().map(|service| Served::of(service, false)));
        assert_eq!(worst(&[&fine, &planned]), Look::Maintenance);
        assert_eq!(worst(&[&fault, &planned]), Look::Degraded);
        assert_eq!(worst(&[]), Look::Quiet);
        assert_eq!(Look::worst([Served::of(&planned, true)]), Look::Unknown, "nobody believes it any more");
    }

    #[test]
    fn a_day_looks_as_it_was_at_its_worst() {
        let day = Totals { ok_ms: 9, unknown_ms: 1, ..Totals::default() };
        assert_eq!(Look::worst_of(&day), Look::Unknown);
        assert_eq!(Look::worst_of(&Totals { outage_ms: 1, degraded_ms: 5, ..day }), Look::Outage);
        assert_eq!(Look::worst_of(&Totals::default()), Look::Quiet);
    }
}
