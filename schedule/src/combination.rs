//! How the gradients of several tasks become the one that the optimiser takes.
//!
//! The one decision: a combination gives a coefficient for each task and nothing else. What it may look at follows from
//! the tasks' losses and from the inner products of their gradients, a matrix of tasks by tasks; so a method is a few
//! lines of algebra without parameters, and is tested without a network. A method is a file below, and a line in the
//! table of [`Combine`].

mod gradvac;
mod gram;
mod pcgrad;
mod rule;

use serde::{Deserialize, Serialize};

use crate::named;

pub use gram::Gram;
pub use rule::{Combination, TaskGradients};

/// The combinations by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Combine {
    /// The weighted sum of the losses has one gradient, which takes one backward pass.
    #[default]
    Sum,
    /// Projecting conflicting gradients (Yu et al. 2020).
    Pcgrad,
    /// Gradient vaccine (Wang et al. 2021).
    Gradvac,
}

named!(Combine, "combination", Sum => "sum", Pcgrad => "pcgrad", Gradvac => "gradvac");

impl Combine {
    /// The rule; none where the gradients are only added.
    pub fn rule(self) -> Option<&'static dyn Combination> {
        match self {
            Combine::Sum => None,
            Combine::Pcgrad => Some(&pcgrad::Pcgrad),
            Combine::Gradvac => Some(&gradvac::Gradvac),
        }
    }
}
