//! Recorded documents of the rest formats.
