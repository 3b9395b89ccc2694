//! From the headlines of a few seeds on a small dev set to what they say of others: weighted sums of arms, their tests and
//! intervals, lines and shares. It knows models as [`Judged`](crate::Judged) alone, not by which metric they were judged.

mod bootstrap;
mod comparison;
mod corrections;
mod crossed;
mod distributions;
mod fieller;
mod linear_fit;
mod mixed_model;
pub(crate) mod options;
mod pooled_t;
mod probability_best;
mod seeds_needed;
mod sign_flip;
pub(crate) mod wilson;

pub use comparison::{Comparison, compare, contrast, score_interval};
pub use corrections::{benjamini_hochberg, holm};
pub use fieller::crossing;
pub use linear_fit::{Fit, linear_fit};
pub use mixed_model::Components;
pub use options::Options;
pub use pooled_t::{PooledT, pooled_t, pooled_t_of};
pub use probability_best::probability_best;
pub use seeds_needed::{SeedsNeeded, seeds_needed};
pub use wilson::wilson;
