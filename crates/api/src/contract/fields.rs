//! Which properties are shown.

/// A property that is shown unless a client asks for others only. Names are always shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Property {
    /// `endpoint` of a target.
    Endpoint,
    /// `type` of a target.
    Kind,
    /// `services` of a target.
    Services,
    /// `lastTimestamp` of a service.
    LastTimestamp,
    /// `status` of a service.
    Status,
    /// `dimensions` of a service.
    Dimensions,
}

impl Property {
    /// Those of a target and of its services.
    pub(crate) const OF_TARGETS: [Self; 6] =
        [Self::Endpoint, Self::Kind, Self::Services, Self::LastTimestamp, Self::Status, Self::Dimensions];
    /// Those of a service.
    pub(crate) const OF_SERVICES: [Self; 3] = [Self::LastTimestamp, Self::Status, Self::Dimensions];

    /// Its name in the JSON.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::Kind => "type",
            Self::Services => "services",
            Self::LastTimestamp => "lastTimestamp",
            Self::Status => "status",
            Self::Dimensions => "dimensions",
        }
    }
}

/// Which properties of a service are shown beside its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ServiceFields {
    pub(super) last_timestamp: bool,
    pub(super) status: bool,
    pub(super) dimensions: bool,
}

impl ServiceFields {
    /// Every one.
    pub(crate) const ALL: Self = Self { last_timestamp: true, status: true, dimensions: true };

    /// Those that are named.
    pub(crate) fn of(named: &[Property]) -> Self {
        Self {
            last_timestamp: named.contains(&Property::LastTimestamp),
            status: named.contains(&Property::Status),
            dimensions: named.contains(&Property::Dimensions),
        }
    }
}

/// Which properties of a target are shown beside its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TargetFields {
    pub(super) endpoint: bool,
    pub(super) kind: bool,
    /// `None` if the services are not shown at all.
    pub(super) services: Option<ServiceFields>,
}

impl TargetFields {
    /// Every one.
    pub(crate) const ALL: Self = Self { endpoint: true, kind: true, services: Some(ServiceFields::ALL) };

    /// Those that are named. A property of services brings the services with it; `services` alone brings their names.
    pub(crate) fn of(named: &[Property]) -> Self {
        let is_of_services =
            |property: &Property| *property == Property::Services || Property::OF_SERVICES.contains(property);
        Self {
            endpoint: named.contains(&Property::Endpoint),
            kind: named.contains(&Property::Kind),
            services: named.iter().any(is_of_services).then(|| ServiceFields::of(named)),
        }
    }
}
