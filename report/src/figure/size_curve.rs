//! The controlled size experiment: what both arms score as the support is cut, and where their difference changes sign.

use super::drawn::{Drawn, Figure, difference_in_points, in_points, key};
use crate::canvas::{Axes, Canvas, DrawingError, Scale, Side, WIDTH, around, draw, text_width};
use crate::findings::{Estimate, Findings, SizeCurve, SizeCurvePoint};
use crate::format;
use crate::palette::{AMBER, INK, MTL, MUTED, SINGLE, STILTS};
use crate::size_line::size_line;

/// Pixels by which two arms of one size stand apart.
const APART: i32 = 5;

/// STILTs and MTL against the ratio.
pub(crate) fn size_scores(curve: &SizeCurve) -> Drawn {
    let arm = |of: fn(&SizeCurvePoint) -> Option<Estimate>| {
        let points = sized(curve);
        points.filter_map(|(x, point)| Some((x, in_points(&of(point)?)?))).collect::<Vec<_>>()
    };
    let (stilts, mtl) = (arm(|point| point.stilts), arm(|point| point.mtl));
    let both = || stilts.iter().chain(&mtl);
    if both().next().is_none() {
        return Ok(None);
    }
    let y = around(both().flat_map(|(_, mean)| [mean.low, mean.high]));
    let axes = axes(curve, y, "score on dev, points");
    let drawing = draw(WIDTH, 340, |canvas| {
        let scale = canvas.axes(&axes)?;
        ratios(canvas, &scale, curve)?;
        for (points, colour, shift) in [(&stilts, STILTS, -APART), (&mtl, MTL, APART)] {
            let x = |x: f64| scale.x(x) + shift;
            let line: Vec<_> = points.iter().map(|(at, mean)| (x(*at), scale.y(mean.value))).collect();
            canvas.line(&line, 2, colour)?;
            for (at, mean) in points {
                canvas.line(&[(x(*at), scale.y(mean.low)), (x(*at), scale.y(mean.high))], 3, colour)?;
                canvas.mean((x(*at), scale.y(mean.value)), colour)?;
                canvas.says_at(
                    (x(*at), scale.y(mean.value)),
                    &format::interval(mean, |points| format::fixed(points, 1)),
                );
            }
        }
        Ok(())
    })?;
    Ok(Some(Figure {
        drawing,
        title: "STILTs and MTL as the support is cut".to_owned(),
        caption: "Mean over seeds with its 95 % interval; further right there are more support rows for each row of the target."
            .to_owned(),
        keys: vec![key("dot", STILTS, "STILTs"), key("dot", MTL, "MTL")],
    }))
}

