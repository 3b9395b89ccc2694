//! What a model says of a row, sharpened, so that it can be told to say the same of the row's twin (Xie et al., Unsupervised Data Augmentation
//! for Consistency Training, NeurIPS 2020, arXiv 1904.12848, section 2).
//!
//! The one decision: what is wanted of the twin is a plain distribution, and is learned as any other. Cross-entropy with it is the divergence from
//! it and its entropy, which no parameter of the twin's pass has a part in. So both have one gradient, and none can reach what was said of the row.

use mtlift_nn::Real;
use ndarray::ArrayView1;

/// What is wanted of the twin of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Sharpened {
    /// `[L]`: `softmax(logits / T)` of the row.
    pub wanted: Vec<f64>,
    /// `−Σ wanted · ln wanted`: by how much cross-entropy with it is above the divergence from it, `KL(wanted ‖ p)`.
    pub entropy: f64,
}

impl Sharpened {
    /// Of a row's logits, `[L]`, and a temperature above 0; none where the greatest probability in `softmax(logits)` is not above `threshold`.
    pub fn of<F: Real>(logits: ArrayView1<'_, F>, temperature: f64, threshold: f64) -> Option<Self> {
        let greatest = softmax(logits, 1.0).into_iter().fold(0.0, f64::max);
        if greatest <= threshold {
            return None;
        }
        let wanted = softmax(logits, temperature);
        // 0 · ln 0 is 0.
        let parts = wanted.iter().filter(|&&p| p > 0.0).map(|&p| -p * libm::log(p));
        let entropy = parts.sum();
        Some(Self { wanted, entropy })
    }
}

/// With the arithmetic of cross-entropy, so that a twin which is said to be the same pulls by nothing.
fn softmax<F: Real>(logits: ArrayView1<'_, F>, temperature: f64) -> Vec<f64> {
    let scaled: Vec<f64> = logits.iter().map(|x| x.wide() / temperature).collect();
    let greatest = scaled.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = scaled.iter().map(|x| libm::exp(x - greatest)).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

#[cfg(test)]
mod tests {
    use mtlift_nn::check;
    use ndarray::{Array2, array};

    use super::*;
    use crate::{HeadCache, Targets, loss};

    const WEIGHT: f64 = 0.25;

    fn sharpened(said: &Array2<f64>, temperature: f64) -> Vec<Sharpened> {
        said.rows().into_iter().map(|row| Sharpened::of(row, temperature, 0.0).unwrap()).collect()
    }

    /// The divergence of what is said of twins from what is wanted of them, times the weight, and its gradient.
    fn divergence(twins: &Array2<f64>, wanted: &[Sharpened]) -> (f64, Vec<f64>) {
        let mut cache = HeadCache::default();
        cache.logits.shape(twins.nrows(), twins.ncols()).view_mut().assign(twins);
        let table = Array2::from_shape_fn(twins.dim(), |(row, label)| wanted[row].wanted[label]);
        let cross_entropy = loss(&mut cache, Targets::Distributions(table.view(), 1.0, None), WEIGHT, 0.0);
        let entropy: f64 = wanted.iter().map(|of| of.entropy).sum();
        (WEIGHT * (cross_entropy - entropy), cache.dlogits().iter().copied().collect())
    }

    /// Against differences, and against the closed form `p̂ − p`.
    #[test]
    fn gradient() {
        let (said, twins) = (check::random("said", &[5, 3]), check::random("twins", &[5, 3]));
        for temperature in [0.4, 1.0, 3.0] {
            let wanted = sharpened(&said, temperature);
            let (_, d) = divergence(&twins, &wanted);
            check::gradient(twins.as_slice().unwrap(), &d, |values| {
                divergence(&Array2::from_shape_vec((5, 3), values.to_vec()).unwrap(), &wanted).0
            });
            for (row, of) in wanted.iter().enumerate() {
                let p = softmax(twins.row(row), 1.0);
                for label in 0..3 {
                    let closed = WEIGHT * (p[label] - of.wanted[label]);
                    assert!((d[3 * row + label] - closed).abs() < 1e-12, "{d:?}");
                }
            }
        }
    }

    /// p = (.7, .3), at a temperature of ½ (.49, .09) / .58; the twin's are (.5, .5).
    #[test]
    fn by_hand() {
        let said = array![[0.7f64.ln(), 0.3f64.ln()]];
        let found = sharpened(&said, 0.5);
        let [a, b] = [0.49 / 0.58, 0.09 / 0.58];
        assert!((found[0].wanted[0] - a).abs() < 1e-12 && (found[0].wanted[1] - b).abs() < 1e-12);
        let (loss, _) = divergence(&array![[0.0, 0.0]], &found);
        let by_hand = WEIGHT * (a * (2.0 * a).ln() + b * (2.0 * b).ln());
        assert!((loss - by_hand).abs() < 1e-12, "{loss}, by hand {by_hand}");
    }

    /// The probability that counts is that of before the division.
    #[test]
    fn who_is_not_sure_says_nothing() {
        let row = array![0.7f32.ln(), 0.3f32.ln()];
        assert!(Sharpened::of(row.view(), 0.1, 0.71).is_none());
        assert!(Sharpened::of(row.view(), 10.0, 0.69).is_some());
        assert!(Sharpened::of(array![f32::NAN, 0.0].view(), 1.0, 0.0).is_none());
        let sure = Sharpened::of(array![1e30f32, -1e30].view(), 0.4, 0.8).unwrap();
        assert_eq!((sure.wanted, sure.entropy), (vec![1.0, 0.0], 0.0));
    }

    #[test]
    fn the_same_said_of_both_pulls_by_nothing() {
        let said = check::random("said", &[9, 4]);
        let (loss, d) = divergence(&said, &sharpened(&said, 1.0));
        assert!(loss.abs() < 1e-12, "{loss}");
        assert!(d.iter().all(|&d| d == 0.0), "{d:?}");
    }
}
