//! What planned looks promise whatever the runs: when there is a look, what ties and few seeds come to, that interval, p-value
//! and standing agree. That they err as seldom as they say is measured in `errors_of_looks.rs`.

use crate::models::{OPTIONS, arm, rng};
use crate::simulated::arms;
use mtlift_eval::{
    Error, Judged, Look, Plan, SeedsNeeded, Sequential, Standing, better_of, compare, compare_at_looks,
    compare_shares_at_looks, seeds_needed, seeds_range, test_at_looks,
};
use proptest::prelude::*;

fn looked(a: &[Judged], b: &[Judged], looks: &[usize]) -> Sequential {
    compare_at_looks(a, b, &Plan::check(looks).unwrap(), 0.95).unwrap()
}

/// An arm of so many seeds, each right in `right` of 200 examples, one more or less, and not always the same ones.
fn right_in(right: usize, seeds: usize) -> Vec<Judged> {
    let model = |seed: usize| {
        let right = right + seed % 3;
        (0..200).map(|row| usize::from((row * 7 + seed * 31) % 200 < right)).collect::<Vec<_>>()
    };
    arm(&(0..seeds).map(model).collect::<Vec<_>>())
}

fn seeds_of(looks: &[Look]) -> Vec<(usize, bool)> {
    looks.iter().map(|look| (look.seeds, look.planned)).collect()
}

/// What each row earns under each seed of an arm, from what is right.
fn shares(right: &[Vec<usize>]) -> Vec<Vec<f64>> {
    right.iter().map(|model| model.iter().map(|&right| right as f64).collect()).collect()
}

proptest! {
    /// Accuracy is the mean of shares that are 0 or 1: one test for both.
    #[test]
    fn shares_are_compared_as_accuracies_are(
        right in prop::collection::vec(prop::collection::vec(0..2_usize, 25), 12), shift in 0..20_usize,
    ) {
        let (a, b) = right.split_at(6);
        let mut a = a.to_vec();
        a.iter_mut().for_each(|model| model[..shift].fill(1));
        let of_models = looked(&arm(&a), &arm(b), &[3, 5]);
        let plan = Plan::check(&[3, 5]).unwrap();
        let of_rows = compare_shares_at_looks(&shares(&a), &shares(b), &plan, 0.95).unwrap();
        prop_assert_eq!((of_rows.standing, of_rows.seeds, of_rows.examples), (of_models.standing, of_models.seeds, 25));
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        prop_assert!(close(of_rows.difference, of_models.difference));
        prop_assert!(close(of_rows.p_value.unwrap(), of_models.p_value.unwrap()));
        match (of_rows.interval, of_models.interval) {
            (Some(a), Some(b)) => prop_assert!(close(a.0, b.0) && close(a.1, b.1)),
            (a, b) => prop_assert_eq!(a, b),
        }
    }

    #[test]
    fn numbers_agree_with_the_standing(
        right in prop::collection::vec(prop::collection::vec(0..2_usize, 25), 12),
        shift in 0..20_usize, seeds in 1..7_usize,
    ) {
        let (a, mut b) = right.split_at(6);
        let mut better = a.to_vec();
        better.iter_mut().for_each(|model| model[..shift].fill(1));
        b = &b[..seeds];
        let found = looked(&arm(&better[..seeds]), &arm(b), &[3, 5]);
        let back = looked(&arm(b), &arm(&better[..seeds]), &[3, 5]);
        prop_assert_eq!((found.difference, found.standing, found.p_value), (-back.difference, back.standing, back.p_value));
        match found.standing {
            Standing::NotYet => prop_assert!(seeds < 3 && found.p_value.is_none() && found.interval.is_none()),
            Standing::Tied => prop_assert!(found.interval.is_none() && found.p_value == Some(1.0)),
            Standing::Undecided => {
                let (low, high) = found.interval.unwrap();
                prop_assert!(low <= 0.0 && 0.0 <= high, "{:?}", found);
                prop_assert!(found.p_value.unwrap() >= 0.05 - 1e-6, "{:?}", found);
            }
            Standing::Decided { look } => {
                prop_assert!(found.p_value.unwrap() <= 0.05 + 1e-6, "{:?}", found);
                prop_assert!(found.looks[look].rejects() && found.looks[..look].iter().all(|look| !look.rejects()));
                prop_assert_eq!(found.decided(), Some(found.looks[look].difference));
            }
        }
        if let Some((low, high)) = found.interval {
            prop_assert!(-1.0 <= low && low <= found.difference && found.difference <= high && high <= 1.0);
        }
        let written = serde_json::to_string(&found).unwrap();
        prop_assert_eq!(serde_json::from_str::<Sequential>(&written).unwrap(), found);
    }
}

