//! Evaluation points of known runs, and what holds of every run's.

use mtlift_schedule::EvaluationPoints;
use proptest::prelude::*;

#[track_caller]
fn check(every: f64, steps_per_epoch: u64, total_steps: u64, expected: &[u64]) {
    let points = EvaluationPoints::check(every, steps_per_epoch, total_steps).unwrap();
    let due: Vec<u64> = (0..total_steps + 5).filter(|&steps_done| points.is_due(steps_done)).collect();
    assert_eq!(due, expected, "is_due");
    assert_eq!(points.steps().collect::<Vec<_>>(), expected, "steps");
}

#[test]
fn every_half_epoch() {
    check(0.5, 78, 234, &[39, 78, 117, 156, 195, 234]);
}

#[test]
fn halves_round_up() {
    check(0.5, 5, 15, &[3, 5, 8, 10, 13, 15]);
}

#[test]
fn the_last_step_is_evaluated_wherever_it_falls() {
    check(0.5, 10, 12, &[5, 10, 12]);
}

#[test]
fn an_interval_longer_than_the_run_leaves_the_last_step() {
    check(2.0, 10, 10, &[10]);
    check(f64::MAX, 10, 10, &[10]);
}

#[test]
fn an_interval_below_a_step_is_every_step_once() {
    check(0.5, 1, 4, &[1, 2, 3, 4]);
    check(1e-300, 7, 3, &[1, 2, 3]);
}

#[test]
fn thirds_of_an_epoch_do_not_drift() {
    check(1.0 / 3.0, 100, 300, &[33, 67, 100, 133, 167, 200, 233, 267, 300]);
}

proptest! {
    #[test]
    fn points_increase_to_the_last_step(every in 0.001f64..4.0, steps_per_epoch in 1u64..200, total_steps in 1u64..1000) {
        let points = EvaluationPoints::check(every, steps_per_epoch, total_steps).unwrap();
        let steps: Vec<u64> = points.steps().collect();
        prop_assert!(steps.is_sorted_by(|earlier, later| earlier < later), "{:?}", steps);
        prop_assert!(steps[0] >= 1);
        prop_assert_eq!(steps.last(), Some(&total_steps));
        let due: Vec<u64> = (0..2 * total_steps).filter(|&steps_done| points.is_due(steps_done)).collect();
        prop_assert_eq!(due, steps);
    }
}
