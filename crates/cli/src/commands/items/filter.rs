//! Which items are meant.

use crate::api::Resource;

/// The filters of Rollbar itself, under its names.
#[derive(Debug, clap::Args)]
pub(in crate::commands) struct Filter {
    /// active, resolved, muted or archived; several parted by commas
    #[arg(long, value_name = "WORDS")]
    status: Option<String>,
    /// critical, error, warning, info or debug; several parted by commas
    #[arg(long, value_name = "WORDS")]
    level: Option<String>,
    /// The environment; several parted by commas
    #[arg(long, value_name = "NAMES")]
    environment: Option<String>,
    /// The framework; several parted by commas
    #[arg(long, value_name = "NAMES")]
    framework: Option<String>,
    /// Whose they are: a user's name, `assigned` or `unassigned`
    #[arg(long, value_name = "NAME")]
    assigned_user: Option<String>,
    /// Which team's they are; several parted by commas
    #[arg(long, value_name = "NAMES", conflicts_with = "assigned_user")]
    assigned_team: Option<String>,
    /// Whether they are snoozed: true or false
    #[arg(long, value_name = "BOOL")]
    is_snoozed: Option<String>,
    /// Their ids, parted by commas
    #[arg(long, value_name = "IDS")]
    ids: Option<String>,
    /// What Rollbar's own search finds
    #[arg(long, value_name = "TEXT")]
    query: Option<String>,
}

impl Filter {
    /// The resource, of these items.
    pub(in crate::commands) fn of(&self, resource: Resource) -> Resource {
        [
            ("status", &self.status),
            ("level", &self.level),
            ("environment", &self.environment),
            ("framework", &self.framework),
            ("assigned_user", &self.assigned_user),
            ("assigned_team", &self.assigned_team),
            ("is_snoozed", &self.is_snoozed),
            ("ids", &self.ids),
            ("query", &self.query),
        ]
        .into_iter()
        .fold(resource, |resource, (name, value)| resource.with_any(name, value.as_deref()))
    }
}
