//! After which steps to evaluate: at even intervals measured in epochs, and always at the end, so that every run has a
//! score for the model it ends with.

use crate::Error;

/// The evaluation points of a run: step `round(i · every · steps_per_epoch)` for `i = 1, 2, …` (halves round up), and
/// the last step. An interval of less than a step is one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EvaluationPoints {
    interval: f64,
    total_steps: u64,
}

impl EvaluationPoints {
    /// Evaluation every `every` epochs (0.5 by default in mtlift) of a run of `total_steps`.
    ///
    /// # Errors
    /// `every` is finite and above 0; `steps_per_epoch` and `total_steps` are at least 1.
    pub fn check(every: f64, steps_per_epoch: u64, total_steps: u64) -> Result<EvaluationPoints, Error> {
        if !(every.is_finite() && every > 0.0) {
            return Err(Error::EvaluationInterval { found: every });
        }
        if steps_per_epoch == 0 {
            return Err(Error::NoSteps { what: "an epoch" });
        }
        if total_steps == 0 {
            return Err(Error::NoSteps { what: "the run" });
        }
        Ok(EvaluationPoints { interval: (every * steps_per_epoch as f64).max(1.0), total_steps })
    }

    /// Whether to evaluate when `steps_done` steps have been made; never before the first or after the last.
    pub fn is_due(&self, steps_done: u64) -> bool {
        let position = steps_done as f64 / self.interval;
        steps_done == self.total_steps
            || (1..self.total_steps).contains(&steps_done)
                && [position.floor(), position.ceil()].iter().any(|&i| self.point(i) == steps_done)
    }

    /// All evaluation points as numbers of steps done: increasing, the last one the run's end.
    pub fn steps(&self) -> impl Iterator<Item = u64> {
        let between = (1u64..).map(|i| self.point(i as f64)).take_while(|&step| step < self.total_steps);
        between.chain([self.total_steps])
    }

    fn point(&self, i: f64) -> u64 {
        (i * self.interval).round() as u64
    }
}
