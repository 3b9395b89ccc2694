//! The figures, one file for each kind. A figure is a drawing with a sentence that says how to read it and a legend; both are
//! text of the page, so that they wrap and keep their size where the drawing shrinks. A figure without data is absent.

mod costs;
mod curves;
mod drawn;
mod gradients;
mod lines;
mod map;
mod passes;
mod ratio;
mod samplers;
mod scores;
mod size_curve;

pub(crate) use costs::costs;
pub(crate) use curves::curves;
pub(crate) use drawn::Figure;
pub(crate) use gradients::gradients;
pub(crate) use map::{better_than_single, mtl_or_stilts, target_passes};
pub(crate) use passes::passes;
pub(crate) use ratio::ratio;
pub(crate) use samplers::samplers;
pub(crate) use scores::scores;
pub(crate) use size_curve::{size_differences, size_scores};
