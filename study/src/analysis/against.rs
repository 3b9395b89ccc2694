//! Two arms that were judged become what the report says of them.
//!
//! A gain over single is tested at the study's planned looks, since studies grow until they are decided. Other differences are
//! tested as if nobody looked again.

use mtlift_eval::{
    BetterOf, Comparison, Judged, Plan as LookPlan, SeedsNeeded, Sequential, Standing, benjamini_hochberg,
    better_of, compare, compare_at_looks, holm, pooled_t, seeds_needed, seeds_range,
};
use mtlift_report::{Against, Difference, LEVEL, MOST_SEEDS};
use rand_chacha::ChaCha8Rng;

use super::average::mean;
use super::context::options;
use crate::error::Error;

/// The power at which a difference counts as settled.
const POWER: f64 = 0.8;

/// An arm minus single at the planned looks, as one of a `family` of comparisons from which the best is looked for.
pub(super) fn at_looks(
    arm: &[Judged],
    single: &[Judged],
    plan: &LookPlan,
    family: usize,
) -> Result<Against, Error> {
    sequential(&compare_at_looks(arm, single, plan, LEVEL)?, paper(arm, single)?, family)
}

/// The better of two arms minus single at the planned looks, corrected for having chosen the better one.
pub(super) fn better_at_looks(
    pair: [&[Judged]; 2],
    single: &[Judged],
    plan: &LookPlan,
) -> Result<Against, Error> {
    let BetterOf { arm, against, p_value } = better_of(&pair, single, plan, LEVEL)?;
    let found = sequential(&against, paper(pair[arm], single)?, 1)?;
    Ok(Against { p_value, p_holm: p_value, p_bh: p_value, ..found })
}

/// What shares of rows come to at looks, as one of a `family` of comparisons; the paper has no test of them.
pub(super) fn of_shares(found: &Sequential, family: usize) -> Result<Against, Error> {
    sequential(found, (None, None), family)
}

/// One arm minus another by the test of one look.
pub(super) fn of_one_look(one: &[Judged], other: &[Judged], rng: &mut ChaCha8Rng) -> Result<Against, Error> {
    let found = compare(one, other, &options(), rng)?;
    // What one seed says is about these very models, and would be read as more.
    let many = found.seeds > 1;
    let p_value = many.then_some(found.p_value);
    let (paper_t, paper_p) = paper(one, other)?;
    Ok(Against {
        difference: Difference::new(found.difference, many.then_some(found.interval)),
        decided: found.is_decided(),
        tied: false,
        p_value,
        sign_flip: found.sign_flip,
        p_holm: p_value,
        p_bh: p_value,
        paper_t,
        paper_p,
        seeds: found.seeds,
        seeds_needed: needed(&found)?,
        seeds_least: None,
        seeds_most: None,
        looks: Vec::new(),
    })
}

/// Corrects the p-values of comparisons of one kind for their number.
pub(super) fn adjust<'a>(comparisons: impl Iterator<Item = &'a mut Against>) -> Result<(), Error> {
    let comparisons: Vec<&mut Against> = comparisons.collect();
    // What cannot be tested yet is one of the family all the same.
    let p: Vec<f64> = comparisons.iter().map(|comparison| comparison.p_value.unwrap_or(1.0)).collect();
    let (holm, bh) = (holm(&p)?, benjamini_hochberg(&p)?);
    for ((comparison, holm), bh) in comparisons.into_iter().zip(holm).zip(bh) {
        let tested = comparison.p_value.is_some();
        (comparison.p_holm, comparison.p_bh) = (tested.then_some(holm), tested.then_some(bh));
    }
    Ok(())
}

/// The paper's t and p. Seeds that all score the same, as those that did not learn do, have no t.
fn paper(one: &[Judged], other: &[Judged]) -> Result<(Option<f64>, Option<f64>), Error> {
    let headlines = |judged: &[Judged]| judged.iter().map(Judged::headline).collect::<Vec<f64>>();
    let (one, other) = (headlines(one), headlines(other));
    let test = (one.len() > 1).then(|| pooled_t(&one, &other)).transpose()?;
    let spreads = |scores: &[f64]| scores.iter().any(|score| *score != scores[0]);
    let t = test.map(|test| test.t).filter(|_| spreads(&one) || spreads(&other));
    Ok((t, test.map(|test| test.p_value)))
}

/// A comparison at looks, as the report has it.
fn sequential(
    found: &Sequential,
    (paper_t, paper_p): (Option<f64>, Option<f64>),
    family: usize,
) -> Result<Against, Error> {
    // At the level of the latest look and Holm's first step.
    let level = found.looks.last().map(|look| look.level).filter(|level| *level > 0.0);
    let alpha = level.unwrap_or(1.0 - LEVEL) / family as f64;
    let range = seeds_range(found, POWER, alpha, MOST_SEEDS)?;
    Ok(Against {
        // Of all seeds, as the means beside it are; the interval may be of those of the latest planned look.
        difference: Difference::new(mean(found.per_seed.iter().copied()), found.interval),
        decided: matches!(found.standing, Standing::Decided { .. }),
        tied: matches!(found.standing, Standing::Tied),
        p_value: found.p_value,
        sign_flip: found.sign_flip,
        p_holm: found.p_value,
        p_bh: found.p_value,
        paper_t,
        paper_p,
        seeds: found.per_seed.len(),
        seeds_needed: None,
        seeds_least: range.and_then(|range| range.least),
        seeds_most: range.and_then(|range| range.most),
        looks: found.looks.clone(),
    })
}