#[test]
fn fewer_seeds_than_the_first_look_say_nothing() {
    for seeds in [1, 2] {
        let found = looked(&right_in(180, seeds), &right_in(20, seeds), &[3, 5]);
        assert_eq!((found.standing, found.p_value, found.interval), (Standing::NotYet, None, None));
        assert!((found.difference - 0.8).abs() < 1e-12 && found.looks.is_empty() && found.seeds == seeds);
    }
}

#[test]
fn seeds_outside_the_plan_are_a_look_of_their_own() {
    let looks = |seeds| seeds_of(&looked(&right_in(120, seeds), &right_in(118, seeds), &[3, 5, 10]).looks);
    assert_eq!(looks(3), [(3, true)]);
    assert_eq!(looks(7), [(3, true), (5, true), (7, false)]);
    assert_eq!(looks(10), [(3, true), (5, true), (10, true)]);
    assert_eq!(looks(14), [(3, true), (5, true), (10, true), (14, false)]);
}

#[test]
fn an_undecided_look_outside_the_plan_leaves_the_planned_one_standing() {
    let arms = arms(&[0.7, 0.7], 7, 200, 0.03, &mut rng());
    let (a, b) = (&arms[0], &arms[1]);
    let (five, seven) = (looked(&a[..5], &b[..5], &[3, 5, 10]), looked(a, b, &[3, 5, 10]));
    assert_eq!(seven.standing, Standing::Undecided);
    assert_eq!((seven.seeds, seven.difference, seven.interval), (5, five.difference, five.interval));
    assert_eq!(seven.per_seed.len(), 7);
}

#[test]
fn a_study_can_grow_beyond_its_plan() {
    let found = looked(&right_in(120, 9), &right_in(110, 9), &[3, 4]);
    let [_, last, beyond] = &found.looks[..] else { panic!("three looks: {:?}", found.looks) };
    assert!(!beyond.planned && 0.0 < beyond.level && beyond.level < last.level, "{:?}", found.looks);
}

#[test]
fn what_was_decided_stays_decided() {
    let mut a = right_in(150, 5);
    a.extend(right_in(50, 5));
    let found = looked(&a, &right_in(100, 10), &[3, 5, 10]);
    assert_eq!(found.standing, Standing::Decided { look: 0 });
    assert!(found.decided().unwrap() > 0.2 && found.difference.abs() < 0.02, "{found:?}");
}

#[test]
fn arms_that_do_the_same_are_tied() {
    let a = right_in(120, 6);
    for seeds in [3, 4, 6] {
        let found = looked(&a[..seeds], &a[..seeds], &[3, 5]);
        assert_eq!((found.standing, found.p_value, found.interval), (Standing::Tied, Some(1.0), None));
        assert!(found.looks.iter().all(|look| look.p_value == 1.0 && look.level.is_finite()));
    }
}

/// As many right under every seed, in other examples: the headlines agree, the examples do not.
#[test]
fn the_same_headlines_from_other_examples_are_no_tie() {
    let half = |first: usize| (0..40).map(|row| usize::from(row % 2 == first)).collect::<Vec<_>>();
    let found = looked(&arm(&vec![half(0); 3]), &arm(&vec![half(1); 3]), &[3]);
    assert_eq!((found.difference, found.standing, found.p_value), (0.0, Standing::Undecided, Some(1.0)));
    assert!(found.interval.unwrap().1 > 0.1);
}

/// Three seeds that gain 12 examples and lose 8, each others: "+1.8 [+1.8, +1.8], p < 0.001" it once said.
#[test]
fn seeds_that_agree_by_chance_leave_an_error() {
    let wrong =
        |from: usize, of: usize| (0..222).map(|row| usize::from(row < from || row >= from + of)).collect();
    let better: Vec<Vec<usize>> = [0, 70, 140].map(|from| wrong(from + 12, 8)).to_vec();
    let worse: Vec<Vec<usize>> = [0, 70, 140].map(|from| wrong(from, 12)).to_vec();
    let found = looked(&arm(&better), &arm(&worse), &[3]);
    assert!(found.per_seed.iter().all(|difference| (difference - 4.0 / 222.0).abs() < 1e-12));
    assert_eq!(found.standing, Standing::Undecided, "{found:?}");
    assert!(found.standard_error.unwrap() > 0.005 && found.p_value.unwrap() > 0.05, "{found:?}");
}

