//! Does the test keep its promise? Small studies are drawn from a study's own runs, where the truth is known.
//!
//! Two arms that are the same up to the seed differ by nothing: in how many small studies are they called different? And
//! of two arms, the difference over all seeds and all dev rows is the truth: how many intervals hold it?

use mtlift_eval::{Judged, Options, Plan as LookPlan, Standing, compare, compare_at_looks};
use mtlift_report::LEVEL;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;
use serde::Serialize;

use crate::error::Error;

/// The small studies that are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Draws {
    /// How many.
    pub studies: usize,
    /// Seeds of each arm in one of them.
    pub seeds: usize,
    /// Dev rows in one of them, drawn without repetition.
    pub rows: usize,
    /// Bootstrap replicates of an interval.
    pub replicates: usize,
}

/// How often the test was wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// `RTE: single against itself`, or two arms.
    pub comparison: String,
    /// Whether both are one arm, whose true difference is 0.
    pub same: bool,
    /// The true difference: over all seeds and rows.
    pub truth: f64,
    /// Small studies drawn.
    pub studies: usize,
    /// Of them, how many intervals hold the truth.
    pub covered: usize,
    /// How many call the two different by the test of one look.
    pub called_different: usize,
    /// How many do so at any of the study's planned looks, up to these seeds.
    pub called_different_at_looks: usize,
    /// How many the paper's test calls different.
    pub called_different_by_paper: usize,
}

/// Draws small studies from an arm's runs against other seeds of its own.
pub(crate) fn against_itself(
    name: &str,
    pool: &[Judged],
    plan: &LookPlan,
    draws: Draws,
) -> Result<Option<Calibration>, Error> {
    if pool.len() < 2 * draws.seeds || pool[0].rows() < draws.rows {
        return Ok(None);
    }
    let outcomes = (0..draws.studies).into_par_iter().map(|study| {
        let mut rng = generator(name, study);
        let seeds = choose(pool.len(), 2 * draws.seeds, &mut rng);
        let rows = choose(pool[0].rows(), draws.rows, &mut rng);
        let of = |seeds: &[usize]| select(pool, seeds, &rows);
        outcome(&of(&seeds[..draws.seeds])?, &of(&seeds[draws.seeds..])?, 0.0, (plan, draws), &mut rng)
    });
    let outcomes = outcomes.collect::<Result<Vec<_>, Error>>()?;
    Ok(Some(summary(format!("{name} against itself"), true, 0.0, &outcomes)))
}

/// Draws small studies of two arms with the same seeds, as the arms of a study are.
pub(crate) fn of_two(
    name: &str,
    one: &[Judged],
    other: &[Judged],
    plan: &LookPlan,
    draws: Draws,
) -> Result<Option<Calibration>, Error> {
    if one.len() != other.len() || one.len() < 2 * draws.seeds || one[0].rows() < draws.rows {
        return Ok(None);
    }
    let mean = |pool: &[Judged]| pool.iter().map(Judged::headline).sum::<f64>() / pool.len() as f64;
    let truth = mean(one) - mean(other);
    let outcomes = (0..draws.studies).into_par_iter().map(|study| {
        let mut rng = generator(name, study);
        let seeds = choose(one.len(), draws.seeds, &mut rng);
        let rows = choose(one[0].rows(), draws.rows, &mut rng);
        outcome(&select(one, &seeds, &rows)?, &select(other, &seeds, &rows)?, truth, (plan, draws), &mut rng)
    });
    let outcomes = outcomes.collect::<Result<Vec<_>, Error>>()?;
    Ok(Some(summary(name.to_owned(), false, truth, &outcomes)))
}

fn select(pool: &[Judged], seeds: &[usize], rows: &[usize]) -> Result<Vec<Judged>, Error> {
    seeds.iter().map(|&seed| Ok(pool[seed].select(rows)?)).collect()
}

/// Whether a small study's interval holds the truth, and whether the test of one look, the one at the planned looks and the paper's
/// call the arms different.
fn outcome(
    one: &[Judged],
    other: &[Judged],
    truth: f64,
    (plan, draws): (&LookPlan, Draws),
    rng: &mut ChaCha8Rng,
) -> Result<[bool; 4], Error> {
    let options = Options { level: LEVEL, replicates: draws.replicates };
    let comparison = compare(one, other, &options, rng)?;
    let (low, high) = comparison.interval;
    let decided = comparison.is_decided();
    let standing = compare_at_looks(one, other, plan, LEVEL)?.standing;
    let at_looks = matches!(standing, Standing::Decided { .. });
    let headlines = |judged: &[Judged]| judged.iter().map(Judged::headline).collect::<Vec<f64>>();
    let paper = mtlift_eval::pooled_t(&headlines(one), &headlines(other))?;
    Ok([(low..=high).contains(&truth), decided, at_looks, paper.decides()])
}

fn summary(comparison: String, same: bool, truth: f64, outcomes: &[[bool; 4]]) -> Calibration {
    let count = |which: usize| outcomes.iter().filter(|outcome| outcome[which]).count();
    Calibration {
        comparison,
        same,
        truth,
        studies: outcomes.len(),
        covered: count(0),
        called_different: count(1),
        called_different_at_looks: count(2),
        called_different_by_paper: count(3),
    }
}

fn generator(name: &str, study: usize) -> ChaCha8Rng {
    ChaCha8Rng::from_seed(*blake3::hash(format!("{name} {study}").as_bytes()).as_bytes())
}

/// `count` of `0..from`, none twice, in random order.
fn choose(from: usize, count: usize, rng: &mut ChaCha8Rng) -> Vec<usize> {
    let mut all: Vec<usize> = (0..from).collect();
    for place in 0..count {
        // The bias of a remainder is below 2^-50 for any dev set.
        let other = place + (rng.next_u64() % (from - place) as u64) as usize;
        all.swap(place, other);
    }
    all.truncate(count);
    all
}
