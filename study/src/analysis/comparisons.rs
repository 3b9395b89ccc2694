//! One arm against another: gains over `single`, the probability of being best, STILTs against MTL.

use mtlift_eval::{
    Comparison, Judged, SeedsNeeded, Strategy, benjamini_hochberg, compare, holm, pooled_t, probability_best,
    seeds_needed,
};
use mtlift_report::{Against, Cell, Estimate, LEVEL, MOST_SEEDS, Sizes};
use mtlift_schedule::Arm;
use rayon::prelude::*;

use super::arms::Read;
use super::context::{Context, REPLICATES, generator, options};
use crate::error::Error;
use crate::label;
use crate::spec::Question;

/// The power at which a difference counts as settled.
const POWER: f64 = 0.8;

impl Context<'_> {
    /// Sets every arm's gain over its target's `single`.
    pub(super) fn gains(&self, arms: &mut [Read<'_>]) -> Result<(), Error> {
        let gains: Vec<Option<Against>> = arms
            .par_iter()
            .map(|arm| {
                if arm.entry.arm == Arm::Single {
                    return Ok(None);
                }
                let of_target = || arms.iter().filter(|other| other.entry.target == arm.entry.target);
                let single = of_target().find(|other| other.entry.arm == Arm::Single);
                // Holm's first step, which the best of the arms has to pass.
                let rivals = of_target().filter(|other| other.entry.arm != Arm::Single).count();
                single.map_or(Ok(None), |single| self.against(arm, single, rivals))
            })
            .collect::<Result<_, Error>>()?;
        let mut gains = gains;
        for target in self.survey.places(&self.spec.targets) {
            let of_target = arms.iter().zip(&mut gains).filter(|(arm, _)| arm.entry.target == target);
            adjust(of_target.filter_map(|(_, gain)| gain.as_mut()))?;
        }
        for (arm, gain) in arms.iter_mut().zip(gains) {
            arm.findings.gain = gain;
        }
        Ok(())
    }

    /// One arm minus another, on the seeds that both have, as one of a `family` of comparisons from which the best is looked for.
    pub(super) fn against(
        &self,
        a: &Read<'_>,
        b: &Read<'_>,
        family: usize,
    ) -> Result<Option<Against>, Error> {
        let seeds: Vec<usize> = a.judged.keys().filter(|seed| b.judged.contains_key(seed)).copied().collect();
        if seeds.is_empty() {
            return Ok(None);
        }
        let of = |arm: &Read<'_>| seeds.iter().map(|seed| arm.judged[seed].clone()).collect::<Vec<_>>();
        let (one, other) = (of(a), of(b));
        let name = |arm: &Read<'_>| label::arm(arm.entry, self.survey, self.spec);
        let label = format!("{} {} {}", a.findings.target, name(a), name(b));
        let comparison = compare(&one, &other, &options(), &mut generator(&label))?;
        let headlines = |judged: &[Judged]| judged.iter().map(Judged::headline).collect::<Vec<f64>>();
        let paper = (seeds.len() > 1).then(|| pooled_t(&headlines(&one), &headlines(&other))).transpose()?;
        let decided = comparison.is_decided();
        let Comparison { difference, interval: (low, high), p_value, sign_flip, .. } = comparison;
        Ok(Some(Against {
            difference: Estimate { value: difference, low, high },
            decided,
            p_value,
            sign_flip,
            p_holm: p_value,
            p_bh: p_value,
            paper_t: paper.map(|test| test.t).filter(|t| t.is_finite()),
            paper_p: paper.map(|test| test.p_value),
            seeds: seeds.len(),
            seeds_needed: match seeds_needed(&comparison, POWER, (1.0 - LEVEL) / family as f64, MOST_SEEDS)? {
                SeedsNeeded::Enough => Some(seeds.len() as u32),
                SeedsNeeded::More(seeds) => Some(seeds),
                SeedsNeeded::Unknown | SeedsNeeded::Never => None,
            },
        }))
    }

    /// Sets every arm's probability of being its target's best, over the seeds that all of them have.
    pub(super) fn best(&self, arms: &mut [Read<'_>]) -> Result<(), Error> {
        for target in self.survey.places(&self.spec.targets) {
            let places: Vec<usize> = (0..arms.len())
                .filter(|&place| arms[place].entry.target == target && !arms[place].judged.is_empty())
                .collect();
            let common: Vec<usize> = (0..self.spec.seeds.len())
                .filter(|seed| places.iter().all(|&place| arms[place].judged.contains_key(seed)))
                .collect();
            if common.is_empty() || places.len() < 2 {
                continue;
            }
            let judged: Vec<Vec<Judged>> = places
                .iter()
                .map(|&place| common.iter().map(|seed| arms[place].judged[seed].clone()).collect())
                .collect();
            let views: Vec<&[Judged]> = judged.iter().map(Vec::as_slice).collect();
            let mut rng = generator(&self.survey.all[target].task.name);
            let shares = probability_best(&views, REPLICATES, &mut rng)?;
            for (&place, share) in places.iter().zip(shares) {
                arms[place].findings.best = Some(share);
            }
        }
        Ok(())
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

    fn cell(&self, mtl: &Read<'_>, stilts: &Read<'_>, arms: &[Read<'_>]) -> Result<Option<Cell>, Error> {
        let Some(difference) = self.against(mtl, stilts, 1)? else { return Ok(None) };
        let subject = &self.survey.all[mtl.entry.target];
        let support = &self.survey.all[mtl.entry.support.unwrap_or_default()];
        // Which way is up: a lower error is a win.
        let higher = subject.dev.metrics.higher_is_better();
        let mtl_is_better = (difference.difference.value > 0.0) == higher;
        let (better, strategy) =
            if mtl_is_better { (mtl, Strategy::Mtl) } else { (stilts, Strategy::Stilts) };
        let target = mtl.entry.target;
        let single = arms.iter().find(|arm| arm.entry.target == target && arm.entry.arm == Arm::Single);
        Ok(Some(Cell {
            target: subject.task.name.clone(),
            support: support.task.name.clone(),
            sizes: Sizes { target: subject.train_rows, support: support.train_rows },
            winner: difference.decided.then_some(strategy),
            paper_winner: difference.paper_p.is_some_and(|p| p < 0.1).then_some(strategy),
            over_single: single.map_or(Ok(None), |single| self.against(better, single, 1))?,
            mtl_minus_stilts: difference,
        }))
    }
}

/// The same pair's other arm.
fn partner<'a, 'e>(arms: &'a [Read<'e>], of: &Read<'e>, arm: Arm) -> Option<&'a Read<'e>> {
    arms.iter().find(|other| {
        let (a, b) = (other.entry, of.entry);
        a.arm == arm && (a.target, a.support, a.ratio) == (b.target, b.support, b.ratio)
    })
}

/// Corrects the p-values of comparisons of one kind for their number.
pub(super) fn adjust<'a>(comparisons: impl Iterator<Item = &'a mut Against>) -> Result<(), Error> {
    let comparisons: Vec<&mut Against> = comparisons.collect();
    let p: Vec<f64> = comparisons.iter().map(|comparison| comparison.p_value).collect();
    let (holm, bh) = (holm(&p)?, benjamini_hochberg(&p)?);
    for ((comparison, holm), bh) in comparisons.into_iter().zip(holm).zip(bh) {
        (comparison.p_holm, comparison.p_bh) = (holm, bh);
    }
    Ok(())
}
