//! A target's rows without labels, and whether arms that train themselves or compare such rows find what they ask for. They are no part of what
//! other runs are recognised by.

use mtlift_glue_data::{Kind, Task, UNLABELLED};
use mtlift_schedule::Arm;

use super::Survey;
use crate::error::Error;
use crate::spec::Spec;

/// The rows of a target that its own model may label, or compare with twins.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unlabelled {
    /// How many there are.
    pub(crate) rows: usize,
    /// The hash of their file; none where all of them are training rows that are not used.
    pub(crate) hash: Option<String>,
}

impl Unlabelled {
    /// Those of the task's split, and so many that training leaves.
    pub(super) fn of(task: &Task, left: usize) -> Result<Self, Error> {
        if !task.splits().contains(&UNLABELLED) {
            return Ok(Self { rows: left, hash: None });
        }
        let split = task.read(UNLABELLED)?;
        Ok(Self { rows: left + split.examples.len(), hash: Some(split.hash) })
    }
}

impl Survey {
    /// Whether the targets of arms that compare rows with twins have classes.
    pub(super) fn check_consistency(&self, spec: &Spec) -> Result<(), Error> {
        let mut targets = self.places(&spec.targets).map(|place| &self.all[place].task);
        match targets.find(|task| spec.writes_twins() && task.kind == Kind::Regression) {
            None => Ok(()),
            Some(task) => Err(mtlift_train::Error::NoClassesToCompare { task: task.name.clone() }.into()),
        }
    }

    /// Whether the targets of arms that train themselves have classes and rows to label, and supports texts of their form.
    pub(super) fn check_self_training(&self, spec: &Spec) -> Result<(), Error> {
        if !spec.arms.iter().any(|arm| arm.shape.trains_itself()) {
            return Ok(());
        }
        for subject in self.places(&spec.targets).map(|place| &self.all[place]) {
            let task = subject.task.name.clone();
            if subject.task.kind == Kind::Regression {
                return Err(mtlift_train::Error::NoClassesToLabel { task }.into());
            }
            if spec.has(Arm::SelfTrain) && subject.unlabelled.rows == 0 {
                return Err(mtlift_train::Error::NothingToLabel { task }.into());
            }
            let form = |pairs: bool| if pairs { "pairs of texts" } else { "single texts" };
            let pairs = subject.task.has_pairs();
            let supports = self.places(&spec.supports).map(|place| &self.all[place].task);
            let mut others = supports.filter(|support| support.has_pairs() != pairs);
            if let Some(support) = others.next().filter(|_| spec.has(Arm::SelfTrainSupport)) {
                let what = format!(
                    "self-train:support labels the texts of {}, which has {}, for {task}, which has {}: leave out that support or the arm",
                    support.name,
                    form(!pairs),
                    form(pairs)
                );
                return Err(Error::Spec { what });
            }
        }
        Ok(())
    }
}
