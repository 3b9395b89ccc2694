//! Model = encoder + heads; a step, the loop, evaluation, checkpoints, export, and the proof against references.

mod batch;
mod class_weights;
mod data;
mod design;
mod differences;
mod error;
mod head;
mod identity;
mod infilling;
mod joint;
mod label_tables;
mod labelled_split;
mod merging;
mod mixing;
mod model;
mod network;
mod own_rows;
mod precision;
mod predict;
mod pretrain;
mod record;
mod run;
mod settings;
mod shrinking;
mod soft_labels;
mod step;
mod taught;
mod teaching;
mod threshold;
mod trained;
mod training_split;
mod verify;
mod yardstick;

pub use batch::PackedBatch;
pub use class_weights::{ClassWeights, imbalance};
pub use data::{Reader, Rows, TrainingData};
pub use design::Design;
pub use differences::differences;
pub use error::Error;
pub use head::{Origin, TaskHead};
pub use identity::Identity;
pub use infilling::{Infiller, check_infilling};
pub use label_tables::estimate_label_table;
pub use labelled_split::LabelledSplit;
pub use merging::{GramCost, MergeJob, MergeOutcome, MergedModel, fisher, input_grams, merge};
pub use mixing::{HeadSharing, Mixing};
pub use model::{Model, companion_bytes, count_layers, count_parameters, export};
pub use mtlift_nn::Precision;
pub use network::{Network, Reads, RelatedTasks, Separation, Workspace};
pub use predict::{Predictions, logits, logits_of_packed, probabilities};
pub use pretrain::{
    MaskedBatch, MaskedCost, MaskedNetwork, MaskedWorkspace, Masking, ModelShape, PretrainingJob,
    PretrainingOutcome, PretrainingStart, adapt, check_texts, pretrain, train_adapted,
};
pub use record::{
    ConsistencyRecord, EvaluationRecord, FailedRows, Failure, MaskedEvaluation, MaskedScores, MergeRecord,
    Prediction, PredictionTable, PretrainingResult, RunFiles, RunResult, SCORE_ROWS, ScoreRows,
    SelfTrainingRecord, StepRecord, TaskResult, TaskStep, ThresholdResult, Timing, Unlabelled,
    predictions_to, read_predictions, write_predictions,
};
pub use run::{
    Job, JobTask, MergedJob, NUMERICS, OF_WEIGHED_LOSSES, Observer, Outcome, Rebalanced, Rehearsal,
    SelfTrainedJob, Speed, TrainedOn, hash_model, numerics, rehearse, tokenizer_alone, train, train_merged,
    train_self,
};
pub use settings::{MAX_TOKENS, MOST_EPOCHS, Protocol, Settings};
pub use soft_labels::SoftLabels;
pub use step::{Conflict, SharedTexts, StepReport, Trainer, TrainingRows};
pub use taught::TaughtRows;
pub use teaching::taught_by;
pub use threshold::{Threshold, ThresholdBy};
pub use trained::TrainedModel;
pub use training_split::TrainingSplit;
pub use verify::{Difference, verify};
pub use yardstick::Yardstick;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
