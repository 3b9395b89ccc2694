//! A straight line through measured points, and where it crosses zero: how the arms' difference goes with the ratio of sizes,
//! over many pairs of tasks. Points are independent of each other, or come in clusters that are. Points that all share seeds and
//! examples are neither; their line is a [`crate::contrast`].

use super::distributions::{t_critical, t_of, two_sided};
use super::fieller::Line;
use super::options::check_share;
use crate::error::{Error, check_finite};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Ordinary least squares of `y = intercept + slope x`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// Change of `y` for one unit of `x`.
    pub slope: f64,
    /// `y` at `x = 0`.
    pub intercept: f64,
    /// Student's interval of the slope.
    pub slope_interval: (f64, f64),
    /// Pearson's correlation; 0 where `y` is constant.
    pub r: f64,
    /// Two-sided p of the slope. Without residuals 0, or 1 for a slope of 0.
    pub p_value: f64,
    /// The `x` at which the line is 0, and Fieller's interval for it. `None` where the slope's interval contains 0: then
    /// the data bound the crossing on no side.
    pub crossing: Option<(f64, (f64, f64))>,
}

/// Fits a line to at least three points, with intervals of level `level`.
///
/// # Shapes
/// `x: [n]`, `y: [n]`.
///
/// # Errors
/// [`Error::Share`], [`Error::Points`], [`Error::TooFew`],
/// [`Error::Number`] or [`Error::ConstantX`].
pub fn linear_fit(x: &[f64], y: &[f64], level: f64) -> Result<Fit, Error> {
    check_share("level", level)?;
    if x.len() != y.len() {
        return Err(Error::Points { x: x.len(), y: y.len() });
    }
    if x.len() < 3 {
        return Err(Error::TooFew { what: "points of a line", found: x.len(), least: 3 });
    }
    check_finite("x", x)?;
    check_finite("y", y)?;
    if x.iter().all(|value| value == &x[0]) {
        return Err(Error::ConstantX { found: x[0] });
    }
    let n = x.len() as f64;
    let (x_mean, y_mean) = (mean(x), mean(y));
    let products = |a: &[f64], a_mean: f64, b: &[f64], b_mean: f64| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - a_mean) * (b - b_mean)).sum()
    };
    let xx = products(x, x_mean, x, x_mean);
    let xy = products(x, x_mean, y, y_mean);
    let yy = products(y, y_mean, y, y_mean);
    let slope = xy / xx;
    let residuals: f64 = x.iter().zip(y).map(|(x, y)| (y - y_mean - slope * (x - x_mean)).powi(2)).sum();
    let (degrees_of_freedom, variance) = (n - 2.0, residuals / (n - 2.0));
    let slope_error = (variance / xx).sqrt();
    let critical = t_critical(level, degrees_of_freedom);
    // At the mean of `x`, level and slope of a line are uncorrelated.
    let line = Line {
        level: y_mean,
        slope,
        level_variance: variance / n,
        slope_variance: variance / xx,
        covariance: 0.0,
    };
    Ok(Fit {
        slope,
        intercept: y_mean - slope * x_mean,
        slope_interval: (slope - critical * slope_error, slope + critical * slope_error),
        r: if yy > 0.0 { (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0) } else { 0.0 },
        p_value: two_sided(t_of(slope, slope_error), degrees_of_freedom),
        crossing: line
            .crossing(critical)
            .map(|(at, (lower, upper))| (x_mean + at, (x_mean + lower, x_mean + upper))),
    })
}

/// The slope of a line through points that come in clusters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClusteredSlope {
    /// Student's interval of [`Fit::slope`].
    pub interval: (f64, f64),
    /// Its two-sided p.
    pub p_value: f64,
    /// `G`, how many clusters there are.
    pub clusters: usize,
}

/// What the slope of `fit`, made of these points, is known to where points of one cluster are alike: the sandwich estimator over
/// clusters (Liang and Zeger 1986) with the factor `G / (G - 1) · (n - 1) / (n - 2)`, and Student's t with `G - 1` degrees of
/// freedom (Cameron and Miller 2015, section VI). With few clusters it is still somewhat too sure.
///
/// # Shapes
/// `x: [n]`, `y: [n]`, `clusters: [n]`, any numbers that say which points belong together.
///
/// # Errors
/// [`Error::Share`], or [`Error::TooFew`] for fewer than two clusters.
///
/// # Panics
/// If the lengths differ.
#[track_caller]
pub fn clustered_slope(
    fit: &Fit,
    x: &[f64],
    y: &[f64],
    clusters: &[usize],
    level: f64,
) -> Result<ClusteredSlope, Error> {
    check_share("level", level)?;
    assert!(x.len() == y.len() && x.len() == clusters.len(), "as many points as clusters they belong to");
    let (n, x_mean) = (x.len() as f64, mean(x));
    let mut scores: BTreeMap<usize, f64> = BTreeMap::new();
    for ((x, y), cluster) in x.iter().zip(y).zip(clusters) {
        *scores.entry(*cluster).or_default() += (x - x_mean) * (y - fit.intercept - fit.slope * x);
    }
    let found = scores.len();
    if found < 2 {
        return Err(Error::TooFew { what: "clusters of a line's points", found, least: 2 });
    }
    let of = found as f64;
    let xx: f64 = x.iter().map(|x| (x - x_mean).powi(2)).sum();
    let few = of / (of - 1.0) * (n - 1.0) / (n - 2.0);
    let error = (few * scores.values().map(|score| score * score).sum::<f64>()).sqrt() / xx;
    let margin = t_critical(level, of - 1.0) * error;
    Ok(ClusteredSlope {
        interval: (fit.slope - margin, fit.slope + margin),
        p_value: two_sided(t_of(fit.slope, error), of - 1.0),
        clusters: found,
    })
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
