//! A batch's rows of each task are those of the paper's code.

use mtlift_schedule::{BatchKind, Exposure, Mix, Mixture, Sampler, allotments};
use proptest::{collection::vec, prelude::*};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    allotments: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    probabilities: Vec<f64>,
    batch: usize,
    rows: Vec<usize>,
}

#[test]
fn agrees_with_the_papers_rounding() {
    let golden: Golden = serde_json::from_str(include_str!("../golden/mixtures.json")).unwrap();
    assert_eq!(golden.allotments.len(), 200);
    for Case { probabilities, batch, rows } in golden.allotments {
        assert_eq!(allotments(&probabilities, batch), Ok(rows), "{probabilities:?}, batch {batch}");
    }
}

/// The counts in the tests of the paper's code.
#[test]
fn the_papers_own_cases() {
    let cases: [(&[f64], usize, &[usize]); 4] = [
        (&[0.25; 4], 64, &[16; 4]),
        (&[0.4, 0.3, 0.2, 0.1], 20, &[8, 6, 4, 2]),
        (&[0.4, 0.3, 0.2, 0.1], 16, &[6, 5, 3, 2]),
        (&[0.4, 0.3, 0.2, 0.1], 4, &[1; 4]),
    ];
    for (probabilities, batch, rows) in cases {
        assert_eq!(allotments(probabilities, batch).unwrap(), rows);
    }
    // Scores 0.3 and 0.75 alone, 0.1 and 0.5 now.
    let dynamic = Sampler::Dynamic.probabilities(&[1000, 100], 1, 10, Some(&[0.2, 0.25]));
    assert_eq!(allotments(&dynamic, 64).unwrap(), [31, 33]);
}

/// Seven shares of 11 rows round to 2 each, 3 too many: task 0 cannot pay for them alone.
#[test]
fn what_task_0_cannot_pay_the_others_do() {
    assert_eq!(allotments(&[1.0 / 7.0; 7], 11).unwrap(), [1, 1, 1, 2, 2, 2, 2]);
}

const GLUE: [usize; 9] = [8551, 67_349, 3668, 363_846, 5749, 392_702, 104_743, 2490, 635];

fn truncating(sampler: Sampler, sizes: &[usize], batch: usize) -> Mixture {
    let mix = Mix { sampler, batches: BatchKind::Heterogeneous, exposure: Exposure::Truncating };
    Mixture::check(mix, sizes, 0, batch, 10).unwrap()
}

/// All of GLUE in batches of 128 by size, as a simulation of the paper's code has it: an epoch is a twelfth
/// of the data.
#[test]
fn glue_by_size_sees_a_twelfth() {
    let mixture = truncating(Sampler::Size, &GLUE, 128);
    let plan = mixture.plan(0, None);
    assert_eq!(plan.per_batch.as_deref(), Some(&[2, 9, 1, 49, 1, 50, 14, 1, 1][..]));
    assert_eq!((plan.steps, mixture.first_steps()), (635, 635));
    let realised = mixture.realised(&plan);
    assert_eq!(realised.steps, 635);
    assert_eq!(format!("{:.1}", 100.0 * realised.seen), "8.6");
    let percent = |task: usize| format!("{:.1}", 100.0 * realised.passes[task]);
    assert_eq!([percent(5), percent(7), percent(8)], ["8.1", "25.5", "100.0"]);
}

/// Uniformly it is 14 rows of each task and not a full batch; the smallest task ends the epoch after 45 of
/// these.
#[test]
fn glue_uniformly_sees_next_to_nothing() {
    let mixture = truncating(Sampler::Uniform, &GLUE, 128);
    let plan = mixture.plan(0, None);
    assert_eq!(plan.per_batch, Some(vec![14; 9]));
    assert_eq!((plan.steps, plan.rows), (45, vec![14 * 45; 9]));
    let realised = mixture.realised(&mixture.plan(0, None));
    assert_eq!(format!("{:.1}", 100.0 * realised.seen), "0.6");
    assert_eq!(format!("{:.2}", 100.0 * realised.passes[5]), "0.16");
}

/// The share of MNLI that an epoch shows beside each support, half a batch each.
#[test]
fn a_small_support_hides_the_target() {
    let seen =
        [(3, 0.927), (6, 0.267), (1, 0.171), (0, 0.022), (4, 0.015), (2, 0.009), (7, 0.006), (8, 0.001)];
    for (support, share) in seen {
        let mixture = truncating(Sampler::Uniform, &[GLUE[5], GLUE[support]], 128);
        let plan = mixture.plan(0, None);
        assert_eq!(plan.per_batch, Some(vec![64, 64]));
        assert!((mixture.realised(&plan).passes[0] - share).abs() <= 0.0005 + 1e-9, "support {support}");
    }
}

/// 1000 and 100 rows in batches of 64: 192 rows in all, as a test of the paper's code says.
#[test]
fn uniform_pairs_end_with_the_smaller() {
    assert_eq!(truncating(Sampler::Uniform, &[1000, 100], 64).plan(0, None).rows, [96, 96]);
}

/// Five rows for three tasks round to 2 each, which the batch cannot hold.
#[test]
fn uniform_never_overfills_a_batch() {
    assert_eq!(truncating(Sampler::Uniform, &[100; 3], 5).plan(0, None).per_batch, Some(vec![1; 3]));
}

#[test]
fn a_task_smaller_than_its_allotment_gives_all_it_has() {
    let plan = truncating(Sampler::Uniform, &[100, 10], 64).plan(0, None);
    assert_eq!((plan.per_batch, plan.rows, plan.steps), (Some(vec![32, 10]), vec![32, 10], 1));
}

proptest! {
    #[test]
    fn a_batch_is_full_and_has_every_task(weights in vec(1e-6..1.0f64, 1..12), more in 0usize..120) {
        let sum: f64 = weights.iter().sum();
        let probabilities: Vec<f64> = weights.iter().map(|weight| weight / sum).collect();
        let batch = weights.len() + more;
        let rows = allotments(&probabilities, batch).unwrap();
        prop_assert_eq!(rows.iter().sum::<usize>(), batch);
        prop_assert!(rows.iter().all(|&rows| rows >= 1));
    }
}
