//! AdamW (Loshchilov & Hutter 2019, algorithm 2) with PyTorch's arithmetic.
//!
//! A row of a table that no token has ever touched has no moments, and its update is the decay alone: such rows
//! are not read further. The result is that of the dense update to the bit, at a fraction of its memory traffic.

use crate::simd::vectorised;
use crate::store::RowSet;
use crate::{Gradients, Layout, Real, Store};

/// Values handled by one task.
const CHUNK: usize = 1 << 14;

/// The optimiser's settings.
///
/// | Name | Default | Range |
/// |---|---|---|
/// | `beta1` | 0.9 | `[0, 1)` |
/// | `beta2` | 0.999 | `[0, 1)` |
/// | `eps` | 1e-8 | positive |
/// | `weight_decay` | 0.01 | not negative |
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamWConfig {
    /// Decay of the running mean of gradients.
    pub beta1: f64,
    /// Decay of the running mean of their squares.
    pub beta2: f64,
    /// Added to the root of the second moment.
    pub eps: f64,
    /// Share of a weight lost in a step, times the learning rate; biases and normalisation keep theirs.
    pub weight_decay: f64,
}

impl Default for AdamWConfig {
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.01 }
    }
}

impl AdamWConfig {
    /// Whether every setting is in its range.
    pub fn is_in_range(&self) -> bool {
        let betas = [self.beta1, self.beta2];
        betas.iter().all(|beta| (0.0..1.0).contains(beta)) && self.eps > 0.0 && self.weight_decay >= 0.0
    }
}

/// The optimiser's state.
#[derive(Clone, Debug)]
pub struct AdamW<F> {
    config: AdamWConfig,
    layout: Layout,
    mean: Store<F>,
    square: Store<F>,
    steps: u64,
    /// Of each table, the rows that have moments.
    seen: Vec<RowSet>,
}

/// What an update needs beside its four slices.
#[derive(Clone, Copy)]
struct Rates<F> {
    clip: F,
    keep: F,
    beta1: F,
    beta2: F,
    step: F,
    root: F,
    eps: F,
}

impl<F: Real> AdamW<F> {
    /// A state with no moments.
    ///
    /// # Panics
    /// If a setting is out of its range.
    #[track_caller]
    pub fn new(config: AdamWConfig, layout: &Layout) -> Self {
        assert!(config.is_in_range(), "AdamW: {config:?} is out of range");
        let (mean, square) = (layout.zeros(), layout.zeros());
        Self { config, layout: layout.clone(), mean, square, steps: 0, seen: layout.row_sets() }
    }

    /// The number of steps taken and both moments, for a checkpoint.
    pub fn state(&self) -> (u64, &Store<F>, &Store<F>) {
        (self.steps, &self.mean, &self.square)
    }

    /// Goes on from a checkpoint: `read` fills both moments.
    ///
    /// # Errors
    /// Those of `read`; the state is then unspecified.
    pub fn restore<E>(
        &mut self,
        steps: u64,
        read: impl FnOnce(&mut Store<F>, &mut Store<F>) -> Result<(), E>,
    ) -> Result<(), E> {
        read(&mut self.mean, &mut self.square)?;
        self.steps = steps;
        for (table, seen) in self.layout.tables().iter().zip(&mut self.seen) {
            for row in 0..table.rows() {
                // A row touched by gradients of exactly zero has no moments either: treating it as unseen changes nothing.
                let moments = self.mean.row(*table, row).iter().chain(self.square.row(*table, row));
                if moments.into_iter().any(|&x| x != F::zero()) {
                    seen.insert(row);
                }
            }
        }
        Ok(())
    }

