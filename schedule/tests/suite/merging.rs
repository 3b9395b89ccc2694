//! Merges: values that mergekit or NumPy made, what holds for every model, and what is said of a wrong name.

use std::ops::Range;

use mtlift_schedule::{Draws, Merge, MergeRule, Merged, Models};
use proptest::prelude::*;
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;

#[derive(Deserialize)]
struct Goldens {
    sizes: Vec<usize>,
    families: Vec<Family>,
}

/// Models of one origin.
#[derive(Deserialize)]
struct Family {
    #[serde(default)]
    base: Option<Vec<f32>>,
    models: Vec<Vec<f32>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    method: Merge,
    merged: Vec<f64>,
    #[serde(default)]
    coefficients: Vec<f64>,
    /// By model and tensor.
    #[serde(default)]
    masks: Vec<Vec<Vec<u8>>>,
}

/// Draws that keep what a mask has: no number is above a probability of 0, and all of 1.
struct Replayed(std::vec::IntoIter<u8>);

impl RngCore for Replayed {
    fn next_u32(&mut self) -> u32 {
        if self.0.next() == Some(1) { 0 } else { u32::MAX }
    }

    fn next_u64(&mut self) -> u64 {
        u64::from(self.next_u32())
    }

    fn fill_bytes(&mut self, _: &mut [u8]) {
        unreachable!("a mask is drawn word by word")
    }
}

fn draws(seed: u64) -> Box<Draws<'static>> {
    Box::new(move |model, tensor| {
        Box::new(ChaCha8Rng::seed_from_u64(seed ^ ((model as u64) << 16) ^ ((tensor as u64) << 32)))
    })
}

fn tensors(sizes: &[usize]) -> Vec<Range<usize>> {
    let end = sizes.iter().scan(0, |end, size| {
        *end += size;
        Some(*end)
    });
    end.zip(sizes).map(|(end, size)| end - size..end).collect()
}

/// Of models that are one tensor.
fn merged(method: &str, base: Option<&[f32]>, models: &[&[f32]]) -> Merged {
    let whole = tensors(&[models[0].len()]);
    merge(method, base, models, &whole).unwrap()
}

fn merge(
    method: &str,
    base: Option<&[f32]>,
    models: &[&[f32]],
    tensors: &[Range<usize>],
) -> Result<Merged, mtlift_schedule::Error> {
    method.parse::<Merge>().unwrap().merge(&Models { base, models, tensors, statistics: &[] }, &*draws(1))
}

/// The rules that look at nothing but parameters; `merging_by_rows` has the others.
fn by_parameters() -> impl Iterator<Item = &'static MergeRule> {
    Merge::rules().iter().filter(|rule| rule.looks_at().is_none())
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn golden_values() {
    let goldens: Goldens = serde_json::from_str(include_str!("../golden/merges.json")).unwrap();
    let tensors = tensors(&goldens.sizes);
    let mut seen = std::collections::BTreeSet::new();
    let cases =
        goldens.families.iter().flat_map(|family| family.cases.iter().map(move |case| (family, case)));
    for (family, case) in cases {
        let models: Vec<&[f32]> = family.models.iter().map(Vec::as_slice).collect();
        let models =
            Models { base: family.base.as_deref(), models: &models, tensors: &tensors, statistics: &[] };
        let draws = |model: usize, tensor: usize| -> Box<dyn RngCore> {
            Box::new(Replayed(case.masks[model][tensor].clone().into_iter()))
        };
        let Merged { values, coefficients } = case.method.merge(&models, &draws).unwrap();
        for (at, (&found, &want)) in values.iter().zip(&case.merged).enumerate() {
            // Half a step of float32; mergekit has the changes that it thins in float32 too.
            let most = if case.masks.is_empty() { 6e-8 * want.abs() } else { 1e-7 };
            let close = (f64::from(found) - want).abs() <= most;
            assert!(close, "{}: value {at} is {found}, expected {want}", case.method);
        }
        for (found, want) in coefficients.iter().zip(&case.coefficients) {
            assert!((found - want).abs() < 1e-12, "{found}, expected {want}");
        }
        seen.insert(case.method.rule().about.name);
    }
    let names: std::collections::BTreeSet<&str> = by_parameters().map(|rule| rule.about.name).collect();
    assert_eq!(seen, names, "every rule has a case");
}

/// Worked out by hand: the squared changes are 9, 25 and 100.
#[test]
fn metagpt_by_hand() {
    let changes: [&[f32]; 3] = [&[1.0, 2.0, 2.0], &[0.0, 3.0, 4.0], &[6.0, 0.0, 8.0]];
    let Merged { values, coefficients } = merged("metagpt", Some(&[0.0; 3]), &changes);
    let near = |found: f64, want: f64| (found - want).abs() < 1e-6;
    assert!(coefficients.iter().zip([9.0, 25.0, 100.0]).all(|(&found, want)| near(found, want / 134.0)));
    let want = [4.544_776_119, 0.694_029_851, 6.850_746_269];
    assert!(values.iter().zip(want).all(|(&found, want)| near(found.into(), want)), "{values:?}");
}

