//! Accuracy of groups, by hand and against a plain count; and the worst group as a headline that can be resampled.

use mtlift_eval::{
    Error, GroupScore, GroupScores, Groups, Judged, LEAST_GROUP_ROWS, Metric, Options, Plan, TaskMetrics,
    compare, compare_at_looks,
};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Rows of three groups: `a` of 12 with 9 right, `b` of 10 with 5, `c` of 3 with none.
fn by_hand() -> (Vec<usize>, Vec<usize>, Groups) {
    let names = [["a"; 12].as_slice(), &["b"; 10], &["c"; 3]].concat();
    let right = [vec![true; 9], vec![false; 3], vec![true; 5], vec![false; 5], vec![false; 3]].concat();
    let reference: Vec<usize> = (0..25).map(|row| row % 2).collect();
    let predicted =
        reference.iter().zip(&right).map(|(class, right)| if *right { *class } else { 1 - class });
    (predicted.collect(), reference, Groups::of(&names))
}

#[test]
fn accuracy_of_groups_by_hand() {
    let (predicted, reference, groups) = by_hand();
    let scores = groups.scores(&predicted, &reference).unwrap();
    let found: Vec<(&str, usize, f64)> =
        scores.iter().map(|score| (score.group.as_str(), score.rows, score.accuracy)).collect();
    assert_eq!(found, [("a", 12, 0.75), ("b", 10, 0.5), ("c", 3, 0.0)]);
    // `c` is too small to be the worst.
    assert_eq!(scores.worst().map(|worst| (worst.group.as_str(), worst.rows)), Some(("b", 10)));
    let judged = Judged::worst_group(&predicted, &reference, 2, &groups).unwrap();
    assert_eq!((judged.headline(), judged.rows()), (0.5, 25));
    // Two rows of `b` that are right once more, and of `a` the right ones left out: now `a` is the worst.
    let mut counts = vec![1; 25];
    counts[..9].fill(0);
    assert_eq!(judged.headline_of(&counts), 0.0);
    counts[..9].fill(1);
    counts[12..14].fill(2);
    assert_eq!(judged.headline_of(&counts), 7.0 / 12.0);
    // None of `a` or `b` occurs: all rows together.
    counts[..22].fill(0);
    assert_eq!(judged.headline_of(&counts), 0.0);
    // Calibration draws rows; which groups count stays.
    assert_eq!(judged.select(&[0, 1, 9, 12, 22]).unwrap().headline(), 2.0 / 3.0);
}

#[test]
fn groups_that_cannot_be_scored() {
    let (predicted, reference, groups) = by_hand();
    assert_eq!(
        groups.scores(&predicted[1..], &reference),
        Err(Error::Lengths { predicted: 24, reference: 25 })
    );
    assert_eq!(Groups::default().scores(&[], &[]), Err(Error::Empty));
    let small = Groups::of(&["a", "b", "a"]);
    assert_eq!(small.scores(&[0, 0, 1], &[0, 1, 1]).unwrap().worst(), None);
    let refused = Judged::worst_group(&[0, 0, 1], &[0, 1, 1], 2, &small).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "no group has 10 rows, expected at least one that has: the worst is looked for among these"
    );
    let other = Groups::of(&["a"; 25]);
    let a = [Judged::worst_group(&predicted, &reference, 2, &groups).unwrap()];
    let b = [Judged::worst_group(&predicted, &reference, 2, &other).unwrap()];
    let plain = TaskMetrics::check(&[Metric::Accuracy]).unwrap();
    let plain = [Judged::classes(&predicted, &reference, 2, 1, &plain).unwrap()];
    let options = Options { level: 0.95, replicates: 100 };
    for other in [&b, &plain] {
        let refused = compare(&a, other, &options, &mut ChaCha8Rng::seed_from_u64(1)).unwrap_err();
        assert_eq!(refused, Error::NotComparable { arm: 1, seed: 0 });
    }
}

