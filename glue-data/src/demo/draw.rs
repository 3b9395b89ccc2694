//! Draws for the suite. Each purpose has a stream of its own, named by seed and purpose, so that what one draws changes
//! nothing for another.

use crate::hash_stream::HashStream;
use rand::RngCore;

/// A named sequence of draws.
pub(super) struct Draw(HashStream);

impl Draw {
    pub(super) fn new(seed: u64, purpose: &str) -> Draw {
        Draw(HashStream::new("mtlift glue-data demo", format!("{seed} {purpose}").as_bytes()))
    }

    /// A number below `end`, which is far below 2³².
    pub(super) fn below(&mut self, end: usize) -> usize {
        ((u64::from(self.0.next_u32()) * end as u64) >> 32) as usize
    }

    /// True with this probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        f64::from(self.0.next_u32()) < probability * 2_f64.powi(32)
    }

    pub(super) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// One that is not `taken`, of at least two.
    pub(super) fn pick_other<T: Copy + PartialEq>(&mut self, of: &[T], taken: T) -> T {
        loop {
            let picked = self.pick(of);
            if picked != taken {
                return picked;
            }
        }
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }
}
