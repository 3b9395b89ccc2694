//! The paper's size experiment: one target, one support cut to several sizes, and the line through the differences.

use serde::{Deserialize, Serialize};

use super::comparison::{Against, Estimate};

/// The paper's controlled size experiment: one target, one support cut to several sizes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SizeCurve {
    /// The target.
    pub target: String,
    /// The support.
    pub support: String,
    /// In the order of the ratio.
    pub points: Vec<SizeCurvePoint>,
    /// The seeds of the line: those that both arms have at every size that has any. 0 where there is no line, for want of such a
    /// seed or of a second size; with 1 the line is about these very models on other examples.
    pub seeds: usize,
    /// The slope of the line through MTL minus STILTs on log2 of the ratio: what a doubling of the support adds.
    pub slope: Option<Estimate>,
    /// Two-sided, of the slope, from the mixed model over seeds and examples.
    pub slope_p: Option<f64>,
    /// The line's value at equal sizes.
    pub intercept: Option<Estimate>,
    /// Two-sided, of that value.
    pub intercept_p: Option<f64>,
    /// The ratio at which the line crosses 0, with Fieller's interval; none where that has no ends, as wherever `slope_p` is not
    /// below 0.05, and with one seed. It need not lie between the sizes that were tried.
    pub crossover: Option<Estimate>,
}

impl SizeCurve {
    /// Whether the crossover is beyond the smallest or the largest ratio that has a difference: the line says so, not the runs.
    pub(crate) fn is_extrapolated(&self, crossover: &Estimate) -> bool {
        let tried = || self.points.iter().filter(|point| point.difference.is_some()).map(|point| point.ratio);
        tried().all(|ratio| ratio < crossover.value) || tried().all(|ratio| ratio > crossover.value)
    }
}

/// One size of the support.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SizeCurvePoint {
    /// Support rows over target rows.
    pub ratio: f64,
    /// Support rows.
    pub support_rows: usize,
    /// STILTs' mean.
    pub stilts: Option<Estimate>,
    /// MTL's mean.
    pub mtl: Option<Estimate>,
    /// MTL minus STILTs.
    pub difference: Option<Against>,
    /// MTL minus STILTs of each seed.
    pub seeds: Vec<(u64, f64)>,
}