#[test]
fn scores_of_groups_that_there_cannot_be_are_refused() {
    let (predicted, reference, groups) = by_hand();
    let scores = groups.scores(&predicted, &reference).unwrap();
    let text = serde_json::to_string(&scores).unwrap();
    assert!(text.starts_with(r#"[{"group":"a","rows":12,"accuracy":0.75},"#), "{text}");
    assert_eq!(serde_json::from_str::<GroupScores>(&text).unwrap(), scores);
    for wrong in [
        "[]",
        r#"[{"group":"a","rows":0,"accuracy":0.5}]"#,
        r#"[{"group":"a","rows":2,"accuracy":1.5}]"#,
        r#"[{"group":"a","rows":2,"accuracy":1},{"group":"a","rows":2,"accuracy":1}]"#,
    ] {
        let refused = serde_json::from_str::<GroupScores>(wrong).unwrap_err().to_string();
        assert!(refused.contains("expected groups by name"), "{refused}");
    }
}

/// Rows of (group, predicted, reference), with enough of the first group.
fn rows() -> impl Strategy<Value = Vec<(u8, u8, u8)>> {
    let first = prop::collection::vec((Just(0_u8), 0..2_u8, 0..2_u8), LEAST_GROUP_ROWS..20);
    let others = prop::collection::vec((0..4_u8, 0..2_u8, 0..2_u8), 0..60);
    (first, others).prop_map(|(first, others)| [first, others].concat())
}

fn judged(rows: &[(u8, u8, u8)]) -> (Judged, GroupScores) {
    let (predicted, reference): (Vec<usize>, Vec<usize>) = rows
        .iter()
        .map(|&(_, predicted, reference)| (usize::from(predicted), usize::from(reference)))
        .unzip();
    let groups = Groups::of(&rows.iter().map(|(group, ..)| format!("g{group}")).collect::<Vec<_>>());
    (
        Judged::worst_group(&predicted, &reference, 2, &groups).unwrap(),
        groups.scores(&predicted, &reference).unwrap(),
    )
}

proptest! {
    #[test]
    fn the_headline_is_the_least_accuracy_of_groups_with_enough_rows(rows in rows()) {
        let (judged, scores) = judged(&rows);
        let of = |group: u8| {
            let own: Vec<bool> = rows.iter().filter(|row| row.0 == group).map(|row| row.1 == row.2).collect();
            let right = own.iter().filter(|right| **right).count();
            (own.len() >= LEAST_GROUP_ROWS).then(|| right as f64 / own.len() as f64)
        };
        let least = (0..4).filter_map(of).fold(f64::INFINITY, f64::min);
        prop_assert_eq!(judged.headline(), least);
        prop_assert_eq!(scores.worst().map(|worst| worst.accuracy), Some(least));
        prop_assert_eq!(scores.iter().map(|GroupScore { rows, .. }| rows).sum::<usize>(), rows.len());
    }

    /// Leaving a row out is a count of 0.
    #[test]
    fn pseudo_values_are_of_the_rows_without_each(rows in rows()) {
        let (judged, _) = judged(&rows);
        let n = rows.len() as f64;
        for (left, pseudo) in judged.pseudo_values().into_iter().enumerate() {
            let counts: Vec<u32> = (0..rows.len()).map(|row| u32::from(row != left)).collect();
            let expected = n * judged.headline() - (n - 1.0) * judged.headline_of(&counts);
            prop_assert!((pseudo - expected).abs() < 1e-9, "{pseudo} {expected}");
        }
    }

    /// One group of all rows is accuracy, in every test.
    #[test]
    fn one_group_is_accuracy(rows in rows(), other in prop::collection::vec(any::<bool>(), 80)) {
        let metrics = TaskMetrics::check(&[Metric::Accuracy]).unwrap();
        let one = Groups::of(&vec!["all"; rows.len()]);
        let reference: Vec<usize> = rows.iter().map(|row| row.2.into()).collect();
        let arms = [
            rows.iter().map(|row| row.1.into()).collect::<Vec<usize>>(),
            other[..rows.len()].iter().map(|&class| class.into()).collect(),
        ];
        let [a, b] = arms.map(|predicted| [
            Judged::worst_group(&predicted, &reference, 2, &one).unwrap(),
            Judged::classes(&predicted, &reference, 2, 1, &metrics).unwrap(),
        ]);
        let seeds = |judged: &Judged| vec![judged.clone(); 3];
        let found: Vec<_> = (0..2)
            .map(|kind| compare_at_looks(&seeds(&a[kind]), &seeds(&b[kind]), &Plan::default(), 0.95).unwrap())
            .collect();
        prop_assert_eq!(&found[0], &found[1]);
        for (worst, accuracy) in a[0].pseudo_values().into_iter().zip(a[1].pseudo_values()) {
            prop_assert!((worst - accuracy).abs() < 1e-9);
        }
    }
}
