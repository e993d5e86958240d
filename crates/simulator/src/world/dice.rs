//! Numbers that look random and are always the same: a hash of names, and a generator seeded by it.

/// A 64-bit hash of some words; the same words always give the same number, on every machine.
pub(crate) fn hash(words: &[&str]) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    // A byte that no UTF-8 text has ends each word, so that ["ab", "c"] and ["a", "bc"] differ.
    let bytes = words.iter().flat_map(|word| word.bytes().chain([0xff]));
    bytes.fold(OFFSET, |state, byte| (state ^ u64::from(byte)).wrapping_mul(PRIME))
}

/// A small deterministic generator (`SplitMix64`).
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number in `0..sides`; 0 if there are no sides.
    pub(crate) fn below(&mut self, sides: u64) -> u64 {
        self.roll().checked_rem(sides).unwrap_or(0)
    }

    /// A place in a list of `length`; 0 if the list is empty.
    pub(crate) fn place(&mut self, length: usize) -> usize {
        let sides = u64::try_from(length).unwrap_or(u64::MAX);
        usize::try_from(self.below(sides)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_give_the_same_numbers() {
        assert_eq!(hash(&["github", "api"]), hash(&["github", "api"]));
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_eq!(Dice::new(7).roll(), Dice::new(7).roll());
        assert_eq!(Dice::new(7).below(0), 0);
        assert!(Dice::new(7).below(3) < 3);
    }
}
