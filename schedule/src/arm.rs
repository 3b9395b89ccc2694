//! The ways to train for a target, by name.

use serde::{Deserialize, Serialize};

use crate::named;

/// A way to train for a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arm {
    /// The target alone.
    Single,
    /// The target alone, for as many steps as the arm that has the most: what is gained by more training.
    #[serde(rename = "single:steps")]
    SingleSteps,
    /// The support, then the target (Phang et al. 2018).
    Stilts,
    /// Target and support together.
    Mtl,
    /// The target together with all other tasks.
    MtlAll,
    /// Target and support together, then the target.
    MtlThenTarget,
    /// The target alone and the support alone, and their models merged without training.
    Merge,
    /// The same, then the target.
    MergeThenTarget,
    /// Masked-language modelling on the target's own texts, then the target (Gururangan et al. 2020).
    Adapt,
    /// The target alone under several seeds, and the mean of the models (Wortsman et al. 2022).
    Soup,
    /// The target alone under several seeds, and one model that learns what they predict together (Hinton et al. 2015).
    Distill,
    /// The target alone, and then the target with rows without labels that its own model has labelled.
    SelfTrain,
    /// The same with the texts of a support, whose labels are not read.
    #[serde(rename = "self-train:support")]
    SelfTrainSupport,
    /// The same with rows that the study's model has written from those of the target.
    #[serde(rename = "self-train:infill")]
    SelfTrainInfill,
}

named!(
    Arm, "arm",
    Single => "single",
    SingleSteps => "single:steps",
    Stilts => "stilts",
    Mtl => "mtl",
    MtlAll => "mtl-all",
    MtlThenTarget => "mtl-then-target",
    Merge => "merge",
    MergeThenTarget => "merge-then-target",
    Adapt => "adapt",
    Soup => "soup",
    Distill => "distill",
    SelfTrain => "self-train",
    SelfTrainSupport => "self-train:support",
    SelfTrainInfill => "self-train:infill",
);

impl Arm {
    /// Whether the arm uses a chosen support.
    pub fn needs_support(self) -> bool {
        matches!(self, Arm::Stilts | Arm::Mtl | Arm::MtlThenTarget | Arm::SelfTrainSupport) || self.merges()
    }

    /// Whether models that it has trained apart become one.
    pub fn merges(self) -> bool {
        matches!(self, Arm::Merge | Arm::MergeThenTarget)
    }

    /// Whether it trains on rows that its own model has labelled.
    pub fn trains_itself(self) -> bool {
        matches!(self, Arm::SelfTrain | Arm::SelfTrainSupport | Arm::SelfTrainInfill)
    }
}
