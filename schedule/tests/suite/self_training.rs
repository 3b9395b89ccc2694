//! The filters of self-training: by hand, and what holds of them whatever the rows.

use mtlift_schedule::{Arm, Filter, FilterCounts, Filtered, GoldRows, LabelledRow, SelfTraining};
use proptest::{collection::vec, prelude::*};

fn asked(text: &str) -> SelfTraining {
    text.parse().unwrap()
}

fn row(tokens: &[u32], label: usize, confidence: f64, agreement: f64) -> LabelledRow<'_> {
    LabelledRow { tokens, label, confidence, agreement, origin: None }
}

/// Gold rows of 3 and 5 tokens: mean 4, standard deviation 1, so 2 to 6 tokens are kept.
#[test]
fn by_hand() {
    let gold =
        GoldRows { train: vec![&[1, 2, 3], &[1, 2, 3, 4, 5]], others: vec![&[9, 9, 9]], labels: vec![1, 1] };
    let rows = [
        row(&[7], 0, 1.0, 1.0),
        row(&[7; 7], 0, 1.0, 1.0),
        row(&[7, 7], 0, 0.95, 1.0),
        row(&[7; 6], 0, 0.99, 1.0),
        row(&[1, 2, 3], 0, 1.0, 1.0),
        row(&[9, 9, 9], 1, 1.0, 1.0),
        row(&[7, 7], 0, 0.95, 1.0),
        row(&[7, 8], 1, 0.89, 1.0),
        row(&[7, 9], 1, 0.9, 0.6),
        row(&[7, 6], 1, 0.9, 0.8),
    ];
    let dropped =
        FilterCounts { length: 2, gold: 2, repeated: 1, origin: 0, confidence: 1, agreement: 1, balance: 1 };
    // Of the two rows of label 0 that are left the surer one stays beside the one of label 1.
    let found = asked("self-train").filter(&rows, &gold);
    assert_eq!((&found.kept[..], found.dropped()), (&[3, 9][..], dropped));
    assert_eq!((found.filters[2], found.filters[3]), (Some(Filter::Balance), None));
    assert_eq!(dropped.total() + 2, rows.len());
    let kept = |text: &str| asked(text).filter(&rows, &gold).kept;
    assert_eq!(kept("self-train(balance=0)"), [2, 3, 9]);
    assert_eq!(kept("self-train(balance=0,passes=0)"), [2, 3, 8, 9]);
    assert_eq!(kept("self-train(0.95,balance=0)"), [2, 3]);
    assert_eq!(kept("self-train(balance=0,deviations=1000)"), [0, 1, 2, 3, 9]);
    assert_eq!(kept("self-train(deviations=0)"), [] as [usize; 0]);
}

/// Rows that were written from gold ones may be asked for the label that those have; rows that were found have none to compare with.
#[test]
fn a_written_row_may_have_to_keep_its_label() {
    let gold = GoldRows { train: vec![&[1, 2], &[3, 4]], others: Vec::new(), labels: vec![1, 1] };
    let written =
        |tokens, label, origin| LabelledRow { origin: Some(origin), ..row(tokens, label, 1.0, 1.0) };
    let rows = [written(&[5, 6], 0, 0), written(&[5, 7], 1, 0), row(&[5, 8], 1, 1.0, 1.0)];
    let found = |text: &str| asked(text).filter(&rows, &gold);
    assert_eq!(found("self-train:infill(balance=0)").kept, [0, 1, 2]);
    let same = found("self-train:infill(balance=0,origin=1)");
    assert_eq!(
        (&same.kept[..], same.dropped().origin, same.filters[1]),
        (&[0, 2][..], 1, Some(Filter::Origin))
    );
    assert_eq!(
        serde_json::from_str::<FilterCounts>(
            r#"{"length":1,"gold":0,"repeated":0,"confidence":2,"agreement":0,"balance":0}"#
        )
        .unwrap()
        .total(),
        3
    );
}

#[test]
fn how_rows_are_written_is_part_of_the_arm() {
    let infilling = |text: &str| asked(text).infilling();
    assert_eq!(infilling("self-train(0.8)"), None);
    let asked =
        infilling("self-train:infill(0.8,copies=2,masked=0.25,temperature=0,sweeps=3,block=2)").unwrap();
    assert_eq!(
        (asked.copies, asked.masked, asked.temperature, asked.sweeps, asked.block),
        (2, 0.25, 0.0, 3, 2)
    );
    assert_eq!([0, 1, 2, 9, 100].map(|tokens| asked.count(tokens)), [0, 1, 1, 2, 25]);
    assert_eq!([0, 1, 9, 100].map(|tokens| asked.passes(tokens)), [0, 3, 3, 39]);
    let none = infilling("self-train:infill(masked=0)").unwrap();
    assert_eq!((none.count(100), none.passes(100)), (0, 0));
    assert_eq!(infilling("self-train:infill(masked=1)").unwrap().count(7), 7);
    let plain = SelfTraining::of_arm(Arm::SelfTrainInfill).unwrap();
    assert_eq!(
        (plain.to_string(), plain.infilling()),
        ("self-train:infill".to_owned(), infilling("self-train:infill"))
    );
}

/// Without a row of one label there is no share of another.
#[test]
fn shares_that_cannot_be_had_leave_nothing() {
    let gold = GoldRows { train: vec![&[1, 2]], others: Vec::new(), labels: vec![3, 1, 0] };
    let filter = |labels: [usize; 3]| {
        let tokens = [[5, 0], [5, 1], [5, 2]];
        let rows: Vec<LabelledRow<'_>> =
            tokens.iter().zip(labels).map(|(tokens, label)| row(tokens, label, 1.0, 1.0)).collect();
        asked("self-train").filter(&rows, &gold).kept
    };
    assert_eq!(filter([0, 0, 0]), [] as [usize; 0]);
    assert_eq!(filter([0, 0, 1]), [0, 1, 2]);
    assert_eq!(filter([0, 2, 1]), [0, 2], "a label that no gold row has gets no share");
}

