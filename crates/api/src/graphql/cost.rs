//! How much a query asks for: about how many fields the answer has, as far as the query tells.

/// How much a query may ask for. All properties of all targets of a usual installation are within it.
pub(super) const MOST: usize = 20_000;

/// How many targets are reckoned with where no limit is given.
const TARGETS: usize = 200;
/// How many services a target is reckoned to have.
const SERVICES: usize = 10;
/// How many intervals a service's history is reckoned to have.
const INTERVALS: usize = 20;
/// How many buckets a service's history is reckoned to have.
const BUCKETS: usize = 90;
/// How many updates an incident is reckoned to have.
const UPDATES: usize = 4;

/// Of targets.
pub(super) fn targets(limit: Option<u32>, each: usize) -> usize {
    limit.map_or_else(|| list(TARGETS, each), |limit| page(limit, each))
}

/// Of services.
pub(super) fn services(each: usize) -> usize {
    list(SERVICES, each)
}

/// Of intervals.
pub(super) fn intervals(each: usize) -> usize {
    list(INTERVALS, each)
}

/// Of buckets.
pub(super) fn buckets(each: usize) -> usize {
    list(BUCKETS, each)
}

/// Of updates.
pub(super) fn updates(each: usize) -> usize {
    list(UPDATES, each)
}

/// Of a page.
pub(super) fn page(limit: u32, each: usize) -> usize {
    list(usize::try_from(limit).unwrap_or(usize::MAX), each)
}

fn list(length: usize, each: usize) -> usize {
    length.saturating_mul(each).saturating_add(1).min(MOST + 1)
}
