//! What a weighted sum of arms promises: that it goes with its weights, that what arms share does not count, what is refused;
//! and that the ends of a crossing are where the line's own test stops to reject 0.

use crate::models::{OPTIONS, arm, rng};
use mtlift_eval::{
    Comparison, Error, Judged, Metric, TaskMetrics, compare, contrast, crossing, score_interval,
};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{ContinuousCDF, StudentsT};

fn sum(arms: &[Vec<Judged>], weights: &[f64]) -> Comparison {
    let arms: Vec<&[Judged]> = arms.iter().map(Vec::as_slice).collect();
    contrast(&arms, weights, &OPTIONS, &mut rng()).unwrap()
}

/// 1 to 5 arms of 1 to 4 seeds on 2 to 20 examples, with their weights.
fn weighted_arms() -> impl Strategy<Value = (Vec<Vec<Judged>>, Vec<f64>)> {
    (1..6_usize, 1..5_usize, 2..20_usize).prop_flat_map(|(arms, seeds, examples)| {
        let right = prop::collection::vec(prop::collection::vec(0..2_usize, examples), seeds);
        let judged = prop::collection::vec(right.prop_map(|right| arm(&right)), arms);
        (judged, prop::collection::vec(prop_oneof![Just(0.0), -3.0..3.0_f64], arms))
    })
}

proptest! {
    #[test]
    fn a_comparison_is_the_contrast_of_one_and_minus_one((arms, _) in weighted_arms()) {
        let (a, b) = (arms[0].clone(), arms[arms.len() - 1].clone());
        let found = compare(&a, &b, &OPTIONS, &mut rng()).unwrap();
        let headline = |arm: &[Judged]| arm.iter().map(Judged::headline).sum::<f64>() / arm.len() as f64;
        prop_assert!((found.difference - (headline(&a) - headline(&b))).abs() < 1e-12);
        prop_assert_eq!(sum(&[a, b], &[1.0, -1.0]), found);
    }

    #[test]
    fn one_arm_of_weight_one_is_its_score((arms, _) in weighted_arms()) {
        let found = sum(&arms[..1], &[1.0]);
        let score = score_interval(&arms[0], &OPTIONS, &mut rng()).unwrap();
        prop_assert_eq!((found.difference, found.interval), score);
    }

    #[test]
    fn a_contrast_goes_with_its_weights((arms, weights) in weighted_arms(), factor in 0.1..10.0_f64) {
        let by = |factor: f64| sum(&arms, &weights.iter().map(|weight| factor * weight).collect::<Vec<_>>());
        let (one, many) = (by(1.0), by(factor));
        // Degrees of freedom that differ in the last bit have quantiles that agree to eight digits.
        let tolerance = 1e-6 * factor * weights.iter().map(|weight| weight.abs()).sum::<f64>();
        for (one, many) in [
            (one.difference, many.difference),
            (one.standard_error, many.standard_error),
            (one.interval.0, many.interval.0),
            (one.interval.1, many.interval.1),
        ] {
            prop_assert!((factor * one - many).abs() <= tolerance, "{factor} times {one}, found {many}");
        }
    }

    #[test]
    fn weights_of_the_other_sign_turn_a_contrast_over((arms, weights) in weighted_arms()) {
        let forth = sum(&arms, &weights);
        let back = sum(&arms, &weights.iter().map(|weight| -weight).collect::<Vec<_>>());
        prop_assert_eq!(forth.difference, -back.difference);
        prop_assert_eq!(
            (forth.standard_error, forth.degrees_of_freedom, forth.p_value, forth.sign_flip),
            (back.standard_error, back.degrees_of_freedom, back.p_value, back.sign_flip)
        );
        prop_assert!((forth.interval.0 + back.interval.1).abs() < 1e-9, "{forth:?} {back:?}");
        prop_assert!((forth.interval.1 + back.interval.0).abs() < 1e-9, "{forth:?} {back:?}");
    }

    #[test]
    fn a_contrast_is_finite_and_its_interval_ends_where_such_sums_end((arms, weights) in weighted_arms()) {
        let found = sum(&arms, &weights);
        let least: f64 = weights.iter().filter(|weight| **weight < 0.0).sum();
        let most: f64 = weights.iter().filter(|weight| **weight > 0.0).sum();
        let (low, high) = found.interval;
        prop_assert!(least <= low && low <= high && high <= most, "{least} to {most}: {found:?}");
        prop_assert!((0.0..=1.0).contains(&found.p_value));
        prop_assert!(found.standard_error.is_finite() && found.degrees_of_freedom.is_finite());
    }

    /// Thirds and sevenths do not add up to 0 in every bit.
    #[test]
    fn arms_that_are_all_alike_are_not_told_apart((arms, _) in weighted_arms(), third in 0.01..3.0_f64) {
        let weights = [third / 3.0, third / 7.0, -10.0 * third / 21.0];
        let found = sum(&vec![arms[0].clone(); 3], &weights);
        prop_assert_eq!((found.difference, found.p_value), (0.0, 1.0), "{:?}", found);
        prop_assert!(!found.is_decided());
    }
}

