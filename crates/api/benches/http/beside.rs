//! Two servers under the same load, by turns, so that whatever else the machine does meets both.

use crate::wrk::{Ask, Figures, Wrk};

/// How often each has its turn.
const TURNS: usize = 5;

/// How one fared beside another one.
pub(crate) struct Beside {
    pub(crate) one: Figures,
    pub(crate) other: Figures,
    /// How many times as many answers a second the one gave: the median of the turns.
    pub(crate) rate: f64,
    /// How many times as long 99 of 100 answers took it: the median of the turns.
    pub(crate) p99: f64,
}

/// Puts load on both by turns.
pub(crate) fn beside(wrk: &Wrk, one: &Ask, other: &Ask) -> Beside {
    wrk.press(one);
    wrk.press(other);
    let turns: Vec<(Figures, Figures)> = (0..TURNS).map(|_| (wrk.press(one), wrk.press(other))).collect();
    let of_turns = |figure: &dyn Fn(&(Figures, Figures)) -> f64| median(turns.iter().map(figure).collect());
    let figures = |side: &dyn Fn(&(Figures, Figures)) -> Figures| Figures {
        rate: of_turns(&|turn| side(turn).rate),
        p50: of_turns(&|turn| side(turn).p50),
        p99: of_turns(&|turn| side(turn).p99),
    };
    Beside {
        one: figures(&|turn| turn.0),
        other: figures(&|turn| turn.1),
        rate: of_turns(&|(one, other)| one.rate / other.rate),
        p99: of_turns(&|(one, other)| one.p99 / other.p99),
    }
}

/// The one in the middle.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
