//! Merges that look at rows: values that NumPy made from the papers, and what holds for every model.

use std::ops::Range;

use mtlift_schedule::{Draws, InputGram, LooksAt, Merge, Models, Statistics};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Goldens {
    shapes: Vec<Vec<usize>>,
    families: Vec<Family>,
}

#[derive(Deserialize)]
struct Family {
    models: Vec<Vec<f32>>,
    fishers: Vec<Vec<f32>>,
    /// By model and layer; the first tensors are the layers' weights.
    grams: Vec<Vec<Vec<f32>>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    method: Merge,
    merged: Vec<f64>,
}

fn no_draws() -> &'static Draws<'static> {
    &|_, _| unreachable!("these rules draw nothing")
}

/// Models of one tensor.
#[track_caller]
fn merged(
    method: &str,
    models: &[&[f32]],
    statistics: &[Statistics],
) -> Result<Vec<f32>, mtlift_schedule::Error> {
    let tensor = 0..models[0].len();
    let models = Models { base: None, models, tensors: std::slice::from_ref(&tensor), statistics };
    Ok(method.parse::<Merge>().unwrap().merge(&models, no_draws())?.values)
}

/// A layer of so many inputs whose weights are all that a model has.
fn gram(values: Vec<f32>, inputs: usize, weights: usize) -> Statistics {
    Statistics::Grams(vec![InputGram { weights: 0..weights, inputs, values }])
}

#[test]
fn golden_values() {
    let goldens: Goldens = serde_json::from_str(include_str!("../golden/merges_by_rows.json")).unwrap();
    let mut tensors: Vec<Range<usize>> = Vec::new();
    for shape in &goldens.shapes {
        let from = tensors.last().map_or(0, |last| last.end);
        tensors.push(from..from + shape.iter().product::<usize>());
    }
    let mut cases = 0;
    for family in &goldens.families {
        let models: Vec<&[f32]> = family.models.iter().map(Vec::as_slice).collect();
        let grams =
            |of_model: &Vec<Vec<f32>>| {
                let layers = of_model.iter().zip(&goldens.shapes).zip(&tensors);
                let layer = |((values, shape), weights): ((&Vec<f32>, &Vec<usize>), &Range<usize>)| {
                    InputGram { weights: weights.clone(), inputs: shape[1], values: values.clone() }
                };
                Statistics::Grams(layers.map(layer).collect())
            };
        for Case { method, merged } in &family.cases {
            let statistics: Vec<Statistics> = match method.looks_at().unwrap().at {
                LooksAt::Fisher => family.fishers.iter().cloned().map(Statistics::Fisher).collect(),
                LooksAt::Grams => family.grams.iter().map(grams).collect(),
            };
            let models = Models { base: None, models: &models, tensors: &tensors, statistics: &statistics };
            let found = method.merge(&models, no_draws()).unwrap();
            for (at, (&found, &want)) in found.values.iter().zip(merged).enumerate() {
                // A step of float32.
                let close = (f64::from(found) - want).abs() <= 1.2e-7 * want.abs().max(0.01);
                assert!(close, "{method}: value {at} is {found}, expected {want}");
            }
            cases += 1;
        }
    }
    assert_eq!(cases, 12);
}

/// Worked out by hand: lengths are 5 and 13, so the values weigh 3/5 and 5/13, 4/5 and 12/13.
#[test]
fn fisher_by_hand() {
    let statistics = [Statistics::Fisher(vec![3.0, 4.0]), Statistics::Fisher(vec![5.0, 12.0])];
    let models: [&[f32]; 2] = [&[1.0, 0.0], &[0.0, 1.0]];
    let values = merged("fisher", &models, &statistics).unwrap();
    let want = [39.0 / 64.0, 60.0 / 112.0];
    assert!(values.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-7), "{values:?}");
    let values = merged("fisher(first=2)", &models, &statistics).unwrap();
    let want = [78.0 / 103.0, 60.0 / 164.0];
    assert!(values.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-7), "{values:?}");
}

/// By hand: of an input that only the first model's rows have, the first model's weight is taken, of one that both have the mean of
/// both by its squares, of one that none has the mean.
#[test]
fn regmean_by_hand() {
    let diagonal = |values: [f32; 3]| {
        let all = (0..9).map(|at| if at % 4 == 0 { values[at / 4] } else { 0.0 }).collect();
        gram(all, 3, 3)
    };
    let statistics = [diagonal([2.0, 3.0, 0.0]), diagonal([0.0, 1.0, 0.0])];
    let values = merged("regmean", &[&[1.0, 4.0, 6.0], &[5.0, 8.0, 8.0]], &statistics).unwrap();
    assert!(values.iter().zip([1.0, 5.0, 7.0]).all(|(a, b)| (a - b).abs() < 1e-6), "{values:?}");
}

