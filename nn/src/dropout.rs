//! Dropout whose masks are drawn, not kept: backward draws them again.
//!
//! A mask is a function of (step, place in the network, sequence, element). The sequence is known by a key of its own,
//! not by its place in the batch, so that splitting a batch or changing its order changes no mask.

use crate::Real;
use crate::random::Stream;
use crate::simd::vectorised;

/// Philox counters drawn side by side.
const LANES: usize = 16;
/// Elements decided by that: four words of two decisions each.
const CHUNK: usize = 8 * LANES;

/// Zeroes elements with a fixed probability and scales up the rest, so that the expectation stays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    /// Drops when 16 random bits are below it.
    threshold: u32,
}

/// The draws of one training step.
#[derive(Clone, Copy, Debug)]
pub struct DropoutStep<'a> {
    key: [u32; 2],
    sequences: &'a [u64],
}

impl<'a> DropoutStep<'a> {
    /// The masks of `step` under `stream`; `sequences` holds a key for each sequence of the batch, the same
    /// key wherever the sequence stands.
    pub fn new(stream: Stream, step: u64, sequences: &'a [u64]) -> Self {
        Self { key: stream.child(step).key(), sequences }
    }
}

impl Dropout {
    /// Dropout at `rate`, rounded to a multiple of 2⁻¹⁶.
    ///
    /// # Panics
    /// If the rate is not in `[0, 1)`.
    #[track_caller]
    pub fn new(rate: f64) -> Self {
        assert!((0.0..1.0).contains(&rate), "dropout rate {rate} is not in [0, 1)");
        Self { threshold: ((rate * 65536.0).round() as u32).min(65535) }
    }

    /// Whether it changes anything in this step.
    pub fn is_active(self, step: Option<DropoutStep<'_>>) -> bool {
        self.threshold > 0 && step.is_some()
    }

    /// Multiplies `x` by the mask of `sequence` at `site`, a number for the place in the network; the same call
    /// takes gradients back. Without a step (evaluation) it does nothing.
    pub fn apply<F: Real>(self, step: Option<DropoutStep<'_>>, site: u32, sequence: usize, x: &mut [F]) {
        if let Some(step) = step.filter(|_| self.threshold > 0) {
            let sequence = step.sequences[sequence];
            let scale = F::of(65536.0 / f64::from(65536 - self.threshold));
            mask(self.threshold, scale, step.key, site, sequence, x);
        }
    }
}

vectorised! {
    fn mask<F>(threshold: u32, scale: F, key: [u32; 2], site: u32, sequence: u64, x: &mut [F]) {
        for (chunk, x) in x.chunks_mut(CHUNK).enumerate() {
            let words = draw(key, chunk as u32 * LANES as u32, site, sequence);
            for (part, x) in x.chunks_mut(LANES).enumerate() {
                // Two decisions a word: the low half, then the high half.
                let (words, shift) = (&words[part / 2], 16 * (part as u32 % 2));
                let mut factors = [F::zero(); LANES];
                for l in 0..LANES {
                    factors[l] = if (words[l] >> shift) & 0xffff < threshold { F::zero() } else { scale };
                }
                x.iter_mut().zip(factors).for_each(|(x, factor)| *x *= factor);
            }
        }
    }
}

/// [`philox`] for `LANES` counters from `first`, a lane each: word by word, so that it vectorises.
#[inline(always)]
fn draw(mut key: [u32; 2], first: u32, site: u32, sequence: u64) -> [[u32; LANES]; 4] {
    let mut counter = [[0; LANES], [site; LANES], [sequence as u32; LANES], [(sequence >> 32) as u32; LANES]];
    for l in 0..LANES {
        counter[0][l] = first + l as u32;
    }
    for _ in 0..10 {
        let [c0, c1, c2, c3] = counter;
        for l in 0..LANES {
            let a = u64::from(c0[l]) * 0xd251_1f53;
            let b = u64::from(c2[l]) * 0xcd9e_8d57;
            counter[0][l] = (b >> 32) as u32 ^ c1[l] ^ key[0];
            counter[1][l] = b as u32;
            counter[2][l] = (a >> 32) as u32 ^ c3[l] ^ key[1];
            counter[3][l] = a as u32;
        }
        key = [key[0].wrapping_add(0x9e37_79b9), key[1].wrapping_add(0xbb67_ae85)];
    }
    counter
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::philox;

    fn mask_of(rate: f64, stream: &str, step: u64, site: u32, sequence: u64, len: usize) -> Vec<f32> {
        let mut x = vec![1.0; len];
        let step = DropoutStep::new(Stream::new(1, stream), step, std::slice::from_ref(&sequence));
        Dropout::new(rate).apply(Some(step), site, 0, &mut x);
        x
    }

    #[test]
    fn lanes_draw_what_philox_draws() {
        let words = draw([7, 8], 32, 5, 3 << 32 | 9);
        for l in 0..LANES {
            let want = philox([7, 8], [32 + l as u32, 5, 9, 3]);
            assert_eq!([words[0][l], words[1][l], words[2][l], words[3][l]], want);
        }
    }

    #[test]
    fn rate_and_scale_are_as_stated() {
        for rate in [0.1, 0.5] {
            let x = mask_of(rate, "dropout", 3, 1, 4, 1 << 18);
            let dropped = x.iter().filter(|&&x| x == 0.0).count() as f64 / x.len() as f64;
            // Five standard deviations of a binomial share.
            assert!(
                (dropped - rate).abs() < 5.0 * (rate * (1.0 - rate) / x.len() as f64).sqrt(),
                "{dropped}"
            );
            assert!(x.iter().all(|&x| x == 0.0 || (f64::from(x) * (1.0 - rate) - 1.0).abs() < 1e-4));
        }
        assert_eq!(mask_of(0.0, "dropout", 3, 1, 4, 9), [1.0; 9]);
    }

    #[test]
    fn masks_repeat_and_differ_by_every_coordinate() {
        let base = mask_of(0.5, "dropout", 3, 1, 4, 300);
        assert_eq!(mask_of(0.5, "dropout", 3, 1, 4, 300), base);
        assert_eq!(mask_of(0.5, "dropout", 3, 1, 4, 37), base[..37]);
        let others = [("other", 3, 1, 4), ("dropout", 4, 1, 4), ("dropout", 3, 2, 4), ("dropout", 3, 1, 5)];
        for (stream, step, site, sequence) in others {
            assert_ne!(mask_of(0.5, stream, step, site, sequence, 300), base);
        }
    }
}
