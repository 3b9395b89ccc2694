//! How several models become one without training: a rule a file, and the table of them.
//!
//! The one decision: models are vectors that lie alike, with the ranges of their tensors, and a rule is a function of them, of its
//! parameters, of named draws and of what rows say of each model, in numbers. So a rule knows no file and no network, and what is merged (here: encoders) is its caller's choice.

mod arithmetic;
mod average;
mod dare;
mod fisher;
mod merge;
mod metagpt;
mod regmean;
mod rule;
mod slerp;
mod solve;
mod statistics;
mod ties;
mod weighted;

pub use merge::Merge;
pub use rule::{Choice, Draws, MergeRule, Merged, Models, Standing};
pub use statistics::{InputGram, Look, LooksAt, Statistics};

/// The rules, in the order in which they are listed.
static RULES: [MergeRule; 9] = [
    metagpt::RULE,
    average::RULE,
    arithmetic::RULE,
    ties::RULE,
    dare::RULE,
    dare::TIES_RULE,
    slerp::RULE,
    fisher::RULE,
    regmean::RULE,
];
