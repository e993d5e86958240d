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
    /// Those of them that are to be left alone, mostly because others had them last.
    left_alone: BTreeSet<String>,
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
        self.left_alone.retain(|name| strays.contains(name));
        for name in strays {
            self.vacant_since.entry(name.clone()).or_insert(now);
        }
    }

    /// Those that nobody seems to know, but for those that are left alone.
    pub(crate) fn abandoned(&self) -> BTreeSet<String> {
        let is_abandoned =
            |(name, since): &(&String, &Instant)| since.elapsed() >= ABANDONED && !self.left_alone.contains(*name);
        self.vacant_since.iter().filter(is_abandoned).map(|(name, _)| name.clone()).collect()
    }

    /// Leaves these alone, until somebody takes them.
    pub(crate) fn leave_alone(&mut self, strays: BTreeSet<String>) {
        self.left_alone.extend(strays);
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
            assert_eq!(strays.abandoned(), named(&[]));
            advance(ABANDONED / 3).await;
        }
        strays.are(&named(&["a", "c"]));
        advance(ABANDONED / 3).await;
        assert_eq!(strays.abandoned(), named(&["a"]), "b is taken, and c was in between");
    }

    #[tokio::test(start_paused = true)]
    async fn time_in_which_nobody_could_take_anything_does_not_count() {
        let mut strays = Strays::default();
        strays.are(&named(&["a"]));
        advance(ABANDONED).await;
        strays.are(&named(&["a"]));
        assert_eq!(strays.abandoned(), named(&[]));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_left_alone_is_so_until_somebody_takes_it() {
        let mut strays = Strays::default();
        let look = async |strays: &mut Strays, some: &[&str]| {
            for _ in 0..4 {
                strays.are(&named(some));
                advance(ABANDONED / 3).await;
            }
            strays.abandoned()
        };
        assert_eq!(look(&mut strays, &["a", "b"]).await, named(&["a", "b"]));
        strays.leave_alone(named(&["a"]));
        assert_eq!(look(&mut strays, &["a", "b"]).await, named(&["b"]));
        strays.are(&named(&["b"]));
        assert_eq!(look(&mut strays, &["a", "b"]).await, named(&["a", "b"]));
    }
}
