//! How the gradients of several tasks become the one that the optimiser takes.
//!
//! The one decision: a combination gives a coefficient for each task and nothing else. What it may look at follows from
//! the tasks' losses and from the inner products of their gradients, a matrix of tasks by tasks; so a method is a few
//! lines of algebra without parameters of the network, and is tested without one. A method is a file below, and a line in the
//! table of [`Combine`].
//!
//! Sources differ by a factor K, the number of tasks. Here a rule that its source derives for the mean of the losses is
//! multiplied by K, so that gradients which do not conflict are added, as without a rule; what a source normalises to a sum
//! of 1 stays so. Each file says which it is.

mod aligned_mtl;
mod cagrad;
mod cholesky;
mod combine;
mod dtp;
mod dwa;
mod eigen;
mod famo;
mod fixed;
mod geometric_mean;
mod gradnorm;
mod gradvac;
mod gram;
mod imtl_g;
mod learnt;
mod mgda;
mod nash;
mod pcgrad;
mod quadratic;
mod random;
mod rule;
mod scale_invariant;
mod sum;
mod uncertainty;
mod upgrad;

pub use combine::Combine;
pub use gram::Gram;
pub use rule::{Combination, Rule, TaskGradients, Weighs};

/// The rules, in the order in which they are listed; the first is the default.
static RULES: &[Rule] = &[
    sum::RULE,
    pcgrad::RULE,
    gradvac::RULE,
    nash::RULE,
    cagrad::RULE,
    mgda::RULE,
    imtl_g::RULE,
    aligned_mtl::RULE,
    upgrad::RULE,
    gradnorm::RULE,
    random::OF_GRADIENTS,
    random::OF_LOSSES,
    scale_invariant::RULE,
    geometric_mean::RULE,
    uncertainty::RULE,
    dwa::RULE,
    dtp::RULE,
    famo::RULE,
    fixed::RULE,
];
