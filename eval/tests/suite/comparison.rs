//! What a comparison promises whatever the runs: symmetry, the cases without spread, what is refused, and how many seeds
//! it asks for. That its intervals cover is measured in `coverage.rs`.

use crate::models::{OPTIONS, arm, rng};
use mtlift_eval::{
    Comparison, Components, Judged, Metric, Options, SeedsNeeded, TaskMetrics, compare, score_interval,
    seeds_needed,
};
use proptest::prelude::*;

/// Two arms of 1 to 5 seeds on 2 to 30 examples.
fn arms() -> impl Strategy<Value = (Vec<Vec<usize>>, Vec<Vec<usize>>)> {
    (1..6_usize, 2..30_usize).prop_flat_map(|(seeds, examples)| {
        let arm = || prop::collection::vec(prop::collection::vec(0..2_usize, examples), seeds);
        (arm(), arm())
    })
}

proptest! {
    #[test]
    fn the_arms_change_places_with_the_sign((a, b) in arms()) {
        let (a, b) = (arm(&a), arm(&b));
        let forth = compare(&a, &b, &OPTIONS, &mut rng()).unwrap();
        let back = compare(&b, &a, &OPTIONS, &mut rng()).unwrap();
        prop_assert_eq!(forth.difference, -back.difference);
        prop_assert_eq!(forth.standard_error, back.standard_error);
        prop_assert_eq!(forth.p_value, back.p_value);
        prop_assert_eq!(forth.sign_flip, back.sign_flip);
        prop_assert!((forth.interval.0 + back.interval.1).abs() < 1e-9, "{forth:?} {back:?}");
        prop_assert!((forth.interval.1 + back.interval.0).abs() < 1e-9, "{forth:?} {back:?}");
    }

    #[test]
    fn a_comparison_is_finite_and_survives_being_written((a, b) in arms()) {
        let found = compare(&arm(&a), &arm(&b), &OPTIONS, &mut rng()).unwrap();
        prop_assert!(-1.0 <= found.interval.0 && found.interval.0 <= found.interval.1 && found.interval.1 <= 1.0);
        prop_assert!((0.0..=1.0).contains(&found.p_value));
        prop_assert!(found.degrees_of_freedom >= (found.seeds as f64 - 1.0).max(1.0));
        let written = serde_json::to_string(&found).unwrap();
        prop_assert_eq!(serde_json::from_str::<Comparison>(&written).unwrap(), found);
    }

    #[test]
    fn an_arm_against_itself_has_no_difference((a, _) in arms()) {
        let a = arm(&a);
        let found = compare(&a, &a, &OPTIONS, &mut rng()).unwrap();
        prop_assert_eq!((found.difference, found.interval, found.p_value), (0.0, (0.0, 0.0), 1.0));
        prop_assert!(!found.is_decided());
        prop_assert_eq!(seeds_needed(&found, 0.8, 0.05, 50).unwrap(), match found.seeds {
            1 => SeedsNeeded::Unknown,
            _ => SeedsNeeded::Never,
        });
    }

    #[test]
    fn an_arms_interval_is_about_its_mean((a, _) in arms()) {
        let a = arm(&a);
        let (mean, (lower, upper)) = score_interval(&a, &OPTIONS, &mut rng()).unwrap();
        let expected = a.iter().map(Judged::headline).sum::<f64>() / a.len() as f64;
        prop_assert!((mean - expected).abs() < 1e-12);
        prop_assert!(0.0 <= lower && lower <= upper && upper <= 1.0);
    }
}

#[test]
fn a_difference_without_any_spread_is_certain() {
    let (right, wrong) = (arm(&[vec![1; 9], vec![1; 9]]), arm(&[vec![0; 9], vec![0; 9]]));
    let found = compare(&right, &wrong, &OPTIONS, &mut rng()).unwrap();
    assert_eq!(found.difference, 1.0);
    assert!((found.interval.0 - 1.0).abs() < 1e-9 && (found.interval.1 - 1.0).abs() < 1e-9);
    assert!(found.p_value < 1e-6 && found.is_decided());
}

