//! Ensembles of what a study has already paid for: the runs of an arm over its seeds, and all runs on a target. No verdict reads them,
//! because an ensemble costs as many models as it has runs; they say what one model might still gain.

use mtlift_report::Ensemble;

use super::arms::Read;
use super::context::Context;
use super::together::Together;
use crate::error::Error;

impl Context<'_> {
    /// For each target every arm's ensemble of at least two runs, in the order of the arms, then that of all of them.
    pub(super) fn ensembles(&self, arms: &[Read<'_>]) -> Result<Vec<Ensemble>, Error> {
        let mut found = Vec::new();
        for target in self.survey.places(&self.spec.targets) {
            let of_target: Vec<&Read<'_>> = arms.iter().filter(|arm| arm.entry.target == target).collect();
            let mut all = Together::default();
            for arm in &of_target {
                all.add_all(&arm.together);
                found.extend(self.ensemble(target, Some(&arm.findings.label), &arm.together)?);
            }
            if of_target.iter().filter(|arm| arm.together.runs() > 0).count() > 1 {
                found.extend(self.ensemble(target, None, &all)?);
            }
        }
        Ok(found)
    }

    /// What runs score together; none of fewer than two.
    fn ensemble(
        &self,
        target: usize,
        arm: Option<&String>,
        together: &Together,
    ) -> Result<Option<Ensemble>, Error> {
        let (subject, runs) = (&self.survey.all[target], together.runs());
        if runs < 2 {
            return Ok(None);
        }
        let score = subject.dev.judge_mean(&subject.task, &together.mean())?.headline();
        Ok(Some(Ensemble { target: subject.task.name.clone(), arm: arm.cloned(), runs, score }))
    }
}
