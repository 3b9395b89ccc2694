//! What is said of the gradients of an arm's tasks: means alone.

use serde::Serialize;

use crate::findings::{Along, GradientPair, Gradients, TaskGradient};

#[derive(Serialize)]
pub(super) struct Together<'a> {
    tasks: Vec<Task<'a>>,
    pairs: Vec<Pair<'a>>,
}

#[derive(Serialize)]
struct Task<'a> {
    task: &'a str,
    weight: Option<f64>,
    norm: Option<f64>,
    adversary_accuracy: Option<f64>,
}

#[derive(Serialize)]
struct Pair<'a> {
    tasks: &'a [String; 2],
    cosine: f64,
    opposed: f64,
}

impl<'a> Together<'a> {
    pub(super) fn of(gradients: &'a Gradients) -> Self {
        let mean = |along: &Option<Along>| along.as_ref().map(|along| along.mean);
        let task = |of: &'a TaskGradient| Task {
            task: &of.task,
            weight: mean(&of.weight),
            norm: mean(&of.norm),
            adversary_accuracy: mean(&of.adversary_accuracy),
        };
        let pair = |GradientPair { tasks, cosine, opposed }: &'a GradientPair| Pair {
            tasks,
            cosine: cosine.mean,
            opposed: *opposed,
        };
        Self {
            tasks: gradients.tasks.iter().map(task).collect(),
            pairs: gradients.pairs.iter().map(pair).collect(),
        }
    }
}
