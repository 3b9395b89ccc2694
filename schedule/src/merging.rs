//! How several models become one without training: a rule a file, and the table of them.
//!
//! The one decision: models are vectors that lie alike, with the ranges of their tensors, and a rule is a function of them, of its
//! parameters and of named draws. So a rule knows no file and no network, and what is merged (here: encoders) is its caller's choice.

mod arithmetic;
mod average;
mod dare;
mod merge;
mod metagpt;
mod rule;
mod slerp;
mod ties;
mod weighted;

pub use merge::Merge;
pub use rule::{Choice, Draws, MergeRule, Merged, Models, Standing};

/// The rules, in the order in which they are listed.
static RULES: [MergeRule; 7] =
    [metagpt::RULE, average::RULE, arithmetic::RULE, ties::RULE, dare::RULE, dare::TIES_RULE, slerp::RULE];
