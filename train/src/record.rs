//! What a run leaves on the disk. Each kind of file has one type, which is both written and read, and [`RunFiles`] knows
//! where they are; so a writer and a reader cannot differ.

mod consistency;
mod evaluations;
mod failure;
mod files;
mod merge;
mod predictions;
mod pretraining;
mod result;
mod self_training;
mod steps;
mod timing;
mod twins;
mod written;

pub use consistency::ConsistencyRecord;
pub use evaluations::EvaluationRecord;
pub use failure::{FailedRows, Failure};
pub(crate) use files::{ADAPTED, BEST, CHECKPOINT, LOCK};
pub use files::{RunFiles, SCORE_ROWS};
pub use merge::MergeRecord;
pub use predictions::{Prediction, PredictionTable, predictions_to, read_predictions, write_predictions};
pub use pretraining::{MaskedEvaluation, MaskedScores, PretrainingResult};
pub use result::{RunResult, ScoreRows, TaskResult, ThresholdResult};
pub use self_training::{SelfTrainingRecord, Unlabelled};
pub use steps::{StepRecord, TaskStep};
pub use timing::Timing;
pub(crate) use timing::peak_rss_mib;
pub(crate) use twins::{TwinRow, write_twins};
pub(crate) use written::{MOST_ROWS, WrittenRow, write_written};
