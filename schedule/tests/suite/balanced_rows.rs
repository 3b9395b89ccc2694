//! Epochs of groups that come equally often: what each holds, and that nothing of earlier ones is needed to draw one.

use std::collections::BTreeMap;

use mtlift_schedule::{BalancedRows, Mix, Mixture, Rebalance};
use proptest::{collection::vec, prelude::*};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

fn stream(group: u64, pass: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(1000 * group + pass)
}

fn counts(rows: &[u32], groups: &[usize]) -> BTreeMap<usize, usize> {
    let mut counts = BTreeMap::new();
    rows.iter().for_each(|&row| *counts.entry(groups[row as usize]).or_default() += 1);
    counts
}

/// Three rows of one group and nine of another: six of each in an epoch.
#[test]
fn by_hand() {
    let groups = [[7].repeat(3), [2].repeat(9)].concat();
    let balanced = BalancedRows::of(&groups);
    let [first, second, third] = [0, 1, 2].map(|epoch| balanced.epoch(epoch, stream));
    assert_eq!(counts(&first, &groups), BTreeMap::from([(2, 6), (7, 6)]));
    // The small group twice over; of the large one all nine rows before one comes again.
    let of = |rows: &[u32], small: bool| {
        rows.iter().copied().filter(|&row| (row < 3) == small).collect::<Vec<u32>>()
    };
    let mut small = of(&first, true);
    small.sort_unstable();
    assert_eq!(small, [0, 0, 1, 1, 2, 2]);
    let mut large = [of(&first, false), of(&second, false), of(&third, false)].concat();
    large[..9].sort_unstable();
    large[9..].sort_unstable();
    assert_eq!(large, [(3..12).collect::<Vec<u32>>(), (3..12).collect()].concat());
}

proptest! {
    #[test]
    fn every_group_comes_equally_often(groups in vec(0..5_usize, 1..60), epochs in 1..6_u64) {
        let balanced = BalancedRows::of(&groups);
        let all: Vec<Vec<u32>> = (0..epochs).map(|epoch| balanced.epoch(epoch, stream)).collect();
        let own = counts(&(0..groups.len() as u32).collect::<Vec<_>>(), &groups);
        for epoch in &all {
            prop_assert_eq!(epoch.len(), groups.len(), "an epoch is as long as a plain one");
            let of_groups = counts(epoch, &groups);
            let (least, most) = (of_groups.values().min(), of_groups.values().max());
            prop_assert!(most.unwrap() - least.unwrap_or(&0) <= 1, "{of_groups:?}");
            prop_assert!(own.len() > groups.len() || of_groups.len() == own.len());
        }
        // No row comes once more before all of its group have come as often.
        let mut times = vec![0_u64; groups.len()];
        all.iter().flatten().for_each(|&row| times[row as usize] += 1);
        for group in own.keys() {
            let of_group = || groups.iter().zip(&times).filter(|(of, _)| *of == group).map(|(_, times)| times);
            prop_assert!(of_group().max().unwrap() - of_group().min().unwrap() <= 1, "{times:?}");
        }
    }

    /// Rows are put in the places that a mixture has put in order.
    #[test]
    fn an_epoch_keeps_its_batches(rows in 1..40_usize, batch in 1..9_usize) {
        let mixture = Mixture::check(Mix::default(), &[rows], 0, batch, 1).unwrap();
        let epoch = mixture.epoch(0, &[0], None, |_| ChaCha8Rng::seed_from_u64(3));
        let moved = epoch.clone().with_rows(|row| 2 * row + 1);
        let lengths = |epoch: &mtlift_schedule::Epoch| epoch.batches().map(<[_]>::len).collect::<Vec<_>>();
        prop_assert_eq!(lengths(&epoch), lengths(&moved));
        for (one, other) in epoch.batches().flatten().zip(moved.batches().flatten()) {
            prop_assert_eq!((other.task, other.row), (one.task, 2 * one.row + 1));
        }
    }
}

#[test]
fn methods_by_name() {
    let read = |text: &str| text.parse::<Rebalance>().unwrap();
    assert_eq!(read("jtt").twice(), Some((1, 5.0)));
    assert_eq!(read("jtt(epochs=1,upweight=5)").to_string(), "jtt");
    assert_eq!(read("jtt(2, upweight=2.5)").twice(), Some((2, 2.5)));
    assert_eq!(
        (read("group-balanced").twice(), read("group-balanced").to_string()),
        (None, "group-balanced".to_owned())
    );
    let error = |text: &str| text.parse::<Rebalance>().unwrap_err().to_string();
    assert_eq!(
        error("jtt(epochs=0)"),
        "jtt's parameter epochs is `0`, expected a whole number from 1 to 1000"
    );
}
