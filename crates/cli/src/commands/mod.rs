//! The commands, a file per noun.

pub(crate) mod status;
pub(crate) mod targets;
pub(crate) mod up;
