//! The names that a filter may use. Targets and categories must be known: a filter for what is not there is a slip.

use std::sync::Arc;

use unistatus_core::catalog::{categories, nearest};

use super::word;
use crate::snapshot::{Snapshot, TargetView};

/// How many bytes the name of a target may have.
const LONGEST_NAME: usize = 64;

/// What is known by name.
pub(crate) struct Known<'a> {
    snapshots: &'a [&'a Snapshot],
    /// Those of the catalog, and those that targets have.
    categories: Vec<(&'a str, &'a str)>,
}

impl<'a> Known<'a> {
    /// What any of these knows.
    pub(crate) fn of(snapshots: &'a [&'a Snapshot]) -> Self {
        let mut known: Vec<&str> = categories().collect();
        known.extend(targets(snapshots).filter_map(|target| target.state().about.category.as_deref()));
        known.sort_unstable();
        known.dedup();
        Self { snapshots, categories: known.into_iter().map(|category| (category, category)).collect() }
    }

    /// The name of a target; the error says which are accepted.
    pub(crate) fn target(&self, name: &str) -> Result<String, String> {
        if self.snapshots.iter().any(|snapshot| snapshot.target(name).is_some()) {
            return Ok(name.to_owned());
        }
        // To compare names costs as much as they are long, and nothing as long as this is a slip of one.
        let known = targets(self.snapshots).map(TargetView::name);
        Err(match &nearest(name, known.filter(|_| name.len() <= LONGEST_NAME))[..] {
            [] => "accepted are the names that /api/targets lists".to_owned(),
            near => format!("accepted are the names that /api/targets lists, such as {}", near.join(", ")),
        })
    }

    /// The name of a category; the error says which are accepted.
    pub(crate) fn category(&self, name: &str) -> Result<String, String> {
        word(name, &self.categories).map(str::to_owned)
    }
}

fn targets<'a>(snapshots: &'a [&'a Snapshot]) -> impl Iterator<Item = &'a TargetView> {
    snapshots.iter().flat_map(|snapshot| snapshot.targets()).map(Arc::as_ref)
}
