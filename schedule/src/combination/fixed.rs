//! Fixed weights of the target's loss and of every other task's: what a search over weights tries. `--task-weights` gives
//! each task its own.

use rand::RngCore;

use super::rule::{Combination, Rule, TaskGradients, Weighs};
use crate::about::{About, Parameter};

pub(super) const RULE: Rule = Rule {
    about: About {
        name: "fixed",
        summary: "fixed weights of the target's loss and of the others'",
        source: "plain scalarisation",
        explanation: "The target's loss counts `target`, that of every other task `supports`. With the defaults the supports count half. \
                      Where all targets share a mixed run, each has its own with these weights. To weigh each task by itself, use \
                      --task-weights.",
        parameters: &[
            Parameter {
                name: "target",
                default: 1.0,
                range: 1e-6..=1e6,
                whole: false,
                meaning: "the target's weight",
            },
            Parameter {
                name: "supports",
                default: 0.5,
                range: 0.0..=1e6,
                whole: false,
                meaning: "every other task's weight",
            },
        ],
        passes: 1.0,
    },
    weighs: Weighs::Losses,
    make: Some(|&[target, supports, ..]| Box::new(Fixed { target, supports })),
};

/// The rule; it keeps no state.
struct Fixed {
    target: f64,
    supports: f64,
}

impl Combination for Fixed {
    fn weighs(&self) -> Weighs {
        Weighs::Losses
    }

    fn coefficients(&self, step: &dyn TaskGradients, _: &mut [f64], _: &mut dyn RngCore) -> Vec<f64> {
        step.tasks().iter().map(|&task| if task == 0 { self.target } else { self.supports }).collect()
    }

    fn knows_target(&self) -> bool {
        true
    }
}
