//! What a target's arms score: a row for each, the best first, with every seed. Seeds are shown, because a mean of five hides
//! whether one of them failed.

use mtlift_schedule::Arm;

use super::drawn::{Drawn, Figure, in_points, key};
use crate::canvas::{Axes, Side, WIDTH, around, draw, text_width};
use crate::findings::{ArmFindings, Estimate, Findings};
use crate::format;
use crate::palette::{self, INK, MUTED, SINGLE};

/// Letters of the longest name that is written out.
const NAME: usize = 48;
/// Pixels of an arm's row: its name, its mean, its seeds. The name stands above, so that a long one takes no width.
const ROW: i32 = 56;

/// The arms of a target that have a mean.
pub(crate) fn scores(findings: &Findings, target: &str) -> Drawn {
    let mut rows: Vec<(&ArmFindings, Estimate)> = findings
        .arms
        .iter()
        .filter(|arm| arm.target == target)
        .filter_map(|arm| Some((arm, in_points(arm.mean.as_ref()?)?)))
        .collect();
    if rows.is_empty() {
        return Ok(None);
    }
    let sign = findings.sign(target);
    rows.sort_by(|(_, a), (_, b)| (sign * b.value).total_cmp(&(sign * a.value)));
    let single = rows.iter().find(|(arm, _)| arm.arm == Arm::Single).map(|(_, mean)| mean.value);
    let names: Vec<String> = rows.iter().map(|(arm, _)| format::short(&arm.label, NAME)).collect();
    let seeds = || rows.iter().flat_map(|(arm, _)| &arm.scores);
    let degenerate = seeds().any(|seed| seed.degenerate);
    let values = seeds().map(|seed| 100.0 * seed.score);
    let ends = rows.iter().flat_map(|(_, mean)| [mean.low, mean.high]);

    let axes = Axes {
        x: around(values.chain(ends)),
        y: 0.0..rows.len() as f64,
        x_labels: 5,
        y_labels: 0,
        x_title: "score on dev, points".to_owned(),
        y_title: String::new(),
        left: 8,
        right: text_width("100.0") + 10,
    };
    let drawing = draw(WIDTH, (rows.len() as i32 * ROW + 66) as u32, |canvas| {
        let scale = canvas.axes(&axes)?;
        if let Some(single) = single {
            let x = scale.x(single);
            canvas.dashes((x, scale.top()), (x, scale.bottom()), SINGLE)?;
        }
        for (row, ((arm, mean), name)) in rows.iter().zip(&names).enumerate() {
            let colour = palette::of_arm(arm.arm.shape);
            let top = scale.y((rows.len() - row) as f64);
            let y = top + 32;
            canvas.line(&[(scale.x(mean.low), y), (scale.x(mean.high), y)], 4, colour)?;
            canvas.mean((scale.x(mean.value), y), colour)?;
            let whole = format::interval(mean, |points| format::fixed(points, 1));
            canvas.says_at((scale.x(mean.value), y), &format!("{}: {whole}", arm.label));
            for seed in arm.scores.iter().filter(|seed| seed.score.is_finite()) {
                let at = (scale.x(100.0 * seed.score), y + 14);
                if seed.degenerate {
                    canvas.ring(at, 4, colour)?;
                } else {
                    canvas.dot(at, 4, colour, 0.6)?;
                }
                canvas.says_at(
                    at,
                    &format!("{}, seed {}: {}", arm.label, seed.seed, format::score(seed.score)),
                );
            }
            let [left, right] = scale.sides();
            let ink = if arm.arm == Arm::Single { MUTED } else { INK };
            canvas.text(name, (left + 4, top + 14), Side::Right, ink)?;
            let number = format::fixed(mean.value, 1);
            canvas.text(&number, (right + 8, y), Side::Right, ink)?;
        }
        Ok(())
    })?;

    let mut keys = vec![key("dot", INK, "mean with 95 % interval"), key("small", INK, "one seed")];
    if degenerate {
        keys.push(key("ring", INK, "a seed that did not learn the task (degenerate predictions)"));
    }
    if single.is_some() {
        keys.push(key("dash", SINGLE, "mean of single"));
    }
    Ok(Some(Figure {
        drawing,
        title: format!("Scores of every arm on {target}"),
        caption: "Best arm first. Intervals are over seeds and dev examples, each arm on its own; whether an arm differs from \
                  single, whose mean has an interval too, is in the table."
            .to_owned(),
        keys,
    }))
}