/// By hand: of (4, -1, 0.5) and (-3, -2, 0.4) the two largest stay, signs are +, -, and nothing is left of the third.
#[test]
fn ties_by_hand() {
    let models: [&[f32]; 2] = [&[4.0, -1.0, 0.5], &[-3.0, -2.0, 0.4]];
    assert_eq!(merged("ties(density=0.7)", Some(&[0.0; 3]), &models).values, [4.0, -1.5, 0.0]);
    assert_eq!(merged("ties(density=0.7,coefficient=2)", Some(&[0.0; 3]), &models).values, [8.0, -3.0, 0.0]);
}

#[test]
fn models_that_have_not_changed_merge_to_what_they_are() {
    let base: &[f32] = &[0.5, -3.0, 0.0];
    for rule in by_parameters() {
        assert_eq!(merged(rule.about.name, Some(base), &[base, base]).values, base, "{}", rule.about.name);
    }
}

#[test]
fn thinning_leaves_the_mean_as_it_is() {
    let (base, model) = (vec![0.0_f32; 4000], vec![1.0_f32; 4000]);
    for (method, want) in [("dare(density=0.3,coefficient=0.5)", 0.5), ("dare-ties(density=0.3)", 1.0)] {
        let values = merged(method, Some(&base), &[&model]).values;
        let mean = values.iter().map(|&value| f64::from(value)).sum::<f64>() / 4000.0;
        // The standard error is want * sqrt(0.7 / 0.3 / 4000), 0.024.
        assert!((mean - want).abs() < 0.1 * want, "{method}: {mean}");
    }
    let thinned = |seed| {
        let merge: Merge = "dare".parse().unwrap();
        let models =
            Models { base: Some(&base), models: &[&model], tensors: &tensors(&[4000]), statistics: &[] };
        merge.merge(&models, &*draws(seed)).unwrap().values
    };
    assert_eq!(thinned(1), thinned(1));
    assert_ne!(thinned(1), thinned(2));
}

#[test]
fn what_cannot_be_merged_is_said() {
    let one: &[f32] = &[1.0];
    let all = tensors(&[1]);
    let error = |method: &str, models: &[&[f32]]| merge(method, None, models, &all).unwrap_err().to_string();
    for method in ["metagpt", "arithmetic", "ties", "dare", "dare-ties"] {
        let want = format!(
            "{method} looks at how models changed, and what they started from is not given: give that model as the base"
        );
        assert_eq!(error(method, &[one, one]), want);
    }
    assert_eq!(error("slerp", &[one; 3]), "slerp merges 2 models, found 3");
    assert_eq!(error("average", &[]), "average merges at least 1 models, found 0");
}

#[test]
fn one_way_to_write_a_merge() {
    for (text, written) in [
        ("metagpt", "metagpt"),
        ("arithmetic(0.3)", "arithmetic"),
        ("arithmetic(0.50)", "arithmetic(coefficient=0.5)"),
        ("ties(0.5,coefficient=1.0)", "ties(density=0.5)"),
        ("ties(coefficient=2)+held-out", "ties(coefficient=2)+held-out"),
        (" average ", "average"),
    ] {
        let merge: Merge = text.parse().unwrap();
        assert_eq!(merge.to_string(), written);
        assert_eq!(written.parse::<Merge>().unwrap(), merge);
    }
    let error = |text: &str| text.parse::<Merge>().unwrap_err().to_string();
    assert!(
        error("metagtp").starts_with("unknown merge `metagtp`; did you mean metagpt? There are metagpt, ")
    );
    assert_eq!(
        error("metagpt+held-out"),
        "metagpt has its coefficients from a formula, and nothing to be chosen on held-out rows: leave out +held-out"
    );
    assert_eq!(error("slerp(2)"), "slerp's parameter t is `2`, expected a number from 0 to 1");
    assert_eq!(error("arithmetic(c=1)"), "arithmetic has no parameter `c`: it takes coefficient=0.3");
    assert_eq!(error("metagpt(1)"), "metagpt has no parameter `1`: it takes none");
}

#[test]
fn choices_are_merges_with_a_value_each() {
    let choices = |text: &str| -> Vec<String> {
        text.parse::<Merge>().unwrap().choices().iter().map(Merge::to_string).collect()
    };
    assert_eq!(choices("arithmetic"), ["arithmetic"]);
    let tried = choices("ties(density=0.5)+held-out");
    assert_eq!((tried.len(), tried[0].as_str()), (10, "ties(density=0.5)"));
    assert!(tried.contains(&"ties(density=0.5,coefficient=0.2)".to_owned()));
    for rule in Merge::rules().iter().filter(|rule| rule.choice.is_some()) {
        let name = rule.about.name;
        let tried = choices(&format!("{name}+held-out"));
        assert_eq!(tried[0], name, "the default is preferred");
        // Every one is a merge that can be written.
        assert!(tried.iter().all(|choice| choice.parse::<Merge>().is_ok()), "{tried:?}");
    }
}

