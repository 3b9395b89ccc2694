//! Is arm A better than arm B, asked again while seeds come in. The test and its interval are one: the interval at a look's
//! level excludes 0 where the look rejects, so that a verdict and its numbers cannot disagree.

use super::comparison::{range, weighted};
use super::crossed::Crossed;
use super::looks::{Look, Seen};
use super::mixed_model::{Components, MixedModel};
use super::options::check_share;
use super::plan::Plan;
use super::sign_flip::sign_flip;
use crate::error::Error;
use crate::metrics::judged::Judged;
use serde::{Deserialize, Serialize};

/// A look that brings nothing new has level 0; its interval is drawn at this one, since none has level 1.
const LEAST_LEVEL: f64 = 1e-6;

/// Headline of A minus headline of B, with what the looks up to now come to. All numbers are finite and in the headline's unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sequential {
    /// Mean difference over the seeds that `interval` is about; over all seeds where there is no look yet. Positive is better
    /// only where higher is better.
    pub difference: f64,
    /// How many of the first seeds these are.
    pub seeds: usize,
    /// The difference under each seed, all of them. `[S]`
    pub per_seed: Vec<f64>,
    /// `E`, the number of examples of the dev set.
    pub examples: usize,
    /// What can be said.
    pub standing: Standing,
    /// The repeated confidence interval (Jennison and Turnbull 1989), within what such a difference can be: those of all looks
    /// hold the truth, all at once, with probability `confidence`. That of the last planned look, or of these seeds where they
    /// decide outside the plan. `None` where nothing was looked at, and for a tie.
    pub interval: Option<(f64, f64)>,
    /// Standard error of `difference`, where there is an interval.
    pub standard_error: Option<f64>,
    /// Two-sided p that holds at whichever look one stops: at most `1 - confidence` where a look decided. Corrections for
    /// several arms go on top. `None` where nothing was looked at, 1 for a tie.
    pub p_value: Option<f64>,
    /// Two-sided p of the exact sign-flip test on `per_seed`, of one look: it makes no model and takes the examples as given.
    pub sign_flip: Option<f64>,
    /// Where the difference's variance comes from, with an interval.
    pub components: Option<Components>,
    /// The looks that were reached, by seeds.
    pub looks: Vec<Look>,
    /// The probability that was asked for, in `(0, 1)`.
    pub confidence: f64,
}

/// What can be said of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Fewer seeds than the first look asks for say nothing of the next seed.
    NotYet,
    /// Both arms do the same in every example, under every seed.
    Tied,
    /// No look has decided.
    Undecided,
    /// So it stays, whatever later looks say. Its sign is that of the look's difference.
    Decided {
        /// The first of `looks` that rejects, from 0.
        look: usize,
    },
}

impl Sequential {
    /// The difference at the look that decided.
    pub fn decided(&self) -> Option<f64> {
        match self.standing {
            Standing::Decided { look } => Some(self.looks[look].difference),
            _ => None,
        }
    }
}

/// Compares `a[s]` with `b[s]`, the models of two arms under the same seed, at the looks of [`crate::test_at_looks`]: the planned ones
/// that the seeds reach, and the seeds there are.
///
/// # Shapes
/// `a: [S]`, `b: [S]`, each judged on the same `E` rows.
///
/// # Errors
/// [`Error::Share`] for a confidence outside `(0, 1)`; [`Error::NoSeeds`], [`Error::Seeds`], [`Error::OneExample`] or
/// [`Error::NotComparable`] for arms that do not pair up.
pub fn compare_at_looks(
    a: &[Judged],
    b: &[Judged],
    plan: &Plan,
    confidence: f64,
) -> Result<Sequential, Error> {
    check_share("confidence", confidence)?;
    let crossed = Crossed::check(&[a, b])?;
    let minus = |arms: &[f64]| weighted(&[1.0, -1.0], arms);
    let per_seed: Vec<f64> = crossed.headlines().iter().map(|arms| minus(arms)).collect();
    let table = crossed.table(&crossed.pseudo_values(), minus);
    let ends = range(&[1.0, -1.0], a[0].metrics().range());
    Ok(at_looks(per_seed, &table, ends, plan, confidence))
}

