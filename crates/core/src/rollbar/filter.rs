//! Which items are listed.

use super::{ItemLevel, ItemStatus};

/// Which items are listed; what is empty filters nothing. The names are those that Rollbar's own pages have in their
/// addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemFilter {
    /// With any of these statuses.
    pub statuses: Vec<ItemStatus>,
    /// With any of these levels.
    pub levels: Vec<ItemLevel>,
    /// In any of these environments.
    pub environments: Vec<String>,
    /// Of any of these frameworks.
    pub frameworks: Vec<String>,
    /// Assigned to this user; `assigned` for anybody, `unassigned` for nobody.
    pub assigned_user: Option<String>,
    /// Assigned to any of these teams. Not together with a user.
    pub assigned_teams: Vec<String>,
    /// Snoozed ones only, or none of them.
    pub is_snoozed: Option<bool>,
    /// Those with these ids.
    pub ids: Vec<u64>,
    /// What Rollbar's own search finds.
    pub query: Option<String>,
}

impl ItemFilter {
    /// The parameters that ask for it.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let ids: Vec<String> = self.ids.iter().map(ToString::to_string).collect();
        let single = [
            ("assigned_user", self.assigned_user.clone()),
            ("is_snoozed", self.is_snoozed.map(|is_snoozed| is_snoozed.to_string())),
            ("ids", Some(ids.join(",")).filter(|ids| !ids.is_empty())),
            ("query", self.query.clone()),
        ];
        let mut pairs = Vec::new();
        pairs.extend(self.statuses.iter().map(|status| ("status", status.to_string())));
        pairs.extend(self.levels.iter().map(|level| ("level", level.to_string())));
        pairs.extend(self.environments.iter().map(|name| ("environment", name.clone())));
        pairs.extend(self.frameworks.iter().map(|name| ("framework", name.clone())));
        pairs.extend(self.assigned_teams.iter().map(|name| ("assigned_team", name.clone())));
        pairs.extend(single.into_iter().filter_map(|(name, value)| Some((name, value?))));
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_is_asked_for_and_nothing_else() {
        assert_eq!(ItemFilter::default().pairs(), []);
        let filter = ItemFilter {
            statuses: vec![ItemStatus::Active],
            levels: vec![ItemLevel::Critical, ItemLevel::Error],
            environments: vec!["production".to_owned()],
            frameworks: vec!["django".to_owned()],
            assigned_user: Some("unassigned".to_owned()),
            assigned_teams: vec!["ops".to_owned()],
            is_snoozed: Some(false),
            ids: vec![1, 2],
            query: Some("a b".to_owned()),
        };
        let pairs: Vec<_> = filter.pairs().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            pairs,
            [
                "status=active",
                "level=critical",
                "level=error",
                "environment=production",
                "framework=django",
                "assigned_team=ops",
                "assigned_user=unassigned",
                "is_snoozed=false",
                "ids=1,2",
                "query=a b",
            ]
        );
    }
}