    /// One step at learning rate `lr` with the gradients scaled by `clip`. The gradients are cleared in
    /// passing, which saves a walk over memory.
    pub fn step(&mut self, params: &mut Store<F>, grads: &mut Gradients<F>, lr: f64, clip: f64) {
        self.steps += 1;
        let bias = |beta: f64| 1.0 - libm::pow(beta, self.steps as f64);
        let AdamWConfig { beta1, beta2, eps, weight_decay } = self.config;
        let decaying = Rates {
            clip: F::of(clip),
            keep: F::of(1.0 - lr * weight_decay),
            beta1: F::of(beta1),
            beta2: F::of(beta2),
            step: F::of(lr / bias(beta1)),
            root: F::of(bias(beta2).sqrt()),
            eps: F::of(eps),
        };
        let (grads, touched) = grads.take();
        for (seen, touched) in self.seen.iter_mut().zip(touched) {
            touched.rows().iter().for_each(|&row| seen.insert(row));
            touched.clear();
        }
        for entry in self.layout.entries() {
            if !entry.trains {
                grads[entry.range.clone()].fill(F::zero());
                continue;
            }
            let rates = if entry.decays { decaying } else { Rates { keep: F::one(), ..decaying } };
            let range = entry.range.clone();
            let slices = Slices {
                params: &mut params.values_mut()[range.clone()],
                grads: &mut grads[range.clone()],
                mean: &mut self.mean.values_mut()[range.clone()],
                square: &mut self.square.values_mut()[range],
            };
            match entry.table {
                None => dense(slices, rates),
                Some(table) => rows(slices, entry.shape[1], self.seen[table].members(), rates),
            }
        }
    }
}

/// The same stretch of the four stores.
struct Slices<'a, F> {
    params: &'a mut [F],
    grads: &'a mut [F],
    mean: &'a mut [F],
    square: &'a mut [F],
}

impl<F> Slices<'_, F> {
    fn split(self, at: usize) -> (Self, Self) {
        let (params, params_right) = self.params.split_at_mut(at);
        let (grads, grads_right) = self.grads.split_at_mut(at);
        let (mean, mean_right) = self.mean.split_at_mut(at);
        let (square, square_right) = self.square.split_at_mut(at);
        (
            Slices { params, grads, mean, square },
            Slices { params: params_right, grads: grads_right, mean: mean_right, square: square_right },
        )
    }
}

fn dense<F: Real>(slices: Slices<'_, F>, rates: Rates<F>) {
    let len = slices.params.len();
    if len <= CHUNK {
        return update(slices.params, slices.grads, slices.mean, slices.square, rates);
    }
    let (left, right) = slices.split(len / 2);
    rayon::join(|| dense(left, rates), || dense(right, rates));
}

fn rows<F: Real>(slices: Slices<'_, F>, width: usize, seen: &[bool], rates: Rates<F>) {
    if slices.params.len() > CHUNK && seen.len() > 1 {
        let (top, bottom) = seen.split_at(seen.len() / 2);
        let (left, right) = slices.split(top.len() * width);
        rayon::join(|| rows(left, width, top, rates), || rows(right, width, bottom, rates));
        return;
    }
    let moments = slices.mean.chunks_exact_mut(width).zip(slices.square.chunks_exact_mut(width));
    let values = slices.params.chunks_exact_mut(width).zip(slices.grads.chunks_exact_mut(width));
    for (((params, grads), (mean, square)), &seen) in values.zip(moments).zip(seen) {
        if seen {
            update(params, grads, mean, square, rates);
        } else if rates.keep != F::one() {
            decay(params, rates.keep);
        }
    }
}

vectorised! {
    fn decay<F>(params: &mut [F], keep: F) {
        params.iter_mut().for_each(|p| *p *= keep);
    }
}

vectorised! {
    fn update<F>(params: &mut [F], grads: &mut [F], mean: &mut [F], square: &mut [F], rates: Rates<F>) {
        let Rates { clip, keep, beta1, beta2, step, root, eps } = rates;
        let values = params.iter_mut().zip(grads.iter_mut());
        for ((p, g), (m, v)) in values.zip(mean.iter_mut().zip(square.iter_mut())) {
            let gradient = *g * clip;
            *g = F::zero();
            *m = (F::one() - beta1).mul_add(gradient - *m, *m);
            *v = ((F::one() - beta2) * gradient).mul_add(gradient, *v * beta2);
            *p = *p * keep - step * (*m / (v.sqrt() / root + eps));
        }
    }
}

#[cfg(test)]
mod tests;
