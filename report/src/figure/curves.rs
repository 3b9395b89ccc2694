//! How a target's best arms learn, beside single. At most six lines, since more cannot be told apart; none where each arm was
//! looked at once.

use mtlift_schedule::Arm;

use super::drawn::{Drawn, Figure, key};
use crate::canvas::{Axes, WIDTH, around, draw};
use crate::findings::{ArmFindings, CurvePoint, Estimate, Findings};
use crate::format;
use crate::palette;

/// Lines in the figure, single's among them.
const LINES: usize = 6;
/// Mean and range over seeds of the score on the selecting rows.
pub(crate) fn curves(findings: &Findings, target: &str) -> Drawn {
    let mut arms: Vec<(&ArmFindings, Vec<CurvePoint>)> = findings
        .arms
        .iter()
        .filter(|arm| arm.target == target)
        .map(|arm| (arm, points(arm)))
        .filter(|(_, points)| !points.is_empty())
        .collect();
    if arms.iter().all(|(_, points)| points.len() < 2) {
        return Ok(None);
    }
    let sign = findings.sign(target);
    let rank = |arm: &ArmFindings| {
        if arm.arm == Arm::Single {
            f64::INFINITY
        } else {
            arm.mean.map_or(f64::NEG_INFINITY, |mean| sign * mean.value)
        }
    };
    arms.sort_by(|(a, _), (b, _)| rank(b).total_cmp(&rank(a)));
    arms.truncate(LINES);
    let kinds: Vec<Arm> = arms.iter().map(|(arm, _)| arm.arm.shape).collect();
    let colours = palette::apart(&kinds);

    let all = || arms.iter().flat_map(|(_, points)| points);
    let last = all().map(|point| point.epoch).fold(0.0, f64::max);
    let axes = Axes {
        x: 0.0..if last > 0.0 { last } else { 1.0 },
        y: around(all().flat_map(|point| [point.low, point.high])),
        x_labels: 6,
        y_labels: 5,
        x_title: "epochs of the last phase".to_owned(),
        y_title: "score on the selecting rows, points".to_owned(),
        left: 50,
        right: 16,
    };
    let drawing = draw(WIDTH, 340, |canvas| {
        let scale = canvas.axes(&axes)?;
        for ((_, points), &colour) in arms.iter().zip(&colours) {
            let upper = points.iter().map(|point| scale.at(point.epoch, point.high));
            let lower = points.iter().rev().map(|point| scale.at(point.epoch, point.low));
            canvas.band(upper.chain(lower).collect(), colour)?;
        }
        // From the last to the first, so that the best arm lies on top.
        for ((_, points), &colour) in arms.iter().zip(&colours).rev() {
            let mean: Vec<_> = points.iter().map(|point| scale.at(point.epoch, point.mean)).collect();
            canvas.line(&mean, 3, colour)?;
            for &at in &mean {
                canvas.dot(at, 3, colour, 1.0)?;
            }
        }
        for (arm, points) in arms.iter().rev() {
            for CurvePoint { epoch, mean, low, high } in points {
                let mean_and_ends = Estimate { value: *mean, low: *low, high: *high };
                let shown = format::interval(&mean_and_ends, |points| format::fixed(points, 1));
                let text = format!("{}, epoch {}: {shown}", arm.label, format::tick(*epoch));
                canvas.says_at(scale.at(*epoch, *mean), &text);
            }
        }
        Ok(())
    })?;
    let keys = arms.iter().zip(&colours).map(|((arm, _), &colour)| key("line", colour, arm.label.clone()));
    Ok(Some(Figure {
        drawing,
        title: format!("Learning curves on {target}"),
        caption: format!(
            "The line is the mean over seeds; the band goes from the worst seed to the best. The score is the one that selects \
             the checkpoint, {}.",
            if findings.selected_on_dev {
                "on the very rows that are reported"
            } else {
                "not the one that is reported"
            }
        ),
        keys: keys.collect(),
    }))
}

/// The curve in points, without what is not finite.
fn points(arm: &ArmFindings) -> Vec<CurvePoint> {
    let finite = |p: &&CurvePoint| [p.epoch, p.mean, p.low, p.high].iter().all(|value| value.is_finite());
    let scaled = |p: &CurvePoint| CurvePoint {
        epoch: p.epoch,
        mean: 100.0 * p.mean,
        low: 100.0 * p.low,
        high: 100.0 * p.high,
    };
    arm.curve.iter().filter(finite).map(scaled).collect()
}
