//! Names near one that nobody has.

/// How many names are told.
const TOLD: usize = 3;

/// How short a name or a word can be and still be found inside another.
const SHORTEST_PART: usize = 3;

/// The names nearest to a word, the nearest first: those that a slip or two make it, those that it is a part of, and
/// those that it begins with.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let word = word.to_lowercase();
    let slips = 1 + word.chars().count() / 4;
    let mut near: Vec<(usize, &str)> = names
        .into_iter()
        .map(|name| (distance(&word, name), name))
        .filter(|&(distance, name)| distance <= slips || share_a_part(&word, name))
        .collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().take(TOLD).map(|(_, name)| name).collect()
}

fn share_a_part(word: &str, name: &str) -> bool {
    (word.len() >= SHORTEST_PART && name.contains(word)) || (name.len() >= SHORTEST_PART && word.starts_with(name))
}

/// How many characters must be put in, taken out, replaced or swapped with their neighbour to turn one text into the
/// other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    let mut previous = None;
    for (row, character) in one.chars().enumerate() {
        let mut this = vec![row + 1];
        for (column, &wanted) in other.iter().enumerate() {
            let replaced = last[column] + usize::from(character != wanted);
            let mut changes = replaced.min(last[column + 1] + 1).min(this[column] + 1);
            if column > 0 && previous == Some(wanted) && other[column - 1] == character {
                changes = changes.min(before_last[column - 1] + 1);
            }
            this.push(changes);
        }
        before_last = std::mem::replace(&mut last, this);
        previous = Some(character);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_count_once_each() {
        for (one, other, slips) in [
            ("github", "github", 0),
            ("githup", "github", 1),
            ("gihtub", "github", 1),
            ("gitub", "github", 1),
            ("githubb", "github", 1),
            ("", "aws", 3),
            ("aws", "", 3),
            ("slack", "zoom", 5),
        ] {
            assert_eq!(distance(one, other), slips, "{one} {other}");
        }
    }

    #[test]
    fn the_nearest_come_first_and_strangers_not_at_all() {
        let names = ["aws", "aws-health", "bitbucket", "github", "gitlab", "gitlab-api", "gitlabhost"];
        assert_eq!(nearest("GITHUP", names), ["github"]);
        assert_eq!(nearest("gitlba", names), ["gitlab"]);
        assert_eq!(nearest("git", names), ["github", "gitlab", "gitlab-api"]);
        assert_eq!(nearest("github-actions", names), ["github"]);
        assert_eq!(nearest("aws-healht", names), ["aws-health", "aws"]);
        assert!(nearest("postgres", names).is_empty());
    }
}
