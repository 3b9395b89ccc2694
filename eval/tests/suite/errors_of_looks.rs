//! How often looks err: a few cells of the table that `examples/looks.rs` prints, with few studies. What they may err is
//! 5 %; 400 studies leave more than 8.5 % with probability 0.001.

use crate::simulated::differences;
use mtlift_eval::{Look, Plan, test_at_looks};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

fn called_different(plan: &Plan, rows: usize, deviation: f64, difference: f64, studies: u64) -> f64 {
    let rejects = |study: &u64| {
        let mut rng = ChaCha8Rng::seed_from_u64(*study);
        let table = differences(plan.most(), rows, deviation, difference, &mut rng);
        test_at_looks(&table, plan, 0.95).unwrap().iter().any(Look::rejects)
    };
    (0..studies).filter(rejects).count() as f64 / studies as f64
}

#[test]
fn four_looks_err_in_one_study_of_twenty_at_most() {
    for (rows, deviation) in [(71, 0.015), (277, 0.04)] {
        let share = called_different(&Plan::default(), rows, deviation, 0.0, 400);
        assert!(share < 0.085, "{rows} rows, {deviation}: {share}");
    }
}

#[test]
fn a_look_after_each_seed_errs_no_more() {
    let every = Plan::check(&(3..=12).collect::<Vec<_>>()).unwrap();
    let share = called_different(&every, 71, 0.04, 0.0, 400);
    assert!(share < 0.085, "{share}");
}

#[test]
fn a_difference_is_found() {
    let share = called_different(&Plan::default(), 277, 0.015, 0.06, 100);
    assert!(share > 0.8, "{share}");
}
