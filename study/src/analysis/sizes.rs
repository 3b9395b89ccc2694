//! The size experiment: at which size of the support the better strategy changes.

use mtlift_eval::linear_fit;
use mtlift_schedule::Arm;

use super::arms::Read;
use super::comparisons::adjust;
use super::{Context, LEVEL};
use crate::{Error, Estimate, Question, SizeCurve, SizeCurvePoint};

impl Context<'_> {
    /// The curve of a study that asks for one.
    pub(super) fn size_curve(&self, arms: &[Read<'_>]) -> Result<Option<SizeCurve>, Error> {
        if self.spec.question != Question::SizeCurve {
            return Ok(None);
        }
        let mut points = Vec::new();
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for (place, &ratio) in self.spec.ratios.iter().enumerate() {
            let of =
                |arm: Arm| arms.iter().find(|read| read.entry.arm == arm && read.entry.ratio == Some(place));
            let (Some(stilts), Some(mtl)) = (of(Arm::Stilts), of(Arm::Mtl)) else { continue };
            let target = &self.subjects.all[mtl.entry.target];
            let seeds: Vec<(u64, f64)> = mtl
                .judged
                .iter()
                .filter_map(|(seed, judged)| {
                    Some((self.spec.seeds[*seed], judged.headline() - stilts.judged.get(seed)?.headline()))
                })
                .collect();
            for (_, difference) in &seeds {
                x.push(ratio.log2());
                y.push(*difference);
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
        let fit = linear_fit(&x, &y, LEVEL).ok();
        let estimate = |value: f64, (low, high): (f64, f64)| Estimate { value, low, high };
        let name = |names: &[String]| {
            self.subjects
                .places(names)
                .next()
                .map_or(String::new(), |place| self.subjects.all[place].task.name.clone())
        };
        Ok(Some(SizeCurve {
            target: name(&self.spec.targets),
            support: name(&self.spec.supports),
            points,
            slope: fit.as_ref().map(|fit| estimate(fit.slope, fit.slope_interval)),
            intercept: fit.as_ref().map(|fit| fit.intercept),
            crossover: fit
                .and_then(|fit| fit.crossing)
                .map(|(at, (low, high))| estimate(at.exp2(), (low.exp2(), high.exp2()))),
        }))
    }
}
