//! How an arm learnt: its seeds' curves as one, and whether it was still getting better when its training ended. A gain over a
//! `single` that was not trained to its end is a gain by training, which more epochs give without a support.

use mtlift_report::CurvePoint;

use super::average::{deviation, mean};

/// Epochs and scores.
pub(super) type Curve = Vec<(f64, f64)>;

/// A rise has two ends. It is the short runs that need the warning most: three epochs of a small target have three looks or six.
const FEWEST_LOOKS: usize = 2;
/// The part of a curve that is its end is a quarter; a curve without quarters is all end.
const PARTS: usize = 4;
/// By how many of its standard errors over seeds the rise has to stand out of noise.
const STANDS_OUT: f64 = 2.0;

/// Whether the curves of an arm's seeds still rise at their end: under more than half of the seeds the last look is better than
/// every look before it, and over the last quarter of the looks (of fewer than four over all of them) the score rises, on average
/// over seeds, by more than twice its standard error over them. `sign` is −1 where less is better. One seed, or one look, says nothing.
pub(super) fn still_improving(curves: &[Curve], sign: f64) -> bool {
    let curves: Vec<Vec<f64>> =
        curves.iter().map(|curve| curve.iter().map(|(_, score)| sign * score).collect()).collect();
    if curves.len() < 2 || curves.iter().any(|curve| curve.len() < FEWEST_LOOKS) {
        return false;
    }
    let ends_best = |curve: &&Vec<f64>| {
        let (last, before) = (curve[curve.len() - 1], &curve[..curve.len() - 1]);
        before.iter().all(|score| *score < last)
    };
    let end = |looks: usize| if looks < PARTS { looks - 1 } else { looks.div_ceil(PARTS) };
    let rise = |curve: &Vec<f64>| curve[curve.len() - 1] - curve[curve.len() - 1 - end(curve.len())];
    let rises: Vec<f64> = curves.iter().map(rise).collect();
    let rise = mean(rises.iter().copied());
    let error = deviation(&rises).unwrap_or_default() / (rises.len() as f64).sqrt();
    2 * curves.iter().filter(ends_best).count() > curves.len() && rise > STANDS_OUT * error
}

/// The seeds' curves as one, as far as all of them go.
pub(super) fn merge(curves: &[Curve]) -> Vec<CurvePoint> {
    let points = curves.iter().map(Vec::len).min().unwrap_or(0);
    let point = |at: usize| {
        let scores: Vec<f64> = curves.iter().map(|curve| curve[at].1).collect();
        CurvePoint {
            epoch: curves[0][at].0,
            mean: mean(scores.iter().copied()),
            low: scores.iter().copied().fold(f64::INFINITY, f64::min),
            high: scores.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    };
    (0..points).map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curves(scores: &[&[f64]]) -> Vec<Curve> {
        scores.iter().map(|scores| (1..).map(f64::from).zip(scores.iter().copied()).collect()).collect()
    }

    #[test]
    fn curves_that_rise_to_their_end_are_still_improving() {
        let rising = curves(&[&[0.5, 0.6, 0.65, 0.7], &[0.5, 0.55, 0.62, 0.68], &[0.5, 0.71, 0.66, 0.7]]);
        assert!(still_improving(&rising, 1.0), "two seeds of three end with their best");
        assert!(!still_improving(&rising, -1.0), "of an error this is a fall");
        let errors: Vec<Curve> = rising
            .iter()
            .map(|curve| curve.iter().map(|(epoch, score)| (*epoch, 1.0 - score)).collect())
            .collect();
        assert!(still_improving(&errors, -1.0));
    }

    #[test]
    fn curves_that_are_flat_noisy_or_past_their_best_are_not() {
        for (why, scores) in [
            ("flat", [&[0.5, 0.7, 0.7, 0.7][..], &[0.5, 0.71, 0.71, 0.71], &[0.5, 0.69, 0.69, 0.69]]),
            ("past its best", [&[0.5, 0.7, 0.72, 0.7], &[0.5, 0.7, 0.71, 0.7], &[0.5, 0.7, 0.71, 0.72]]),
            ("noise", [&[0.5, 0.7, 0.6, 0.75], &[0.5, 0.7, 0.69, 0.71], &[0.5, 0.7, 0.72, 0.6]]),
        ] {
            assert!(!still_improving(&curves(&scores), 1.0), "{why}");
        }
    }

    #[test]
    fn one_seed_or_one_look_says_nothing() {
        assert!(!still_improving(&curves(&[&[0.5, 0.6, 0.7, 0.8]]), 1.0));
        assert!(!still_improving(&curves(&[&[0.7], &[0.7]]), 1.0));
        assert!(!still_improving(&[], 1.0));
    }

    /// 450 rows, three epochs, 39 steps: the last of three looks is the best, and nothing was said.
    #[test]
    fn a_run_of_three_looks_that_ends_with_its_best_is_still_improving() {
        let short =
            curves(&[&[0.51, 0.53, 0.56], &[0.49, 0.55, 0.58], &[0.53, 0.53, 0.55], &[0.5, 0.56, 0.54]]);
        assert!(still_improving(&short, 1.0));
        assert!(still_improving(&curves(&[&[0.5, 0.6], &[0.52, 0.6]]), 1.0), "two looks have a rise");
        let flat =
            curves(&[&[0.51, 0.53, 0.54], &[0.55, 0.51, 0.5], &[0.53, 0.52, 0.55], &[0.57, 0.51, 0.52]]);
        assert!(!still_improving(&flat, 1.0));
        let past = curves(&[&[0.5, 0.6, 0.58], &[0.5, 0.6, 0.59], &[0.5, 0.58, 0.6]]);
        assert!(!still_improving(&past, 1.0));
    }
}
