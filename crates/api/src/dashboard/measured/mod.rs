//! What a probe measured, over a range of time that its reader chooses: a picture, its figures, the numbers in words.

mod plan;
mod range;
mod read;
mod view;

#[cfg(test)]
mod tests;

pub(super) use range::Range;
pub(super) use read::{Measured, Probe, newest};
pub(super) use view::{LastCheck, MeasuredView};
