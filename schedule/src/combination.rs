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
mod scale_invariant;

use serde::{Deserialize, Serialize};

use crate::named;

pub use gram::Gram;
pub use rule::{Combination, TaskGradients};

/// Makes the enum of the rules, their names and their lookup out of one line for each.
macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident => $name:literal, $at:path;)+) => {
        /// The combinations by name.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Combine {
            /// The weighted sum of the losses has one gradient, which takes one backward pass.
            #[default]
            Sum,
            $($(#[$doc])* $rule,)+
        }

        named!(Combine, "combination", Sum => "sum", $($rule => $name),+);

        impl Combine {
            /// The rule; none where the gradients are only added.
            pub fn rule(self) -> Option<&'static dyn Combination> {
                match self {
                    Combine::Sum => None,
                    $(Combine::$rule => Some(&$at),)+
                }
            }
        }
    };
}

rules! {
    /// Projecting conflicting gradients (Yu et al. 2020).
    Pcgrad => "pcgrad", pcgrad::Pcgrad;
    /// Gradient vaccine (Wang et al. 2021).
    Gradvac => "gradvac", gradvac::Gradvac;
    /// The sum of the logarithms of the losses (Navon et al. 2022).
    ScaleInvariant => "scale-invariant", scale_invariant::ScaleInvariant;
}
