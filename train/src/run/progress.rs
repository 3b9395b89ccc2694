//! How far a run has come: the counters that a checkpoint holds. One that is read may be of any bytes, so it is compared with
//! the course of the run that goes on from it: what passes makes no step that the run itself could not have come to.

use mtlift_schedule::Selection;
use serde::{Deserialize, Serialize};

/// More than anything is ever counted to, and little enough that counting on does not overflow.
const MOST: u64 = 1 << 53;
/// Seconds that no run takes: thirty years.
const LONGEST: f64 = 1e9;

/// How far a run has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Progress {
    /// Steps made.
    pub(crate) step: u64,
    /// Epochs finished.
    pub(crate) epoch: u64,
    /// Steps made of the epoch at hand.
    pub(crate) within: u64,
    /// Texts of each set drawn in finished epochs: of a task by itself, its rows.
    pub(crate) consumed: Vec<u64>,
    /// Rows of each task trained on.
    pub(crate) seen: Vec<u64>,
    /// What each task scored in the last evaluation.
    pub(crate) now: Vec<f64>,
    /// How far each task was from its single-task score when the epoch began, where the sampler asks.
    pub(crate) gaps: Option<Vec<f64>>,
    /// Real tokens trained on.
    pub(crate) tokens: u64,
    /// Seconds that the steps took.
    pub(crate) seconds: f64,
    /// Seconds since the run began, without those in which no process made it.
    #[serde(default)]
    pub(crate) elapsed: f64,
    /// Each task's best evaluation so far.
    pub(crate) selections: Vec<Selection>,
    /// Whether patience has ended training.
    pub(crate) stopped: bool,
    /// What the rule for several tasks' gradients carries from step to step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) combination: Vec<f64>,
    /// Lengths of the two logs.
    pub(crate) logs: [u64; 2],
}

impl Progress {
    /// The beginning of a run over so many tasks, which have so many sets of texts.
    pub(crate) fn new(selection: &Selection, tasks: usize, sets: usize) -> Self {
        Self {
            step: 0,
            epoch: 0,
            within: 0,
            consumed: vec![0; sets],
            seen: vec![0; tasks],
            now: Vec::new(),
            gaps: None,
            tokens: 0,
            seconds: 0.0,
            elapsed: 0.0,
            selections: vec![selection.clone(); tasks],
            stopped: false,
            combination: Vec::new(),
            logs: [0; 2],
        }
    }

    /// Whether a run that began with `start` can have counted so far, whatever its course; else what cannot be.
    pub(super) fn check_counts(&self, start: &Progress) -> Result<(), String> {
        let tasks = start.selections.len();
        for (name, length, tasks) in [
            ("consumed", self.consumed.len(), start.consumed.len()),
            ("seen", self.seen.len(), tasks),
            ("selections", self.selections.len(), tasks),
            ("now", if self.now.is_empty() { tasks } else { self.now.len() }, tasks),
            ("gaps", self.gaps.as_ref().map_or(tasks, Vec::len), tasks),
        ] {
            if length != tasks {
                return Err(format!("`{name}` has {length} values, expected one for each of {tasks} tasks"));
            }
        }
        let counts = [self.step, self.tokens];
        if let Some(count) =
            counts.iter().chain(&self.consumed).chain(&self.seen).find(|&&count| count > MOST)
        {
            return Err(format!("{count} is more than a run counts to"));
        }
        for (name, seconds) in [("seconds", self.seconds), ("elapsed", self.elapsed)] {
            if !(0.0..=LONGEST).contains(&seconds) {
                return Err(format!("`{name}` is {seconds}, expected 0 to {LONGEST}"));
            }
        }
        let mut selections = self.selections.iter().zip(&start.selections);
        if !selections.all(|(selection, fresh)| selection.continues(fresh, self.step)) {
            return Err(format!(
                "`selections` have another patience than the run, or a best step after step {}",
                self.step
            ));
        }
        Ok(())
    }
}
