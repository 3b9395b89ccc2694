//! The statistics against SciPy, statsmodels and plain NumPy, on the cases that `../golden/statistics.py` wrote, and against
//! published numbers.

use mtlift_eval::{
    Components, Judged, Metric, Options, TaskMetrics, benjamini_hochberg, clustered_slope, compare, holm,
    linear_fit, pooled_t, pooled_t_of, wilson,
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    corrections: Vec<Corrections>,
    pooled_t: Vec<TwoSamples>,
    wilson: Vec<Share>,
    lines: Vec<Line>,
    comparisons: Vec<Arms>,
    clustered: Vec<Clustered>,
}

#[derive(Deserialize)]
struct Clustered {
    x: Vec<f64>,
    y: Vec<f64>,
    clusters: Vec<usize>,
    level: f64,
    interval: (f64, f64),
    p: f64,
}

#[derive(Deserialize)]
struct Corrections {
    p: Vec<f64>,
    holm: Vec<f64>,
    benjamini_hochberg: Vec<f64>,
}

#[derive(Deserialize)]
struct TwoSamples {
    a: Vec<f64>,
    b: Vec<f64>,
    t: f64,
    df: f64,
    p: f64,
}

#[derive(Deserialize)]
struct Share {
    successes: u64,
    trials: u64,
    level: f64,
    interval: (f64, f64),
}

#[derive(Deserialize)]
struct Line {
    x: Vec<f64>,
    y: Vec<f64>,
    level: f64,
    slope: f64,
    intercept: f64,
    slope_interval: (f64, f64),
    r: f64,
    p: f64,
    crossing: Option<(f64, (f64, f64))>,
}

#[derive(Deserialize)]
struct Arms {
    metric: Metric,
    /// `[E]`
    reference: Vec<f32>,
    /// `[S, E]`
    a: Vec<Vec<f32>>,
    b: Vec<Vec<f32>>,
    difference: f64,
    per_seed: Vec<f64>,
    standard_error: f64,
    df: f64,
    p: f64,
    components: Option<Components>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/statistics.json")).expect("the script wrote it")
}

#[track_caller]
fn assert_close(found: f64, expected: f64) {
    let scale = expected.abs().max(1e-3);
    assert!((found - expected).abs() <= 1e-9 * scale, "{found}, expected {expected}");
}

#[track_caller]
fn assert_pair(found: (f64, f64), expected: (f64, f64)) {
    assert_close(found.0, expected.0);
    assert_close(found.1, expected.1);
}

#[test]
fn corrections_agree_with_statsmodels() {
    for case in golden().corrections {
        for (found, expected) in holm(&case.p).unwrap().into_iter().zip(case.holm) {
            assert_close(found, expected);
        }
        for (found, expected) in benjamini_hochberg(&case.p).unwrap().into_iter().zip(case.benjamini_hochberg)
        {
            assert_close(found, expected);
        }
    }
    assert_eq!(holm(&[]), Ok(vec![]));
    assert_eq!(holm(&[0.1, f64::NAN]).unwrap_err().to_string(), "p-value 1 is NaN, expected one from 0 to 1");
    assert_eq!(
        benjamini_hochberg(&[1.5]).unwrap_err().to_string(),
        "p-value 0 is 1.5, expected one from 0 to 1"
    );
}

#[test]
fn the_pooled_t_agrees_with_scipy() {
    for case in golden().pooled_t {
        let found = pooled_t(&case.a, &case.b).unwrap();
        assert_close(found.t, case.t);
        assert_eq!(found.degrees_of_freedom, case.df);
        assert_close(found.p_value, case.p);
    }
}

#[test]
fn the_papers_test_decides_below_a_tenth() {
    let found = pooled_t_of(70.0, 1.0, 5, 68.0, 1.5, 5).unwrap();
    assert!((found.t - 2.480_695).abs() < 1e-6);
    assert!(found.decides());
    // At 8 degrees of freedom p is 0.1 at |t| = 1.860, which equal deviations of 1 reach at a difference of 1.176.
    assert!(!pooled_t_of(1.176, 1.0, 5, 0.0, 1.0, 5).unwrap().decides());
    assert!(pooled_t_of(1.177, 1.0, 5, 0.0, 1.0, 5).unwrap().decides());
}

#[test]
fn samples_without_spread_have_a_test() {
    let same = pooled_t(&[0.1; 3], &[0.1; 3]).unwrap();
    assert_eq!((same.t, same.p_value, same.decides()), (0.0, 1.0, false));
    let other = pooled_t(&[0.1; 3], &[0.2; 3]).unwrap();
    assert_eq!((other.t, other.p_value, other.decides()), (f64::NEG_INFINITY, 0.0, true));
}

#[test]
fn samples_that_say_nothing_are_refused() {
    let cases = [
        (pooled_t(&[], &[1.0, 2.0, 3.0]), "sample a: 0 values, expected at least 1"),
        (pooled_t(&[1.0], &[2.0]), "both samples: 2 values, expected at least 3"),
        (pooled_t(&[1.0, f64::NAN], &[2.0]), "value of a 1 is NaN, expected a finite number"),
        (pooled_t_of(1.0, 1.0, 5, 2.0, -1.0, 5), "standard deviation 1 is -1, expected 0 or above"),
    ];
    for (found, message) in cases {
        assert_eq!(found.unwrap_err().to_string(), message);
    }
}