/// The same of what each row earns by itself, a share, of which the mean is compared: `a[s][e]` is that of arm A in example `e` under
/// seed `s`.
///
/// # Shapes
/// `a: [S][E]`, `b: [S][E]`, each entry in `[0, 1]`.
///
/// # Errors
/// Those of [`compare_at_looks`]; [`Error::NoShare`] for an entry outside `[0, 1]`.
pub fn compare_shares_at_looks(
    a: &[Vec<f64>],
    b: &[Vec<f64>],
    plan: &Plan,
    confidence: f64,
) -> Result<Sequential, Error> {
    check_share("confidence", confidence)?;
    let examples = a.first().ok_or(Error::NoSeeds)?.len();
    if examples < 2 {
        return Err(Error::OneExample);
    }
    if b.len() != a.len() {
        return Err(Error::Seeds { arm: 1, found: b.len(), expected: a.len() });
    }
    let all = [a, b].into_iter().enumerate();
    for (arm, seed, shares) in
        all.flat_map(|(arm, seeds)| (0..).zip(seeds).map(move |(seed, row)| (arm, seed, row)))
    {
        if shares.len() != examples {
            return Err(Error::NotComparable { arm, seed });
        }
        if let Some(example) = shares.iter().position(|share| !(0.0..=1.0).contains(share)) {
            return Err(Error::NoShare { arm, seed, example, found: shares[example] });
        }
    }
    let minus =
        |(a, b): (&Vec<f64>, &Vec<f64>)| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a - b).collect() };
    let table: Vec<Vec<f64>> = a.iter().zip(b).map(minus).collect();
    let per_seed = table.iter().map(|row| row.iter().sum::<f64>() / examples as f64).collect();
    Ok(at_looks(per_seed, &table, (-1.0, 1.0), plan, confidence))
}

/// Differences `per_seed: [S]` with pseudo-values `table: [S][E]`, of which none is outside the two ends.
fn at_looks(
    per_seed: Vec<f64>,
    table: &[Vec<f64>],
    (least, most): (f64, f64),
    plan: &Plan,
    confidence: f64,
) -> Sequential {
    let seen = Seen::all(&per_seed, table, plan);
    let looks: Vec<Look> = seen.iter().map(|seen| seen.look(plan, 1.0 - confidence)).collect();
    let tied = per_seed.iter().chain(table.iter().flatten()).all(|&difference| difference == 0.0);
    let decided = looks.iter().position(Look::rejects);
    let standing = match decided {
        _ if seen.is_empty() => Standing::NotYet,
        _ if tied => Standing::Tied,
        Some(look) => Standing::Decided { look },
        None => Standing::Undecided,
    };
    let last_planned = looks.iter().rposition(|look| look.planned);
    let shown = decided.filter(|&look| !looks[look].planned).or(last_planned);
    let (seeds, difference) = match shown {
        Some(look) => (looks[look].seeds, looks[look].difference),
        None => (per_seed.len(), per_seed.iter().sum::<f64>() / per_seed.len() as f64),
    };
    let model = shown.filter(|_| !tied).map(|look| (&seen[look].model, looks[look].level));
    let interval = |(model, level): (&MixedModel, f64)| {
        let half = model.test.half_width(1.0 - level.max(LEAST_LEVEL));
        ((difference - half).max(least), (difference + half).min(most))
    };
    Sequential {
        difference,
        seeds,
        examples: table[0].len(),
        standing,
        interval: model.map(interval),
        standard_error: model.map(|(model, _)| model.standard_error),
        p_value: (!seen.is_empty()).then(|| Seen::p_value(&seen, plan)),
        sign_flip: sign_flip(&per_seed),
        components: model.and_then(|(model, _)| model.components),
        per_seed,
        looks,
        confidence,
    }
}

/// The better of several arms against a baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BetterOf {
    /// The arm with the best mean, from 0; of equals the first.
    pub arm: usize,
    /// It minus the baseline, as one of several that could have been the best: its interval and standing are those of a
    /// confidence that is corrected by Bonferroni.
    pub against: Sequential,
    /// `against.p_value` corrected in the same way.
    pub p_value: Option<f64>,
}

/// Compares whichever of `arms` has the best mean with `baseline`. The best of `K` arms is partly lucky; a test as if it had been
/// named before would err up to `K` times as often as it says.
///
/// # Shapes
/// `arms: [K][S]`, `baseline: [S]`, each judged on the same `E` rows.
///
/// # Errors
/// [`Error::NoArms`], and those of [`compare_at_looks`].
pub fn better_of(
    arms: &[&[Judged]],
    baseline: &[Judged],
    plan: &Plan,
    confidence: f64,
) -> Result<BetterOf, Error> {
    check_share("confidence", confidence)?;
    let all = arms.len() as f64;
    let corrected = 1.0 - (1.0 - confidence) / all.max(1.0);
    let mean = |arm: &[Judged]| arm.iter().map(Judged::headline).sum::<f64>();
    let is_better = |one: &[Judged], other: &[Judged]| {
        one.first().is_some_and(|model| model.metrics().better(mean(one), mean(other)))
    };
    let arm = (1..arms.len()).fold(0, |best, arm| if is_better(arms[arm], arms[best]) { arm } else { best });
    let against = compare_at_looks(arms.get(arm).ok_or(Error::NoArms)?, baseline, plan, corrected)?;
    let p_value = against.p_value.map(|p| (all * p).min(1.0));
    Ok(BetterOf { arm, against, p_value })
}
