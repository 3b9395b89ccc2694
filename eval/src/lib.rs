//! What predictions are worth: the GLUE metrics, each task's headline score, and names for runs that went flat. And what
//! a difference between two ways of training is worth, given a few seeds and a small dev set: [`compare`].
//!
//! The one decision behind the crate: **a score is always a finite number**. Where a formula is undefined the value
//! is a stated convention and the score says which, so a collapsed run is ranked, stored and warned about by name
//! instead of spreading NaN.
//!
//! ```
//! use mtlift_eval::{Metric, Outcome, TaskMetrics};
//!
//! let mrpc = TaskMetrics::check(&[Metric::Accuracy, Metric::F1])?;
//! let outcome = Outcome::classes(&[1, 0, 1, 1], &[1, 0, 0, 1], 2, 1)?;
//! let scores = mrpc.score(&outcome)?;
//! assert!((scores.headline() - (0.75 + 0.8) / 2.0).abs() < 1e-12);
//! assert_eq!(scores.degenerate(), None);
//! # Ok::<(), mtlift_eval::Error>(())
//! ```
//!
//! # Where the formulas are undefined
//!
//! | case | here | named | scikit-learn 1.9, SciPy 1.17 |
//! | --- | --- | --- | --- |
//! | MCC, all references one class | 0 | [`Degenerate::OneClassReference`] | 0, silently |
//! | MCC, all predictions one class | 0 | [`Degenerate::OneClassPredicted`] | 0, silently |
//! | F1, positive class neither predicted nor true | 0 | [`Degenerate::PositiveAbsent`] | 0 with a warning (`zero_division`) |
//! | F1, positive class true but never predicted | 0 | (the formula's value) | 0 |
//! | Pearson, Spearman, reference constant | 0 | [`Degenerate::ConstantReference`] | NaN with a warning |
//! | Pearson, Spearman, prediction constant | 0 | [`Degenerate::ConstantPrediction`] | NaN with a warning |
//! | Pearson, Spearman, one row | 0 | [`Degenerate::ConstantReference`] | an exception; NaN |
//! | worst group, no row of a group that can be it (in a resample) | the accuracy of all rows | | |
//! | any metric, no rows | [`Error::Empty`] | | an exception; NaN from Spearman |
//!
//! Where both sides are at fault the reference is named: no model could have scored there.
//!
//! # Choices among defined values
//!
//! * **F1** is that of one class against the rest. With two labels it is scikit-learn's `average="binary"`; with more,
//!   where that raises, it is `labels=[positive], average=None`.
//! * **Macro-F1** averages over the labels that occur in the reference or the predictions, as scikit-learn does by
//!   default. A label of the task that occurs in neither is left out, not counted as 0.
//! * **MCC** for any number of labels is Gorodkin's R_K, as in scikit-learn.
//! * **Spearman** is Pearson of the ranks, ties sharing their mean rank, as in SciPy.

mod error;
mod metrics;
mod size_rule;
mod statistics;

pub use error::Error;
pub use metrics::{
    ChosenThreshold, Degenerate, GroupScore, GroupScores, Groups, Judged, Kind, LEAST_GROUP_ROWS, Metric,
    Outcome, Score, Scores, TaskMetrics, choose_threshold,
};
pub use size_rule::{Rule, RuleCell, RuleScore, Strategy, score_rules, size_rule};
pub use statistics::{
    ArmPosterior, BetterOf, ClusteredSlope, Comparison, Components, Fit, Look, Options, Plan, PooledT,
    Posterior, SeedsNeeded, SeedsRange, Sequential, Standing, benjamini_hochberg, better_of, clustered_slope,
    compare, compare_at_looks, compare_shares_at_looks, contrast, crossing, holm, linear_fit, pooled_t,
    pooled_t_of, posterior, score_interval, seeds_needed, seeds_range, test_at_looks, wilson,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
