//! Recorded documents of the html formats.
