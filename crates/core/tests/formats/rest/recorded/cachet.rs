//! Cachet: the first page of the components, by itself; their groups' names and the page are elsewhere.

use unistatus_core::schema::Status::Ok;
use unistatus_core::target::Coverage;

use super::{Shown, shown};

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    shown("cachet", "cachet/components-operational-2026-09-12.json", Coverage::Complete)
        .counts([6, 0, 0, 0]).spot("4", "Laravel Artisan Cheatsheet", Ok, ""),
];