/// Rows of few lengths and tokens, so that there are duplicates; with labels, confidences and agreements.
fn rows() -> impl Strategy<Value = Vec<(Vec<u32>, usize, f64, f64)>> {
    let agreement = (0..=5u32).prop_map(|agreeing| f64::from(agreeing) / 5.0);
    vec((vec(0..3u32, 1..6), 0..3usize, 0.3..1.0f64, agreement), 0..60)
}

fn labelled(rows: &[(Vec<u32>, usize, f64, f64)]) -> Vec<LabelledRow<'_>> {
    rows.iter()
        .map(|(tokens, label, confidence, agreement)| row(tokens, *label, *confidence, *agreement))
        .collect()
}

fn gold<'a>(train: &'a [Vec<u32>], labels: &[usize; 3]) -> GoldRows<'a> {
    GoldRows { train: train.iter().map(Vec::as_slice).collect(), others: Vec::new(), labels: labels.to_vec() }
}

proptest! {
    #[test]
    fn every_row_is_kept_or_counted_once(rows in rows(), train in vec(vec(0..3u32, 1..6), 1..9), labels in [0..9usize, 1..9, 1..9]) {
        let (rows, gold) = (labelled(&rows), gold(&train, &labels));
        let found = asked("self-train(0.5,agreement=0.4)").filter(&rows, &gold);
        let dropped = found.dropped();
        let Filtered { kept, filters } = found;
        prop_assert_eq!(kept.len() + dropped.total(), rows.len());
        prop_assert!(filters.iter().enumerate().all(|(place, filter)| filter.is_none() == kept.contains(&place)));
        prop_assert!(kept.is_sorted_by(|a, b| a < b));
        prop_assert!(kept.iter().all(|&place| place < rows.len()));
    }

    #[test]
    fn what_is_kept_is_kept_again(rows in rows(), train in vec(vec(0..3u32, 1..6), 1..9), labels in [0..9usize, 1..9, 1..9]) {
        let (rows, gold) = (labelled(&rows), gold(&train, &labels));
        let method = asked("self-train(0.5,agreement=0.4)");
        let kept: Vec<LabelledRow<'_>> = method.filter(&rows, &gold).kept.into_iter().map(|place| rows[place]).collect();
        let again = method.filter(&kept, &gold);
        prop_assert_eq!(again.dropped(), FilterCounts::default());
        prop_assert_eq!(again.kept.len(), kept.len());
    }

    /// Each label has its share of as many rows as its scarcest label allows, to within one row.
    #[test]
    fn labels_get_the_gold_shares(rows in rows(), labels in [0..9usize, 1..9, 1..9]) {
        let train = [vec![0; 1], vec![0; 9]];
        let (rows, gold) = (labelled(&rows), gold(&train, &labels));
        let count = |kept: &[usize]| {
            let mut counts = [0.0; 3];
            kept.iter().for_each(|&place| counts[rows[place].label] += 1.0);
            counts
        };
        let kept = |text: &str| count(&asked(text).filter(&rows, &gold).kept);
        let (all, kept) = (kept("self-train(0.5,balance=0)"), kept("self-train(0.5)"));
        let share = |label: usize| labels[label] as f64;
        let scarcest = (0..3).filter(|&label| labels[label] > 0).map(|label| all[label] / share(label)).fold(f64::INFINITY, f64::min);
        for label in 0..3 {
            let wanted = scarcest * share(label);
            prop_assert!((wanted - 1e-9..wanted + 1.0).contains(&kept[label]), "{kept:?} of {all:?} for {labels:?}");
        }
    }

    /// Without duplicates and rows that the model is equally sure of, the order of the rows says nothing.
    #[test]
    fn the_order_of_rows_says_nothing(scores in vec((0..3usize, 0.3..1.0f64), 0..40), labels in [0..9usize, 1..9, 1..9]) {
        let train = [vec![0; 2]];
        let tokens: Vec<[u32; 2]> = (1..).map(|place| [place, 0]).take(scores.len()).collect();
        let mut rows: Vec<LabelledRow<'_>> =
            tokens.iter().zip(scores).map(|(tokens, (label, confidence))| row(tokens, label, confidence, 1.0)).collect();
        let gold = gold(&train, &labels);
        let kept = |rows: &[LabelledRow<'_>]| {
            let kept = asked("self-train(0.5)").filter(rows, &gold).kept.into_iter();
            let mut tokens: Vec<Vec<u32>> = kept.map(|place| rows[place].tokens.to_vec()).collect();
            tokens.sort_unstable();
            tokens
        };
        let forwards = kept(&rows);
        rows.reverse();
        prop_assert_eq!(kept(&rows), forwards);
    }

    /// A filter that asks for more keeps no row that one that asks for less does not.
    #[test]
    fn who_asks_for_more_keeps_fewer(rows in rows(), train in vec(vec(0..3u32, 1..6), 1..9), low in 0.3..1.0f64, more in 0.0..0.5f64) {
        let (rows, gold) = (labelled(&rows), gold(&train, &[1, 1, 1]));
        let kept = |confidence: f64| asked(&format!("self-train({},balance=0)", confidence.min(1.0))).filter(&rows, &gold).kept;
        let (loose, strict) = (kept(low), kept(low + more));
        prop_assert!(strict.iter().all(|place| loose.contains(place)));
    }
}
