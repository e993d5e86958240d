//! The commands, a file per noun.

#![expect(clippy::doc_markdown, reason = "what documents arguments is help on a terminal")]

pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod history;
pub(crate) mod incidents;
pub(crate) mod items;
pub(crate) mod keys;
pub(crate) mod migrate;
pub(crate) mod reports;
pub(crate) mod servers;
pub(crate) mod status;
pub(crate) mod targets;
pub(crate) mod templates;
pub(crate) mod up;
pub(crate) mod users;
pub(crate) mod watch;