#[test]
fn a_plan_ascends_from_three() {
    for looks in [&[][..], &[2, 5], &[3, 3], &[5, 4]] {
        let message = format!("looks at {looks:?} seeds, expected ascending numbers of seeds from 3 up");
        assert_eq!(Plan::check(looks).unwrap_err().to_string(), message);
        assert!(serde_json::from_value::<Plan>(looks.into()).is_err());
    }
    assert_eq!(serde_json::to_string(&Plan::default()).unwrap(), "[3,5,10,20]");
    for (most, looks) in [(3, &[3][..]), (7, &[3, 5, 7]), (20, &[3, 5, 10, 20]), (50, &[3, 5, 10, 20, 50])] {
        assert_eq!(Plan::for_seeds(most).unwrap().looks(), looks);
    }
    assert!(Plan::for_seeds(2).is_err());
}

#[test]
fn the_better_of_two_arms_is_tested_as_one_of_two() {
    let (baseline, worse, better) = (right_in(110, 5), right_in(112, 5), right_in(119, 5));
    let plan = Plan::check(&[5]).unwrap();
    let found = better_of(&[&worse, &better], &baseline, &plan, 0.95).unwrap();
    let alone = compare_at_looks(&better, &baseline, &plan, 0.95).unwrap();
    assert_eq!(found.arm, 1);
    assert!((found.p_value.unwrap() / alone.p_value.unwrap() - 2.0).abs() < 1e-3, "{found:?} {alone:?}");
    assert!(found.against.interval.unwrap().0 < alone.interval.unwrap().0);
    assert_eq!(better_of(&[], &baseline, &plan, 0.95).unwrap_err(), Error::NoArms);
}

/// The table of differences of two arms is all that the looks ask for.
#[test]
fn a_table_of_differences_has_the_same_looks() {
    let (a, b) = (right_in(120, 6), right_in(112, 6));
    let plan = Plan::check(&[3, 5]).unwrap();
    let table: Vec<Vec<f64>> = std::iter::zip(&a, &b)
        .map(|(a, b)| std::iter::zip(a.pseudo_values(), b.pseudo_values()).map(|(a, b)| a - b).collect())
        .collect();
    let found = test_at_looks(&table, &plan, 0.95).unwrap();
    for (found, expected) in found.iter().zip(compare_at_looks(&a, &b, &plan, 0.95).unwrap().looks) {
        assert_eq!((found.seeds, found.planned), (expected.seeds, expected.planned));
        assert!(
            (found.p_value - expected.p_value).abs() < 1e-6 && (found.level - expected.level).abs() < 1e-6
        );
    }
    assert_eq!(test_at_looks(&[], &plan, 0.95), Ok(vec![]));
    assert_eq!(
        test_at_looks(&table, &plan, 95.0).unwrap_err().to_string(),
        "confidence is 95, expected above 0 and below 1"
    );
}

#[test]
fn the_seeds_needed_are_a_range_about_those_of_the_estimate() {
    let arms = arms(&[0.71, 0.69], 5, 1043, 0.03, &mut rng());
    let found = looked(&arms[0], &arms[1], &[3, 5]);
    let estimate = compare(&arms[0], &arms[1], &OPTIONS, &mut rng()).unwrap();
    let SeedsNeeded::More(needed) = seeds_needed(&estimate, 0.8, 0.05, 200).unwrap() else {
        panic!("five seeds are too few: {estimate:?}")
    };
    let range = seeds_range(&found, 0.8, 0.05, 200).unwrap().unwrap();
    assert!(
        range.least.unwrap() < needed && range.most.is_none_or(|most| most > needed),
        "{range:?} {needed}"
    );
    let one = looked(&arms[0][..1], &arms[1][..1], &[3, 5]);
    assert_eq!(seeds_range(&one, 0.8, 0.05, 200), Ok(None));
}

#[test]
fn shares_that_do_not_pair_up_are_refused() {
    let plan = Plan::default();
    let compare = |a: &[Vec<f64>], b: &[Vec<f64>]| compare_shares_at_looks(a, b, &plan, 0.95);
    let one = vec![vec![0.5, 0.25]];
    assert_eq!(compare(&[], &one), Err(Error::NoSeeds));
    assert_eq!(compare(&one, &[]), Err(Error::Seeds { arm: 1, found: 0, expected: 1 }));
    assert_eq!(compare(&[vec![1.0]], &[vec![1.0]]), Err(Error::OneExample));
    assert_eq!(compare(&one, &[vec![0.5]]), Err(Error::NotComparable { arm: 1, seed: 0 }));
    let outside = compare(&one, &[vec![0.5, 1.5]]);
    assert_eq!(outside, Err(Error::NoShare { arm: 1, seed: 0, example: 1, found: 1.5 }));
    assert!(matches!(compare(&one, &[vec![f64::NAN, 0.5]]), Err(Error::NoShare { example: 0, .. })));
}
