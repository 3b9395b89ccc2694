//! Rows of unit length. A length has a least value, so that a row of zeros has a gradient.

use mtlift_nn::{Buffer, Real};

/// Added to a row's squared length.
const LEAST: f64 = 1e-12;

/// `S` rows of unit length.
#[derive(Clone, Debug, Default)]
pub(super) struct Units<F> {
    /// `[S, X]`
    pub(super) rows: Buffer<F>,
    /// `[S, X]`: their gradient.
    pub(super) d: Buffer<F>,
    /// `[S]`: the lengths that they had.
    lengths: Vec<f64>,
}

impl<F: Real> Units<F> {
    /// Makes them of the rows of `x`.
    pub(super) fn forward(&mut self, x: &Buffer<F>) {
        let (rows, width) = x.view().dim();
        self.lengths.clear();
        let units = self.rows.shape(rows, width).slice_mut().chunks_exact_mut(width);
        for (unit, x) in units.zip(x.slice().chunks_exact(width)) {
            let length = (x.iter().map(|x| x.wide() * x.wide()).sum::<f64>() + LEAST).sqrt();
            unit.iter_mut().zip(x).for_each(|(unit, x)| *unit = F::of(x.wide() / length));
            self.lengths.push(length);
        }
    }

    /// Adds `scale` times the gradient of the rows before they had unit length to `dx`, by that after it in `d`.
    pub(super) fn backward(&self, scale: f64, dx: &mut Buffer<F>) {
        let width = self.d.view().ncols();
        let rows = self.rows.slice().chunks_exact(width).zip(self.d.slice().chunks_exact(width));
        for ((dx, (unit, d)), length) in dx.slice_mut().chunks_exact_mut(width).zip(rows).zip(&self.lengths) {
            let along: f64 = unit.iter().zip(d).map(|(unit, d)| unit.wide() * d.wide()).sum();
            for (dx, (unit, d)) in dx.iter_mut().zip(unit.iter().zip(d)) {
                *dx += F::of(scale * (d.wide() - along * unit.wide()) / length);
            }
        }
    }
}
