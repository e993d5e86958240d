//! Recorded documents of the rss formats.
