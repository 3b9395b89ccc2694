//! From predictions to a headline: the metrics by name, their formulas, and checked predictions that have a finite value
//! in each. A file names the file that it builds on, never this one, so that what depends on what can be read off the imports.

mod classes;
mod groups;
pub(crate) mod judged;
pub(crate) mod metric;
mod outcome;
mod parse;
mod score;
mod scores;
mod task_metrics;
mod threshold;
mod values;
mod worst_group;

pub use groups::{GroupScore, GroupScores, Groups, LEAST_GROUP_ROWS};
pub use judged::Judged;
pub use metric::{Kind, Metric};
pub use outcome::Outcome;
pub use score::{Degenerate, Score};
pub use scores::Scores;
pub use task_metrics::TaskMetrics;
pub use threshold::{ChosenThreshold, choose_threshold};
