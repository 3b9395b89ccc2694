//! Trim, elect signs, merge what agrees. Yadav et al., "TIES-merging: resolving interference when merging models", NeurIPS 2023,
//! section 3. The paper trims a model's change as a whole, mergekit tensor by tensor: here as mergekit, so that small tensors keep
//! their part.

use super::rule::{Choice, MergeRule, Merged, Models, Standing};
use crate::about::{About, Parameter};

pub(super) const RULE: MergeRule = MergeRule {
    about: About {
        name: "ties",
        summary: "keeps the largest changes, and of those the ones that agree in sign",
        source: "Yadav et al., NeurIPS 2023",
        explanation: "Of each model's change only the largest values stay. For each parameter the sign of their sum is elected, and the mean \
                      of the values with that sign is added to the model that all started from. As in mergekit, values are trimmed tensor by \
                      tensor; the paper trims a model as a whole.",
        parameters: &[
            Parameter { default: 0.2, ..DENSITY },
            Parameter {
                default: 1.0,
                meaning: "what the merged change counts",
                ..super::arithmetic::COEFFICIENT
            },
        ],
        passes: 0.0,
    },
    standing: Standing::Reconstruction,
    needs_base: true,
    looks_at: None,
    takes: None,
    choice: Some(SCALES),
    merge: |&[density, coefficient, ..], models, _| {
        merge_agreeing(models, coefficient, |_, _, change| trim(change, density))
    },
};

/// The share of values that stays.
pub(super) const DENSITY: Parameter = Parameter {
    name: "density",
    default: 0.55,
    range: 0.0..=1.0,
    whole: false,
    meaning: "the share of each tensor's values that stays",
};

/// What the merged change is tried to count; the second parameter.
pub(super) const SCALES: Choice =
    Choice { place: 1, values: &[1.0, 0.8, 0.6, 0.4, 0.2, 1.2, 1.4, 1.6, 1.8, 2.0] };

/// base + `coefficient` times the mean of those changes that have the sign of their sum, after `thin` has thinned each tensor's
/// change.
pub(super) fn merge_agreeing(
    models: &Models<'_>,
    coefficient: f64,
    thin: impl Fn(usize, usize, &mut [f64]),
) -> Merged {
    let mut values = models.zeros();
    for (place, tensor) in models.tensors.iter().enumerate() {
        let changes: Vec<Vec<f64>> = (0..models.models.len())
            .map(|model| {
                let mut change = models.change(model, tensor);
                thin(model, place, &mut change);
                change
            })
            .collect();
        for (at, to) in tensor.clone().enumerate() {
            let of_models = changes.iter().map(|change| change[at]);
            let sign = if of_models.clone().sum::<f64>() >= 0.0 { 1.0 } else { -1.0 };
            let agreeing = of_models.filter(|change| change * sign > 0.0);
            let (sum, count) = agreeing.fold((0.0, 0.0), |(sum, count), change| (sum + change, count + 1.0));
            let mean = if count > 0.0 { sum / count } else { 0.0 };
            values[to] = (f64::from(models.started()[to]) + coefficient * mean) as f32;
        }
    }
    Merged { values, coefficients: Vec::new() }
}

/// Sets all to zero but the share of the values that are largest, at least one; of equal ones the first stay.
fn trim(change: &mut [f64], density: f64) {
    let kept = ((density * change.len() as f64) as usize).max(1);
    if kept >= change.len() {
        return;
    }
    // As float32, which is what models are of: what differs by less is equal.
    let size = |place: usize| (change[place] as f32).abs();
    let mut places: Vec<usize> = (0..change.len()).collect();
    places.select_nth_unstable_by(kept, |&a, &b| size(b).total_cmp(&size(a)).then(a.cmp(&b)));
    places[kept..].iter().for_each(|&place| change[place] = 0.0);
}
