//! How strict each look has to be when a comparison is looked at several times while seeds come in.
//!
//! Looks are correlated by information, `1 / SE²`: the dev set's rows are the same at every look, so that seed 20 brings less
//! that is new than seed 5 did. For growing sets of seeds `cov(θ_j, θ_k) = Var(θ_k)`, so the statistics of the looks are a
//! Brownian motion seen at those times, and the chance to cross a boundary is a chain of one-dimensional integrals
//! (Armitage, McPherson and Rowe 1969; Jennison and Turnbull, "Group Sequential Methods", 2000, chapter 19).

use super::distributions::{normal_cdf, normal_density, normal_quantile};

/// Steps of information, as a share of the last look's, below which hardly anything new is seen. Such a look cannot decide.
const LEAST_STEP: f64 = 1e-3;

/// The least number of intervals from 0 to the boundary. The motion's density is even, so that half of it is enough.
const INTERVALS: usize = 40;

/// A boundary that is not crossed.
const NEVER: f64 = 12.0;

/// A look of which the boundary knows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Moment {
    /// Information, in any unit, above 0.
    pub(crate) information: f64,
    /// The probability, where there is no difference, that this look or one before rejects.
    pub(crate) spent: f64,
}

/// The two-sided level at which the last of `moments` is to be tested, so that all of them spend what they say. Information
/// and spending do not descend. 0 where the look spends nothing, or brings nothing new.
pub(crate) fn level(moments: &[Moment]) -> f64 {
    let Some(last) = moments.last() else { return 0.0 };
    let time = |moment: &Moment| moment.information / last.information;
    let is_new = |before: f64, moment: &Moment| time(moment) - before >= LEAST_STEP;
    // The grid has to resolve the shortest step: two points to its deviation.
    let mut at = 0.0;
    let mut shortest = 1.0_f64;
    for moment in moments.iter().filter(|moment| moment.spent > 0.0) {
        if is_new(at, moment) {
            shortest = shortest.min(time(moment) - at);
            at = time(moment);
        }
    }
    let mut walk = Walk::start(shortest.sqrt() / 2.0);
    let mut found = 0.0;
    for moment in moments {
        let share = moment.spent - walk.spent;
        found = if share > 0.0 && is_new(walk.time, moment) { walk.step(time(moment), share) } else { 0.0 };
    }
    found
}

/// The motion at a look, over the paths that crossed no boundary before or there.
struct Walk {
    /// Information at the look.
    time: f64,
    /// Probability of having crossed.
    spent: f64,
    /// The boundary in the motion's own unit, `z √time`.
    edge: f64,
    /// The widest interval of the grid.
    resolution: f64,
    /// Density times Simpson's weight at each point from 0 to the edge, for both signs together.
    mass: Vec<f64>,
}

impl Walk {
    /// At 0, where nothing is known yet.
    fn start(resolution: f64) -> Walk {
        Walk { time: 0.0, spent: 0.0, edge: 0.0, resolution, mass: vec![1.0] }
    }

    /// Goes on to information `time` and a boundary that spends `share` there; its two-sided level.
    fn step(&mut self, time: f64, share: f64) -> f64 {
        let scale = (time - self.time).sqrt();
        let level = self.level(time, scale, share);
        let edge = critical(level) * time.sqrt();
        // Simpson's rule asks for an even number of intervals.
        let intervals = INTERVALS.max((edge / self.resolution).ceil() as usize).next_multiple_of(2);
        let width = edge / intervals as f64;
        let density = |x: f64| {
            let arrives = |from: f64| normal_density((x - from) / scale) / scale;
            self.sum(|from| f64::midpoint(arrives(from), arrives(-from)))
        };
        let weight = |place: usize| match place {
            _ if place == 0 || place == intervals => 1.0,
            _ if place % 2 == 1 => 4.0,
            _ => 2.0,
        };
        let mass = (0..=intervals)
            .map(|place| 2.0 / 3.0 * width * weight(place) * density(place as f64 * width))
            .collect();
        *self = Walk { time, spent: self.spent + share, edge, resolution: self.resolution, mass };
        level
    }

