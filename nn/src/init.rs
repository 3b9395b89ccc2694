//! Fresh weights: normal draws from a stream of their own.

use ndarray::{Array1, ArrayViewMut1};
use ndarray_rand::RandomExt;
use ndarray_rand::rand_distr::Normal;

use crate::Real;
use crate::random::Stream;

/// Fills `values` from N(0, deviation). Each parameter has its own stream, so that what one draws does not depend
/// on which others are fresh.
///
/// # Panics
/// If the deviation is negative or not finite.
pub fn draw_normal<F: Real>(values: &mut [F], deviation: f64, stream: Stream) {
    let normal = Normal::new(0.0, deviation).expect("a deviation is finite and not negative");
    let drawn = Array1::random_using(values.len(), normal, &mut stream.at(0));
    ArrayViewMut1::from(values).zip_mut_with(&drawn, |value, &x: &f64| *value = F::of(x));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_stated_moments_and_repeat() {
        let draw = |name: &str| {
            let mut values = vec![0.0f32; 1 << 16];
            draw_normal(&mut values, 0.02, Stream::new(1, name));
            values
        };
        let values = draw("init.classifier.weight");
        let n = values.len() as f64;
        let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
        let variance = values.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>() / n;
        // Five standard errors each.
        assert!(mean.abs() < 5.0 * 0.02 / n.sqrt(), "mean {mean}");
        assert!((variance / 4e-4 - 1.0).abs() < 5.0 * (2.0 / n).sqrt(), "variance {variance}");
        assert_eq!(values, draw("init.classifier.weight"));
        assert_ne!(values, draw("init.classifier.bias"));
    }
}