/// MTL minus STILTs against the ratio, with the line and its crossover.
pub(crate) fn size_differences(findings: &Findings, curve: &SizeCurve) -> Drawn {
    let difference = |(x, point): (f64, &SizeCurvePoint)| {
        let against = point.difference.as_ref()?;
        Some((x, difference_in_points(&against.difference)?, against.decided))
    };
    let points: Vec<(f64, Estimate, bool)> = sized(curve).filter_map(difference).collect();
    if points.is_empty() {
        return Ok(None);
    }
    let seed = |(x, point): (f64, &SizeCurvePoint)| {
        point.seeds.iter().map(|(_, gain)| (x, 100.0 * gain)).collect::<Vec<_>>()
    };
    let seeds: Vec<(f64, f64)> = sized(curve).flat_map(seed).filter(|(_, gain)| gain.is_finite()).collect();
    let ends = points.iter().flat_map(|(_, estimate, _)| [estimate.low, estimate.high]);
    let axes = axes(
        curve,
        around(ends.chain(seeds.iter().map(|seed| seed.1)).chain([0.0])),
        "MTL minus STILTs, points",
    );
    let drawing = draw(WIDTH, 340, |canvas| {
        let scale = canvas.axes(&axes)?;
        let [left, right] = scale.sides();
        if let Some(crossover) = &curve.crossover {
            cross(canvas, &scale, crossover)?;
        }
        canvas.line(&[(left, scale.y(0.0)), (right, scale.y(0.0))], 1, MUTED)?;
        ratios(canvas, &scale, curve)?;
        if let (Some(slope), Some(intercept)) = (curve.slope, curve.intercept) {
            let height = |x: f64| 100.0 * (intercept.value + slope.value * x);
            let [from, to] = [points[0].0, points[points.len() - 1].0];
            if height(from).is_finite() && height(to).is_finite() {
                let inside = |x: f64| scale.at(x, height(x).clamp(axes.y.start, axes.y.end));
                canvas.line(&[inside(from), inside(to)], 2, SINGLE)?;
            }
        }
        for (x, gain) in &seeds {
            let (x, y) = scale.at(*x, *gain);
            canvas.dot((x + 2 * APART, y), 4, INK, 0.45)?;
        }
        for (x, estimate, decided) in &points {
            let colour = match (decided, estimate.value > 0.0) {
                (false, _) => SINGLE,
                (true, true) => MTL,
                (true, false) => STILTS,
            };
            canvas.line(&[scale.at(*x, estimate.low), scale.at(*x, estimate.high)], 3, colour)?;
            canvas.mean(scale.at(*x, estimate.value), colour)?;
            canvas.says_at(
                scale.at(*x, estimate.value),
                &format::interval(estimate, |points| format::signed(points, 1)),
            );
        }
        Ok(())
    })?;
    let mut keys = vec![
        key("dot", STILTS, "STILTs is better"),
        key("dot", MTL, "MTL is better"),
        key("dot", SINGLE, "undecided"),
        key("small", INK, "one seed"),
    ];
    if curve.slope.is_some() {
        keys.push(key("line", SINGLE, "line through the differences"));
    }
    if curve.crossover.is_some() {
        keys.push(key("dash", AMBER, "crossover with its interval"));
    }
    let differences = curve.points.iter().filter_map(|point| point.difference.as_ref());
    let intervals = if differences.map(|against| against.seeds).max() > Some(1) {
        "Intervals are 95 % over seeds and dev examples, of one look"
    } else {
        "There are no intervals, because one seed does not show how much seeds vary"
    };
    let (above, below) =
        if findings.sign(&curve.target) > 0.0 { ("Above", "below") } else { ("Below", "above") };
    let caption = format!(
        "{above} 0 MTL is better, {below} it STILTs. {} {intervals}; the support is cut to the same rows under \
         every seed, and what another cut would do is not in them.",
        size_line(curve)
    );
    Ok(Some(Figure { drawing, title: "MTL minus STILTs as the support is cut".to_owned(), caption, keys }))
}

/// The points with log2 of their ratios.
fn sized(curve: &SizeCurve) -> impl Iterator<Item = (f64, &SizeCurvePoint)> {
    curve.points.iter().map(|point| (point.ratio.log2(), point)).filter(|(x, _)| x.is_finite())
}

fn axes(curve: &SizeCurve, y: std::ops::Range<f64>, y_title: &str) -> Axes {
    Axes {
        x: around(sized(curve).map(|(x, _)| x)),
        y,
        x_labels: 0,
        y_labels: 6,
        x_title: "support rows for each target row".to_owned(),
        y_title: y_title.to_owned(),
        left: 50,
        right: 20,
    }
}

/// The ratios below the axis, each at its place; one that would run into its neighbour is left out.
fn ratios(canvas: &Canvas, scale: &Scale, curve: &SizeCurve) -> Result<(), DrawingError> {
    let mut free = 0;
    for (x, point) in sized(curve) {
        let label = format::tick(point.ratio);
        let (at, half) = (scale.x(x), text_width(&label) / 2);
        if at - half >= free {
            canvas.text(&label, (at, scale.bottom() + 8), Side::Below, MUTED)?;
            free = at + half + 6;
        }
    }
    Ok(())
}

/// The crossover and as much of its interval as the axes show.
fn cross(canvas: &Canvas, scale: &Scale, crossover: &Estimate) -> Result<(), DrawingError> {
    let [left, right] = scale.sides();
    let x = |ratio: f64| scale.x(ratio.log2().clamp(-1e6, 1e6)).clamp(left, right);
    let (low, high) = (x(crossover.low), x(crossover.high));
    let (top, bottom) = (scale.top(), scale.bottom());
    canvas.band(vec![(low, top), (high, top), (high, bottom), (low, bottom)], AMBER)?;
    let at = scale.x(crossover.value.log2());
    if (left..=right).contains(&at) { canvas.dashes((at, top), (at, bottom), AMBER) } else { Ok(()) }
}
