//! Model = encoder + heads; a step, the loop, evaluation, checkpoints, export, and the proof against references.

mod batch;
mod network;
mod step;

pub use batch::PackedBatch;
pub use network::{Network, Workspace};
pub use step::{StepReport, Trainer, TrainingRows};