fn finite() -> impl Strategy<Value = f32> {
    any::<u32>().prop_map(f32::from_bits).prop_map(|x| if x.is_finite() { x } else { 1.5 })
}

/// As a trained model: of the size of parameters.
fn parameter() -> impl Strategy<Value = f32> {
    -2.0_f32..2.0
}

fn alike(count: Range<usize>) -> impl Strategy<Value = Vec<Vec<f32>>> {
    (1..40_usize).prop_flat_map(move |length| {
        prop::collection::vec(prop::collection::vec(parameter(), length), count.clone())
    })
}

proptest! {
    /// To the bit, whatever the values, where the formula's weights sum to 1.
    #[test]
    fn a_model_merged_with_itself_is_itself(
        model in prop::collection::vec(finite(), 1..30),
        base in prop::collection::vec(parameter(), 30),
        count in 1..6_usize,
        t in 0.0..1.0_f64,
        first in 0.0..9.0_f64,
    ) {
        let base = &base[..model.len()];
        let halves = 1_usize << (count % 3);
        for (method, count) in [
            ("average".to_owned(), count),
            (format!("average(first={first})"), count),
            ("metagpt".to_owned(), count),
            // Coefficients that sum to 1 exactly.
            (format!("arithmetic(coefficient={})", 1.0 / halves as f64), halves),
            (format!("slerp(t={t})"), 2),
        ] {
            let copies = vec![&model[..]; count];
            let found = merged(&method, Some(base), &copies).values;
            let plain = |values: &[f32]| values.iter().map(|x| if *x == 0.0 { 0.0 } else { *x }).collect::<Vec<_>>();
            prop_assert_eq!(bits(&plain(&found)), bits(&plain(&model)), "{}", method);
        }
    }

    /// Nearly, where the change is added to the base in place of weighed against it.
    #[test]
    fn a_whole_change_leads_to_the_model(models in alike(2..3)) {
        let [base, model] = &models[..] else { unreachable!("two were drawn") };
        for method in ["ties(density=1)", "dare(density=1,coefficient=1)", "dare-ties(density=1)"] {
            let found = merged(method, Some(base), &[model]).values;
            prop_assert!(found.iter().zip(model).all(|(a, b)| (a - b).abs() < 1e-6), "{method}: {found:?} {model:?}");
        }
    }

    #[test]
    fn the_order_of_models_does_not_matter(models in alike(4..5), a in 1..4_usize, b in 1..4_usize) {
        let (base, rest) = models.split_first().unwrap();
        let straight: Vec<&[f32]> = rest.iter().map(Vec::as_slice).collect();
        let mut turned = straight.clone();
        turned.swap(a - 1, b - 1);
        for method in ["average", "metagpt", "arithmetic(0.4)", "ties(density=0.5)"] {
            let [one, other] = [&straight, &turned].map(|models| merged(method, Some(base), models).values);
            prop_assert!(one.iter().zip(&other).all(|(a, b)| (a - b).abs() < 1e-5), "{method}: {one:?} {other:?}");
            // Of two, a sum has the same bits either way.
            let [one, other] = [[0, 1], [1, 0]].map(|[a, b]| merged(method, Some(base), &[straight[a], straight[b]]).values);
            prop_assert_eq!(bits(&one), bits(&other), "{}", method);
        }
    }

    /// Which values of a tensor lie where does not matter either.
    #[test]
    fn values_are_merged_by_their_place(models in alike(3..4), by in 1..40_usize) {
        let turned: Vec<Vec<f32>> = models.iter().map(|model| {
            let mut model = model.clone();
            let length = model.len();
            model.rotate_left(by % length);
            model
        }).collect();
        for method in ["average", "metagpt", "arithmetic", "ties", "slerp"] {
            let values = |of: &[Vec<f32>]| merged(method, Some(&of[0]), &[&of[1], &of[2]]).values;
            let mut expected = values(&models);
            let length = expected.len();
            expected.rotate_left(by % length);
            let found = values(&turned);
            prop_assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-5), "{method}");
        }
    }

    #[test]
    fn metagpt_shares_all_change(models in alike(2..6), scale in 0.01_f32..50.0) {
        let base = vec![0.0; models[0].len()];
        let of = |models: &[Vec<f32>]| {
            let models: Vec<&[f32]> = models.iter().map(Vec::as_slice).collect();
            merged("metagpt", Some(&base), &models).coefficients
        };
        let shares = of(&models);
        prop_assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let scaled: Vec<Vec<f32>> =
            models.iter().map(|model| model.iter().map(|x| x * scale).collect()).collect();
        prop_assert!(shares.iter().zip(of(&scaled)).all(|(a, b)| (a - b).abs() < 1e-5));
        let equal = of(&[models[0].clone(), models[0].iter().map(|x| -x).collect()]);
        prop_assert_eq!(equal, [0.5, 0.5]);
    }
}
