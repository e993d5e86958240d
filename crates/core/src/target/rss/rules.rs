//! The user's own rules for title, state, service and region.

/// The `rules` table of a targets file.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesSpec {}