    /// The level at information `time` that spends `share`.
    fn level(&self, time: f64, scale: f64, share: f64) -> f64 {
        let crosses = |bound: f64| {
            let edge = bound * time.sqrt();
            self.sum(|from| normal_cdf((from - edge) / scale) + normal_cdf((-from - edge) / scale))
        };
        let excess = |bound: f64| share.ln() - crosses(bound).max(f64::MIN_POSITIVE).ln();
        2.0 * normal_cdf(-root(0.0, NEVER, excess))
    }

    fn sum(&self, of: impl Fn(f64) -> f64) -> f64 {
        let width = self.edge / (self.mass.len() - 1).max(1) as f64;
        self.mass.iter().enumerate().map(|(place, mass)| mass * of(place as f64 * width)).sum()
    }
}

/// The boundary of a two-sided level.
fn critical(level: f64) -> f64 {
    -normal_quantile(level.clamp(f64::MIN_POSITIVE, 1.0) / 2.0)
}

/// Where an ascending function is 0 between `low` and `high`, or the end nearest to it: the Illinois form of the rule of false
/// position (Dowell and Jarratt 1971).
pub(crate) fn root(mut low: f64, mut high: f64, of: impl Fn(f64) -> f64) -> f64 {
    let (mut at_low, mut at_high) = (of(low), of(high));
    if at_low >= 0.0 {
        return low;
    }
    if at_high <= 0.0 {
        return high;
    }
    let mut x = f64::midpoint(low, high);
    for _ in 0..60 {
        x = (low * at_high - high * at_low) / (at_high - at_low);
        let found = of(x);
        if found.abs() < 1e-9 || high - low < 1e-12 {
            break;
        }
        if found < 0.0 {
            (low, at_low) = (x, found);
            at_high /= 2.0;
        } else {
            (high, at_high) = (x, found);
            at_low /= 2.0;
        }
    }
    x
}

#[cfg(test)]
mod tests {
    use super::{Moment, critical, level};

    fn levels(information: &[f64], spent: &[f64]) -> Vec<f64> {
        let moments: Vec<Moment> = std::iter::zip(information, spent)
            .map(|(&information, &spent)| Moment { information, spent })
            .collect();
        (1..=moments.len()).map(|looks| level(&moments[..looks])).collect()
    }

    #[test]
    fn one_look_is_a_plain_test() {
        assert!((levels(&[7.0], &[0.05])[0] - 0.05).abs() < 1e-9);
    }

    /// The boundaries of Lan and DeMets (1983) for equal steps, two-sided 0.05, spent like Pocock.
    #[test]
    fn equal_steps_have_the_published_boundaries() {
        let published: [&[f64]; 3] =
            [&[2.157, 2.201], &[2.279, 2.295, 2.296], &[2.438, 2.427, 2.410, 2.397, 2.386]];
        for bounds in published {
            let looks = bounds.len() as f64;
            let information: Vec<f64> = (1..=bounds.len()).map(|look| look as f64).collect();
            let like_pocock = |seen: &f64| 0.05 * (1.0 + (std::f64::consts::E - 1.0) * seen / looks).ln();
            let spent: Vec<f64> = information.iter().map(like_pocock).collect();
            for (level, bound) in levels(&information, &spent).into_iter().zip(bounds) {
                assert!((critical(level) - bound).abs() < 1.5e-3, "{bounds:?}: {}", critical(level));
            }
        }
    }

    #[test]
    fn a_look_that_spends_or_brings_nothing_decides_nothing() {
        assert_eq!(levels(&[1.0, 1.0, 2.0], &[0.02, 0.03, 0.05])[1], 0.0);
        let levels = levels(&[1.0, 2.0, 3.0], &[0.0, 0.02, 0.02]);
        assert_eq!((levels[0], levels[2]), (0.0, 0.0));
        assert!((levels[1] - 0.02).abs() < 1e-9);
    }
}
