//! What a seed of each arm costs, in the order of the findings: single first.

use super::drawn::{Drawn, Figure};
use crate::canvas::{Axes, Side, WIDTH, draw, text_width};
use crate::findings::{ArmFindings, Findings};
use crate::format;
use crate::palette::{self, INK};

/// Letters of the longest name that is written out.
const NAME: usize = 25;
/// Pixels of an arm's row.
const ROW: i32 = 30;

/// Minutes of a seed.
pub(crate) fn costs(findings: &Findings, target: &str) -> Drawn {
    let rows: Vec<(&ArmFindings, f64)> = findings
        .arms
        .iter()
        .filter(|arm| arm.target == target)
        .filter_map(|arm| arm.cost.map(|cost| (arm, cost.minutes)))
        .filter(|(_, minutes)| minutes.is_finite() && *minutes >= 0.0)
        .collect();
    let most = rows.iter().map(|(_, minutes)| *minutes).fold(0.0, f64::max);
    if most == 0.0 {
        return Ok(None);
    }
    let names: Vec<String> = rows.iter().map(|(arm, _)| format::short(&arm.label, NAME)).collect();
    let axes = Axes {
        x: 0.0..most,
        y: 0.0..rows.len() as f64,
        x_labels: 0,
        y_labels: 0,
        x_title: String::new(),
        y_title: String::new(),
        left: names.iter().map(|name| text_width(name)).max().unwrap_or(0) + 14,
        right: text_width("100,000") + 8,
    };
    let drawing = draw(WIDTH, (rows.len() as i32 * ROW + 38) as u32, |canvas| {
        let scale = canvas.axes(&axes)?;
        for (row, ((arm, minutes), name)) in rows.iter().zip(&names).enumerate() {
            let y = scale.y((rows.len() - row) as f64);
            let (start, end) = (scale.sides()[0], scale.x(*minutes));
            let bar = [(start, y + 5), (end.max(start + 2), y + ROW - 5)];
            canvas.rectangle(bar, palette::of_arm(arm.arm.shape))?;
            canvas.text(name, (start - 8, y + ROW / 2), Side::Left, INK)?;
            canvas.text(&format::amount(*minutes), (end + 8, y + ROW / 2), Side::Right, INK)?;
        }
        Ok(())
    })?;
    Ok(Some(Figure {
        drawing,
        title: format!("Minutes per seed on {target}"),
        caption:
            "Minutes of one seed, with its evaluations; a phase that several runs share is counted in full."
                .to_owned(),
        keys: Vec::new(),
    }))
}
