//! Every metric against scikit-learn and SciPy, on the cases that `../golden/make.py` wrote with the versions it records.

use mtlift_eval::{Kind, Metric, Outcome};
use serde::Deserialize;
use std::collections::BTreeMap;

const TOLERANCE: f64 = 1e-12;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    #[serde(flatten)]
    input: Input,
    expected: BTreeMap<Metric, f64>,
    /// Metrics for which the library has no value.
    undefined: Vec<Metric>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Input {
    Classes { labels: usize, positive: usize, predicted: Vec<usize>, reference: Vec<usize> },
    Values { predicted: Vec<f32>, reference: Vec<f32> },
}

impl Input {
    fn outcome(&self) -> Outcome {
        match self {
            Input::Classes { labels, positive, predicted, reference } => {
                Outcome::classes(predicted, reference, *labels, *positive).expect("the file's rows are sound")
            }
            Input::Values { predicted, reference } => {
                Outcome::values(predicted, reference).expect("the file's rows are sound")
            }
        }
    }
}

fn metrics_of(kind: Kind) -> Vec<Metric> {
    Metric::ALL.into_iter().filter(|metric| metric.kind() == kind).collect()
}

#[test]
fn every_metric_agrees_with_scikit_learn_and_scipy() {
    let golden: Golden = serde_json::from_str(include_str!("../golden/metrics.json")).unwrap();
    let mut failures = Vec::new();
    for case in &golden.cases {
        let outcome = case.input.outcome();
        let mut listed: Vec<Metric> = case.expected.keys().copied().collect();
        listed.sort_by_key(|metric| Metric::ALL.iter().position(|known| known == metric));
        assert_eq!(listed, metrics_of(outcome.kind()), "{}: metrics in the file", case.name);
        for (&metric, &expected) in &case.expected {
            let found = outcome.score(metric).unwrap();
            // Correlations and rates are of order one; a squared error has the scale of its values.
            let scale = if metric == Metric::Mse { expected } else { 1.0 };
            if (found.value - expected).abs() > TOLERANCE * scale {
                failures.push(format!("{}: {metric} is {}, expected {expected}", case.name, found.value));
            }
            if found.degenerate.is_some() != case.undefined.contains(&metric) {
                failures.push(format!("{}: {metric} says {:?}", case.name, found.degenerate));
            }
        }
    }
    assert!(golden.cases.len() >= 30, "only {} cases", golden.cases.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
