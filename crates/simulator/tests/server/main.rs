//! Vendors on their ports, seen from outside.

mod admin;
mod client;
mod conditional;
mod faults;
mod load;
mod program;
