//! The user's own CSS selectors and word table.

/// The `selectors` table of a targets file.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectorsSpec {}
