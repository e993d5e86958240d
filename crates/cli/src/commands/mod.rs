//! The commands, a file per noun.

mod accounts;
pub(crate) mod keys;
pub(crate) mod status;
pub(crate) mod targets;
pub(crate) mod up;
pub(crate) mod users;
