//! The normal and Student's t distribution as the tests here ask for them. The functions are statrs's; what is decided
//! here is that a difference without any spread has a test as well, so that no caller divides by zero.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// `P(Z <= z)`.
pub(crate) fn normal_cdf(z: f64) -> f64 {
    Normal::standard().cdf(z)
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

fn student(degrees_of_freedom: f64) -> StudentsT {
    StudentsT::new(0.0, 1.0, degrees_of_freedom).expect("degrees of freedom are above 0")
}