#[test]
fn what_nothing_depends_on_is_the_first_models() {
    let nothing = [Statistics::Fisher(vec![0.0; 2]), Statistics::Fisher(vec![0.0; 2])];
    assert_eq!(merged("fisher", &[&[1.0, -2.0], &[3.0, 5.0]], &nothing).unwrap(), [1.0, -2.0]);
}

#[test]
fn a_merge_without_statistics_is_refused() {
    let of_one = [Statistics::Fisher(vec![1.0])];
    let of_another_kind = [gram(vec![1.0], 1, 1), gram(vec![1.0], 1, 1)];
    for statistics in [&[][..], &of_one, &of_another_kind] {
        let error = merged("fisher", &[&[1.0], &[2.0]], statistics).unwrap_err();
        let want =
            "fisher looks at rows of each model's own task, and there are none: give a task for each model";
        assert_eq!(error.to_string(), want);
    }
}

#[test]
fn what_a_merge_looks_at() {
    let look = |text: &str| text.parse::<Merge>().unwrap().looks_at().map(|look| (look.at, look.rows));
    assert_eq!(look("fisher"), Some((LooksAt::Fisher, 256)));
    assert_eq!(look("fisher(rows=32)+held-out"), Some((LooksAt::Fisher, 32)));
    assert_eq!(look("regmean(0.5)"), Some((LooksAt::Grams, 1000)));
    assert_eq!(look("average"), None);
    let error = "regmean(rows=0)".parse::<Merge>().unwrap_err().to_string();
    assert_eq!(error, "regmean's parameter rows is `0`, expected a whole number from 1 to 1000000");
}

fn values(length: usize) -> impl Strategy<Value = Vec<f32>> {
    prop::collection::vec(-2.0_f32..2.0, length)
}

proptest! {
    /// To the bit, whatever the statistics.
    #[test]
    fn a_model_merged_with_itself_is_itself(
        (model, fishers) in (1..20_usize).prop_flat_map(|n| {
            (values(n), prop::collection::vec(prop::collection::vec(0.0_f32..9.0, n), 1..4))
        }),
        (outputs, inputs, rows) in (1..4_usize, 1..20_usize).prop_flat_map(|(outputs, inputs)| {
            (values(outputs * inputs), Just(inputs), values(6 * inputs))
        }),
    ) {
        let copies = vec![&model[..]; fishers.len()];
        let statistics: Vec<Statistics> = fishers.into_iter().map(Statistics::Fisher).collect();
        prop_assert_eq!(merged("fisher(first=3)", &copies, &statistics).unwrap(), &model[..]);

        // Of fewer rows than inputs too.
        let statistics: Vec<Statistics> = [2, 6].iter().map(|&count| {
            let entry = |at: usize| {
                let of = |column: usize| rows.chunks(inputs).take(count).map(move |row| row[column]);
                of(at / inputs).zip(of(at % inputs)).map(|(a, b)| a * b).sum::<f32>() / count as f32
            };
            gram((0..inputs * inputs).map(entry).collect(), inputs, outputs.len())
        }).collect();
        for method in ["regmean", "regmean(alpha=1)", "regmean(alpha=0)"] {
            let found = merged(method, &[&outputs, &outputs], &statistics).unwrap();
            prop_assert_eq!(found, &outputs[..], "{}", method);
        }
    }

    /// Where all rows are alike for all models, a layer is the mean.
    #[test]
    fn regmean_of_the_same_rows_is_the_mean(models in prop::collection::vec(values(12), 2..5), rows in values(16)) {
        let entry = |at: usize| (0..4).map(|row| rows[4 * row + at / 4] * rows[4 * row + at % 4]).sum::<f32>();
        let all: Vec<f32> = (0..16).map(entry).collect();
        let statistics = vec![gram(all, 4, 12); models.len()];
        let models: Vec<&[f32]> = models.iter().map(Vec::as_slice).collect();
        let [found, mean] =
            ["regmean", "average"].map(|method| merged(method, &models, &statistics).unwrap());
        prop_assert!(found.iter().zip(&mean).all(|(a, b)| (a - b).abs() < 1e-5), "{found:?} {mean:?}");
    }
}
