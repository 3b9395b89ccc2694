//! The gradient check: a hand-written backward is believed after central differences in f64.
//!
//! The upstream gradient is random. With all ones, the gradient of a layer norm loses a term and a wrong backward passes.

use ndarray::{Array2, ArrayViewMut2};

use crate::random::Stream;
use crate::{Gradients, Layout, Store};

/// Half the width of a difference, for values of order one.
const STEP: f64 = 1e-5;
/// The greatest error allowed, absolute below one and relative above.
pub const TOLERANCE: f64 = 1e-6;

/// Compares `analytic` with the differences of `loss` around `at`, value by value.
///
/// # Panics
/// If one differs by more than [`TOLERANCE`], with its index and both values.
#[track_caller]
pub fn gradient(at: &[f64], analytic: &[f64], mut loss: impl FnMut(&[f64]) -> f64) {
    assert_eq!(at.len(), analytic.len(), "as many gradients as values");
    let mut x = at.to_vec();
    for i in 0..x.len() {
        x[i] = at[i] + STEP;
        let above = loss(&x);
        x[i] = at[i] - STEP;
        let below = loss(&x);
        x[i] = at[i];
        let numeric = (above - below) / (2.0 * STEP);
        let error = (analytic[i] - numeric).abs() / numeric.abs().max(1.0);
        assert!(error < TOLERANCE, "value {i}: gradient {}, differences say {numeric}", analytic[i]);
    }
}

/// Random values between −1 and 1 in a `[rows, columns]` matrix, the same for the same name.
pub fn random(name: &str, shape: &[usize; 2]) -> Array2<f64> {
    let mut rng = Stream::new(0, name).at(0);
    Array2::from_shape_simple_fn((shape[0], shape[1]), || 2.0 * rng.uniform() - 1.0)
}

/// A store of random values between −1 and 1.
pub fn random_store<F: crate::Real>(layout: &Layout, name: &str) -> Store<F> {
    let mut rng = Stream::new(0, name).at(0);
    let mut store = layout.zeros();
    store.values_mut().iter_mut().for_each(|x| *x = F::of(2.0 * rng.uniform() - 1.0));
    store
}

/// A layer `y = f(params, x)` with random parameters, input and upstream gradient.
#[derive(Clone, Debug)]
pub struct Problem {
    layout: Layout,
    params: Store<f64>,
    x: Array2<f64>,
    dy: Array2<f64>,
}

impl Problem {
    /// For an input and an output of these shapes.
    pub fn random(layout: &Layout, x: &[usize; 2], y: &[usize; 2]) -> Self {
        let params = random_store(layout, "params");
        Self { layout: layout.clone(), params, x: random("x", x), dy: random("dy", y) }
    }

    /// Checks the gradients of input and parameters: `forward(params, x, y)` against
    /// `backward(params, x, dy, dx, grads)`. dx starts as NaN, so that a backward which fails to write it is caught.
    ///
    /// # Panics
    /// If a gradient is wrong, see [`gradient`].
    #[track_caller]
    pub fn check(
        &self,
        forward: impl Fn(&Store<f64>, &Array2<f64>, ArrayViewMut2<'_, f64>),
        backward: impl Fn(&Store<f64>, &Array2<f64>, &Array2<f64>, ArrayViewMut2<'_, f64>, &mut Gradients<f64>),
    ) {
        let mut dx = Array2::from_elem(self.x.dim(), f64::NAN);
        let mut grads = self.layout.gradients();
        backward(&self.params, &self.x, &self.dy, dx.view_mut(), &mut grads);
        let loss = |params: &Store<f64>, x: &Array2<f64>| {
            let mut y = Array2::from_elem(self.dy.dim(), f64::NAN);
            forward(params, x, y.view_mut());
            (&y * &self.dy).sum()
        };
        let (mut x, mut params) = (self.x.clone(), self.params.clone());
        gradient(&to_vec(&self.x), &to_vec(&dx), |values| {
            x.iter_mut().zip(values).for_each(|(x, &value)| *x = value);
            loss(&self.params, &x)
        });
        gradient(self.params.values(), grads.store().values(), |values| {
            params.values_mut().copy_from_slice(values);
            loss(&params, &self.x)
        });
    }
}

fn to_vec(matrix: &Array2<f64>) -> Vec<f64> {
    matrix.iter().copied().collect()
}
