//! When and on what a model trains: the learning rate of each step, the rows of each batch, the steps after which to
//! evaluate, and which evaluation to keep.
//!
//! The one decision behind the crate: **a run is a function of its settings, a generator and the step index**. Nothing
//! here counts along, reads a clock or keeps a position, so a run that resumes at step `k` asks for step `k` and gets
//! what an uninterrupted one got. The only state is [`Selection`] and the rows that a [`Mixture`] has consumed, which a
//! checkpoint stores.
//!
//! ```
//! use mtlift_schedule::{EvaluationPoints, LearningRate, Mix, Mixture, Shape};
//! use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
//!
//! let mixture = Mixture::check(Mix::default(), &[2490], 0, 32, 3)?; // one task, RTE, for 3 epochs
//! let total_steps = 3 * mixture.first_steps();
//! let learning_rate = LearningRate::check(Shape::Linear, 5e-5, 0.06, total_steps)?;
//! let evaluations = EvaluationPoints::check(0.5, mixture.first_steps(), total_steps)?;
//!
//! assert_eq!(total_steps, 234);
//! assert_eq!(learning_rate.at(14), 5e-5); // 14 steps of warm-up lead to the peak
//! assert!(evaluations.is_due(39) && !evaluations.is_due(40));
//!
//! // The second epoch: it needs the rows drawn before it, and a generator of its own for each name.
//! let epoch = mixture.epoch(1, &[2490], None, |_name| ChaCha8Rng::seed_from_u64(42));
//! assert_eq!(epoch.batch(0).len(), 32);
//! assert_eq!(epoch.batch(77).len(), 26); // the last batch holds what is left
//! # Ok::<(), mtlift_schedule::Error>(())
//! ```

mod about;
mod adapt;
mod allotment;
mod architecture;
mod arm;
mod arm_spec;
mod auxiliary;
mod balanced_rows;
mod batch_kind;
mod combination;
mod distillation;
mod epoch;
mod error;
mod evaluation;
mod exposure;
mod flat_minima;
mod label_table;
mod learning_rate;
mod merging;
mod mixture;
mod names;
mod near;
mod passes;
mod phase;
mod realised;
mod rebalance;
mod sampler;
mod selection;
mod self_training;
mod split;
mod spread;
mod step_loss;
mod weight_average;

pub use about::{About, Parameter};
pub use adapt::Adapt;
pub use allotment::allotments;
pub use architecture::Architecture;
pub use arm::Arm;
pub use arm_spec::{ArmSpec, unknown_method};
pub use auxiliary::{Auxiliary, Consistency};
pub use balanced_rows::BalancedRows;
pub use batch_kind::BatchKind;
pub use combination::{Combination, Combine, Gram, Rule, TaskGradients, Weighs};
pub use distillation::Distillation;
pub use epoch::{Epoch, Row};
pub use error::Error;
pub use evaluation::EvaluationPoints;
pub use exposure::Exposure;
pub use flat_minima::FlatMinima;
pub use label_table::LabelTable;
pub use learning_rate::{LearningRate, Shape};
pub use merging::{
    Choice, Draws, InputGram, Look, LooksAt, Merge, MergeRule, Merged, Models, Standing, Statistics,
};
pub use mixture::{EpochPlan, Mix, Mixture, StreamName};
pub(crate) use names::spelled;
pub use passes::in_passes;
pub use phase::{Duration, HeadStart, Objective, Pace, Phase, PhaseDefaults};
pub use realised::Realised;
pub use rebalance::Rebalance;
pub use sampler::Sampler;
pub use selection::{Best, Offer, Selection};
pub use self_training::{Filter, FilterCounts, Filtered, GoldRows, Infilling, LabelledRow, SelfTraining};
pub use split::split_list;
pub use step_loss::StepLoss;
pub use weight_average::WeightAverage;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
