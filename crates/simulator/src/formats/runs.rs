//! The services as pages lay them out: neighbours of one group together.

use crate::world::{Service, ServiceState, Truth};

/// The services of one group that stand together, each with its number in the vendor's order, from 1 on.
pub(super) struct Run<'a> {
    pub(super) group: Option<&'a str>,
    pub(super) services: Vec<(usize, &'a Service, ServiceState)>,
}

/// All services in the vendor's order. A group whose services stand apart comes more than once.
pub(super) fn runs<'a>(truth: &Truth<'a>) -> Vec<Run<'a>> {
    let all: Vec<_> = (1..).zip(truth.services()).map(|(number, (service, state))| (number, service, state)).collect();
    all.chunk_by(|(_, one, _), (_, next, _)| one.group == next.group)
        .map(|run| Run {
            group: run.first().and_then(|(_, service, _)| service.group.as_deref()),
            services: run.to_vec(),
        })
        .collect()
}
