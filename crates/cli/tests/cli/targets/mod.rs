//! `unistatus targets`: finding, trying and checking them.

mod discover;
mod test;
mod verify;
