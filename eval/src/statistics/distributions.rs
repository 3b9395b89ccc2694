//! The normal and Student's t distribution as the tests here ask for them. The functions are statrs's; what is decided
//! here is that a difference without any spread has a test as well, so that no caller divides by zero.

use statrs::distribution::{ChiSquared, ContinuousCDF, Normal, StudentsT};
use statrs::function::gamma::ln_gamma;

/// `P(Z <= z)`.
pub(crate) fn normal_cdf(z: f64) -> f64 {
    Normal::standard().cdf(z)
}

/// The density of the normal distribution at `z`.
pub(crate) fn normal_density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt()
}

/// The `z` with `P(Z <= z) = probability`, which is in `(0, 1)`.
pub(crate) fn normal_quantile(probability: f64) -> f64 {
    Normal::standard().inverse_cdf(probability)
}

/// `P(T <= t)`.
pub(crate) fn t_cdf(t: f64, degrees_of_freedom: f64) -> f64 {
    student(degrees_of_freedom).cdf(t)
}

/// The `t` with `P(|T| <= t) = level`, which is in `(0, 1)`.
pub(crate) fn t_critical(level: f64, degrees_of_freedom: f64) -> f64 {
    student(degrees_of_freedom).inverse_cdf(0.5 + level / 2.0)
}

/// `difference / standard_error`; 0 for no difference and infinite for one without error.
pub(crate) fn t_of(difference: f64, standard_error: f64) -> f64 {
    if difference == 0.0 { 0.0 } else { difference / standard_error }
}

/// `P(|T| >= |t|)`: 1 at 0 and 0 at infinity.
pub(crate) fn two_sided(t: f64, degrees_of_freedom: f64) -> f64 {
    2.0 * student(degrees_of_freedom).sf(t.abs())
}

/// The `x` with `P(X <= x) = probability` for a chi-square.
pub(crate) fn chi_square_quantile(probability: f64, degrees_of_freedom: f64) -> f64 {
    let distribution = ChiSquared::new(degrees_of_freedom).expect("degrees of freedom are above 0");
    distribution.inverse_cdf(probability)
}

/// The density of a chi-square's logarithm, as a function of that logarithm.
pub(crate) fn ln_chi_square_density(degrees_of_freedom: f64) -> impl Fn(f64) -> f64 {
    let half = degrees_of_freedom / 2.0;
    let constant = ln_gamma(half) + half * std::f64::consts::LN_2;
    move |ln: f64| (half * ln - ln.exp() / 2.0 - constant).exp()
}

fn student(degrees_of_freedom: f64) -> StudentsT {
    StudentsT::new(0.0, 1.0, degrees_of_freedom).expect("degrees of freedom are above 0")
}

#[cfg(test)]
mod tests {
    use super::{t_cdf, t_critical, two_sided};

    /// `scipy.stats.t`: `ppf(0.975, df)`, `2 * sf(8, df)` and `cdf(-0.5, df)` of SciPy 1.17.1.
    #[test]
    fn student_agrees_with_scipy_from_one_degree_of_freedom_to_the_most() {
        let cases: [(f64, f64, f64, f64); 4] = [
            (1.0, 12.706204736174694, 0.07916684832113109, 0.35241638234956674),
            (2.5, 3.5746548420036817, 0.007656644131043447, 0.3288489599348574),
            (29.0, 2.045229642132703, 8.012575649631688e-09, 0.3104240420968906),
            (1e4, 1.960201239890626, 1.3821208729065301e-15, 0.30854303966161684),
        ];
        for (df, critical, p, below) in cases {
            for (found, expected) in
                [(t_critical(0.95, df), critical), (two_sided(8.0, df), p), (t_cdf(-0.5, df), below)]
            {
                assert!((found / expected - 1.0).abs() < 1e-8, "{df}: {found}, expected {expected}");
            }
        }
    }

    #[test]
    fn the_ends_are_one_and_zero() {
        assert_eq!((two_sided(0.0, 4.0), two_sided(f64::INFINITY, 4.0)), (1.0, 0.0));
        assert_eq!(two_sided(f64::NEG_INFINITY, 4.0), 0.0);
    }
}
