//! The learning rate as a pure function of the step. Its arithmetic is that of the PyTorch schedules that runs are
//! compared with, operation by operation, so that trajectories agree in the last bit where the formula is rational.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::named;

/// What the learning rate does after warm-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// Stays at the peak.
    Constant,
    /// Falls on a line to 0 after the last step.
    Linear,
    /// Falls on half a cosine to 0 after the last step.
    Cosine,
}

named!(Shape, "learning-rate shape", Constant => "constant", Linear => "linear", Cosine => "cosine");

/// The learning rate of every step of a run of `T` steps, the first `W` of them warm-up:
///
/// ```text
/// k <  W   peak · k / W
/// k >= W   constant  peak
///          linear    peak · (T - k) / max(1, T - W)
///          cosine    peak · (1 + cos(π · (k - W) / max(1, T - W))) / 2
/// ```
///
/// These are `get_constant_schedule_with_warmup`, `get_linear_schedule_with_warmup` and
/// `get_cosine_schedule_with_warmup` (half a cycle) of transformers' `optimization.py`. Step 0 of a warm-up therefore
/// has rate 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LearningRate {
    shape: Shape,
    peak: f64,
    warmup_steps: u64,
    total_steps: u64,
}

impl LearningRate {
    /// A schedule whose warm-up is a share of the steps, `W = ⌊warmup · T⌋`.
    ///
    /// # Errors
    /// `peak` is finite and above 0, `warmup` in `[0, 1)`, `total_steps` at least 1.
    pub fn check(shape: Shape, peak: f64, warmup: f64, total_steps: u64) -> Result<LearningRate, Error> {
        if !(0.0..1.0).contains(&warmup) {
            return Err(Error::Warmup { found: warmup });
        }
        let warmup_steps = (warmup * total_steps as f64).floor() as u64;
        LearningRate::with_warmup_steps(shape, peak, warmup_steps, total_steps)
    }

    /// A schedule with a given number of warm-up steps, as recorded trajectories have it.
    ///
    /// # Errors
    /// `peak` is finite and above 0, `total_steps` at least 1, `warmup_steps` at most `total_steps`.
    pub fn with_warmup_steps(
        shape: Shape,
        peak: f64,
        warmup_steps: u64,
        total_steps: u64,
    ) -> Result<LearningRate, Error> {
        if !(peak.is_finite() && peak > 0.0) {
            return Err(Error::Peak { found: peak });
        }
        if total_steps == 0 {
            return Err(Error::NoSteps { what: "the run" });
        }
        if warmup_steps > total_steps {
            return Err(Error::WarmupSteps { found: warmup_steps, total_steps });
        }
        Ok(LearningRate { shape, peak, warmup_steps, total_steps })
    }

    /// `W`, the number of warm-up steps.
    pub fn warmup_steps(&self) -> u64 {
        self.warmup_steps
    }

    /// The rate of the update made at `step`, counted from 0; in `[0, peak]`. From step `T` on, past the run's end, a
    /// falling shape is 0 (where transformers' cosine would rise again).
    pub fn at(&self, step: u64) -> f64 {
        if step < self.warmup_steps {
            return self.peak * (step as f64 / self.warmup_steps as f64);
        }
        let remaining = self.total_steps.saturating_sub(step);
        let decay = (self.total_steps - self.warmup_steps).max(1) as f64;
        self.peak
            * match self.shape {
                Shape::Constant => 1.0,
                Shape::Linear => remaining as f64 / decay,
                Shape::Cosine if remaining == 0 => 0.0,
                // libm's cosine: the standard library's differs between platforms in the last bit.
                Shape::Cosine => 0.5 * (1.0 + libm::cos(PI * ((step - self.warmup_steps) as f64 / decay))),
            }
    }
}
