//! The plain mixture: an epoch is every row of every task once, in an order that the generators' 64-bit words alone decide.

use std::collections::BTreeMap;

use mtlift_schedule::{BatchKind, Epoch, Mix, Mixture, Row, StreamName};
use proptest::{collection::vec, prelude::*};
use serde::Deserialize;

use crate::words::{Script, streams};

#[derive(Deserialize)]
struct Case {
    seed: u64,
    epoch: u64,
    sizes: Vec<usize>,
    rows: Vec<(u32, u32)>,
}

fn plain(sizes: &[usize], batch: usize) -> Mixture {
    Mixture::check(Mix::default(), sizes, 0, batch, 4).unwrap()
}

/// The first epoch under a seed.
fn first(sizes: &[usize], batch: usize, seed: u64) -> Epoch {
    plain(sizes, batch).epoch(0, &vec![0; sizes.len()], None, streams(seed))
}

fn rows(epoch: &Epoch) -> Vec<(u32, u32)> {
    epoch.batches().flatten().map(|&Row { task, row }| (task, row)).collect()
}

#[test]
fn the_shuffle_is_the_documented_one() {
    let golden: Vec<Case> = serde_json::from_str(include_str!("../golden/orders.json")).unwrap();
    for Case { seed, epoch, sizes, rows: expected } in golden {
        let consumed: Vec<u64> = sizes.iter().map(|&size| epoch * size as u64).collect();
        let drawn = plain(&sizes, 4).epoch(epoch, &consumed, None, streams(seed));
        assert_eq!(rows(&drawn), expected, "seed {seed}, epoch {epoch}, sizes {sizes:?}");
    }
}

/// 2^64 is 1 above a multiple of 3, so of three rows' first draw the word with the low half 0 is one too many.
#[test]
fn a_word_that_would_bias_a_draw_is_rejected() {
    // A partition interleaves nothing: its words are those of the rows.
    let mix = Mix { batches: BatchKind::Partition, ..Mix::default() };
    let mixture = Mixture::check(mix, &[3], 0, 3, 1).unwrap();
    let epoch = |words: &[u64]| {
        mixture.epoch(0, &[0], None, |name| match name {
            StreamName::Rows { .. } => Script(words.iter()),
            StreamName::Interleaving { .. } => Script([].iter()),
        })
    };
    let word = u64::MAX / 2 + 7;
    assert_eq!(epoch(&[0, word, word]), epoch(&[word, word]));
}

#[test]
fn every_order_of_four_rows_is_equally_likely() {
    for sizes in [&[4][..], &[2, 2]] {
        let mut counts = BTreeMap::<_, u32>::new();
        for seed in 0..24_000 {
            *counts.entry(rows(&first(sizes, 4, seed))).or_default() += 1;
        }
        assert_eq!(counts.len(), 24, "{sizes:?}");
        let chi_squared: f64 = counts.values().map(|&n| (f64::from(n) - 1000.0).powi(2) / 1000.0).sum();
        // The 0.999 quantile of chi-squared with 23 degrees of freedom.
        assert!(chi_squared < 49.73, "{sizes:?}: {chi_squared}");
    }
}

#[test]
#[should_panic(expected = "step 3 of an epoch of 3")]
fn a_step_past_the_epoch_is_a_bug_of_the_caller() {
    first(&[5], 2, 1).batch(3);
}

#[test]
fn a_batch_may_be_larger_than_the_epoch() {
    assert_eq!(plain(&[2, 1], usize::MAX).first_steps(), 1);
    assert_eq!(first(&[2, 1], usize::MAX, 1).batch(0).len(), 3);
}

proptest! {
    #[test]
    fn an_epoch_is_a_permutation_of_all_rows(sizes in vec(1usize..30, 1..5), batch in 1usize..20, seed: u64) {
        let mut found = rows(&first(&sizes, batch, seed));
        found.sort_unstable();
        let all: Vec<_> =
            (0..).zip(&sizes).flat_map(|(task, &n)| (0..n as u32).map(move |row| (task, row))).collect();
        prop_assert_eq!(found, all);
    }

    #[test]
    fn batches_are_full_but_the_last(sizes in vec(1usize..30, 1..5), batch in 1usize..20, seed: u64) {
        let epoch = first(&sizes, batch, seed);
        let steps = plain(&sizes, batch).first_steps();
        prop_assert_eq!(epoch.batches().len() as u64, steps);
        for (step, rows) in (0..).zip(epoch.batches()) {
            prop_assert_eq!(epoch.batch(step), rows);
            let left = sizes.iter().sum::<usize>() - step as usize * batch;
            prop_assert_eq!(rows.len(), left.min(batch), "step {} of {}", step, steps);
        }
    }

    /// The batch size cuts the order and does not change it; the same words give the same order.
    #[test]
    fn the_order_depends_on_the_generators_alone(sizes in vec(1usize..30, 1..5), batch in 1usize..20, seed: u64) {
        let order = |batch, seed| rows(&first(&sizes, batch, seed));
        prop_assert_eq!(order(batch, seed), order(1, seed));
        if sizes.iter().sum::<usize>() > 20 {
            prop_assert_ne!(order(batch, seed), order(batch, seed.wrapping_add(1)));
        }
    }
}
