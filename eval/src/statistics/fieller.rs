//! Where a line is 0 if its level and its slope are both estimates. The crossing is their ratio, hence Fieller's interval,
//! which is not symmetric and has no ends where the slope could be 0: then there is no crossing to report.

use super::comparison::Comparison;
use super::distributions::t_critical;

/// `level + slope x`, with variances and covariance of the two estimates.
pub(crate) struct Line {
    pub(crate) level: f64,
    pub(crate) slope: f64,
    pub(crate) level_variance: f64,
    pub(crate) slope_variance: f64,
    pub(crate) covariance: f64,
}

/// The `x` at which the line `at_0 + slope x` is 0, and Fieller's interval for it, at the level of the slope's: `(x, (lower,
/// upper))`. The three are contrasts of the same arms, with weights `a`, `b` and `a + b`; the last, the line at `x = 1`, has
/// what is known of the covariance: `(Var(a + b) - Var(a) - Var(b)) / 2`, where that is more than two such variances allow, the
/// most that they do. Student's t has the smallest of the degrees of freedom.
///
/// `None` where the interval has no ends, as wherever the slope's p is not below `1 - level`; and with one seed, which says
/// nothing of the line under the next.
pub fn crossing(at_0: &Comparison, slope: &Comparison, at_1: &Comparison) -> Option<(f64, (f64, f64))> {
    let variances = [at_0, slope, at_1].map(|contrast| contrast.standard_error.powi(2));
    let [level_variance, slope_variance, sum_variance] = variances;
    // Components below 0 are estimated as 0, each contrast's on its own, so the three need not agree.
    let most = (level_variance * slope_variance).sqrt();
    let line = Line {
        level: at_0.difference,
        slope: slope.difference,
        level_variance,
        slope_variance,
        covariance: ((sum_variance - level_variance - slope_variance) / 2.0).clamp(-most, most),
    };
    let degrees_of_freedom =
        at_0.degrees_of_freedom.min(slope.degrees_of_freedom).min(at_1.degrees_of_freedom);
    line.crossing(t_critical(slope.level, degrees_of_freedom)).filter(|_| slope.seeds > 1)
}

impl Line {
    /// Where the line is 0, and all `x` at which it could be: `(level + slope x)² <= t² Var(level + slope x)`, between the roots
    /// of a quadratic (Fieller, "Some Problems in Interval Estimation", 1954). `None` unless the slope is further from 0 than
    /// `t` standard errors, `t` being `critical`.
    pub(crate) fn crossing(&self, critical: f64) -> Option<(f64, (f64, f64))> {
        let &Line { level, slope, level_variance, slope_variance, covariance } = self;
        let squared = critical * critical;
        let leading = slope * slope - squared * slope_variance;
        let middle = slope * level - squared * covariance;
        // The discriminant with `level² slope²` taken out of both its terms, which would cancel. With variances that can be it is
        // not below 0.
        let discriminant = level_variance * leading + slope_variance * level * level
            - 2.0 * level * slope * covariance
            + squared * covariance * covariance;
        let root = (squared * discriminant.max(0.0)).sqrt();
        let ends = ((-middle - root) / leading, (-middle + root) / leading);
        (leading > 0.0).then_some((-level / slope, ends))
    }
}
