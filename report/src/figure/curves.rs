//! How a target's best arms learn, beside single. At most six lines, since more cannot be told apart; none where each arm was
//! looked at once.

use mtlift_schedule::Arm;

use super::drawn::{Drawn, Figure};
use super::lines::{Line, MOST, finite, keys, last_epoch, paint};
use crate::canvas::{Axes, WIDTH, around, draw};
use crate::findings::{ArmFindings, CurvePoint, Findings};
use crate::palette;

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
    arms.truncate(MOST);
    let kinds: Vec<Arm> = arms.iter().map(|(arm, _)| arm.arm.shape).collect();
    let lines: Vec<Line> = arms
        .into_iter()
        .zip(palette::apart(&kinds))
        .map(|((arm, points), colour)| Line { label: arm.label.clone(), note: String::new(), colour, points })
        .collect();

    let all = || lines.iter().flat_map(|line| &line.points);
    let axes = Axes {
        x: 0.0..last_epoch(&lines),
        y: around(all().flat_map(|point| [point.low, point.high])),
        x_labels: 6,
        y_labels: 5,
        x_title: "epochs of the last phase".to_owned(),
        y_title: "score on the selecting rows, points".to_owned(),
        left: 50,
        right: 16,
    };
    let drawing = draw(WIDTH, 340, |canvas| paint(canvas, &canvas.axes(&axes)?, &lines, 3, 1))?;
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
        keys: keys(&lines),
    }))
}

/// The curve in points, without what is not finite.
fn points(arm: &ArmFindings) -> Vec<CurvePoint> {
    let scaled = |p: CurvePoint| CurvePoint {
        epoch: p.epoch,
        mean: 100.0 * p.mean,
        low: 100.0 * p.low,
        high: 100.0 * p.high,
    };
    finite(&arm.curve).into_iter().map(scaled).collect()
}
