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
        if let Some(mask) = self.mask(step, site, sequence) {
            multiply(mask, x);
        }
    }

    /// `to ← x·mask`, as [`Dropout::apply`] of a copy.
    ///
    /// # Panics
    /// If the lengths differ.
    #[track_caller]
    pub fn apply_to<F: Real>(
        self,
        step: Option<DropoutStep<'_>>,
        site: u32,
        sequence: usize,
        x: &[F],
        to: &mut [F],
    ) {
        assert_eq!(x.len(), to.len(), "dropout: lengths");
        match self.mask(step, site, sequence) {
            Some(mask) => multiply_to(mask, x, to),
            None => to.copy_from_slice(x),
        }
    }

    /// `dropped ← x·mask` and `d ← d·mask`, as [`Dropout::apply`] of each, with the mask drawn once.
    ///
    /// # Panics
    /// If the lengths differ.
    pub(crate) fn apply_to_both<F: Real>(
        self,
        step: Option<DropoutStep<'_>>,
        site: u32,
        sequence: usize,
        x: &[F],
        dropped: &mut [F],
        d: &mut [F],
    ) {
        assert!(x.len() == dropped.len() && x.len() == d.len(), "dropout: lengths");
        match self.mask(step, site, sequence) {
            Some(mask) => multiply_both(mask, x, dropped, d),
            None => dropped.copy_from_slice(x),
        }
    }

    fn mask<F: Real>(self, step: Option<DropoutStep<'_>>, site: u32, sequence: usize) -> Option<Mask<F>> {
        let step = step.filter(|_| self.threshold > 0)?;
        let scale = F::of(65536.0 / f64::from(65536 - self.threshold));
        let sequence = step.sequences[sequence];
        Some(Mask { threshold: self.threshold, scale, key: step.key, site, sequence })
    }
}

/// The mask of a sequence at a site.
#[derive(Clone, Copy)]
struct Mask<F> {
    threshold: u32,
    scale: F,
    key: [u32; 2],
    site: u32,
    sequence: u64,
}

vectorised! {
    fn multiply<F>(mask: Mask<F>, x: &mut [F]) {
        for (chunk, x) in x.chunks_mut(CHUNK).enumerate() {
            let words = mask.words(chunk);
            for (part, x) in x.chunks_mut(LANES).enumerate() {
                x.iter_mut().zip(mask.factors(&words, part)).for_each(|(x, factor)| *x *= factor);
            }
        }
    }
}

vectorised! {
    fn multiply_to<F>(mask: Mask<F>, x: &[F], to: &mut [F]) {
        for (chunk, (x, to)) in x.chunks(CHUNK).zip(to.chunks_mut(CHUNK)).enumerate() {
            let words = mask.words(chunk);
            for (part, (x, to)) in x.chunks(LANES).zip(to.chunks_mut(LANES)).enumerate() {
                let values = x.iter().zip(to);
                values.zip(mask.factors(&words, part)).for_each(|((x, to), factor)| *to = *x * factor);
            }
        }
    }
}

vectorised! {
    fn multiply_both<F>(mask: Mask<F>, x: &[F], dropped: &mut [F], d: &mut [F]) {
        let chunks = x.chunks(CHUNK).zip(dropped.chunks_mut(CHUNK)).zip(d.chunks_mut(CHUNK));
        for (chunk, ((x, dropped), d)) in chunks.enumerate() {
            let words = mask.words(chunk);
            let parts = x.chunks(LANES).zip(dropped.chunks_mut(LANES)).zip(d.chunks_mut(LANES));
            for (part, ((x, dropped), d)) in parts.enumerate() {
                let values = x.iter().zip(dropped).zip(d);
                values.zip(mask.factors(&words, part)).for_each(|(((x, dropped), d), factor)| {
                    *dropped = *x * factor;
                    *d *= factor;
                });
            }
        }
    }
}

impl<F: Real> Mask<F> {
    /// The words that decide a chunk.
    #[inline(always)]
    fn words(self, chunk: usize) -> [[u32; LANES]; 4] {
        draw(self.key, chunk as u32 * LANES as u32, self.site, self.sequence)
    }

    /// What `LANES` elements of a chunk are multiplied by: two decisions a word, the low half, then the high half.
    #[inline(always)]
    fn factors(self, words: &[[u32; LANES]; 4], part: usize) -> [F; LANES] {
        let (words, shift) = (&words[part / 2], 16 * (part as u32 % 2));
        let mut factors = [F::zero(); LANES];
        for l in 0..LANES {
            factors[l] = if (words[l] >> shift) & 0xffff < self.threshold { F::zero() } else { self.scale };
        }
        factors
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
    fn masks_of_copies_and_of_two_are_that_of_each() {
        let step = DropoutStep::new(Stream::new(1, "dropout"), 3, &[4]);
        for (len, step) in [(0, Some(step)), (37, Some(step)), (300, Some(step)), (300, None)] {
            let [x, d]: [Vec<f32>; 2] = [1, 2].map(|from| (from..from + len).map(|i| i as f32).collect());
            let (mut dropped, mut copied, mut both_dropped) = (x.clone(), x.clone(), x.clone());
            let (mut alone, mut both) = (d.clone(), d);
            Dropout::new(0.3).apply(step, 1, 0, &mut dropped);
            Dropout::new(0.3).apply(step, 1, 0, &mut alone);
            Dropout::new(0.3).apply_to(step, 1, 0, &x, &mut copied);
            assert_eq!(copied, dropped);
            Dropout::new(0.3).apply_to_both(step, 1, 0, &x, &mut both_dropped, &mut both);
            assert_eq!((both_dropped, both), (dropped, alone));
        }
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
