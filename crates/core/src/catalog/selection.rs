//! Which entries of the built-in catalog are asked.

use std::collections::BTreeSet;
use std::str::FromStr;

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
    pub fn takes(&self, category: &str, name: &str) -> bool {
        match self {
            // All entries that are built in so far are recommended ones.
            Self::Recommended | Self::All => true,
            Self::None => false,
            Self::Some(words) => words.contains(name) || words.contains(category),
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
            _ => match words.iter().find(|word| !super::is_known(word)) {
                None => Ok(Self::Some(words)),
                Some(stranger) => Err(format!(
                    "recommended, all, none, or names and categories of the catalog (\"{stranger}\" is neither)"
                )),
            },
        }
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
        assert!(some.takes("code", "github") && some.takes("cloud", "aws") && !some.takes("code", "gitlab"));
        assert!("github, githup".parse::<Selection>().unwrap_err().contains("\"githup\" is neither"));
        assert!("all, none".parse::<Selection>().is_err());
    }
}
