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
        let betas = [config.beta1, config.beta2];
        assert!(
            betas.iter().all(|beta| (0.0..1.0).contains(beta))
                && config.eps > 0.0
                && config.weight_decay >= 0.0,
            "AdamW: {config:?} is out of range"
        );
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
mod tests {
    use super::*;
    use crate::check::random_store;

    fn layout() -> (Layout, crate::Table) {
        let mut layout = Layout::default();
        layout.matrix("dense", 3, 5);
        let table = layout.table("table", 6, 4);
        layout.vector("bias", 7);
        (layout, table)
    }

    /// The plain twin: the update of every value, whether touched or not, in f64 as PyTorch writes it.
    #[test]
    fn steps_equal_the_dense_plain_twin() {
        let (layout, table) = layout();
        let config = AdamWConfig::default();
        let mut params = random_store::<f64>(&layout, "params");
        let mut want: Vec<f64> = params.values().to_vec();
        let (mut m, mut v) = (vec![0.0; layout.len()], vec![0.0; layout.len()]);
        let mut adam = AdamW::new(config, &layout);
        let mut grads = layout.gradients();
        for step in 1..=4 {
            let drawn = random_store::<f64>(&layout, &format!("grads{step}"));
            for entry in layout.entries().iter().filter(|entry| entry.name != "table") {
                grads.take().0[entry.range.clone()].copy_from_slice(&drawn.values()[entry.range.clone()]);
            }
            let row = [1, 4, 1, 2][step - 1];
            grads.row_mut(table, row).copy_from_slice(drawn.row(table.mat(), row));
            let norm = grads.store().values().iter().map(|g| g * g).sum::<f64>().sqrt();
            assert!((grads.norm() - norm).abs() < 1e-12);
            let g = grads.store().values().to_vec();
            let (lr, clip) = (0.01 * step as f64, 0.5);
            adam.step(&mut params, &mut grads, lr, clip);
            for entry in layout.entries() {
                for i in entry.range.clone() {
                    let decay = if entry.decays { 0.01 } else { 0.0 };
                    let g = g[i] * clip;
                    want[i] *= 1.0 - lr * decay;
                    m[i] = 0.9 * m[i] + 0.1 * g;
                    v[i] = 0.999 * v[i] + 0.001 * g * g;
                    let (c1, c2) = (1.0 - 0.9f64.powi(step as i32), 1.0 - 0.999f64.powi(step as i32));
                    want[i] -= lr / c1 * m[i] / (v[i].sqrt() / c2.sqrt() + 1e-8);
                    assert!(
                        (params.values()[i] - want[i]).abs() < 1e-12,
                        "{} {i} at step {step}",
                        entry.name
                    );
                }
            }
            assert!(grads.store().values().iter().all(|&g| g == 0.0), "gradients are cleared");
        }
    }

    #[test]
    fn a_frozen_parameter_keeps_its_bits_and_has_no_part_in_the_norm() {
        let (mut layout, table) = layout();
        layout.freeze(|entry| entry.name == "dense" || entry.name == "table");
        let mut params = random_store::<f32>(&layout, "params");
        let before = params.clone();
        let mut adam = AdamW::new(AdamWConfig::default(), &layout);
        let mut grads = layout.gradients();
        grads.take().0.fill(2.0);
        grads.row_mut(table, 3).fill(2.0);
        assert!((grads.norm() - 28f64.sqrt()).abs() < 1e-12, "seven biases train");
        adam.step(&mut params, &mut grads, 0.1, 1.0);
        for entry in layout.entries() {
            let same = params.values()[entry.range.clone()] == before.values()[entry.range.clone()];
            assert_eq!(same, entry.name != "bias", "{}", entry.name);
        }
        let (_, mean, square) = adam.state();
        assert_eq!(mean.values().iter().chain(square.values()).filter(|&&x| x != 0.0).count(), 14);
        assert!(grads.store().values().iter().all(|&g| g == 0.0), "gradients are cleared");
    }

    #[test]
    fn restored_state_goes_on_with_the_same_bits() {
        let (layout, table) = layout();
        let mut grads = layout.gradients::<f32>();
        let mut advance = |adam: &mut AdamW<f32>, params: &mut Store<f32>, steps: std::ops::Range<usize>| {
            for step in steps {
                grads.row_mut(table, step % 6).fill(step as f32);
                adam.step(params, &mut grads, 0.1, 1.0);
            }
        };
        let (mut one, mut params) = (AdamW::new(AdamWConfig::default(), &layout), random_store(&layout, "p"));
        advance(&mut one, &mut params, 1..4);
        let (steps, mean, square) = one.state();
        let mut other = AdamW::new(AdamWConfig::default(), &layout);
        let read = |m: &mut Store<f32>, v: &mut Store<f32>| {
            m.clone_from(mean);
            v.clone_from(square);
            Ok::<(), ()>(())
        };
        other.restore(steps, read).unwrap();
        let mut again = params.clone();
        advance(&mut one, &mut params, 4..8);
        advance(&mut other, &mut again, 4..8);
        assert_eq!(params, again);
    }
}
