//! Crews that settle, with collectors that come and go.

use proptest::prelude::*;

use super::*;

/// Collectors that decide in turn, each on what is the case then.
#[derive(Debug)]
struct Crew {
    collectors: Vec<Member>,
    /// What each target is asked.
    loads: Loads,
    moved: usize,
}

#[derive(Debug, Default)]
struct Member {
    mine: Loads,
    unwanted: BTreeSet<String>,
    given: BTreeSet<String>,
}

impl Crew {
    fn of(loads: Loads) -> Self {
        Self { collectors: Vec::new(), loads, moved: 0 }
    }

    fn join(&mut self) {
        self.collectors.push(Member::default());
        self.meet();
    }

    fn go(&mut self, place: usize) {
        self.collectors.remove(place);
        self.meet();
    }

    fn meet(&mut self) {
        for member in &mut self.collectors {
            member.unwanted.clear();
            member.given.clear();
        }
    }

    fn vacant(&self) -> Loads {
        let held: BTreeSet<&String> = self.collectors.iter().flat_map(|member| member.mine.keys()).collect();
        self.loads.iter().filter(|(name, _)| !held.contains(name)).map(|(name, load)| (name.clone(), *load)).collect()
    }

    /// Each decides once; how much was done.
    fn beat(&mut self) -> usize {
        let mut changes = 0;
        for place in 0..self.collectors.len() {
            let vacant = self.vacant();
            let others: Vec<u64> = (0..)
                .zip(&self.collectors)
                .filter(|(number, _)| *number != place)
                .map(|(_, member)| sum(&member.mine))
                .collect();
            let Member { mine, unwanted, given } = &self.collectors[place];
            let (total, is_steady) = (sum(&self.loads), true);
            let situation =
                Situation { total, others: &others, place, mine, is_steady, vacant: &vacant, unwanted, given };
            let Moves { take, give } = situation.moves();
            changes += take.len() + give.len();
            let member = &mut self.collectors[place];
            member.mine.retain(|name, _| !give.contains(name));
            member.mine.extend(take.iter().map(|name| (name.clone(), self.loads[name])));
            member.given.extend(give);
        }
        changes
    }

    /// Beats until nothing moves. What is vacant then is taken by whoever looks first.
    fn settle(&mut self) {
        for _ in 0..100 {
            let mut changes = self.beat();
            if changes == 0 {
                let vacant = self.vacant();
                changes = vacant.len();
                self.collectors[0].unwanted.extend(vacant.keys().cloned());
                self.collectors[0].mine.extend(vacant);
            }
            self.moved += changes;
            if changes == 0 {
                return;
            }
        }
        panic!("it does not settle: {self:?}");
    }

    fn assert_even(&self) {
        assert!(self.vacant().is_empty(), "{self:?}");
        let heaviest = self.loads.values().copied().max().unwrap_or_default();
        let loads: Vec<u64> = self.collectors.iter().map(|member| sum(&member.mine)).collect();
        let (most, least) = (*loads.iter().max().unwrap(), *loads.iter().min().unwrap());
        assert!(most - least <= 2 * heaviest, "{loads:?}");
    }
}

fn targets(loads: &[u64]) -> Loads {
    (0..).zip(loads).map(|(number, &load)| (format!("target-{number:04}"), load)).collect()
}

proptest! {
    #[test]
    fn whoever_comes_and_goes_everything_is_asked_and_evenly(
        loads in prop::collection::vec(1_u64..3600, 1..200),
        turns in prop::collection::vec(any::<prop::sample::Index>(), 1..12),
    ) {
        let mut crew = Crew::of(targets(&loads));
        crew.join();
        crew.settle();
        for turn in &turns {
            if crew.collectors.len() > 1 && turn.index(2) == 0 {
                crew.go(turn.index(crew.collectors.len()));
            } else {
                crew.join();
            }
            crew.settle();
            crew.assert_even();
        }
    }

    #[test]
    fn only_what_must_move_moves(count in 10_usize..500, collectors in 1_usize..10) {
        let mut crew = Crew::of(targets(&vec![60; count]));
        for _ in 0..collectors {
            crew.join();
            crew.settle();
        }
        crew.moved = 0;
        crew.join();
        crew.settle();
        let share = count.div_ceil(collectors + 1);
        crew.assert_even();
        prop_assert!(crew.moved <= 2 * (share + collectors), "each moves once: given up and taken; {} of {share}", crew.moved);

        crew.moved = 0;
        let left = crew.collectors[0].mine.len();
        crew.go(0);
        crew.settle();
        crew.assert_even();
        prop_assert!(crew.moved <= left + 2 * collectors, "what was left is taken, and hardly more moves");
    }
}

#[test]
fn a_crew_of_one_takes_all() {
    let mut crew = Crew::of(targets(&[1, 60, 3600]));
    crew.join();
    assert_eq!(crew.beat(), 3);
    assert_eq!(crew.beat(), 0);
}

#[test]
fn equals_are_shared_to_one_more_or_less() {
    let mut crew = Crew::of(targets(&[60; 232]));
    for collectors in 1..=9_usize {
        crew.join();
        crew.settle();
        for member in &crew.collectors {
            let share = 232 / collectors;
            assert!((share..=share + 1).contains(&member.mine.len()), "{} of {share}", member.mine.len());
        }
    }
}

/// A collector that nothing is known of but what it asks and what it may take.
fn situation<'a>(others: &'a [u64], mine: &'a Loads, vacant: &'a Loads) -> Situation<'a> {
    static NONE: BTreeSet<String> = BTreeSet::new();
    let total = others.iter().sum::<u64>() + sum(mine) + sum(vacant);
    Situation { total, others, place: 0, mine, is_steady: true, vacant, unwanted: &NONE, given: &NONE }
}

#[test]
fn two_that_take_at_once_reach_for_different_targets() {
    let (mine, vacant) = (Loads::new(), targets(&[60; 10]));
    let take = |place| Situation { place, ..situation(&[0], &mine, &vacant) }.moves().take;
    assert_eq!((take(0).len(), take(1).len()), (5, 5));
    assert!(take(0).is_disjoint(&take(1)));
}

#[test]
fn what_the_others_said_last_does_not_count_while_something_moves() {
    // Of nine the others have six by now, and did not say so yet.
    let (mine, none) = (targets(&[60; 3]), Loads::new());
    let moves = Situation { total: 540, is_steady: false, ..situation(&[0, 0], &mine, &none) }.moves();
    assert_eq!(moves, Moves::default());
}

#[test]
fn what_was_given_is_not_taken_back_and_what_nobody_wants_is_kept() {
    let (mine, none) = (targets(&[60; 4]), Loads::new());
    let some: BTreeSet<String> = mine.keys().take(3).cloned().collect();
    let kept = Situation { unwanted: &some, ..situation(&[0], &mine, &none) };
    assert_eq!(kept.moves().give, mine.keys().skip(3).cloned().collect());
    let given = Situation { given: &some, ..situation(&[600], &none, &mine) };
    assert_eq!(given.moves().take, mine.keys().skip(3).cloned().collect());
}

#[test]
fn how_much_a_target_is_asked() {
    for (interval, asks) in [(1, 3600), (60, 60), (3600, 1), (86_400, 1), (7, 514)] {
        assert_eq!(load(Duration::from_secs(interval)), asks);
    }
    assert_eq!(load(Duration::from_millis(100)), 36_000);
    assert_eq!(load(Duration::ZERO), 3_600_000);
}
