//! Layer normalisation (Ba, Kiros & Hinton 2016) of the rows of one sequence.
//!
//! Backward needs the input and two scalars a row; the normalised values are formed again. The gradients of scale and shift are
//! summed within a sequence first, then over the sequences in order, whichever thread had which.

use crate::reduce::{fold, sum};
use crate::simd::vectorised;
use crate::{Buffer, Gradients, Layout, Real, Store, Vector};

/// Scale and shift of `H` values each.
#[derive(Clone, Copy, Debug)]
pub struct LayerNorm {
    scale: Vector,
    shift: Vector,
    width: usize,
    eps: f64,
}

/// What backward needs beside the input.
#[derive(Clone, Debug, Default)]
pub struct LayerNormCache<F> {
    /// `[T, 2]`: mean and reciprocal standard deviation of each row.
    pub statistics: Buffer<F>,
    /// `[B, 2H]`: gradients of scale and shift, a sequence a row.
    pub partial: Buffer<F>,
}

impl LayerNorm {
    /// Lays out `{name}.weight` and `{name}.bias`.
    pub fn new(layout: &mut Layout, name: &str, width: usize, eps: f64) -> Self {
        Self {
            scale: layout.vector(format!("{name}.weight"), width),
            shift: layout.vector(format!("{name}.bias"), width),
            width,
            eps,
        }
    }

    /// Number of values of a row.
    pub fn width(self) -> usize {
        self.width
    }

    /// `y = (x − mean)/√(variance + eps)·scale + shift`, row by row.
    ///
    /// # Shapes
    /// - x, y: rows of `H` values; y is overwritten
    /// - statistics: two values a row, overwritten
    pub fn forward<F: Real>(self, params: &Store<F>, x: &[F], y: &mut [F], statistics: &mut [F]) {
        forward(params.vector(self.scale), params.vector(self.shift), F::of(self.eps), x, y, statistics);
    }

    /// # Shapes
    /// - x, statistics: as in `forward`
    /// - d: the gradient of y, replaced by that of x
    /// - partial: the gradients of scale and shift, `2H` values, overwritten; see [`LayerNorm::accumulate`]
    pub fn backward<F: Real>(
        self,
        params: &Store<F>,
        x: &[F],
        statistics: &[F],
        d: &mut [F],
        partial: &mut [F],
    ) {
        partial.fill(F::zero());
        backward(params.vector(self.scale), x, statistics, d, partial);
    }

    /// Adds the sequences' gradients of scale and shift to `grads`.
    pub fn accumulate<F: Real>(self, partial: &Buffer<F>, grads: &mut Gradients<F>) {
        for row in partial.slice().chunks_exact(2 * self.width) {
            let (scale, shift) = row.split_at(self.width);
            crate::linear::add(grads.vector_mut(self.scale), scale);
            crate::linear::add(grads.vector_mut(self.shift), shift);
        }
    }
}

vectorised! {
    fn forward<F>(scale: &[F], shift: &[F], eps: F, x: &[F], y: &mut [F], statistics: &mut [F]) {
        let width = scale.len();
        let n = F::of(width as f64);
        let rows = x.chunks_exact(width).zip(y.chunks_exact_mut(width)).zip(statistics.as_chunks_mut::<2>().0);
        for ((x, y), statistics) in rows {
            let mean = sum(x) / n;
            let squares = fold(x, x, F::zero(), |s, x, _| (x - mean).mul_add(x - mean, s), |a, b| a + b);
            let rstd = F::one() / (squares / n + eps).sqrt();
            for ((y, &x), (&scale, &shift)) in y.iter_mut().zip(x).zip(scale.iter().zip(shift)) {
                *y = ((x - mean) * rstd).mul_add(scale, shift);
            }
            *statistics = [mean, rstd];
        }
    }
}

vectorised! {
    fn backward<F>(scale: &[F], x: &[F], statistics: &[F], d: &mut [F], partial: &mut [F]) {
        let width = scale.len();
        let n = F::of(width as f64);
        let (dscale, dshift) = partial.split_at_mut(width);
        let rows = x.chunks_exact(width).zip(d.chunks_exact_mut(width)).zip(statistics.as_chunks::<2>().0);
        for ((x, d), &[mean, rstd]) in rows {
            // y = normal·scale + shift, normal = (x − mean)·rstd
            let sums = dscale.iter_mut().zip(dshift.iter_mut());
            for (((dscale, dshift), &scale), (d, &x)) in sums.zip(scale).zip(d.iter_mut().zip(x)) {
                *dscale = d.mul_add((x - mean) * rstd, *dscale);
                *dshift += *d;
                *d *= scale;
            }
            // d is now the gradient of `normal`; mean and rstd depend on every x of the row.
            let dmean = sum(d) / n;
            let dvar = fold(d, x, F::zero(), |s, d, x| d.mul_add(x - mean, s), |a, b| a + b) * rstd / n;
            for (d, &x) in d.iter_mut().zip(x) {
                *d = rstd * (*d - dmean - (x - mean) * rstd * dvar);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Problem;

    #[test]
    fn gradient() {
        for (rows, width) in [(1, 2), (3, 5), (4, 16), (2, 37)] {
            let mut layout = Layout::default();
            let norm = LayerNorm::new(&mut layout, "norm", width, 1e-12);
            Problem::random(&layout, &[rows, width], &[rows, width]).check(
                |params, x, mut y| {
                    norm.forward(
                        params,
                        x.as_slice().unwrap(),
                        y.as_slice_mut().unwrap(),
                        &mut vec![0.0; 2 * rows],
                    );
                },
                |params, x, dy, mut dx, grads| {
                    let (mut y, mut cache) = (x.clone(), LayerNormCache::default());
                    let x = x.as_slice().unwrap();
                    let statistics = cache.statistics.shape(rows, 2).slice_mut();
                    norm.forward(params, x, y.as_slice_mut().unwrap(), statistics);
                    dx.assign(dy);
                    let partial = cache.partial.shape(1, 2 * width).slice_mut();
                    norm.backward(params, x, cache.statistics.slice(), dx.as_slice_mut().unwrap(), partial);
                    norm.accumulate(&cache.partial, grads);
                },
            );
        }
    }
}
