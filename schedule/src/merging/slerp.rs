//! Two models along the arc between them, tensor by tensor. Shoemake, "Animating rotation with quaternion curves", SIGGRAPH 1985,
//! as mergekit does it to models.

use std::ops::Range;

use super::rule::{Choice, MergeRule, Merged, Models, Standing};
use crate::about::{About, Parameter};

/// Tensors whose directions have a cosine beyond this lie on a line: the arc would divide by its sine.
const STRAIGHT: f64 = 0.9995;
/// A tensor that is shorter has no direction, and there is no arc from or to it.
const SHORTEST: f64 = 1e-8;

pub(super) const RULE: MergeRule = MergeRule {
    about: About {
        name: "slerp",
        summary: "a point on the arc between two models",
        source: "Shoemake, SIGGRAPH 1985, as mergekit 0.1.5 merges models",
        explanation: "Spherical interpolation of each tensor: the lengths of tensors are not shortened as they are by a mean. It takes two \
                      models and does not look at what they started from. No paper proposes it for models.",
        parameters: &[Parameter {
            name: "t",
            default: 0.5,
            range: 0.0..=1.0,
            whole: false,
            meaning: "how far from the first model to the second",
        }],
        passes: 0.0,
    },
    standing: Standing::Analogue,
    needs_base: false,
    looks_at: None,
    takes: Some(2),
    choice: Some(Choice { place: 0, values: &[0.5, 0.4, 0.3, 0.2, 0.1, 0.6, 0.7, 0.8, 0.9] }),
    merge: |values, models, _| {
        let mut merged = models.zeros();
        for tensor in models.tensors {
            interpolate(models, tensor, values[0], &mut merged[tensor.clone()]);
        }
        Merged { values: merged, coefficients: Vec::new() }
    },
};

fn interpolate(models: &Models<'_>, tensor: &Range<usize>, t: f64, merged: &mut [f32]) {
    let [first, second] = [0, 1].map(|model: usize| &models.models[model][tensor.clone()]);
    let length = |values: &[f32]| values.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
    let (of_first, of_second) = (length(first), length(second));
    let product = |(&a, &b): (&f32, &f32)| (f64::from(a) / of_first) * (f64::from(b) / of_second);
    let has_arc = of_first.min(of_second) > SHORTEST;
    let cosine = if has_arc { first.iter().zip(second).map(product).sum::<f64>() } else { 1.0 };
    let [from, to] = if cosine.abs() > STRAIGHT {
        [1.0 - t, t]
    } else {
        let angle = libm::acos(cosine);
        [1.0 - t, t].map(|share| libm::sin(share * angle) / libm::sin(angle))
    };
    for ((merged, &a), &b) in merged.iter_mut().zip(first).zip(second) {
        *merged = (from * f64::from(a) + to * f64::from(b)) as f32;
    }
}
