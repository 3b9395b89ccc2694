//! Whether the arms' architectures go with the rest of the question.

use mtlift_schedule::{Architecture, Arm, ArmSpec};
use mtlift_train::HeadSharing;

use crate::error::Error;
use crate::spec::Spec;

impl Spec {
    /// How the tasks that an arm mixes lie on the network, where it is said.
    pub(crate) fn architecture_of<'a>(&'a self, arm: &'a ArmSpec) -> Option<&'a Architecture> {
        let of_study = self.mixing.architecture.as_ref();
        arm.architecture.as_ref().or(of_study.filter(|_| self.mixes(arm.shape).is_some()))
    }

    /// Whether the architectures go with the rest.
    pub(super) fn check_architectures(&self) -> Result<(), Error> {
        let refuse = |what: String| Err(Error::Spec { what });
        let mixes = |arm: &&ArmSpec| self.mixes(arm.shape).is_some();
        if let Some(arm) = self.arms.iter().find(|arm| arm.architecture.is_some() && !mixes(arm)) {
            let shape = arm.shape;
            return refuse(format!(
                "{arm} has an architecture for several tasks, and {shape} trains on one at a time: the arms mtl, mtl-all and \
                 mtl-then-target take one"
            ));
        }
        if self.mixing.architecture.is_some() && self.arms.iter().find(mixes).is_none() {
            return refuse(
                "`architecture` is for arms that mix tasks, and this study has none: add mtl, mtl-all or mtl-then-target, or leave \
                 it out"
                    .to_owned(),
            );
        }
        for arm in &self.arms {
            let Some(architecture) = self.architecture_of(arm) else { continue };
            let name = architecture.about().name;
            if !architecture.leaves_plain_models() && arm.shape == Arm::MtlThenTarget {
                return refuse(format!(
                    "{arm} cannot be: of {name} the target's head reads more than the encoder, and nothing is trained from it; use \
                     mtl or mtl-all"
                ));
            }
            if architecture.needs_own_heads() && self.mixing.heads != HeadSharing::PerTask {
                return refuse(format!("{name} needs a head for each task: use head sharing per-task"));
            }
            let micro_batch = self.settings.micro_batch.filter(|&rows| rows < self.settings.batch);
            if architecture.needs_whole_steps() && micro_batch.is_some() {
                return refuse(format!(
                    "{arm} cannot be: the orthogonality of {name} is of all rows of a step, and a micro-batch has fewer; leave out \
                     --micro-batch, or give orthogonality=0"
                ));
            }
            let flat_minima = arm.flat_minima.or(self.settings.flat_minima);
            let combines = !arm.combine.unwrap_or(self.mixing.combine).is_sum()
                || flat_minima.is_some_and(|flat_minima| flat_minima.is_of_each_task());
            if architecture.takes_turns() && combines {
                return refuse(format!(
                    "{arm} cannot be: steps of {name} are of one task each, so there are no gradients to combine"
                ));
            }
        }
        Ok(())
    }
}
