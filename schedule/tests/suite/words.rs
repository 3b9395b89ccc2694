//! Generators whose words are known: SplitMix64, which the golden script has too, and a written-out list.

use mtlift_schedule::StreamName;
use rand::RngCore;

pub(crate) struct SplitMix64(pub(crate) u64);

impl RngCore for SplitMix64 {
    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    fn next_u32(&mut self) -> u32 {
        unreachable!("only 64-bit words are documented")
    }

    fn fill_bytes(&mut self, _: &mut [u8]) {
        unreachable!("only 64-bit words are documented")
    }
}

/// Yields these words and panics when asked for more.
pub(crate) struct Script<'a>(pub(crate) std::slice::Iter<'a, u64>);

impl RngCore for Script<'_> {
    fn next_u64(&mut self) -> u64 {
        *self.0.next().expect("the script has a word for each draw")
    }

    fn next_u32(&mut self) -> u32 {
        unreachable!("only 64-bit words are documented")
    }

    fn fill_bytes(&mut self, _: &mut [u8]) {
        unreachable!("only 64-bit words are documented")
    }
}

/// A generator for each name under a seed.
pub(crate) fn streams(seed: u64) -> impl Fn(StreamName) -> SplitMix64 {
    move |name| {
        let numbers = match name {
            StreamName::Rows { task, epoch, pass } => [1, task as u64, epoch, pass],
            StreamName::Interleaving { epoch } => [2, epoch, 0, 0],
        };
        SplitMix64(numbers.into_iter().fold(seed, |state, number| SplitMix64(state ^ number).next_u64()))
    }
}
