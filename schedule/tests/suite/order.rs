//! An epoch is every row once, in an order that the generator's 64-bit words alone decide.

use std::collections::BTreeMap;

use mtlift_schedule::{Epoch, Order, Row};
use proptest::{collection::vec, prelude::*};
use serde::Deserialize;

use crate::words::{Script, SplitMix64};

#[derive(Deserialize)]
struct Case {
    seed: u64,
    sizes: Vec<usize>,
    rows: Vec<(u32, u32)>,
}

fn rows(epoch: &Epoch) -> Vec<(u32, u32)> {
    epoch.batches().flatten().map(|&Row { task, row }| (task, row)).collect()
}

#[test]
fn the_shuffle_is_the_documented_one() {
    let golden: Vec<Case> = serde_json::from_str(include_str!("../golden/orders.json")).unwrap();
    for Case { seed, sizes, rows: expected } in golden {
        let epoch = Order::check(&sizes, 4).unwrap().epoch(&mut SplitMix64(seed));
        assert_eq!(rows(&epoch), expected, "seed {seed}, sizes {sizes:?}");
    }
}

/// 2^64 is 1 above a multiple of 3, so of three rows' first draw the word with the low half 0 is one too many.
#[test]
fn a_word_that_would_bias_a_draw_is_rejected() {
    let order = Order::check(&[3], 3).unwrap();
    let word = u64::MAX / 2 + 7;
    assert_eq!(
        order.epoch(&mut Script([0, word, word].iter())),
        order.epoch(&mut Script([word, word].iter()))
    );
}

#[test]
fn every_order_of_four_rows_is_equally_likely() {
    let order = Order::check(&[2, 2], 4).unwrap();
    let mut rng = SplitMix64(2022);
    let mut counts = BTreeMap::<_, u32>::new();
    for _ in 0..24_000 {
        *counts.entry(rows(&order.epoch(&mut rng))).or_default() += 1;
    }
    assert_eq!(counts.len(), 24);
    let chi_squared: f64 = counts.values().map(|&n| (f64::from(n) - 1000.0).powi(2) / 1000.0).sum();
    // The 0.999 quantile of chi-squared with 23 degrees of freedom.
    assert!(chi_squared < 49.73, "{chi_squared}");
}

#[test]
#[should_panic(expected = "step 3 of an epoch of 3")]
fn a_step_past_the_epoch_is_a_bug_of_the_caller() {
    let epoch = Order::check(&[5], 2).unwrap().epoch(&mut SplitMix64(1));
    epoch.batch(3);
}

#[test]
fn a_batch_may_be_larger_than_the_epoch() {
    let order = Order::check(&[2, 1], usize::MAX).unwrap();
    assert_eq!(order.steps_per_epoch(), 1);
    assert_eq!(order.epoch(&mut SplitMix64(1)).batch(0).len(), 3);
}

proptest! {
    #[test]
    fn an_epoch_is_a_permutation_of_all_rows(sizes in vec(1usize..30, 1..5), batch in 1usize..20, seed: u64) {
        let epoch = Order::check(&sizes, batch).unwrap().epoch(&mut SplitMix64(seed));
        let mut found = rows(&epoch);
        found.sort_unstable();
        let all: Vec<_> =
            (0..).zip(&sizes).flat_map(|(task, &n)| (0..n as u32).map(move |row| (task, row))).collect();
        prop_assert_eq!(found, all);
    }

    #[test]
    fn batches_are_full_but_the_last(sizes in vec(1usize..30, 1..5), batch in 1usize..20, seed: u64) {
        let order = Order::check(&sizes, batch).unwrap();
        let epoch = order.epoch(&mut SplitMix64(seed));
        let steps = order.steps_per_epoch();
        prop_assert_eq!(epoch.batches().len() as u64, steps);
        for (step, rows) in (0..).zip(epoch.batches()) {
            prop_assert_eq!(epoch.batch(step), rows);
            let left = sizes.iter().sum::<usize>() - step as usize * batch;
            prop_assert_eq!(rows.len(), left.min(batch), "step {} of {}", step, steps);
        }
    }

    /// The batch size cuts the order and does not change it; the same words give the same order.
    #[test]
    fn the_order_depends_on_the_generator_alone(sizes in vec(1usize..30, 1..5), batch in 1usize..20, seed: u64) {
        let order = |batch, seed| rows(&Order::check(&sizes, batch).unwrap().epoch(&mut SplitMix64(seed)));
        prop_assert_eq!(order(batch, seed), order(1, seed));
        if sizes.iter().sum::<usize>() > 20 {
            prop_assert_ne!(order(batch, seed), order(batch, seed.wrapping_add(1)));
        }
    }
}
