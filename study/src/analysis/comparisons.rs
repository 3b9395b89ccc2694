//! One arm against another: gains over `single`, what to expect of each arm, STILTs against MTL.
//!
//! A gain is tested at the study's planned looks, since studies grow until they are decided. MTL minus STILTs is a map of many
//! pairs with a given number of seeds: the test of one look, and said to be one.

use std::collections::BTreeSet;

use mtlift_eval::{Judged, Posterior, Strategy, posterior};
use mtlift_report::{Against, Cell, Estimate, LEVEL, Shrunken, Sizes};
use mtlift_schedule::Arm;
use rayon::prelude::*;

use super::against::{adjust, at_looks, better_at_looks, of_one_look};
use super::arms::Read;
use super::average::mean;
use super::context::{Context, generator};
use crate::error::Error;
use crate::label;
use crate::spec::Question;

/// A point of a score, or a hundredth of an error.
const POINT: f64 = 0.01;

impl Context<'_> {
    /// Sets every arm's gain over its target's `single`, and over `single:steps` where the study has it.
    pub(super) fn gains(&self, arms: &mut [Read<'_>]) -> Result<(), Error> {
        let gain = |arm: &Read<'_>, single: &Read<'_>, family: usize| self.gain(arm, single, family);
        let gains = self.over(Arm::Single, arms, gain)?;
        let at_equal_compute = self.over(Arm::SingleSteps, arms, gain)?;
        for ((arm, gain), at_equal_compute) in arms.iter_mut().zip(gains).zip(at_equal_compute) {
            (arm.findings.gain, arm.findings.over_single_steps) = (gain, at_equal_compute);
        }
        Ok(())
    }

    /// Every arm `against` the one of its target's that is the baseline and trains on the target alone, as one of a family of so many,
    /// corrected for their number; none for the baseline and for `single`.
    pub(super) fn over(
        &self,
        baseline: Arm,
        arms: &[Read<'_>],
        against: impl Fn(&Read<'_>, &Read<'_>, usize) -> Result<Option<Against>, Error> + Sync,
    ) -> Result<Vec<Option<Against>>, Error> {
        let is_rival =
            |arm: &Read<'_>| [Arm::Single, baseline].into_iter().all(|alone| arm.entry.arm != alone);
        let found = |arm: &Read<'_>| {
            if !is_rival(arm) {
                return Ok(None);
            }
            let of_target = || arms.iter().filter(|other| other.entry.target == arm.entry.target);
            let single = of_target().find(|other| other.entry.arm == baseline);
            // Holm's first step, which the best of the arms has to pass.
            let rivals = of_target().filter(|other| is_rival(other)).count();
            single.map_or(Ok(None), |single| against(arm, single, rivals))
        };
        let mut found: Vec<Option<Against>> = arms.par_iter().map(found).collect::<Result<_, Error>>()?;
        for target in self.survey.places(&self.spec.targets) {
            let of_target = arms.iter().zip(&mut found).filter(|(arm, _)| arm.entry.target == target);
            adjust(of_target.filter_map(|(_, found)| found.as_mut()))?;
        }
        Ok(found)
    }

    /// An arm minus single at the study's looks, on the seeds that both have, as one of a `family` of comparisons from which the
    /// best is looked for.
    fn gain(&self, arm: &Read<'_>, single: &Read<'_>, family: usize) -> Result<Option<Against>, Error> {
        let Some([arm, single]) = paired([arm, single]) else { return Ok(None) };
        at_looks(&arm, &single, &self.spec.looks, family).map(Some)
    }

    /// One arm minus another by the test of one look, on the seeds that both have.
    pub(super) fn against(&self, a: &Read<'_>, b: &Read<'_>) -> Result<Option<Against>, Error> {
        let Some([one, other]) = paired([a, b]) else { return Ok(None) };
        let name = |arm: &Read<'_>| label::arm(arm.entry, self.survey, self.spec);
        let label = format!("{} {} {}", a.findings.target, name(a), name(b));
        of_one_look(&one, &other, &mut generator(&label)).map(Some)
    }

    /// Sets what to expect of every arm as one of its target's, over the seeds that all of them have. One seed does not show how
    /// much seeds vary and says nothing. What was to be expected of an arm when it was dropped stays; the others go on without it.
    pub(super) fn expectations(&self, arms: &mut [Read<'_>]) -> Result<(), Error> {
        let all = self.spec.seeds.len();
        for target in self.survey.places(&self.spec.targets) {
            let of_target = |arm: &Read<'_>| arm.entry.target == target && !arm.judged.is_empty();
            let places: Vec<usize> = (0..arms.len()).filter(|&place| of_target(&arms[place])).collect();
            let dropped = |place: &usize| arms[*place].findings.dropped.map(|dropped| dropped.seeds);
            let looks: BTreeSet<usize> = places.iter().filter_map(dropped).collect();
            let group = |at: usize| {
                places.iter().copied().filter(move |place| dropped(place).is_none_or(|seeds| seeds >= at))
            };
            let mut groups: Vec<(Vec<usize>, usize)> =
                looks.iter().map(|&at| (group(at).collect(), at)).collect();
            let left: Vec<usize> = group(usize::MAX).collect();
            // Without a new seed they are what they were among all.
            let before = looks.last().copied().unwrap_or(0);
            if self.common(arms, &left, all).last().is_some_and(|&seed| seed >= before) {
                groups.push((left, all));
            }
            for (group, seeds) in groups {
                let seeds = self.common(arms, &group, seeds);
                let Some(found) = self.posterior(arms, &group, &seeds, POINT)? else { continue };
                for (place, arm) in group.into_iter().zip(found.arms) {
                    let (low, high) = arm.gain_interval;
                    let gain = Estimate { value: arm.gain, low, high };
                    arms[place].findings.best = Some(arm.best);
                    arms[place].findings.shrunken =
                        Some(Shrunken { gain, loss: arm.regret, worse: arm.worse_by_margin });
                }
            }
        }
        Ok(())
    }

    /// The places of the seeds, of the first so many, that all arms of a group have.
    pub(super) fn common(&self, arms: &[Read<'_>], group: &[usize], seeds: usize) -> Vec<usize> {
        let has_all = |seed: &usize| group.iter().all(|&arm| arms[arm].judged.contains_key(seed));
        (0..seeds.min(self.spec.seeds.len())).filter(has_all).collect()
    }

    /// The posterior of a group of one target's arms over these seeds, with the chance of being worse than single by a `margin`, in
    /// shares of a score or of single's error. None without single, without another arm, or without two seeds.
    pub(super) fn posterior(
        &self,
        arms: &[Read<'_>],
        group: &[usize],
        seeds: &[usize],
        margin: f64,
    ) -> Result<Option<Posterior>, Error> {
        let single = group.iter().position(|&arm| arms[arm].entry.arm == Arm::Single);
        let (Some(single), true) = (single, seeds.len() > 1 && group.len() > 1) else { return Ok(None) };
        let judged: Vec<Vec<Judged>> = group
            .iter()
            .map(|&arm| seeds.iter().map(|seed| arms[arm].judged[seed].clone()).collect())
            .collect();
        let views: Vec<&[Judged]> = judged.iter().map(Vec::as_slice).collect();
        let subject = &self.survey.all[arms[group[single]].entry.target];
        let mean = mean(judged[single].iter().map(Judged::headline));
        let margin = if subject.sign() > 0.0 { margin } else { margin * mean };
        Ok(posterior(&views, single, margin, LEVEL, &mut generator(&subject.task.name))?)
    }

    /// STILTs against MTL for every pair that has both.
    pub(super) fn cells(&self, arms: &[Read<'_>]) -> Result<Vec<Cell>, Error> {
        if self.spec.question == Question::SizeCurve {
            return Ok(Vec::new());
        }
        let pairs: Vec<(&Read<'_>, &Read<'_>)> = arms
            .iter()
            .filter(|arm| arm.entry.arm == Arm::Mtl)
            .filter_map(|mtl| Some((mtl, partner(arms, mtl, Arm::Stilts)?)))
            .collect();
        let cells: Vec<Option<Cell>> =
            pairs.par_iter().map(|(mtl, stilts)| self.cell(mtl, stilts, arms)).collect::<Result<_, _>>()?;
        let mut cells: Vec<Cell> = cells.into_iter().flatten().collect();
        adjust(cells.iter_mut().map(|cell| &mut cell.mtl_minus_stilts))?;
        adjust(cells.iter_mut().filter_map(|cell| cell.over_single.as_mut()))?;
        Ok(cells)
    }

    /// The better of a pair's arms minus single at the study's looks, corrected for having chosen the better one.
    fn better_over(&self, pair: [&Read<'_>; 2], single: &Read<'_>) -> Result<Option<Against>, Error> {
        let [mtl, stilts] = pair;
        let Some([mtl, stilts, single]) = paired([mtl, stilts, single]) else { return Ok(None) };
        better_at_looks([&mtl, &stilts], &single, &self.spec.looks).map(Some)
    }

    fn cell(&self, mtl: &Read<'_>, stilts: &Read<'_>, arms: &[Read<'_>]) -> Result<Option<Cell>, Error> {
        let Some(difference) = self.against(mtl, stilts)? else { return Ok(None) };
        let subject = &self.survey.all[mtl.entry.target];
        let support = &self.survey.all[mtl.entry.support.unwrap_or_default()];
        // Which way is up: a lower error is a win.
        let higher = subject.dev.metrics.higher_is_better();
        let mtl_is_better = (difference.difference.value > 0.0) == higher;
        let strategy = if mtl_is_better { Strategy::Mtl } else { Strategy::Stilts };
        let target = mtl.entry.target;
        let single = arms.iter().find(|arm| arm.entry.target == target && arm.entry.arm == Arm::Single);
        Ok(Some(Cell {
            target: subject.task.name.clone(),
            support: support.task.name.clone(),
            sizes: Sizes { target: subject.train_rows, support: support.train_rows },
            winner: difference.decided.then_some(strategy),
            paper_winner: difference.paper_p.is_some_and(|p| p < 0.1).then_some(strategy),
            over_single: single.map_or(Ok(None), |single| self.better_over([mtl, stilts], single))?,
            mtl_minus_stilts: difference,
        }))
    }
}

/// What the arms have under the seeds that all of them have; none without such a seed.
fn paired<const N: usize>(arms: [&Read<'_>; N]) -> Option<[Vec<Judged>; N]> {
    let seeds: Vec<usize> = arms[0]
        .judged
        .keys()
        .copied()
        .filter(|seed| arms.iter().all(|arm| arm.judged.contains_key(seed)))
        .collect();
    (!seeds.is_empty()).then(|| arms.map(|arm| seeds.iter().map(|seed| arm.judged[seed].clone()).collect()))
}

/// The same pair's other arm.
fn partner<'a, 'e>(arms: &'a [Read<'e>], of: &Read<'e>, arm: Arm) -> Option<&'a Read<'e>> {
    arms.iter().find(|other| {
        let (a, b) = (other.entry, of.entry);
        a.arm == arm && (a.target, a.support, a.ratio) == (b.target, b.support, b.ratio)
    })
}
