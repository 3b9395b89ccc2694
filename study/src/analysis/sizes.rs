//! The size experiment: at which size of the support the better strategy changes.
//!
//! The points of the curve are no independent measurements: all have the same seeds and the same dev examples. So the line
//! through them is not fitted to points. Least squares is a weighted sum of the arms' scores, and is compared as such.

use std::collections::BTreeMap;

use mtlift_eval::{Comparison, Judged, contrast, crossing};
use mtlift_report::{Estimate, SizeCurve, SizeCurvePoint};
use mtlift_schedule::Arm;

use super::against::adjust;
use super::arms::Read;
use super::average::mean;
use super::context::{Context, generator, options};
use crate::error::Error;
use crate::spec::Question;

impl Context<'_> {
    /// The curve of a study that asks for one.
    pub(super) fn size_curve(&self, arms: &[Read<'_>]) -> Result<Option<SizeCurve>, Error> {
        if self.spec.question != Question::SizeCurve {
            return Ok(None);
        }
        let mut points = Vec::new();
        let mut sizes = Vec::new();
        for (place, &ratio) in self.spec.ratios.iter().enumerate() {
            let of =
                |arm: Arm| arms.iter().find(|read| read.entry.arm == arm && read.entry.ratio == Some(place));
            let (Some(stilts), Some(mtl)) = (of(Arm::Stilts), of(Arm::Mtl)) else { continue };
            let target = &self.survey.all[mtl.entry.target];
            let seeds: Vec<(u64, f64)> = mtl
                .judged
                .iter()
                .filter_map(|(seed, judged)| {
                    Some((self.spec.seeds[*seed], judged.headline() - stilts.judged.get(seed)?.headline()))
                })
                .collect();
            if !seeds.is_empty() {
                sizes.push(Size { x: ratio.log2(), mtl: &mtl.judged, stilts: &stilts.judged });
            }
            points.push(SizeCurvePoint {
                ratio,
                support_rows: (target.train_rows as f64 * ratio).round() as usize,
                stilts: stilts.findings.mean,
                mtl: mtl.findings.mean,
                difference: self.against(mtl, stilts)?,
                seeds,
            });
        }
        adjust(points.iter_mut().filter_map(|point| point.difference.as_mut()))?;
        points.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
        let name = |names: &[String]| {
            self.survey
                .places(names)
                .next()
                .map_or(String::new(), |place| self.survey.all[place].task.name.clone())
        };
        let (target, support) = (name(&self.spec.targets), name(&self.spec.supports));
        let line = line(&sizes, &format!("{target} {support} line"))?;
        let of = |contrast: fn(&Line) -> &Comparison| line.as_ref().map(contrast);
        let (slope, intercept) = (of(|line| &line.slope), of(|line| &line.intercept));
        Ok(Some(SizeCurve {
            target,
            support,
            points,
            seeds: slope.map_or(0, |slope| slope.seeds),
            slope: slope.map(estimate),
            slope_p: slope.map(|slope| slope.p_value),
            intercept: intercept.map(estimate),
            intercept_p: intercept.map(|intercept| intercept.p_value),
            crossover: line.as_ref().and_then(Line::crossover),
        }))
    }
}

/// Both arms at one size, by place of the seed.
struct Size<'a> {
    /// log2 of the ratio.
    x: f64,
    mtl: &'a BTreeMap<usize, Judged>,
    stilts: &'a BTreeMap<usize, Judged>,
}

/// MTL minus STILTs on log2 of the ratio, by least squares.
struct Line {
    slope: Comparison,
    /// At equal sizes, where `x` is 0.
    intercept: Comparison,
    /// At twice as many support rows, where `x` is 1; it has what is known of the covariance of the other two.
    at_twice: Comparison,
}

