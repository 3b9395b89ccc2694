//! Samplers are formulas: those of numpy, of the papers' code, and of the tasks that are really drawn.

use mtlift_schedule::{BatchKind, Exposure, Mix, Mixture, Sampler};
use proptest::{collection::vec, prelude::*};
use serde::Deserialize;

use crate::words::streams;

#[derive(Deserialize)]
struct Golden {
    probabilities: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    sampler: Sampler,
    sizes: Vec<usize>,
    epoch: u64,
    epochs: u64,
    gaps: Option<Vec<f64>>,
    probabilities: Vec<f64>,
}

/// One of each, with parameters that matter for sizes of hundreds.
pub(crate) const SAMPLERS: [Sampler; 8] = [
    Sampler::Uniform,
    Sampler::Size,
    Sampler::Temperature { alpha: 0.5 },
    Sampler::Capped { rows: 200 },
    Sampler::Annealed,
    Sampler::Dynamic,
    Sampler::DynamicGap,
    Sampler::RoundRobin,
];

#[track_caller]
fn assert_close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    let off = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(off <= tolerance, "{off:e} off: {found:?}, expected {expected:?}");
}

#[test]
fn agrees_with_numpy() {
    let golden: Golden = serde_json::from_str(include_str!("../golden/mixtures.json")).unwrap();
    for case in golden.probabilities {
        let found = case.sampler.probabilities(&case.sizes, case.epoch, case.epochs, case.gaps.as_deref());
        assert_close(&found, &case.probabilities, 1e-15);
    }
}

/// The vectors in the tests of the paper's code.
#[test]
fn dynamic_is_the_papers() {
    let single = [0.3, 0.75, 1.0, 1.0];
    for (now, expected) in [
        ([0.1, 0.5, 0.5, 1.0], [0.23697465, 0.2491246, 0.31988232, 0.19401843]),
        ([0.3, 0.75, 0.0, 1.0], [0.1748777, 0.1748777, 0.47536689, 0.1748777]),
    ] {
        let gaps: Vec<f64> = single.iter().zip(now).map(|(single, now)| single - now).collect();
        assert_close(&Sampler::Dynamic.probabilities(&[1000; 4], 1, 10, Some(&gaps)), &expected, 1e-8);
    }
}

/// First and last of PALs' 25 epochs over its eight tasks.
#[test]
fn annealed_is_that_of_pals() {
    let sizes = [6680, 2865, 306_798, 1945, 4491, 52_616, 284_257, 84_715];
    let first = [0.0089741, 0.0038489, 0.4121596, 0.0026130, 0.0060333, 0.0706856, 0.3818775, 0.1138081];
    let last = [0.0909962, 0.0768233, 0.1956313, 0.0710971, 0.0840498, 0.1374964, 0.1926682, 0.1512377];
    assert_close(&Sampler::Annealed.probabilities(&sizes, 0, 25, None), &first, 5e-8);
    assert_close(&Sampler::Annealed.probabilities(&sizes, 24, 25, None), &last, 5e-8);
}

#[test]
fn only_the_dynamic_samplers_need_scores() {
    let needs: Vec<_> = SAMPLERS.into_iter().filter(|sampler| sampler.needs_scores()).collect();
    assert_eq!(needs, [Sampler::Dynamic, Sampler::DynamicGap]);
}

#[test]
#[should_panic(expected = "dynamic sampling in epoch 1 needs a gap in [-2, 2] for each task")]
fn a_missing_gap_is_a_bug_of_the_caller() {
    Sampler::Dynamic.probabilities(&[10, 10], 1, 2, Some(&[0.1]));
}

#[test]
#[should_panic(expected = "dynamic-gap sampling in epoch 1 needs a gap in [-2, 2] for each task")]
fn a_gap_that_is_no_number_is_a_bug_of_the_caller() {
    Sampler::DynamicGap.probabilities(&[10, 10], 1, 2, Some(&[0.1, f64::NAN]));
}

#[test]
fn samplers_have_one_name_everywhere() {
    let names = [
        "uniform",
        "size",
        "temperature:0.5",
        "capped:200",
        "annealed",
        "dynamic",
        "dynamic-gap",
        "round-robin",
    ];
    for (sampler, name) in SAMPLERS.into_iter().zip(names) {
        assert_eq!(sampler.to_string(), name);
        assert_eq!(name.parse(), Ok(sampler));
        let json = format!("\"{name}\"");
        assert_eq!(serde_json::to_string(&sampler).unwrap(), json);
        assert_eq!(serde_json::from_str::<Sampler>(&json).unwrap(), sampler);
    }
    let error = serde_json::from_str::<Sampler>("\"capped:0\"").unwrap_err().to_string();
    assert_eq!(error, "capped sampler of 0 rows, expected at least 1");
}

/// The task of the first row of 4000 epochs, each from streams of its own, has the sampler's distribution.
#[test]
fn tasks_are_drawn_at_the_samplers_probabilities() {
    const DRAWS: u64 = 4000;
    // The 0.999 quantile of chi-squared with 3 degrees of freedom.
    const LIMIT: f64 = 16.266;
    let sizes = [600, 300, 150, 40];
    let gaps = [0.3, 0.05, -0.1, 0.2];
    for sampler in SAMPLERS {
        for exposure in Exposure::ALL {
            let mix = Mix { sampler, batches: BatchKind::Heterogeneous, exposure };
            let mixture = Mixture::check(mix, &sizes, 0, 64, 3).unwrap();
            let plan = mixture.plan(1, Some(&gaps));
            let mut counts = [0_u32; 4];
            for seed in 0..DRAWS {
                let epoch = mixture.epoch(1, &[0; 4], Some(&gaps), streams(seed));
                counts[epoch.batch(0)[0].task as usize] += 1;
            }
            // Truncating exposure rounds shares to whole rows of a batch; the others are the sampler's own.
            let shares: Vec<f64> = match &plan.per_batch {
                None => plan.probabilities,
                Some(k) => k.iter().map(|&rows| rows as f64 / k.iter().sum::<usize>() as f64).collect(),
            };
            let chi_squared: f64 = counts
                .iter()
                .zip(shares)
                .map(|(&n, p)| (f64::from(n), p * DRAWS as f64))
                .map(|(found, expected)| (found - expected).powi(2) / expected)
                .sum();
            assert!(chi_squared < LIMIT, "{sampler}, {exposure}: {chi_squared}, {counts:?}");
        }
    }
}

proptest! {
    #[test]
    fn probabilities_are_positive_and_sum_to_one(
        tasks in vec((1usize..1_000_000, -2.0..2.0f64), 1..10), epoch in 0u64..5, which in 0usize..8,
    ) {
        let (sizes, gaps): (Vec<_>, Vec<_>) = tasks.into_iter().unzip();
        let found = SAMPLERS[which].probabilities(&sizes, epoch, 5, Some(&gaps));
        prop_assert!(found.iter().all(|&p| p > 0.0));
        prop_assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}
