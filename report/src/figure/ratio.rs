//! Does size decide? The cells' t-scores against the ratio of sizes, over the quadrants in which the size rule is right.

use mtlift_eval::Strategy;

use super::drawn::{Drawn, Figure, key};
use crate::canvas::{Axes, Side, WIDTH, around, draw};
use crate::findings::{Findings, Regression};
use crate::format;
use crate::palette::{INK, MTL, MTL_CELL, MUTED, SINGLE, STILTS, STILTS_CELL};

/// The regression's points and line.
pub(crate) fn ratio(findings: &Findings) -> Drawn {
    let Some(regression) = &findings.regression else { return Ok(None) };
    let finite = regression.points.iter().filter(|(_, _, x, t)| x.is_finite() && t.is_finite());
    let points: Vec<_> = finite.collect();
    if points.is_empty() {
        return Ok(None);
    }
    let axes = Axes {
        x: around(points.iter().map(|point| point.2).chain([-0.5, 0.5])),
        y: around(points.iter().map(|point| point.3).chain([-1.0, 1.0])),
        x_labels: 8,
        y_labels: 7,
        x_title: "log2 (target rows / support rows)".to_owned(),
        y_title: "the paper's t-score of MTL minus STILTs".to_owned(),
        left: 44,
        right: 12,
    };
    let drawing = draw(WIDTH, 420, |canvas| {
        let scale = canvas.axes(&axes)?;
        let (centre, [left, right]) = (scale.at(0.0, 0.0), scale.sides());
        let corner = |x: i32, y: i32| vec![centre, (x, centre.1), (x, y), (centre.0, y)];
        for _ in 0..2 {
            canvas.band(corner(left, scale.top()), MTL_CELL)?;
            canvas.band(corner(right, scale.bottom()), STILTS_CELL)?;
        }
        canvas.line(&[(left, centre.1), (right, centre.1)], 1, MUTED)?;
        canvas.line(&[(centre.0, scale.top()), (centre.0, scale.bottom())], 1, MUTED)?;
        canvas.text("rule says MTL", (centre.0 - 8, scale.top() + 14), Side::Left, MUTED)?;
        canvas.text("rule says STILTs", (centre.0 + 8, scale.bottom() - 14), Side::Right, MUTED)?;
        if let Some([from, to]) = line(regression, &axes) {
            canvas.line(&[scale.at(from.0, from.1), scale.at(to.0, to.1)], 3, INK)?;
        }
        for (target, support, x, t) in &points {
            let cell = findings.cells.iter().find(|cell| cell.target == *target && cell.support == *support);
            let at = scale.at(*x, *t);
            match cell.and_then(|cell| cell.winner) {
                Some(Strategy::Mtl) => canvas.dot(at, 6, MTL, 0.85)?,
                Some(Strategy::Stilts) => canvas.dot(at, 6, STILTS, 0.85)?,
                None => canvas.ring(at, 5, SINGLE)?,
            }
            canvas.says_at(at, &format!("{target} with {support}: t {}", format::signed(*t, 2)));
        }
        Ok(())
    })?;
    let Regression { slope, r, p_value, .. } = regression;
    let slope = format::interval(slope, |value| format::signed(value, 2));
    Ok(Some(Figure {
        drawing,
        title: "t-score of MTL minus STILTs against the ratio of sizes".to_owned(),
        caption: format!(
            "Each mark is a pair of tasks, above 0 where MTL is better; the size rule is right in the two shaded quarters. When \
             target over support doubles, the t-score changes by {slope} (r = {}, p {}). The interval takes \
             targets as independent, not pairs, which share a target's dev rows and runs. Pairs whose seeds all score the same have no \
             t-score and no mark.",
            format::signed(*r, 2),
            format::equals(&format::p_value(*p_value)),
        ),
        keys: vec![
            key("dot", STILTS, "STILTs is better"),
            key("dot", MTL, "MTL is better"),
            key("ring", SINGLE, "undecided"),
            key("line", INK, "regression"),
        ],
    }))
}

/// The regression's line where it lies inside the axes, from left to right.
fn line(regression: &Regression, axes: &Axes) -> Option<[(f64, f64); 2]> {
    let (slope, intercept) = (regression.slope.value, regression.intercept);
    let height = |x: f64| intercept + slope * x;
    let inside = |x: f64| {
        let y = height(x).clamp(axes.y.start, axes.y.end);
        let x = if slope == 0.0 { x } else { ((y - intercept) / slope).clamp(axes.x.start, axes.x.end) };
        (x, height(x).clamp(axes.y.start, axes.y.end))
    };
    (slope.is_finite() && intercept.is_finite()).then(|| [inside(axes.x.start), inside(axes.x.end)])
}
