//! What people want to know of a target beside its services.

use serde::{Deserialize, Serialize};

/// What is told about a target; only what server it is decides anything, all else is for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct About {
    /// What people call it; the name where it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The sort of thing it is: a category of the catalog, or one of the user's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The status page for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub homepage: Option<String>,
    /// The id of the server that it is, if it is one that was added through the API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
}
