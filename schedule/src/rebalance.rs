//! Which rows of a task count more, for the sake of those that are rare: by their groups, or by what a first short run gets wrong. The
//! baselines of every method that is to help the worst group.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::about::{About, Chosen, Parameter};
use crate::{Error, spelled};

/// A method by name, `group-balanced` or `jtt(epochs=2)`: what differs from its defaults is in parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rebalance(Chosen);

/// The methods, in the order in which they are listed.
static ALL: [About; 2] = [
    About {
        name: "group-balanced",
        summary: "draws rows of every group equally often",
        source: "Idrissi et al., CLeaR 2022 (RWG); Sagawa et al., ICLR 2020",
        explanation: "Each epoch has as many rows as training has, and as many of one group as of another: of a large group only a part, of a \
                      small one some rows several times. A group's rows run on from epoch to epoch, so that all come before one comes again. \
                      It needs the groups of training rows.",
        parameters: &[],
        passes: 1.0,
    },
    About {
        name: "jtt",
        summary: "rows that a first short run gets wrong weigh more in a second",
        source: "Liu et al., ICML 2021",
        explanation: "Just Train Twice: a model of the same seed is trained for a few epochs, and the training rows that it gets wrong weigh more \
                      in a second run, which begins anew. Groups of training rows are not needed. The weights are those of the paper's \
                      objective, scaled to a mean of 1 over a step's rows; its code repeats the rows instead, which makes epochs longer. The \
                      first run has the arm's settings and a schedule of its own, and its last step's model counts.",
        parameters: &[
            Parameter {
                name: "epochs",
                default: 1.0,
                range: 1.0..=1000.0,
                whole: true,
                meaning: "the epochs of the first run",
            },
            Parameter {
                name: "upweight",
                default: 5.0,
                range: 1.0..=1000.0,
                whole: false,
                meaning: "what a row weighs that the first run gets wrong, where others weigh 1",
            },
        ],
        passes: 1.0,
    },
];

impl Rebalance {
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

    /// Of a method that trains twice the epochs of the first run, and what a row weighs that it gets wrong.
    pub fn twice(&self) -> Option<(u32, f64)> {
        (self.0.about.name == "jtt").then(|| (self.0.values[0] as u32, self.0.values[1]))
    }
}

impl fmt::Display for Rebalance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Rebalance {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Chosen::read("method", text, &ALL).map(Self)
    }
}

spelled!(Rebalance);
