//! When and on what a model trains: the learning rate of each step, the rows of each batch, the steps after which to
//! evaluate, and which evaluation to keep.
//!
//! The one decision behind the crate: **a run is a function of its settings, a generator and the step index**. Nothing
//! here counts along, reads a clock or keeps a position, so a run that resumes at step `k` asks for step `k` and gets
//! what an uninterrupted one got. The only state is [`Selection`], which a checkpoint stores.
//!
//! ```
//! use mtlift_schedule::{EvaluationPoints, LearningRate, Order, Shape};
//! # use rand::{RngCore, rand_core::impls};
//! # struct Weyl(u64);
//! # impl RngCore for Weyl {
//! #     fn next_u32(&mut self) -> u32 { (self.next_u64() >> 32) as u32 }
//! #     fn next_u64(&mut self) -> u64 { self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15); self.0 }
//! #     fn fill_bytes(&mut self, bytes: &mut [u8]) { impls::fill_bytes_via_next(self, bytes) }
//! # }
//! # let mut rng = Weyl(42);
//!
//! let order = Order::check(&[2490], 32)?; // one task: RTE
//! let total_steps = 3 * order.steps_per_epoch();
//! let learning_rate = LearningRate::check(Shape::Linear, 5e-5, 0.06, total_steps)?;
//! let evaluations = EvaluationPoints::check(0.5, order.steps_per_epoch(), total_steps)?;
//!
//! assert_eq!(total_steps, 234);
//! assert_eq!(learning_rate.at(14), 5e-5); // 14 steps of warm-up lead to the peak
//! assert!(evaluations.is_due(39) && !evaluations.is_due(40));
//! assert_eq!(order.epoch(&mut rng).batch(77).len(), 26); // the last batch holds the remainder
//! # Ok::<(), mtlift_schedule::Error>(())
//! ```

mod error;
mod evaluation;
mod learning_rate;
mod order;
mod selection;

pub use error::Error;
pub use evaluation::EvaluationPoints;
pub use learning_rate::{LearningRate, Shape};
pub use order::{Epoch, Order, Row};
pub use selection::{Best, Offer, Selection};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
