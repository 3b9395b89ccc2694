//! Model = encoder + heads; a step, the loop, evaluation, checkpoints, export, and the proof against references.

mod batch;
mod data;
mod differences;
mod error;
mod head;
mod mixing;
mod model;
mod network;
mod predict;
mod run;
mod settings;
mod step;
mod trained;
mod verify;

pub use batch::PackedBatch;
pub use data::{Reader, Rows, TrainingData};
pub use differences::differences;
pub use error::Error;
pub use head::{Origin, TaskHead};
pub use mixing::{HeadSharing, Mixing};
pub use model::{Model, export};
pub use network::{Network, Workspace};
pub use predict::{Predictions, logits, predictions_to, write_predictions};
pub use run::{
    EvaluationRecord, Job, JobTask, NUMERICS, Observer, Outcome, Rehearsal, Speed, hash_model,
    model_directory, predictions_file, rehearse, train,
};
pub use settings::{MAX_TOKENS, Protocol, Settings};
pub use step::{StepReport, Trainer, TrainingRows};
pub use trained::TrainedModel;
pub use verify::{Difference, verify};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
