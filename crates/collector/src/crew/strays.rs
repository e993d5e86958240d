//! Vacant leases of targets that this collector does not know.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use super::standing::SPAN;

/// For how long one is vacant before nobody is believed to know its target: whoever does takes it in half of that.
const ABANDONED: Duration = Duration::from_secs(20);

/// What was seen of them.
#[derive(Debug, Default)]
pub(crate) struct Strays {
    /// Since when each was seen to be vacant.
    vacant_since: BTreeMap<String, Instant>,
    /// Those of them that others had last, and see to themselves.
    of_others: BTreeSet<String>,
    /// When it was looked last.
    looked: Option<Instant>,
}

impl Strays {
    /// Takes down which there are now.
    pub(crate) fn are(&mut self, strays: &BTreeSet<String>) {
        let now = Instant::now();
        if self.looked.replace(now).is_some_and(|before| now.duration_since(before) >= SPAN) {
            // Nobody could take anything meanwhile.
            self.vacant_since.clear();
        }
        self.vacant_since.retain(|name, _| strays.contains(name));
        self.of_others.retain(|name| strays.contains(name));
        for name in strays {
            self.vacant_since.entry(name.clone()).or_insert(now);
        }
    }

    /// Those that nobody seems to know, but for those of others. Where nobody else is there, that is sure at once.
    pub(crate) fn abandoned(&self, is_alone: bool) -> BTreeSet<String> {
        let is_abandoned = |(name, since): &(&String, &Instant)| {
            (is_alone || since.elapsed() >= ABANDONED) && !self.of_others.contains(*name)
        };
        self.vacant_since.iter().filter(is_abandoned).map(|(name, _)| name.clone()).collect()
    }

    /// Says that others had these last.
    pub(crate) fn are_of_others(&mut self, strays: BTreeSet<String>) {
        self.of_others.extend(strays);
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn named(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_been_vacant_for_long_without_a_break_is_abandoned() {
        let mut strays = Strays::default();
        for some in [&["a", "b", "c"][..], &["a", "b"], &["a", "b", "c"]] {
            strays.are(&named(some));
            assert_eq!(strays.abandoned(false), named(&[]));
            advance(ABANDONED / 3).await;
        }
        strays.are(&named(&["a", "c"]));
        advance(ABANDONED / 3).await;
        assert_eq!(strays.abandoned(false), named(&["a"]), "b is taken, and c was in between");
        assert_eq!(strays.abandoned(true), named(&["a", "c"]));
    }

    #[tokio::test(start_paused = true)]
    async fn time_in_which_nobody_could_take_anything_does_not_count() {
        let mut strays = Strays::default();
        strays.are(&named(&["a"]));
        advance(ABANDONED).await;
        strays.are(&named(&["a"]));
        assert_eq!(strays.abandoned(false), named(&[]));
    }

    #[tokio::test(start_paused = true)]
    async fn what_others_had_is_theirs_until_somebody_takes_it() {
        let mut strays = Strays::default();
        strays.are(&named(&["a", "b"]));
        strays.are_of_others(named(&["a"]));
        assert_eq!(strays.abandoned(true), named(&["b"]));
        strays.are(&named(&["b"]));
        strays.are(&named(&["a", "b"]));
        assert_eq!(strays.abandoned(true), named(&["a", "b"]));
    }
}
