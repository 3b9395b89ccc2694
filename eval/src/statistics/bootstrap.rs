//! An interval from bootstrap replicates. They give its shape, the mixed model gives its width: resampling a handful of
//! seeds is too narrow by `(S - 1) / S`, and resampling two crossed factors counts their interaction up to three times
//! (Owen 2007), so the replicates' own spread is right for neither few nor many seeds.

use super::distributions::{normal_cdf, normal_quantile};
use super::mixed_model::MixedModel;

/// The BCa interval of level `level` about `estimate`, as wide as `model` says.
pub(crate) fn interval(
    estimate: f64,
    mut replicates: Vec<f64>,
    model: &MixedModel,
    level: f64,
) -> (f64, f64) {
    if !rescale(&mut replicates, estimate, model, level) {
        let half = model.test.half_width(level);
        return (estimate - half, estimate + half);
    }
    bca(estimate, replicates, model.acceleration, level)
}

/// Stretches the replicates about `estimate` by `w / (z sd)`, so that a normal shape would give the interval of half width `w`
/// that goes with the mixed model's test. With the width of Student's t for one sample this is the expanded percentile of
/// Hesterberg, "What Teachers Should Know About the Bootstrap" (2015). Returns false, changing nothing, where all replicates
/// are the same number.
fn rescale(replicates: &mut [f64], estimate: f64, model: &MixedModel, level: f64) -> bool {
    let n = replicates.len() as f64;
    let mean = replicates.iter().sum::<f64>() / n;
    let variance = replicates.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let constant = replicates.iter().all(|&replicate| replicate == replicates[0]);
    if !constant {
        let factor = model.test.half_width(level) / (normal_quantile(0.5 + level / 2.0) * variance.sqrt());
        replicates.iter_mut().for_each(|replicate| *replicate = estimate + factor * (*replicate - estimate));
    }
    !constant
}

/// Bias-corrected and accelerated percentiles (Efron, "Better Bootstrap Confidence Intervals", 1987, eq. 3.9), the
/// bias correction counting replicates equal to the estimate half, since accuracies lie on a lattice.
fn bca(estimate: f64, mut replicates: Vec<f64>, acceleration: f64, level: f64) -> (f64, f64) {
    replicates.sort_by(f64::total_cmp);
    let n = replicates.len() as f64;
    // Sums over resamples in another order can miss the estimate by rounding.
    let tie = 1e-12 * (replicates[replicates.len() - 1] - replicates[0]);
    let below = replicates.partition_point(|&x| x < estimate - tie);
    let not_above = replicates.partition_point(|&x| x <= estimate + tie);
    // With all replicates on one side the correction would be infinite: half a replicate is left on the other.
    let share = ((below + not_above) as f64 / (2.0 * n)).clamp(0.5 / n, 1.0 - 0.5 / n);
    let bias = normal_quantile(share);
    let bound = |z: f64| {
        let shifted = bias + z;
        let spread = 1.0 - acceleration * shifted;
        // Past the pole of the correction, its limit.
        let corrected = if spread > 0.0 { bias + shifted / spread } else { shifted.signum() * f64::INFINITY };
        quantile(&replicates, normal_cdf(corrected))
    };
    let z = normal_quantile(0.5 + level / 2.0);
    (bound(-z), bound(z))
}

/// Of rising values, linear between the two neighbours (Hyndman and Fan's type 7, NumPy's default).
fn quantile(rising: &[f64], share: f64) -> f64 {
    let place = share * (rising.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(rising.len() - 1);
    rising[below] + (place - below as f64) * (rising[above] - rising[below])
}

#[cfg(test)]
mod tests {
    use super::super::mixed_model::acceleration;
    use super::bca;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Golden {
        bca: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        estimate: f64,
        replicates: Vec<f64>,
        influence: Vec<f64>,
        acceleration: f64,
        interval: (f64, f64),
    }

    #[test]
    fn bca_agrees_with_scipy() {
        let golden: Golden =
            serde_json::from_str(include_str!("../../tests/golden/statistics.json")).unwrap();
        for case in golden.bca {
            let acceleration = acceleration(&[&case.influence]);
            assert!((acceleration - case.acceleration).abs() < 1e-12);
            let (lower, upper) = bca(case.estimate, case.replicates, acceleration, 0.95);
            let expected = case.interval;
            assert!((lower - expected.0).abs() < 1e-9, "{lower}, expected {}", expected.0);
            assert!((upper - expected.1).abs() < 1e-9, "{upper}, expected {}", expected.1);
        }
    }
}
