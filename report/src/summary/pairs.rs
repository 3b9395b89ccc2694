//! STILTs against MTL: support by support, and as the support is cut.

use mtlift_schedule::Arm;
use serde::Serialize;

use super::ends::{Ends, ends};
use crate::findings::{Cell, SizeCurve, SizeCurvePoint};
use crate::label::arm_of;

#[derive(Serialize)]
pub(super) struct Pair<'a> {
    target: &'a str,
    support: &'a str,
    target_rows: usize,
    support_rows: usize,
    mtl_minus_stilts: f64,
    interval: Option<Ends>,
    p: Option<f64>,
    p_corrected: Option<f64>,
    better: Option<Arm>,
}

#[derive(Serialize)]
pub(super) struct Curve<'a> {
    target: &'a str,
    support: &'a str,
    points: Vec<Point>,
    slope: Option<f64>,
    slope_interval: Option<Ends>,
    slope_p: Option<f64>,
    crossover: Option<f64>,
    crossover_interval: Option<Ends>,
}

#[derive(Serialize)]
struct Point {
    ratio: f64,
    support_rows: usize,
    stilts: Option<f64>,
    mtl: Option<f64>,
    mtl_minus_stilts: Option<f64>,
    interval: Option<Ends>,
    p: Option<f64>,
}

pub(super) fn pair(cell: &Cell) -> Pair<'_> {
    let against = &cell.mtl_minus_stilts;
    Pair {
        target: &cell.target,
        support: &cell.support,
        target_rows: cell.sizes.target,
        support_rows: cell.sizes.support,
        mtl_minus_stilts: against.difference.value,
        interval: against.difference.estimate().as_ref().map(ends),
        p: against.p_value,
        p_corrected: against.p_bh,
        better: cell.winner.map(arm_of),
    }
}

pub(super) fn curve(curve: &SizeCurve) -> Curve<'_> {
    let point = |point: &SizeCurvePoint| {
        let difference = point.difference.as_ref();
        Point {
            ratio: point.ratio,
            support_rows: point.support_rows,
            stilts: point.stilts.map(|mean| mean.value),
            mtl: point.mtl.map(|mean| mean.value),
            mtl_minus_stilts: difference.map(|against| against.difference.value),
            interval: difference.and_then(|against| against.difference.estimate()).as_ref().map(ends),
            p: difference.and_then(|against| against.p_value),
        }
    };
    Curve {
        target: &curve.target,
        support: &curve.support,
        points: curve.points.iter().map(point).collect(),
        slope: curve.slope.map(|slope| slope.value),
        slope_interval: curve.slope.as_ref().map(ends),
        slope_p: curve.slope_p,
        crossover: curve.crossover.map(|crossover| crossover.value),
        crossover_interval: curve.crossover.as_ref().map(ends),
    }
}
