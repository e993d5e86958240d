//! The collectors that share the work.

/// A collector on the roll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Tells this collector from every other one. No two processes have the same at a time.
    pub id: String,
    /// How much it asks, in asks an hour.
    pub load: u64,
}

/// Who shares the work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roll {
    /// Whether the one that reported was on it before. If not, it holds no lease, whatever it held earlier.
    pub was_on_it: bool,
    /// All members, the one that reported included, ordered by id (bytewise).
    pub members: Vec<Member>,
}