/// The line through `sizes`, over the seeds that all arms have: with `x̄` the mean of the `R` sizes' `x` and `Sxx = Σ (x - x̄)²`
/// the slope gives MTL at each size the weight `w = (x - x̄) / Sxx` and STILTs `-w`, the level at equal sizes `1/R - x̄ w`.
/// `None` for fewer than two sizes and without such a seed; with one seed it is about these very models on other examples.
/// `name` is that of the draws, which all three contrasts share.
fn line(sizes: &[Size<'_>], name: &str) -> Result<Option<Line>, Error> {
    let arms = || sizes.iter().flat_map(|size| [size.mtl, size.stilts]);
    let Some(first) = arms().next().filter(|_| sizes.len() > 1) else { return Ok(None) };
    let seeds: Vec<&usize> = first.keys().filter(|seed| arms().all(|arm| arm.contains_key(seed))).collect();
    if seeds.is_empty() {
        return Ok(None);
    }
    let judged: Vec<Vec<Judged>> =
        arms().map(|arm| seeds.iter().map(|seed| arm[seed].clone()).collect()).collect();
    let views: Vec<&[Judged]> = judged.iter().map(Vec::as_slice).collect();
    let centre = mean(sizes.iter().map(|size| size.x));
    let spread: f64 = sizes.iter().map(|size| (size.x - centre).powi(2)).sum();
    // The weight of a size's difference in the line's value at 0, and in what an `x` of 1 adds.
    let (at_0, per_1): (Vec<f64>, Vec<f64>) = sizes
        .iter()
        .map(|size| (size.x - centre) / spread)
        .map(|weight| (1.0 / sizes.len() as f64 - centre * weight, weight))
        .unzip();
    let contrast = |weight: &(dyn Fn(usize) -> f64 + Sync)| {
        let weights: Vec<f64> = (0..sizes.len()).flat_map(|size| [weight(size), -weight(size)]).collect();
        contrast(&views, &weights, &options(), &mut generator(name))
    };
    let (slope, (intercept, at_twice)) = rayon::join(
        || contrast(&|size| per_1[size]),
        || rayon::join(|| contrast(&|size| at_0[size]), || contrast(&|size| at_0[size] + per_1[size])),
    );
    Ok(Some(Line { slope: slope?, intercept: intercept?, at_twice: at_twice? }))
}

impl Line {
    /// The ratio at which the line is 0; none where its interval has no end that is a number.
    fn crossover(&self) -> Option<Estimate> {
        let (at, (low, high)) = crossing(&self.intercept, &self.slope, &self.at_twice)?;
        let ratio = Estimate { value: at.exp2(), low: low.exp2(), high: high.exp2() };
        ratio.high.is_finite().then_some(ratio)
    }
}

fn estimate(contrast: &Comparison) -> Estimate {
    let (low, high) = contrast.interval;
    Estimate { value: contrast.difference, low, high }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mtlift_eval::{Metric, TaskMetrics, linear_fit};

    const EXAMPLES: usize = 100;

    /// A model that has the first `right` of the examples right.
    fn model(right: usize) -> Judged {
        let predicted: Vec<usize> = (0..EXAMPLES).map(|example| usize::from(example < right)).collect();
        let metrics = TaskMetrics::check(&[Metric::Accuracy]).expect("a metric");
        Judged::classes(&predicted, &[1; EXAMPLES], 2, 1, &metrics).expect("two classes")
    }

    fn arm(right: impl Iterator<Item = usize>) -> BTreeMap<usize, Judged> {
        right.map(model).enumerate().collect()
    }

    /// STILTs with 50 right at every size; MTL with so many more under each seed. `[sizes][seeds]`
    fn arms(more: &[Vec<i32>]) -> Vec<[BTreeMap<usize, Judged>; 2]> {
        let mtl = |more: &Vec<i32>| arm(more.iter().map(|more| (50 + more) as usize));
        more.iter().map(|more| [mtl(more), arm(more.iter().map(|_| 50))]).collect()
    }

    fn sizes<'a>(x: &[f64], arms: &'a [[BTreeMap<usize, Judged>; 2]]) -> Vec<Size<'a>> {
        x.iter().zip(arms).map(|(&x, [mtl, stilts])| Size { x, mtl, stilts }).collect()
    }

    /// Not about 0, so that the line's level at 0 is not its mean.
    const X: [f64; 5] = [-1.0, 0.0, 1.0, 2.0, 3.0];

    /// Under each seed MTL is as much better or worse at every size: five seeds and not 25 points.
    #[test]
    fn what_a_seed_does_to_every_size_is_counted_once() {
        let luck = [-12, -6, 3, 9, 21];
        let more: Vec<Vec<i32>> = (0..5).map(|size| luck.map(|luck| luck + size - 2).to_vec()).collect();
        let arms = arms(&more);
        let line = line(&sizes(&X, &arms), "test").expect("arms of a line").expect("a line");

        let x: Vec<f64> = X.iter().flat_map(|&x| [x; 5]).collect();
        let y: Vec<f64> = more.iter().flatten().map(|&more| f64::from(more) / 100.0).collect();
        let points = linear_fit(&x, &y, 0.95).expect("25 points");
        assert!((line.slope.difference - points.slope).abs() < 1e-12);
        assert!((line.intercept.difference - points.intercept).abs() < 1e-12);
        assert!((line.at_twice.difference - points.intercept - points.slope).abs() < 1e-12);

        // The deviation of the seeds' means is 0.13, so the error of the level cannot be below 0.13 / √5 = 0.058.
        let deviation =
            (luck.map(|luck| f64::from(luck - 3).powi(2)).iter().sum::<f64>() / 4.0).sqrt() / 100.0;
        assert!(line.intercept.standard_error >= deviation / 5.0_f64.sqrt(), "{:?}", line.intercept);
        let (low, high) = line.intercept.interval;
        assert!(low < -0.05 && high > 0.1 && line.intercept.p_value > 0.4, "{:?}", line.intercept);
        // The seed's luck cancels in the slope, which to the points is all noise.
        assert!(points.p_value > 0.5, "{points:?}");
        assert!(line.slope.standard_error < 0.01, "{:?}", line.slope);
    }

    #[test]
    fn a_line_through_0_crosses_there_and_one_that_may_be_flat_nowhere() {
        let noise = [[1, 0, -1, 0], [0, 1, 0, -1], [-1, 0, 1, 0], [0, -1, 0, 1], [0, 0, 0, 0]];
        let more = |slope: i32| -> Vec<Vec<i32>> {
            let size =
                |(size, noise): (i32, &[i32; 4])| noise.map(|noise| slope * (size - 3) + noise).to_vec();
            (0..).zip(&noise).map(size).collect()
        };
        let line_of = |more: &[Vec<i32>]| {
            line(&sizes(&X, &arms(more)), "test").expect("arms of a line").expect("a line")
        };
        let crossover = line_of(&more(8)).crossover().expect("a steep line");
        // The fourth size has an x of 2, a ratio of 4.
        assert!((crossover.value - 4.0).abs() < 0.2, "{crossover:?}");
        assert!(crossover.low < 4.0 && crossover.high > 4.0, "{crossover:?}");

        let flat = line_of(&more(0));
        assert!(flat.slope.p_value > 0.05);
        assert_eq!(flat.crossover(), None);

        let one_seed: Vec<Vec<i32>> = more(8).into_iter().map(|more| more[..1].to_vec()).collect();
        let one_seed = line_of(&one_seed);
        assert!(one_seed.slope.p_value < 0.05, "{:?}", one_seed.slope);
        assert_eq!(one_seed.crossover(), None);
    }

    #[test]
    fn a_line_has_two_sizes_and_the_seeds_that_all_arms_have() {
        let mut arms = arms(&[vec![1, 2, 3], vec![2, 4, 1]]);
        let line_of = |arms: &[[BTreeMap<usize, Judged>; 2]]| line(&sizes(&X, arms), "test").expect("arms");
        assert!(line_of(&arms[..1]).is_none());
        arms[0][0].remove(&1);
        let seeds = line_of(&arms).map(|line| [line.slope.seeds, line.intercept.seeds]);
        assert_eq!(seeds, Some([2, 2]));
        arms[1][1].retain(|seed, _| *seed == 1);
        assert!(line_of(&arms).is_none());
    }
}
