//! Pages: a part of a list, and the cursor behind which the next one begins.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::json;

/// How many elements a page may have.
pub(crate) const MAX_LIMIT: u32 = 1000;

/// Which part of a list is asked for. `C` names the last element of the page before.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page<C> {
    /// How many elements at the most; everything where it is not given.
    pub(crate) limit: Option<u32>,
    /// The last element of the page before.
    pub(crate) behind: Option<C>,
}

impl<C> Page<C> {
    /// As many elements as the page may have, and one more, which tells that more follow.
    pub(crate) fn one_more<T>(&self, elements: impl Iterator<Item = T>) -> Vec<T> {
        let limit = self.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        elements.take(limit.saturating_add(1)).collect()
    }
}

impl<C: PartialOrd> Page<C> {
    /// The elements of this page out of a list that is held whole, ordered by `place`; and where the next page goes on, if
    /// there is one.
    pub(crate) fn out_of<T>(
        &self,
        elements: impl IntoIterator<Item = T>,
        place: impl Fn(&T) -> C,
    ) -> (Vec<T>, Option<C>) {
        let is_behind = |element: &T| self.behind.as_ref().is_none_or(|behind| place(element) > *behind);
        let (elements, has_more) = cut(self.one_more(elements.into_iter().filter(is_behind)), self.limit);
        let next = elements.last().filter(|_| has_more).map(&place);
        (elements, next)
    }
}

/// The elements of a page, and whether more follow: `elements` are those behind the cursor, one more than the limit
/// where there are so many.
pub(crate) fn cut<T>(mut elements: Vec<T>, limit: Option<u32>) -> (Vec<T>, bool) {
    let Some(limit) = limit.and_then(|limit| usize::try_from(limit).ok()) else { return (elements, false) };
    let has_more = elements.len() > limit;
    elements.truncate(limit);
    (elements, has_more)
}

/// A cursor as it is written.
pub(crate) fn encode<C: Serialize>(last: &C) -> String {
    URL_SAFE_NO_PAD.encode(json::to_vec(last))
}

/// Reads a cursor; `None` for what [`encode`] never wrote.
pub(crate) fn decode<C: DeserializeOwned>(cursor: &str) -> Option<C> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_than_the_limit_means_that_more_follow() {
        assert_eq!(cut(vec![1, 2, 3], Some(2)), (vec![1, 2], true));
        assert_eq!(cut(vec![1, 2], Some(2)), (vec![1, 2], false));
        assert_eq!(cut(vec![1, 2, 3], None), (vec![1, 2, 3], false));
    }

    #[test]
    fn pages_of_a_whole_list_follow_each_other() {
        let page = |limit, behind: Option<&str>| Page { limit, behind: behind.map(str::to_owned) };
        let out_of = |page: &Page<String>| page.out_of(["a", "b", "c"], |&name| name.to_owned());
        assert_eq!(out_of(&page(None, None)), (vec!["a", "b", "c"], None));
        assert_eq!(out_of(&page(Some(2), None)), (vec!["a", "b"], Some("b".to_owned())));
        assert_eq!(out_of(&page(Some(2), Some("b"))), (vec!["c"], None));
        assert_eq!(out_of(&page(Some(1), Some("aa"))), (vec!["b"], Some("b".to_owned())), "its place was taken away");
        assert_eq!(out_of(&page(None, Some("c"))), (vec![], None));
    }
}
