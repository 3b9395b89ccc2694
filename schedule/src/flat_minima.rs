//! Updates that look for flat minima: the gradient is taken not where the parameters are but at the steepest point of a small ball
//! around them, and the step is made from where they are.
//!
//! SAM (Foret et al. 2021, "Sharpness-Aware Minimization for Efficiently Improving Generalization", equation 2) climbs by `ρ g / ‖g‖`. ASAM (Kwon
//! et al. 2021, "ASAM: Adaptive Sharpness-Aware Minimization", equation 4) measures each parameter by its size: `ρ T²g / ‖Tg‖` with `T = |θ|`;
//! the small constant that its code adds to `T` is left out. FS-MTL (Phan et al. 2022, "Improving Multi-task Learning via Seeking Task-based
//! Flat Regions") climbs for each task by itself.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::about::{About, Chosen, Parameter};
use crate::{Error, spelled};

/// An update by name, `sam` or `sam(rho=0.1)`: what differs from its defaults is in parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FlatMinima(Chosen);

/// The updates, in the order in which they are listed.
static ALL: [About; 3] = [
    About {
        name: "sam",
        summary: "steps by the gradient at the steepest point of a small ball",
        source: "Foret et al., ICLR 2021",
        explanation: "Sharpness-aware minimisation climbs a little along the gradient, takes the gradient there, returns, and steps by it: \
                      minima around which the loss stays low are preferred. Each step makes a second forward and backward pass over \
                      the same rows, with the same dropout. With several tasks the climb is along their combined gradient. At equal \
                      cost plain training makes twice the steps: compare with that.",
        parameters: &[Parameter {
            name: "rho",
            default: 0.05,
            range: 0.0..=100.0,
            whole: false,
            meaning: "the ball's radius",
        }],
        passes: 2.0,
    },
    About {
        name: "asam",
        summary: "as sam, with each parameter measured by its size",
        source: "Kwon et al., ICML 2021",
        explanation: "Adaptive sharpness-aware minimisation is SAM in a ball that is wide along large parameters and narrow along small ones, so \
                      that scaling a layer up and the next one down changes nothing. Its radius is larger than SAM's.",
        parameters: &[Parameter {
            name: "rho",
            default: 0.5,
            range: 0.0..=100.0,
            whole: false,
            meaning: "the ball's radius, as a share of the parameters",
        }],
        passes: 2.0,
    },
    About {
        name: "fs-mtl",
        summary: "each task climbs by itself; gradients and what the climbs add are combined apart",
        source: "Phan et al., arXiv 2211.13723, 2022",
        explanation: "FS-MTL looks for a region that is flat for every task. Each task climbs along its own gradient g, the encoder and the \
                      task's head each within a ball of their own, and takes its gradient there. The arm's rule combines the tasks' \
                      gradients g, and apart from them what the climbs added to them; the sum of both is the step's gradient. A rule that \
                      weighs losses weighs both alike. A head steps by its own task's gradient up there. A step that has rows of one task is \
                      a step of asam, or of sam with adaptive=0.",
        parameters: &[
            Parameter {
                name: "rho",
                default: 2.0,
                range: 0.0..=100.0,
                whole: false,
                meaning: "each ball's radius",
            },
            Parameter {
                name: "adaptive",
                default: 1.0,
                range: 0.0..=1.0,
                whole: true,
                meaning: "1 to measure parameters by their size as asam, 0 as sam, which takes a smaller rho",
            },
        ],
        passes: 2.0,
    },
];

impl FlatMinima {
    /// All of them with their defaults, in the order of the documentation.
    pub fn all() -> impl Iterator<Item = FlatMinima> {
        ALL.iter().map(|about| Self(Chosen::with_defaults(about)))
    }

    /// Whether a text begins with the name of one.
    pub fn is_named_in(text: &str) -> bool {
        Chosen::is_named_in(text, &ALL)
    }

    /// What is said of it.
    pub fn about(&self) -> &'static About {
        self.0.about
    }

    /// The ball's radius ρ, 0 or more.
    pub fn radius(&self) -> f64 {
        self.0.values[0]
    }

    /// Whether parameters are measured by their size.
    pub fn is_adaptive(&self) -> bool {
        match self.0.about.name {
            "fs-mtl" => self.0.values[1] == 1.0,
            name => name == "asam",
        }
    }

    /// Whether each task of a step climbs by itself.
    pub fn is_of_each_task(&self) -> bool {
        self.0.about.name == "fs-mtl"
    }
}

impl fmt::Display for FlatMinima {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for FlatMinima {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Chosen::read("method", text, &ALL).map(Self)
    }
}

spelled!(FlatMinima);
