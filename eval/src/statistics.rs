//! From the headlines of a few seeds on a small dev set to what they say of others: weighted sums of arms, their tests and
//! intervals, lines and shares. It knows models as [`Judged`](crate::Judged) alone, not by which metric they were judged.

mod bootstrap;
mod boundary;
mod cholesky;
mod comparison;
mod corrections;
mod crossed;
mod distributions;
mod fieller;
mod linear_fit;
mod looks;
mod mean_test;
mod mixed_model;
pub(crate) mod options;
mod plan;
mod pooled_t;
mod posterior;
mod seeds_needed;
mod sequential;
mod sign_flip;
mod spread;
mod widths;
pub(crate) mod wilson;

pub use comparison::{Comparison, compare, contrast, score_interval};
pub use corrections::{benjamini_hochberg, holm};
pub use fieller::crossing;
pub use linear_fit::{ClusteredSlope, Fit, clustered_slope, linear_fit};
pub use looks::{Look, test_at_looks};
pub use mixed_model::Components;
pub use options::Options;
pub use plan::Plan;
pub use pooled_t::{PooledT, pooled_t, pooled_t_of};
pub use posterior::{ArmPosterior, Posterior, posterior};
pub use seeds_needed::{SeedsNeeded, SeedsRange, seeds_needed, seeds_range};
pub use sequential::{BetterOf, Sequential, Standing, better_of, compare_at_looks, compare_shares_at_looks};
pub use wilson::wilson;
