//! How much of each task an epoch of the mixed arms showed. The same sampler can show a task a hundred times or a hundredth of
//! it, and arms that saw different amounts of the target differ in more than their strategy.

use super::drawn::{Drawn, Figure, key};
use crate::canvas::{Axes, LINE, Side, WIDTH, draw, text_width};
use crate::findings::{ArmFindings, Findings};
use crate::format;
use crate::palette::{self, INK, MUTED, SINGLE};

/// Letters of the longest arm that is written out.
const NAME: usize = 48;
/// Letters of the longest task that is written out.
const TASK: usize = 16;
/// Pixels of a task's row.
const ROW: i32 = 24;
/// Passes at which a bar ends, whatever its number: a small task that is seen a hundred times would leave the others no room.
const LONGEST: f64 = 3.0;
/// Pixels between two arms.
const AIR: i32 = 8;

/// Passes per epoch of each arm that mixes, task by task.
pub(crate) fn passes(findings: &Findings, target: &str) -> Drawn {
    let mixes = |arm: &&ArmFindings| {
        arm.target == target
            && arm.passes.len() > 1
            && arm.passes.iter().all(|(_, passes)| passes.is_finite())
    };
    let arms: Vec<&ArmFindings> = findings.arms.iter().filter(mixes).collect();
    let all = || arms.iter().flat_map(|arm| &arm.passes);
    let most = all().map(|(_, passes)| *passes).fold(1.0, f64::max).min(LONGEST);
    if arms.is_empty() {
        return Ok(None);
    }
    let height: i32 = arms.iter().map(|arm| LINE + ROW * arm.passes.len() as i32 + AIR).sum();
    let names = all().map(|(task, _)| text_width(&format::short(task, TASK)));
    let axes = Axes {
        x: 0.0..most,
        y: 0.0..f64::from(height),
        x_labels: 0,
        y_labels: 0,
        x_title: String::new(),
        y_title: String::new(),
        // Names of tasks are capitals, which are wider than letters at large.
        left: names.max().unwrap_or(0) * 5 / 4 + 14,
        right: text_width("1,000.00") + 8,
    };
    let drawing = draw(WIDTH, (height + 38) as u32, |canvas| {
        let scale = canvas.axes(&axes)?;
        let (left, once) = (scale.sides()[0], scale.x(1.0));
        let mut y = scale.top();
        for arm in &arms {
            canvas.text(&format::short(&arm.label, NAME), (left, y + LINE / 2), Side::Right, INK)?;
            y += LINE;
            for (task, passes) in &arm.passes {
                let (end, middle) = (scale.x(passes.min(LONGEST)).max(left + 2), y + ROW / 2);
                let colour = if task == target { palette::of_arm(arm.arm.shape) } else { MUTED };
                canvas.rectangle([(left, y + 4), (end, y + ROW - 4)], colour)?;
                canvas.text(&format::short(task, TASK), (left - 8, middle), Side::Left, INK)?;
                canvas.text(&format::fixed(*passes, 2), (end + 8, middle), Side::Right, INK)?;
                y += ROW;
            }
            y += AIR;
        }
        canvas.dashes((once, scale.top()), (once, scale.bottom()), SINGLE)
    })?;
    Ok(Some(Figure {
        drawing,
        title: format!("Passes over each task in an epoch on {target}"),
        caption: "How often an epoch of the mixed arm shows a row of each task, on average: at the dashed line every row once, \
                  and no bar goes beyond three. An arm that sees fewer rows of the target than the others differs from \
                  them in more than its strategy."
            .to_owned(),
        keys: vec![key("dash", SINGLE, "every row once"), key("cell", MUTED, "another task than the target")],
    }))
}
