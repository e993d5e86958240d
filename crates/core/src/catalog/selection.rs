//! Which entries of the built-in catalog are asked.

use std::collections::BTreeSet;
use std::fmt;
use std::iter;
use std::str::FromStr;

use super::{Entry, nearest};

/// Which entries of the built-in catalog are asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    /// Those that most teams depend on.
    #[default]
    Recommended,
    /// All of them.
    All,
    /// None: only the user's own.
    None,
    /// Those of these names and categories.
    Some(BTreeSet<String>),
}

impl Selection {
    /// Whether an entry is among them.
    pub fn takes(&self, entry: &Entry) -> bool {
        let spec = &entry.spec;
        match self {
            Self::Recommended => spec.is_recommended(),
            Self::All => true,
            Self::None => false,
            Self::Some(words) => {
                let mut known = iter::once(spec.name()).chain(entry.category()).chain(spec.aliases());
                known.any(|word| words.contains(word))
            }
        }
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recommended => f.write_str("recommended"),
            Self::All => f.write_str("all"),
            Self::None => f.write_str("none"),
            Self::Some(words) => f.write_str(&words.iter().map(String::as_str).collect::<Vec<_>>().join(",")),
        }
    }
}

impl FromStr for Selection {
    type Err = String;

    /// Reads `recommended`, `all`, `none`, or names and categories parted by commas.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words: BTreeSet<String> =
            text.split(',').map(|word| word.trim().to_lowercase()).filter(|word| !word.is_empty()).collect();
        let mut iter = words.iter().map(String::as_str);
        match (iter.next(), iter.next()) {
            (None, _) | (Some("recommended"), None) => Ok(Self::Recommended),
            (Some("all"), None) => Ok(Self::All),
            (Some("none"), None) => Ok(Self::None),
            _ => match words.iter().find(|word| !is_known(word)) {
                None => Ok(Self::Some(words)),
                Some(stranger) => Err(format!(
                    "recommended, all, none, or names and categories of the catalog (\"{stranger}\" is neither{})",
                    near(stranger)
                )),
            },
        }
    }
}

/// Whether a word is the name of a category, or the name or an alias of an entry.
fn is_known(word: &str) -> bool {
    super::categories().any(|category| category == word) || super::find(word).is_ok_and(|found| found.is_some())
}

/// What may have been meant.
fn near(stranger: &str) -> String {
    let entries = super::entries().unwrap_or_default();
    let names = entries.iter().flat_map(|entry| iter::once(entry.spec.name()).chain(entry.spec.aliases()));
    match nearest(stranger, names.chain(super::categories())).join(", ") {
        none if none.is_empty() => none,
        near => format!("; near it: {near}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_names_and_categories() {
        assert_eq!("".parse(), Ok(Selection::Recommended));
        assert_eq!("ALL".parse(), Ok(Selection::All));
        let some: Selection = "github, cloud".parse().unwrap();
        let takes = |name: &str| some.takes(super::super::find(name).unwrap().unwrap());
        assert!(takes("github") && takes("aws") && !takes("gitlab"));
        assert!("twitter".parse::<Selection>().unwrap().takes(super::super::find("x").unwrap().unwrap()));
        let refused = "github, githup".parse::<Selection>().unwrap_err();
        assert!(refused.contains("(\"githup\" is neither; near it: github"), "{refused}");
        let refused = "github, postgresql".parse::<Selection>().unwrap_err();
        assert!(refused.ends_with("(\"postgresql\" is neither)"), "{refused}");
        assert!("all, none".parse::<Selection>().is_err());
    }
}
