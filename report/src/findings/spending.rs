//! Where a study that spends its runs where they matter has spent them: how far each target came, why it ended there, which arms
//! were given up, and what all seeds of all arms would have cost.

use serde::{Deserialize, Serialize};

/// What a study with a rule of when to stop has spent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spending {
    /// The rule: `decided`, `regret:0.5`.
    pub until: String,
    /// Runs that the rule has asked for and that are finished, made for this study or taken over from another.
    pub runs: usize,
    /// Minutes that they took, each counted once, as one process would need.
    pub minutes: f64,
    /// Runs of all arms under all seeds.
    pub grid_runs: usize,
    /// The seeds.
    pub grid_seeds: usize,
    /// Minutes that the full grid would have taken, at the pace of the finished runs; none while none is finished.
    pub grid_minutes: Option<f64>,
    /// How far each target has come, in the order of the targets.
    pub targets: Vec<Reached>,
}

/// How far a target has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reached {
    /// The target.
    pub target: String,
    /// The look that was last asked for: at so many seeds of the arms that are left.
    pub seeds: usize,
    /// Why no more was asked for; none while that look is incomplete.
    pub stop: Option<Stop>,
    /// What the recommendation is expected to lose there, in points of a score or hundredths of single's error; none where nothing
    /// tells, and while the look is incomplete.
    pub loss: Option<f64>,
}

/// Why a target needs no more seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// The verdict is decided.
    Decided,
    /// The recommendation is expected to lose less than was asked for.
    Regret,
    /// The predictions of all arms are the same.
    Tied,
    /// Every arm but single was given up.
    NothingLeft,
    /// The last look was taken.
    LastLook,
}

/// An arm that was given up before the last look.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dropped {
    /// After so many seeds.
    pub seeds: usize,
    /// Its chance then, below 0.02.
    pub chance: f64,
    /// Of what that was the chance.
    pub of: Hope,
}

/// What an arm may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hope {
    /// The best.
    Best,
    /// Better than single by half a point or more, or half a hundredth of single's error.
    WorthIt,
}
