//! Averages of a run's own weights: what is evaluated, selected and exported is not where the steps have led but the mean of where they have
//! been. Steps are made as without.
//!
//! The one decision: an average is a share of each step's parameters, which is a function of the step. So a run carries the average
//! and nothing else, and a checkpoint is resumed to the bit.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::about::{About, Chosen, Parameter};
use crate::{Error, spelled};

/// An average by name, `ema` or `swa(start=0.75)`: what differs from its defaults is in parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WeightAverage(Chosen);

/// The averages, in the order in which they are listed.
static ALL: [About; 2] = [
    About {
        name: "swa",
        summary: "the mean of the weights of all steps from some step on",
        source: "Izmailov et al., UAI 2018; Polyak and Juditsky 1992",
        explanation: "Stochastic weight averaging: from a share of the planned steps on, the mean of the parameters after each step is evaluated and \
                      exported; before, the parameters themselves. The paper averages once an epoch at a constant or cyclic rate; here it is every \
                      step at the run's own falling rate, which is an analogue. A run that ends by patience before the start averages nothing.",
        parameters: &[Parameter {
            name: "start",
            default: 0.5,
            range: 0.0..=1.0,
            whole: false,
            meaning: "the share of the planned steps before it begins",
        }],
        passes: 1.0,
    },
    About {
        name: "ema",
        summary: "a moving mean of the weights, in which old steps fade",
        source: "Polyak and Juditsky 1992, with the warm-up of TensorFlow's ExponentialMovingAverage",
        explanation: "After step t the mean keeps the share min(decay, (1 + t)/(10 + t)) of what it was, and the rest is the parameters of the step. \
                      So early steps are soon forgotten, and in a run of a few hundred steps about the last tenth counts.",
        parameters: &[Parameter {
            name: "decay",
            default: 0.999,
            range: 0.0..=1.0,
            whole: false,
            meaning: "the most that the mean keeps of itself in a step",
        }],
        passes: 1.0,
    },
];

impl WeightAverage {
    /// What is said of all of them, in the order of the documentation.
    pub fn all() -> &'static [About] {
        &ALL
    }

    /// Whether a text begins with the name of one.
    pub fn is_named_in(text: &str) -> bool {
        Chosen::is_named_in(text, &ALL)
    }

    /// What is said of it.
    pub fn about(&self) -> &'static About {
        self.0.about
    }

    /// The share, in `[0, 1]`, of the average that is the parameters after step `step`, from 1, of `total` that are planned. After
    /// the first step that is 1 or the average is what training began with.
    pub fn share(&self, step: u64, total: u64) -> f64 {
        let value = self.0.values[0];
        if self.0.about.name == "ema" {
            let step = step as f64;
            return 1.0 - value.min((1.0 + step) / (10.0 + step));
        }
        let before = (value * total as f64) as u64;
        1.0 / step.saturating_sub(before).max(1) as f64
    }
}

impl fmt::Display for WeightAverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for WeightAverage {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Chosen::read("method", text, &ALL).map(Self)
    }
}

spelled!(WeightAverage);
