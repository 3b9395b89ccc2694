//! The looks at a difference while seeds come in. Who stops at the first significant p-value errs far more often than it
//! says; here each look is tested at a stricter level, and all of them together err as seldom as promised.
//!
//! A look is a function of the first so many seeds, so nothing is kept of earlier ones: they are made again. What a look
//! may spend is fixed by its number of seeds, before any result (a variance that is small by chance would both spend more and
//! reject more); results only say how much the looks have in common.

use super::boundary::{Moment, level, root};
use super::mixed_model::MixedModel;
use super::options::check_share;
use super::plan::Plan;
use crate::error::Error;
use serde::{Deserialize, Serialize};

/// The share of the error that planned looks spend, all of them together. The boundary takes their statistics for a motion of normal steps,
/// but few seeds make them Student's t, which wanders more: where rows say nothing, a look after each of 20 seeds errs in a fifth
/// more studies than it spends, four looks in a tenth more.
const PLANNED: f64 = 0.85;

/// That of looks outside the plan. What is left pays for the t.
const RESERVE: f64 = 0.1;

/// One look.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// The first so many seeds were looked at.
    pub seeds: usize,
    /// Whether the plan has this look.
    pub planned: bool,
    /// The mean difference over these seeds.
    pub difference: f64,
    /// Two-sided p of this look alone.
    pub p_value: f64,
    /// The level at which this look is tested, in `[0, 1)`; 0 for one that brings nothing new.
    pub level: f64,
}

impl Look {
    /// Whether this look rejects that there is no difference.
    pub fn rejects(&self) -> bool {
        self.p_value < self.level
    }
}

/// The looks at differences that are means over rows: the planned ones of at most `S` seeds, and `S` seeds themselves if they
/// are more than the first look asks for. None for fewer. [`crate::compare_at_looks`] on models comes to this.
///
/// Planned looks spend 85 % of `1 - confidence` by Lan and DeMets' (1983) function like Pocock's, of the share of the planned seeds
/// (DeMets and Lan 1994 call it usage time). 10 % are for other numbers of seeds, each of which may have been looked at:
/// they are tested as if all had been. The rest pays for few seeds, whose t wanders more than the motion that levels are made for. So the
/// looks err with probability `1 - confidence` at most, whichever are taken.
///
/// # Shapes
/// `differences: [S][E]`, `E >= 2`.
///
/// # Errors
/// [`Error::Share`] for a confidence outside `(0, 1)`.
///
/// # Panics
/// If rows have different lengths, or fewer than two entries.
#[track_caller]
pub fn test_at_looks(differences: &[Vec<f64>], plan: &Plan, confidence: f64) -> Result<Vec<Look>, Error> {
    check_share("confidence", confidence)?;
    let examples = differences.first().map_or(2, Vec::len);
    assert!(
        examples >= 2 && differences.iter().all(|row| row.len() == examples),
        "a table of two columns or more"
    );
    let per_seed: Vec<f64> =
        differences.iter().map(|row| row.iter().sum::<f64>() / row.len() as f64).collect();
    let seen = Seen::all(&per_seed, differences, plan);
    Ok(seen.iter().map(|seen| seen.look(plan, 1.0 - confidence)).collect())
}

/// A look before it is judged.
pub(crate) struct Seen {
    pub(crate) seeds: usize,
    pub(crate) difference: f64,
    pub(crate) model: MixedModel,
    examples: usize,
    p_value: f64,
}

impl Seen {
    /// The looks at `per_seed: [S]`, whose pseudo-values are `table: [S][E]`.
    pub(crate) fn all(per_seed: &[f64], table: &[Vec<f64>], plan: &Plan) -> Vec<Seen> {
        let most = per_seed.len();
        let unplanned = (most > plan.first() && !plan.looks().contains(&most)).then_some(most);
        let planned = plan.looks().iter().copied().filter(|&seeds| seeds <= most);
        let seen = |seeds: usize| {
            let difference = per_seed[..seeds].iter().sum::<f64>() / seeds as f64;
            let model = MixedModel::fit(&table[..seeds]);
            let p_value = model.test.p_value(difference);
            Seen { seeds, difference, examples: table[0].len(), p_value, model }
        };
        planned.chain(unplanned).map(seen).collect()
    }

    pub(crate) fn look(&self, plan: &Plan, alpha: f64) -> Look {
        Look {
            seeds: self.seeds,
            planned: plan.looks().contains(&self.seeds),
            difference: self.difference,
            p_value: self.p_value,
            level: self.level(plan, alpha),
        }
    }

    /// The smallest `alpha` with which one of the looks rejects: a p-value, however many of them are taken.
    pub(crate) fn p_value(all: &[Seen], plan: &Plan) -> f64 {
        let mut smallest = 1.0_f64;
        for seen in all {
            // A look's level is at most `alpha`, so that most looks need no search.
            let reaches = |alpha: f64| seen.level(plan, alpha) > seen.p_value;
            if seen.p_value < smallest && reaches(smallest) {
                let excess = |ln: f64| {
                    let level = seen.level(plan, ln.exp());
                    level.max(f64::MIN_POSITIVE).ln() - seen.p_value.max(f64::MIN_POSITIVE).ln()
                };
                smallest = root(seen.p_value.max(f64::MIN_POSITIVE).ln(), smallest.ln(), excess).exp();
            }
        }
        smallest
    }

    fn level(&self, plan: &Plan, alpha: f64) -> f64 {
        let (first, most) = (plan.first(), plan.most());
        let moment = |spent: &dyn Fn(f64) -> f64, seeds: usize| Moment {
            information: self.information(seeds),
            spent: spent(seeds as f64),
        };
        let moments: Vec<Moment> = if plan.looks().contains(&self.seeds) {
            let like_pocock =
                |seeds: f64| PLANNED * alpha * (1.0 + (std::f64::consts::E - 1.0) * seeds / most as f64).ln();
            let before = plan.looks().iter().take_while(|&&seeds| seeds <= self.seeds);
            before.map(|&seeds| moment(&like_pocock, seeds)).collect()
        } else {
            // It never ends, so that a study can grow beyond its plan.
            let without_end = |seeds: f64| RESERVE * alpha * (1.0 - first as f64 / seeds);
            (first + 1..=self.seeds).map(|seeds| moment(&without_end, seeds)).collect()
        };
        level(&moments)
    }

    /// `1 / SE²` that the variances as they look now give so many seeds.
    fn information(&self, seeds: usize) -> f64 {
        let components = self.model.components.unwrap_or_default();
        let variance = components.expected(seeds as f64, self.examples as f64).0.powi(2);
        if variance > 0.0 { 1.0 / variance } else { seeds as f64 }
    }
}
