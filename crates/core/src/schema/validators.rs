//! What makes a conditional request.

use serde::{Deserialize, Serialize};

/// What a source gave with its last good answer, to ask "has it changed?" with: kept across restarts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Validators {
    /// The `ETag` header, verbatim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The `Last-Modified` header, verbatim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// The fingerprint of the target's definition that read the answer: another definition (an edited mapping, a
    /// newer version of the format) has to see the document itself before it may believe "not modified".
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub definition: String,
}
