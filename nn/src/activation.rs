//! The activations of the encoder families, elementwise.
//!
//! Backward needs only the input: it gives the slope and, in the same pass, the output again, which costs less than keeping it
//! for every layer.

use rayon::prelude::*;

use crate::Real;
use crate::simd::vectorised;

/// Values handled by one task.
const CHUNK: usize = 1 << 14;
/// √(2/π) and the cubic coefficient of GELU's tanh form (Hendrycks & Gimpel 2016).
const TANH_SCALE: f64 = 0.797_884_560_802_865_4;
const TANH_CUBIC: f64 = 0.044_715;

/// An elementwise non-linearity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `x·Φ(x)` (Hendrycks & Gimpel 2016), with the exact normal distribution.
    Gelu,
    /// GELU's approximation by tanh.
    GeluTanh,
    /// `max(x, 0)`.
    Relu,
    /// `x·σ(x)`.
    Silu,
    /// tanh x.
    Tanh,
}

impl Activation {
    /// `y = f(x)`.
    ///
    /// # Panics
    /// If the lengths differ.
    #[track_caller]
    pub fn forward<F: Real>(self, x: &[F], y: &mut [F]) {
        assert_eq!(x.len(), y.len(), "activation: lengths of x and y");
        x.par_chunks(CHUNK).zip(y.par_chunks_mut(CHUNK)).for_each(|(x, y)| match self {
            Activation::Gelu => gelu(x, y),
            Activation::GeluTanh => gelu_tanh(x, y),
            Activation::Relu => relu(x, y),
            Activation::Silu => silu(x, y),
            Activation::Tanh => tanh(x, y),
        });
    }

    /// `d ← d·f'(x)`, the gradient passed on, and `x ← f(x)`, the output again.
    ///
    /// # Panics
    /// If the lengths differ.
    #[track_caller]
    pub fn backward<F: Real>(self, x: &mut [F], d: &mut [F]) {
        assert_eq!(x.len(), d.len(), "activation: lengths of x and d");
        x.par_chunks_mut(CHUNK).zip(d.par_chunks_mut(CHUNK)).for_each(|(x, d)| match self {
            Activation::Gelu => gelu_backward(x, d),
            Activation::GeluTanh => gelu_tanh_backward(x, d),
            Activation::Relu => relu_backward(x, d),
            Activation::Silu => silu_backward(x, d),
            Activation::Tanh => tanh_backward(x, d),
        });
    }
}

/// Defines the forward and the backward loop of `$f`, which gives `(f(x), f'(x))`.
macro_rules! loops {
    ($forward:ident, $backward:ident, $f:ident) => {
        vectorised! {
            fn $forward<F>(x: &[F], y: &mut [F]) {
                x.iter().zip(y).for_each(|(&x, y)| *y = $f(x).0);
            }
        }
        vectorised! {
            fn $backward<F>(x: &mut [F], d: &mut [F]) {
                x.iter_mut().zip(d).for_each(|(x, d)| {
                    let (y, slope) = $f(*x);
                    *d *= slope;
                    *x = y;
                });
            }
        }
    };
}

loops!(gelu, gelu_backward, gelu_at);
loops!(gelu_tanh, gelu_tanh_backward, gelu_tanh_at);
loops!(relu, relu_backward, relu_at);
loops!(silu, silu_backward, silu_at);
loops!(tanh, tanh_backward, tanh_at);

#[inline(always)]
fn gelu_at<F: Real>(x: F) -> (F, F) {
    let (cdf, density) = x.normal();
    (x * cdf, x.mul_add(density, cdf))
}

#[inline(always)]
fn gelu_tanh_at<F: Real>(x: F) -> (F, F) {
    let (one, half) = (F::one(), F::of(0.5));
    let squared = F::of(TANH_CUBIC) * x * x;
    let t = (F::of(TANH_SCALE) * x * (one + squared)).hyperbolic_tangent();
    let slope = F::of(TANH_SCALE) * F::of(3.0).mul_add(squared, one);
    (half * x * (one + t), half * (one + t + x * (one - t * t) * slope))
}

#[inline(always)]
fn relu_at<F: Real>(x: F) -> (F, F) {
    // As PyTorch: the slope at zero is zero.
    if x > F::zero() { (x, F::one()) } else { (F::zero(), F::zero()) }
}

#[inline(always)]
fn silu_at<F: Real>(x: F) -> (F, F) {
    let sigmoid = F::one() / (F::one() + (-x).exponential());
    (x * sigmoid, sigmoid * (F::one() + x * (F::one() - sigmoid)))
}

#[inline(always)]
fn tanh_at<F: Real>(x: F) -> (F, F) {
    let t = x.hyperbolic_tangent();
    (t, F::one() - t * t)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Layout;
    use crate::check::Problem;

    const ALL: [Activation; 5] =
        [Activation::Gelu, Activation::GeluTanh, Activation::Relu, Activation::Silu, Activation::Tanh];

    #[test]
    fn gradient() {
        for activation in ALL {
            Problem::random(&Layout::default(), &[3, 37], &[3, 37]).check(
                |_, x, mut y| activation.forward(x.as_slice().unwrap(), y.as_slice_mut().unwrap()),
                |_, x, dy, mut dx, _| {
                    dx.assign(dy);
                    let mut y = x.clone();
                    activation.backward(y.as_slice_mut().unwrap(), dx.as_slice_mut().unwrap());
                    let mut again = x.clone();
                    activation.forward(x.as_slice().unwrap(), again.as_slice_mut().unwrap());
                    assert_eq!(y, again);
                },
            );
        }
    }

    /// `torch.nn.functional.{gelu, gelu(approximate="tanh"), relu, silu, tanh}` at these points, float64.
    #[test]
    fn values_are_those_of_pytorch() {
        let x: [f64; 6] = [-3.0, -1.0, -0.25, 0.0, 0.5, 2.0];
        let want = [
            [
                -0.00404969409489031,
                -0.15865525393145702,
                -0.10032341857926907,
                0.0,
                0.34573123063700656,
                1.9544997361036416,
            ],
            [
                -0.0036373920817729943,
                -0.15880800939172324,
                -0.100324649298315,
                0.0,
                0.34571400982514394,
                1.954597694087775,
            ],
            [0.0, 0.0, 0.0, 0.0, 0.5, 2.0],
            [
                -0.14227761953270035,
                -0.2689414213699951,
                -0.10945587477855048,
                0.0,
                0.3112296656009273,
                1.7615941559557646,
            ],
            [
                -0.9950547536867305,
                -0.7615941559557649,
                -0.24491866240370913,
                0.0,
                0.46211715726000974,
                0.9640275800758169,
            ],
        ];
        for (activation, want) in ALL.into_iter().zip(want) {
            let (mut wide, mut narrow) = ([0.0f64; 6], [0.0f32; 6]);
            activation.forward(&x, &mut wide);
            activation.forward(&x.map(|x| x as f32), &mut narrow);
            for i in 0..x.len() {
                assert!(
                    (wide[i] - want[i]).abs() < 1e-12,
                    "{activation:?}({}) = {}, not {}",
                    x[i],
                    wide[i],
                    want[i]
                );
                assert!(
                    (f64::from(narrow[i]) - want[i]).abs() < 4e-7,
                    "{activation:?}({}) = {}",
                    x[i],
                    narrow[i]
                );
            }
        }
    }
}