#[test]
fn an_error_without_an_end_leaves_the_interval_one_end() {
    let metrics = TaskMetrics::check(&[Metric::Mse]).unwrap();
    let reference: Vec<f32> = (0..6).map(|row| row as f32).collect();
    // One row is far off, so that the interval of so few is wide.
    let off = |by: f32| {
        let predicted: Vec<f32> = reference.iter().map(|r| r + if *r == 3.0 { by } else { 0.0 }).collect();
        vec![Judged::values(&predicted, &reference, &metrics).unwrap()]
    };
    let arms = [off(2.0), off(1.0), off(3.0)];
    let (least, most) = sum(&arms, &[1.0, 0.5, 0.0]).interval;
    assert!(least == 0.0 && most.is_finite() && most > 1.0, "{least} to {most}");
    let (least, most) = sum(&arms, &[-1.0, -0.5, 0.0]).interval;
    assert!(most == 0.0 && least.is_finite() && least < -1.0, "{least} to {most}");
}

#[test]
fn weights_that_do_not_fit_are_refused() {
    let a = arm(&[vec![1, 0], vec![1, 1]]);
    let found =
        |arms: &[&[Judged]], weights: &[f64]| contrast(arms, weights, &OPTIONS, &mut rng()).unwrap_err();
    assert_eq!(found(&[], &[]), Error::NoArms);
    assert_eq!(found(&[&a, &a], &[1.0]).to_string(), "1 weights for 2 arms, expected one for each");
    assert_eq!(found(&[&a, &a], &[1.0, f64::NAN]).to_string(), "weight 1 is NaN, expected a finite number");
}

/// Two arms of `seeds` seeds on 400 examples; the first gets `shares.0` right and the second `shares.1`, each seed a little
/// more or less.
fn two_arms(shares: (f64, f64), seeds: usize) -> [Vec<Judged>; 2] {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    [shares.0, shares.1].map(|share| {
        let model = |_| {
            let share = share + 0.04 * (rng.random::<f64>() - 0.5);
            (0..400).map(|_| usize::from(rng.random::<f64>() < share)).collect::<Vec<_>>()
        };
        arm(&(0..seeds).map(model).collect::<Vec<_>>())
    })
}

/// The line whose value is the first arm's minus 0.6 times the second's at 0 and the second's minus the first's more at 1.
fn line(arms: &[Vec<Judged>], at: f64) -> Comparison {
    sum(arms, &[1.0 - at, -0.6 + at])
}

/// The slope of [`line`], the second arm minus the first.
fn slope(arms: &[Vec<Judged>]) -> Comparison {
    sum(arms, &[-1.0, 1.0])
}

#[test]
fn a_crossing_ends_where_the_line_stops_to_be_0() {
    let arms = two_arms((0.5, 0.8), 6);
    let (at_0, at_1, slope) = (line(&arms, 0.0), line(&arms, 1.0), slope(&arms));
    let (at, (lower, upper)) = crossing(&at_0, &slope, &at_1).unwrap();
    assert!(lower < at && at < upper, "{lower} {at} {upper}");
    assert!(line(&arms, at).difference.abs() < 1e-12);
    let least =
        [&at_0, &slope, &at_1].map(|contrast| contrast.degrees_of_freedom).into_iter().fold(1e9, f64::min);
    let critical = StudentsT::new(0.0, 1.0, least).unwrap().inverse_cdf(0.975);
    for end in [lower, upper] {
        let there = line(&arms, end);
        let t = (there.difference / there.standard_error).abs();
        // A floor of the error is no quadratic form of the weights.
        assert!((t / critical - 1.0).abs() < 2e-2, "at {end}: {t}, expected {critical}");
    }
}

#[test]
fn a_line_that_may_be_flat_and_a_line_of_one_seed_cross_nowhere() {
    let cross = |arms: &[Vec<Judged>]| crossing(&line(arms, 0.0), &slope(arms), &line(arms, 1.0));
    let flat = two_arms((0.6, 0.6), 6);
    assert!(slope(&flat).p_value > 0.05);
    assert_eq!(cross(&flat), None);
    let single = two_arms((0.5, 0.8), 1);
    assert!(slope(&single).p_value < 0.001);
    assert_eq!(cross(&single), None);
}

/// Variances that no two estimates have together: the sum of two standard errors of 0.01 has one of 0.03.
#[test]
fn a_covariance_that_cannot_be_is_the_greatest_that_can() {
    let arms = two_arms((0.5, 0.8), 6);
    let of = |difference, standard_error| Comparison {
        difference,
        standard_error,
        degrees_of_freedom: 10.0,
        ..slope(&arms)
    };
    let found = crossing(&of(-0.05, 0.01), &of(0.1, 0.01), &of(0.05, 0.03));
    assert_eq!(found, crossing(&of(-0.05, 0.01), &of(0.1, 0.01), &of(0.05, 0.02)));
    let (at, (lower, upper)) = found.unwrap();
    assert!(lower < at && at < upper, "{lower} {at} {upper}");
}
