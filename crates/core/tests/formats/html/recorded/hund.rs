//! Hund: the page first, then components in groups.

use unistatus_core::schema::Status::Ok;

use super::{Shown, shown};

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    shown("hund", "indeed-hund/home-2021-01-23.html").page("Indeed", Ok, "2021-01-23T08:50:30.000Z")
        .counts([4, 0, 0, 0]).grouped(4)
        .spot("5c7354b64e80f13cdc5bba83", "Sponsored Job Campaigns API", Ok, "Advertising Services"),
];