#[test]
fn wilson_agrees_with_statsmodels() {
    for case in golden().wilson {
        assert_pair(wilson(case.successes, case.trials, case.level).unwrap(), case.interval);
    }
    assert_eq!(wilson(0, 0, 0.95), Ok((0.0, 1.0)));
    assert_eq!(wilson(3, 2, 0.95).unwrap_err().to_string(), "3 successes in 2 trials");
    assert_eq!(wilson(1, 2, 1.0).unwrap_err().to_string(), "level is 1, expected above 0 and below 1");
}

#[test]
fn lines_agree_with_scipy_and_fieller_with_a_search() {
    let cases = golden().lines;
    assert!(
        cases.iter().any(|case| case.crossing.is_none()) && cases.iter().any(|case| case.crossing.is_some())
    );
    for case in cases {
        let found = linear_fit(&case.x, &case.y, case.level).unwrap();
        assert_close(found.slope, case.slope);
        assert_close(found.intercept, case.intercept);
        assert_close(found.r, case.r);
        assert_close(found.p_value, case.p);
        assert_pair(found.slope_interval, case.slope_interval);
        assert_eq!(found.crossing.is_some(), case.crossing.is_some());
        if let Some(((at, ends), (expected, expected_ends))) = found.crossing.zip(case.crossing) {
            assert_close(at, expected);
            assert_pair(ends, expected_ends);
        }
    }
}

#[test]
fn slopes_of_clusters_agree_with_statsmodels() {
    for case in golden().clustered {
        let fit = linear_fit(&case.x, &case.y, case.level).unwrap();
        let found = clustered_slope(&fit, &case.x, &case.y, &case.clusters, case.level).unwrap();
        assert_pair(found.interval, case.interval);
        assert_close(found.p_value, case.p);
    }
    let (x, y) = ([0.0, 1.0, 2.0], [0.0, 1.0, 3.0]);
    let fit = linear_fit(&x, &y, 0.95).unwrap();
    let one = clustered_slope(&fit, &x, &y, &[7; 3], 0.95).unwrap_err();
    assert_eq!(one.to_string(), "clusters of a line's points: 1 values, expected at least 2");
}

#[test]
fn points_on_a_line_and_points_that_are_none() {
    let exact = linear_fit(&[0.0, 1.0, 2.0, 3.0], &[-2.0, 0.0, 2.0, 4.0], 0.95).unwrap();
    assert_eq!((exact.slope, exact.intercept, exact.r, exact.p_value), (2.0, -2.0, 1.0, 0.0));
    assert_eq!(exact.crossing, Some((1.0, (1.0, 1.0))));
    let flat = linear_fit(&[0.0, 1.0, 2.0], &[3.0; 3], 0.95).unwrap();
    assert_eq!((flat.slope, flat.r, flat.p_value, flat.crossing), (0.0, 0.0, 1.0, None));
    let cases = [
        (
            linear_fit(&[1.0; 3], &[1.0, 2.0, 3.0], 0.95),
            "all x are 1: a line needs at least two different ones",
        ),
        (linear_fit(&[1.0, 2.0], &[1.0, 2.0], 0.95), "points of a line: 2 values, expected at least 3"),
        (linear_fit(&[1.0, 2.0], &[1.0], 0.95), "2 values of x and 1 of y, expected as many"),
        (linear_fit(&[1.0, 2.0, f64::INFINITY], &[1.0; 3], 0.95), "x 2 is inf, expected a finite number"),
    ];
    for (found, message) in cases {
        assert_eq!(found.unwrap_err().to_string(), message);
    }
}

#[test]
fn the_mixed_model_agrees_with_numpy() {
    for case in golden().comparisons {
        let metrics = TaskMetrics::check(&[case.metric]).unwrap();
        let judged = |predicted: &Vec<f32>| {
            let labels = |values: &[f32]| values.iter().map(|&value| value as usize).collect::<Vec<_>>();
            if case.metric == Metric::Spearman {
                Judged::values(predicted, &case.reference, &metrics).unwrap()
            } else {
                Judged::classes(&labels(predicted), &labels(&case.reference), 2, 1, &metrics).unwrap()
            }
        };
        let a: Vec<Judged> = case.a.iter().map(judged).collect();
        let b: Vec<Judged> = case.b.iter().map(judged).collect();
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let found = compare(&a, &b, &Options::default(), rng).unwrap();
        assert_close(found.difference, case.difference);
        assert_close(found.standard_error, case.standard_error);
        assert_close(found.degrees_of_freedom, case.df);
        // Both integrate numerically.
        assert!((found.p_value / case.p - 1.0).abs() < 1e-6, "{}, expected {}", found.p_value, case.p);
        found
            .per_seed
            .iter()
            .zip(&case.per_seed)
            .for_each(|(&found, &expected)| assert_close(found, expected));
        assert_eq!(found.components.is_some(), case.components.is_some());
        if let Some((found, expected)) = found.components.zip(case.components) {
            assert_close(found.seed, expected.seed);
            assert_close(found.example, expected.example);
            assert_close(found.interaction, expected.interaction);
        }
    }
}
