//! The test of a mean whose variance has two parts: one known from few seeds, one from many examples.
//!
//! Student's t with Satterthwaite's or Hillis' degrees of freedom errs where it matters most: a seed variance that is small by
//! chance narrows the error and adds degrees of freedom at once, and the strict levels of early looks are missed by a factor of
//! two. So the unknown seed variance is averaged over: a generalised p-value (Tsui and Weerahandi 1989), which for one part is
//! Student's t, and for two the solution of Behrens and Fisher, whose error is at most the level (Robinson 1976).

use super::boundary::root;
use super::distributions::{
    chi_square_quantile, ln_chi_square_density, normal_quantile, t_critical, two_sided,
};

/// How unlikely a mean square of seeds must be, were seeds and examples nothing but luck, to count as small by chance.
const BY_CHANCE: f64 = 0.25;

/// Intervals of Simpson's rule; even.
const INTERVALS: usize = 160;

/// What is known of a mean's variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct MeanTest {
    /// The part from seeds, an estimate of few degrees of freedom; `None` where seeds were not sampled.
    pub(crate) from_seeds: Option<FewDegrees>,
    /// The part from examples.
    pub(crate) from_examples: f64,
    /// Its degrees of freedom, above 0.
    pub(crate) examples_freedom: f64,
}

/// A variance that is distributed as `variance χ² / freedom`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FewDegrees {
    pub(crate) variance: f64,
    pub(crate) freedom: f64,
}

/// The least that a mean square of seeds is taken for, as a share of that of the interaction, below which it cannot truly be:
/// two or three seeds that agree by chance must not leave a mean without error. With the quartile of what luck alone gives, one
/// study in four is touched at most, and with five seeds by little: their quartile is half of the mean.
pub(crate) fn least_share(freedom: f64) -> f64 {
    chi_square_quantile(BY_CHANCE, freedom) / freedom
}

impl MeanTest {
    /// The probability of a mean at least as far from 0 where the truth is 0. Without any spread 1 for 0, else 0.
    pub(crate) fn p_value(&self, mean: f64) -> f64 {
        if mean == 0.0 {
            return 1.0;
        }
        let given = |from_seeds: f64| {
            let error = (self.from_examples + from_seeds).sqrt();
            two_sided(mean / error, self.examples_freedom)
        };
        match self.from_seeds {
            Some(few) if few.variance > 0.0 => few.average(given),
            _ => given(0.0),
        }
    }

    /// Half the width of the interval of `level` about a mean: the mean whose p-value is `1 - level`.
    pub(crate) fn half_width(&self, level: f64) -> f64 {
        let from_seeds = self.from_seeds.map_or(0.0, |few| few.variance);
        let error = (self.from_examples + from_seeds).sqrt();
        if error == 0.0 {
            return 0.0;
        }
        // Not far from between the normal quantile and the t of the part with the least degrees of freedom.
        let freedom = self.from_seeds.map_or(self.examples_freedom, |few| few.freedom);
        let least = 0.5 * normal_quantile(0.5 + level / 2.0);
        let most = 2.0 * t_critical(level, freedom.min(self.examples_freedom));
        let alpha = (1.0 - level).ln();
        let excess = |t: f64| alpha - self.p_value(error * t.exp()).max(f64::MIN_POSITIVE).ln();
        error * root(least.ln(), most.ln(), excess).exp()
    }
}

impl FewDegrees {
    /// The mean of `of(true variance)`, given the estimate: over `variance freedom / χ²`, by Simpson's rule in `ln χ²`.
    fn average(&self, of: impl Fn(f64) -> f64) -> f64 {
        let Self { variance, freedom } = *self;
        // What lies outside has a probability below 1e-9.
        let (low, high) = (-60.0 / freedom, (freedom + 8.0 * freedom.sqrt() + 40.0).ln());
        let width = (high - low) / INTERVALS as f64;
        let density = ln_chi_square_density(freedom);
        let term = |place: usize| {
            let ln = low + width * place as f64;
            let weight = match place {
                0 | INTERVALS => 1.0,
                _ if place % 2 == 1 => 4.0,
                _ => 2.0,
            };
            let mass = weight / 3.0 * width * density(ln);
            if mass > 0.0 { mass * of(variance * freedom / ln.exp()) } else { 0.0 }
        };
        (0..=INTERVALS).map(term).sum::<f64>().min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(from_seeds: f64, freedom: f64, from_examples: f64) -> MeanTest {
        let from_seeds = Some(FewDegrees { variance: from_seeds, freedom });
        MeanTest { from_seeds, from_examples, examples_freedom: 276.0 }
    }

    /// Without a part from examples, and with nearly normal kernels, it is Student's t.
    #[test]
    fn one_part_is_students_t() {
        for freedom in [1.0, 2.0, 4.0, 19.0] {
            let test = MeanTest { examples_freedom: 1e4, ..test(4.0, freedom, 0.0) };
            for t in [0.5, 2.0, 6.0] {
                let (found, expected) = (test.p_value(2.0 * t), two_sided(t, freedom));
                assert!((found / expected - 1.0).abs() < 1e-2, "{freedom} {t}: {found}, expected {expected}");
            }
        }
    }

    /// `scipy.integrate.quad` over the density of chi-square, SciPy 1.17.1.
    #[test]
    fn two_parts_agree_with_scipy() {
        for (from_seeds, freedom, from_examples, mean, expected) in [
            (1.0, 1.0, 0.5, 3.0, 0.2163366891533582),
            (1.0, 2.0, 3.0, 4.0, 0.1108075058228144),
            (2.0, 4.0, 0.1, 6.0, 0.013710936331648294),
            (0.01, 2.0, 1.0, 2.0, 0.05359390120964651),
            (1.0, 19.0, 1.0, 5.0, 0.0010312702687382378),
        ] {
            let found = test(from_seeds, freedom, from_examples).p_value(mean);
            assert!((found / expected - 1.0).abs() < 1e-5, "{found}, expected {expected}");
        }
    }

    #[test]
    fn an_interval_ends_where_the_p_value_is_its_levels() {
        for level in [0.5, 0.95, 0.999] {
            for test in [test(1.0, 2.0, 3.0), test(1.0, 1.0, 0.0), test(0.0, 4.0, 2.0)] {
                let half = test.half_width(level);
                assert!((test.p_value(half) / (1.0 - level) - 1.0).abs() < 1e-6, "{test:?} {level}: {half}");
                assert_eq!(test.p_value(half), test.p_value(-half));
            }
        }
    }

    #[test]
    fn without_spread_only_0_is_possible() {
        let test = test(0.0, 2.0, 0.0);
        assert_eq!((test.p_value(0.0), test.p_value(0.1), test.half_width(0.95)), (1.0, 0.0, 0.0));
    }

    /// `scipy.stats.chi2.ppf(0.25, df) / df`.
    #[test]
    fn the_least_share_is_a_quantile_of_luck() {
        for (freedom, expected) in [(1.0, 0.101_531_0), (2.0, 0.287_682_1), (4.0, 0.480_639_4)] {
            assert!((least_share(freedom) / expected - 1.0).abs() < 1e-5, "{freedom}");
        }
    }
}