/// The seeds in all that would find the difference as it is by a test of one look.
fn needed(found: &Comparison) -> Result<Option<u32>, Error> {
    Ok(match seeds_needed(found, POWER, 1.0 - LEVEL, MOST_SEEDS)? {
        SeedsNeeded::Enough => Some(found.seeds as u32),
        SeedsNeeded::More(seeds) => Some(seeds),
        SeedsNeeded::Unknown | SeedsNeeded::Never => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mtlift_eval::{Metric, TaskMetrics};

    const EXAMPLES: usize = 200;

    /// A model that is right on the first so many of 200 examples, but wrong on every so-manieth.
    fn arm(right: &[(usize, usize)]) -> Vec<Judged> {
        let metrics = TaskMetrics::check(&[Metric::Accuracy]).expect("a metric");
        let model = |&(right, wrong): &(usize, usize)| {
            let is_right = |example: usize| example < right && !example.is_multiple_of(wrong);
            let predicted: Vec<usize> = (0..EXAMPLES).map(|example| usize::from(is_right(example))).collect();
            Judged::classes(&predicted, &[1; EXAMPLES], 2, 1, &metrics).expect("two classes")
        };
        right.iter().map(model).collect()
    }

    fn single() -> Vec<Judged> {
        arm(&[(110, 7), (118, 9), (112, 8), (120, 11), (115, 7)])
    }

    fn better() -> Vec<Judged> {
        arm(&[(120, 9), (126, 8), (130, 11), (125, 7), (131, 12)])
    }

    /// They entered the line through a sweep's cells with a t of 0, which drew it flat.
    #[test]
    fn arms_whose_seeds_all_score_the_same_have_no_t() {
        let collapsed = arm(&[(110, 7); 3]);
        assert_eq!(paper(&collapsed, &collapsed).expect("two samples"), (None, Some(1.0)));
        let equal_on_average = arm(&[(110, 300), (114, 300), (112, 300)]);
        let (t, p) = paper(&equal_on_average, &arm(&[(112, 300); 3])).expect("two samples");
        assert!(t.is_some_and(|t| t.abs() < 1e-9) && p.is_some_and(|p| p > 0.99), "{t:?} {p:?}");
    }

    /// The better of the two was tested as if it had been the only one.
    #[test]
    fn the_better_of_two_arms_pays_for_having_been_chosen() {
        let plan = LookPlan::default();
        let (single, better) = (single(), better());
        let alone = at_looks(&better, &single, &plan, 1).expect("a comparison").p_value.expect("a p-value");
        let worse = arm(&[(111, 9), (110, 8), (113, 7), (122, 10), (116, 9)]);
        let chosen = better_at_looks([&worse, &better], &single, &plan).expect("a comparison");
        assert_eq!(
            chosen.difference.value,
            at_looks(&better, &single, &plan, 1).expect("a comparison").difference.value
        );
        let p = chosen.p_value.expect("a p-value");
        assert!((p - (2.0 * alone).min(1.0)).abs() < 1e-12, "{p} and {alone}");
    }

    #[test]
    fn the_same_predictions_are_a_tie_and_say_nothing_of_seeds() {
        let tied = at_looks(&single(), &single(), &LookPlan::default(), 2).expect("a comparison");
        assert!(tied.tied && !tied.decided);
        assert_eq!((tied.seeds_least, tied.seeds_most), (None, None));
    }

    #[test]
    fn one_seed_has_a_difference_and_nothing_that_tests_it() {
        let (one, other) = (&better()[..1], &single()[..1]);
        let plan = LookPlan::default();
        let mut rng = super::super::context::generator("one seed");
        for found in [
            at_looks(one, other, &plan, 1).expect("a comparison"),
            better_at_looks([one, other], other, &plan).expect("a comparison"),
            of_one_look(one, other, &mut rng).expect("a comparison"),
        ] {
            let tests =
                [found.p_value, found.p_holm, found.p_bh, found.difference.low, found.difference.high];
            assert_eq!((tests, found.decided), ([None; 5], false));
            assert!(found.difference.value > 0.0);
        }
    }

    /// A gain that was tested once at five seeds pays for the look at three and for those that may follow.
    #[test]
    fn a_gain_is_looked_at_as_planned_and_more_strictly_than_once() {
        let plan = LookPlan::default();
        let found = at_looks(&better(), &single(), &plan, 1).expect("a comparison");
        let seen: Vec<(usize, bool)> = found.looks.iter().map(|look| (look.seeds, look.planned)).collect();
        assert_eq!(seen, [(3, true), (5, true)]);
        assert!(found.looks.iter().all(|look| look.level > 0.0 && look.level < 0.05), "{:?}", found.looks);
        let once = LookPlan::check(&[5]).expect("a plan");
        let once = at_looks(&better(), &single(), &once, 1).expect("a comparison");
        assert!(once.p_value < found.p_value, "{once:?} and {found:?}");
    }

    /// What cannot be tested yet counts in the family.
    #[test]
    fn holm_counts_an_arm_that_has_too_few_seeds() {
        let plan = LookPlan::default();
        let (single, better) = (single(), better());
        let mut family = [
            at_looks(&better, &single, &plan, 2).expect("a comparison"),
            at_looks(&better[..1], &single[..1], &plan, 2).expect("a comparison"),
        ];
        adjust(family.iter_mut()).expect("p-values");
        let p = family[0].p_value.expect("a p-value");
        assert_eq!((family[0].p_holm, family[1].p_holm), (Some((2.0 * p).min(1.0)), None));
    }
}
