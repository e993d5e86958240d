//! The commands, a file per noun.

pub mod status;
pub mod up;
