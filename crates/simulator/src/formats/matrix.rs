//! What is true as a table with a row for each service and a column for each region.

use crate::world::{Condition, Region, Truth};

/// The table.
pub(super) struct Matrix<'t> {
    /// The columns; `None` is nowhere in particular.
    pub(super) regions: Vec<Option<&'t Region>>,
    /// The rows: a service's name, and what it is like in each region; `None` where the region does not have it.
    pub(super) rows: Vec<(&'t str, Vec<Option<Condition>>)>,
}

impl<'t> Matrix<'t> {
    /// The table of a vendor's services. Rows and columns stand in the order in which they are first needed.
    pub(super) fn of(truth: &Truth<'t>) -> Self {
        let mut regions: Vec<Option<&Region>> = Vec::new();
        let mut rows: Vec<(&str, Vec<Option<Condition>>)> = Vec::new();
        for (service, _) in truth.services() {
            if !regions.contains(&service.region.as_ref()) {
                regions.push(service.region.as_ref());
            }
        }
        for (service, state) in truth.services() {
            let row = rows.iter().position(|(name, _)| *name == service.name).unwrap_or(rows.len());
            if row == rows.len() {
                rows.push((&service.name, vec![None; regions.len()]));
            }
            let column = regions.iter().position(|region| *region == service.region.as_ref());
            if let Some(cell) = column.and_then(|column| rows.get_mut(row)?.1.get_mut(column)) {
                *cell = Some(state.condition);
            }
        }
        Self { regions, rows }
    }
}
