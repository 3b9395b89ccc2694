//! Updates that look for flat minima: the gradient is taken not where the parameters are but at the steepest point of a small ball
//! around them, and the step is made from where they are.
//!
//! SAM (Foret et al. 2021, "Sharpness-Aware Minimization for Efficiently Improving Generalization", equation 2) climbs by `ρ g / ‖g‖`. ASAM (Kwon
//! et al. 2021, "ASAM: Adaptive Sharpness-Aware Minimization", equation 4) measures each parameter by its size: `ρ T²g / ‖Tg‖` with `T = |θ|`;
//! the small constant that its code adds to `T` is left out.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::about::{About, Parameter, Values, read};

/// An update by name, `sam` or `sam(rho=0.1)`: what differs from its defaults is in parentheses.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FlatMinima {
    about: &'static About,
    values: Values,
}

/// The updates, in the order in which they are listed.
static ALL: [About; 2] = [
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
];

impl FlatMinima {
    /// What is said of all of them, in the order of the documentation.
    pub fn all() -> &'static [About] {
        &ALL
    }

    /// Whether a text begins with the name of one.
    pub fn is_named_in(text: &str) -> bool {
        let name = text.split('(').next().unwrap_or(text).trim();
        ALL.iter().any(|about| about.name == name)
    }

    /// What is said of it.
    pub fn about(&self) -> &'static About {
        self.about
    }

    /// The ball's radius ρ, 0 or more.
    pub fn radius(&self) -> f64 {
        self.values[0]
    }

    /// Whether parameters are measured by their size.
    pub fn is_adaptive(&self) -> bool {
        self.about.name == "asam"
    }
}

impl PartialEq for FlatMinima {
    fn eq(&self, other: &Self) -> bool {
        (self.about.name, self.values) == (other.about.name, other.values)
    }
}

impl fmt::Display for FlatMinima {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.about.written(&self.values))
    }
}

impl FromStr for FlatMinima {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (about, values) = read("method", text, &ALL, |about| about)?;
        Ok(Self { about, values })
    }
}

impl TryFrom<String> for FlatMinima {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<FlatMinima> for String {
    fn from(flat: FlatMinima) -> String {
        flat.to_string()
    }
}
