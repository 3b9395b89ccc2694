//! What a look shows of a target's arms, from their first so many seeds: the same verdict and the same posterior that the report
//! prints, so that a study stops for what its reader will see.

use std::collections::BTreeMap;

use mtlift_eval::Judged;
use mtlift_report::{ArmFindings, Estimate};
use mtlift_schedule::Arm;

use super::about;
use super::arms::Read;
use super::average::mean;
use super::context::Context;
use crate::error::Error;
use crate::policy::{ArmCourse, Course, Promise, Question, Sight};
use crate::spec::Until;
use crate::verdict;

impl Context<'_> {
    /// How far the target of these arms has come, which are all of its arms. `is_over` says whether the runs of a chain are finished,
    /// or will not be.
    pub(super) fn course(
        &self,
        until: Until,
        arms: &[Read<'_>],
        is_over: &dyn Fn(&[String]) -> bool,
    ) -> Result<Course, Error> {
        let looks = self.spec.looks_taken();
        let single = arms.iter().position(|arm| arm.entry.arm == Arm::Single).unwrap_or(0);
        let question = Question { until, looks: &looks, arms: arms.len(), single };
        question.follow(
            |arm, seed| is_over(&arms[arm].entry.chains[seed]),
            |courses| self.sight(arms, single, courses),
        )
    }

    fn sight(&self, arms: &[Read<'_>], single: usize, courses: &[ArmCourse]) -> Result<Sight, Error> {
        let mut arms: Vec<Read<'_>> = arms.iter().zip(courses).map(|(arm, of)| arm.first(of)).collect();
        self.gains(&mut arms)?;
        self.expectations(&mut arms)?;
        let target = arms[single].entry.target;
        let task = about::facts(&self.survey.all[target]);
        let findings: Vec<&ArmFindings> = arms.iter().map(|arm| &arm.findings).collect();
        let verdict = verdict::verdict(&task, &findings, &[], &[], self.spec);
        let unit = verdict::unit(&task, &arms[single].findings);
        let loss = verdict.choice.as_ref().and_then(|choice| choice.loss);
        Ok(Sight {
            decided: verdict.decided,
            tied: verdict::is_tie(&findings),
            loss: loss.map(|loss| 100.0 * loss / unit),
            promises: self.promises(&arms)?,
        })
    }

    /// What the arms that are not dropped may be.
    fn promises(&self, arms: &[Read<'_>]) -> Result<Vec<Option<Promise>>, Error> {
        let group: Vec<usize> = (0..arms.len())
            .filter(|&arm| arms[arm].findings.dropped.is_none() && !arms[arm].judged.is_empty())
            .collect();
        let seeds = self.common(arms, &group, self.spec.seeds.len());
        let mut promises = vec![None; arms.len()];
        // Worse than better by that much.
        let Some(found) = self.posterior(arms, &group, &seeds, -verdict::WORTH_IT)? else {
            return Ok(promises);
        };
        for (arm, of) in group.into_iter().zip(found.arms) {
            promises[arm] = Some(Promise { best: of.best, worth: 1.0 - of.worse_by_margin, loss: of.regret });
        }
        Ok(promises)
    }
}

impl<'a> Read<'a> {
    /// What it was at its first seeds, as far as verdicts look at it.
    fn first(&self, course: &ArmCourse) -> Read<'a> {
        let judged = self.judged.range(..course.seeds).map(|(seed, judged)| (*seed, judged.clone()));
        let judged: BTreeMap<usize, Judged> = judged.collect();
        let value = mean(judged.values().map(Judged::headline));
        let findings = ArmFindings {
            mean: (!judged.is_empty()).then_some(Estimate { value, low: value, high: value }),
            scores: self.findings.scores.iter().take(judged.len()).cloned().collect(),
            dropped: course.dropped,
            curve: Vec::new(),
            ..self.findings.clone()
        };
        Read::of(self.entry, judged, findings)
    }
}

#[cfg(test)]
mod tests;
