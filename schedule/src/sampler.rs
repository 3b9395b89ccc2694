//! How large a share of a mixture each task gets. A sampler is a formula for probabilities and nothing else:
//! turning them into rows is the business of the exposure.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Error, spelled};

/// The least gap that [`Sampler::DynamicGap`] counts with, in points of a score in `[0, 1]`, so that a task
/// which has caught up is still seen.
const LEAST_GAP: f64 = 0.01;

/// A distribution over tasks of `n_i` rows. Its names are `uniform`, `size`, `temperature:ALPHA`,
/// `capped:ROWS`, `annealed`, `dynamic`, `dynamic-gap` and `round-robin`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Sampler {
    /// The same for every task.
    Uniform,
    /// `p_i ∝ n_i`.
    Size,
    /// `p_i ∝ n_i^alpha`: 1 is by size, 0 uniform.
    Temperature {
        /// In `[0, 1]`; `1 / τ` where a temperature τ is given.
        alpha: f64,
    },
    /// `p_i ∝ min(n_i, rows)` (Raffel et al. 2020, "T5", section 3.5.2).
    Capped {
        /// At least 1.
        rows: u64,
    },
    /// `p_i ∝ n_i^α` with `α = 1 - 0.8 · e / (E - 1)` in epoch `e` of `E`, and 1 if `E = 1` (Stickland and
    /// Murray 2019, "BERT and PALs", section 4).
    Annealed,
    /// By size in epoch 0, later `p = softmax(single - now)` of the scores (the code of Weller et al. 2022).
    Dynamic,
    /// By size in epoch 0, later `p_i ∝ max(single_i - now_i, 0.01)`: the distance to the single task's score
    /// (Gottumukkala et al. 2020, "Dynamic Sampling Strategies"), with a floor of one point.
    DynamicGap,
    /// The same for every task; homogeneous batches take turns instead of being shuffled.
    RoundRobin,
}

impl Sampler {
    /// Gives the sampler back if its parameter is in range.
    ///
    /// # Errors
    /// `alpha` is in `[0, 1]`, a cap at least 1 row.
    pub fn check(self) -> Result<Sampler, Error> {
        match self {
            Sampler::Temperature { alpha } if !(0.0..=1.0).contains(&alpha) => {
                Err(Error::Alpha { found: alpha })
            }
            Sampler::Capped { rows: 0 } => Err(Error::Cap),
            _ => Ok(self),
        }
    }

    /// Whether the probabilities after epoch 0 depend on scores.
    pub fn needs_scores(self) -> bool {
        matches!(self, Sampler::Dynamic | Sampler::DynamicGap)
    }

    /// The share of each task in epoch `epoch` of `epochs`; they sum to 1 and none is negative. `gaps` are
    /// the score of the task alone minus its score now, in `[-2, 2]`, for each task; only the dynamic
    /// samplers read them, and not in epoch 0.
    ///
    /// # Panics
    /// If after epoch 0 a dynamic sampler is not given a gap in `[-2, 2]` for each task.
    #[track_caller]
    pub fn probabilities(self, sizes: &[usize], epoch: u64, epochs: u64, gaps: Option<&[f64]>) -> Vec<f64> {
        let power = |alpha: f64| sizes.iter().map(|&size| libm::pow(size as f64, alpha)).collect::<Vec<_>>();
        let gaps = || {
            let gaps = gaps.unwrap_or_default();
            let are_differences = gaps.len() == sizes.len() && gaps.iter().all(|gap| gap.abs() <= 2.0);
            assert!(are_differences, "{self} sampling in epoch {epoch} needs a gap in [-2, 2] for each task");
            gaps
        };
        normalised(match self {
            Sampler::Uniform | Sampler::RoundRobin => vec![1.0; sizes.len()],
            Sampler::Temperature { alpha } => power(alpha),
            Sampler::Capped { rows } => sizes.iter().map(|&size| (size as u64).min(rows) as f64).collect(),
            Sampler::Annealed if epochs > 1 => power(1.0 - 0.8 * epoch as f64 / (epochs - 1) as f64),
            Sampler::Dynamic if epoch > 0 => gaps().iter().map(|&gap| libm::exp(gap)).collect(),
            Sampler::DynamicGap if epoch > 0 => gaps().iter().map(|gap| gap.max(LEAST_GAP)).collect(),
            Sampler::Size | Sampler::Annealed | Sampler::Dynamic | Sampler::DynamicGap => {
                sizes.iter().map(|&size| size as f64).collect()
            }
        })
    }
}

fn normalised(weights: Vec<f64>) -> Vec<f64> {
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

impl fmt::Display for Sampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Sampler::Uniform => "uniform",
            Sampler::Size => "size",
            Sampler::Temperature { alpha } => return f.pad(&format!("temperature:{alpha}")),
            Sampler::Capped { rows } => return f.pad(&format!("capped:{rows}")),
            Sampler::Annealed => "annealed",
            Sampler::Dynamic => "dynamic",
            Sampler::DynamicGap => "dynamic-gap",
            Sampler::RoundRobin => "round-robin",
        })
    }
}

impl FromStr for Sampler {
    type Err = Error;

    fn from_str(name: &str) -> Result<Sampler, Error> {
        let unknown = || Error::UnknownName {
            what: "sampler",
            name: name.to_owned(),
            expected:
                "uniform, size, temperature:ALPHA, capped:ROWS, annealed, dynamic, dynamic-gap, round-robin"
                    .to_owned(),
        };
        match name.split_once(':') {
            None => match name {
                "uniform" => Ok(Sampler::Uniform),
                "size" => Ok(Sampler::Size),
                "annealed" => Ok(Sampler::Annealed),
                "dynamic" => Ok(Sampler::Dynamic),
                "dynamic-gap" => Ok(Sampler::DynamicGap),
                "round-robin" => Ok(Sampler::RoundRobin),
                _ => Err(unknown()),
            },
            Some(("temperature", alpha)) => {
                Sampler::Temperature { alpha: alpha.parse().map_err(|_| unknown())? }.check()
            }
            Some(("capped", rows)) => Sampler::Capped { rows: rows.parse().map_err(|_| unknown())? }.check(),
            Some(_) => Err(unknown()),
        }
    }
}

spelled!(Sampler);