#[test]
fn one_seed_is_about_examples_only() {
    let a = arm(&[vec![1, 1, 1, 0, 1, 1, 0, 1, 1, 1]]);
    let b = arm(&[vec![1, 0, 1, 0, 1, 0, 0, 1, 1, 0]]);
    let found = compare(&a, &b, &OPTIONS, &mut rng()).unwrap();
    assert_eq!((found.seeds, found.components, found.sign_flip), (1, None, None));
    // Differences: three 1 and seven 0.
    assert!((found.standard_error - (0.3_f64 * 0.7 / 9.0).sqrt()).abs() < 1e-12);
    assert_eq!(found.degrees_of_freedom, 9.0);
}

#[test]
fn one_seed_decides_nothing() {
    let (right, wrong) = (arm(&[vec![1; 9]]), arm(&[vec![0; 9]]));
    let found = compare(&right, &wrong, &OPTIONS, &mut rng()).unwrap();
    assert!(found.p_value < 1e-6 && found.interval.0 > 0.0 && !found.is_decided());
}

#[test]
fn arms_that_do_not_pair_up_are_refused() {
    let (two, three) = (arm(&[vec![1, 0], vec![1, 1]]), arm(&[vec![1, 0, 1], vec![1, 1, 1]]));
    let metrics = TaskMetrics::check(&[Metric::F1]).unwrap();
    let f1 = vec![two[0].clone(), Judged::classes(&[1, 0], &[1, 1], 2, 1, &metrics).unwrap()];
    let other = "has other references, labels or metrics than seed 0 of arm 0; judge all alike";
    let found = |a, b| compare(a, b, &OPTIONS, &mut rng()).unwrap_err().to_string();
    assert_eq!(found(&[], &[]), "the arms have no seeds, expected at least one");
    assert_eq!(
        found(&two, &two[..1]),
        "arm 1 has 1 seeds, arm 0 has 2; compare the seeds that all arms have"
    );
    assert_eq!(found(&two, &three), format!("seed 0 of arm 1 {other}"));
    assert_eq!(found(&two, &f1), format!("seed 1 of arm 1 {other}"));
    assert_eq!(found(&arm(&[vec![1]]), &arm(&[vec![0]])), "the dev set has 1 example, expected at least 2");
    for (options, message) in [
        (Options { level: 95.0, ..OPTIONS }, "level is 95, expected above 0 and below 1"),
        (Options { replicates: 99, ..OPTIONS }, "99 bootstrap replicates, expected at least 100"),
    ] {
        assert_eq!(compare(&two, &two, &options, &mut rng()).unwrap_err().to_string(), message);
    }
}

/// A difference of 2 points on 1000 examples under 3 seeds, with these variances.
fn study(seed: f64, example: f64, interaction: f64) -> Comparison {
    Comparison {
        difference: 0.02,
        interval: (-0.02, 0.06),
        level: 0.95,
        standard_error: 0.02,
        degrees_of_freedom: 2.0,
        p_value: 0.4,
        sign_flip: None,
        per_seed: vec![0.02; 3],
        seeds: 3,
        examples: 1000,
        components: Some(Components { seed, example, interaction }),
    }
}

#[test]
fn more_seeds_help_against_seeds_and_not_against_examples() {
    let needed = |comparison: &Comparison, power| seeds_needed(comparison, power, 0.05, 100).unwrap();
    // Variance of the mean 0.0004 / S: SciPy's noncentral t has power 0.748 at 9 seeds and 0.803 at 10.
    let noisy = study(0.0004, 0.0, 0.0);
    assert_eq!(needed(&noisy, 0.8), SeedsNeeded::More(10));
    let SeedsNeeded::More(more) = needed(&noisy, 0.95) else { panic!("more power, more seeds") };
    assert!(more > 10);
    // The examples alone leave an error of 0.01, under which 0.02 is found half of the time.
    assert_eq!(needed(&study(0.0004, 0.1, 0.1), 0.8), SeedsNeeded::Never);
    assert_eq!(needed(&study(1e-8, 1e-4, 1e-4), 0.8), SeedsNeeded::Enough);
    assert_eq!(needed(&Comparison { difference: 0.0, ..study(0.0, 0.0, 0.0) }, 0.8), SeedsNeeded::Never);
    assert_eq!(
        seeds_needed(&noisy, 1.0, 0.05, 9).unwrap_err().to_string(),
        "power is 1, expected above 0 and below 1"
    );
}
