//! MTL-ALL by sampler: the gain over single of each, target by target. Gains, because the scores of two tasks have no
//! common scale.

use mtlift_schedule::{Arm, Sampler};

use super::drawn::{Drawn, Figure, difference_in_points, key};
use crate::canvas::{Axes, Side, WIDTH, around, draw, text_width};
use crate::findings::{Estimate, Findings};
use crate::format;
use crate::palette::{Colour, INK, MTL, MTL_ALL, MTL_THEN_TARGET, OLIVE, SINGLE, STILTS};

/// Letters of the longest name that is written out.
const NAME: usize = 16;
/// Pixels between two samplers of a target.
const STEP: i32 = 17;
/// One for each sampler, in the order of their appearance.
const COLOURS: [Colour; 5] = [MTL_ALL, MTL, MTL_THEN_TARGET, STILTS, OLIVE];

/// The gains of the arms `mtl-all`, if there are several samplers.
pub(crate) fn samplers(findings: &Findings) -> Drawn {
    let gains: Vec<(&str, Sampler, Estimate)> = findings
        .arms
        .iter()
        .filter(|arm| arm.arm == Arm::MtlAll)
        .filter_map(|arm| {
            let gain = difference_in_points(&arm.gain.as_ref()?.difference)?;
            Some((&*arm.target, arm.sampler?, gain))
        })
        .collect();
    let mut samplers: Vec<Sampler> = Vec::new();
    for &(_, sampler, _) in &gains {
        if !samplers.contains(&sampler) {
            samplers.push(sampler);
        }
    }
    if samplers.len() < 2 {
        return Ok(None);
    }
    samplers.truncate(COLOURS.len());
    let names = findings.tasks.iter().map(|task| &*task.name);
    let targets: Vec<&str> = names.filter(|name| gains.iter().any(|gain| gain.0 == *name)).collect();
    let row = samplers.len() as i32 * STEP + 16;
    let labels: Vec<String> = targets.iter().map(|target| format::short(target, NAME)).collect();
    let axes = Axes {
        x: around(gains.iter().flat_map(|(_, _, gain)| [gain.low, gain.high]).chain([0.0])),
        y: 0.0..targets.len() as f64,
        x_labels: 6,
        y_labels: 0,
        x_title: "gain over single, points".to_owned(),
        y_title: String::new(),
        left: labels.iter().map(|label| text_width(label)).max().unwrap_or(0) + 14,
        right: 16,
    };
    let drawing = draw(WIDTH, (targets.len() as i32 * row + 66) as u32, |canvas| {
        let scale = canvas.axes(&axes)?;
        canvas.dashes((scale.x(0.0), scale.top()), (scale.x(0.0), scale.bottom()), SINGLE)?;
        for (index, (target, label)) in targets.iter().zip(&labels).enumerate() {
            let top = scale.y((targets.len() - index) as f64);
            canvas.text(label, (scale.sides()[0] - 8, top + row / 2), Side::Left, INK)?;
            for &(_, sampler, gain) in gains.iter().filter(|gain| gain.0 == *target) {
                let Some(place) = samplers.iter().position(|known| *known == sampler) else { continue };
                let y = top + 8 + STEP * place as i32 + STEP / 2;
                canvas.line(&[(scale.x(gain.low), y), (scale.x(gain.high), y)], 3, COLOURS[place])?;
                canvas.mean((scale.x(gain.value), y), COLOURS[place])?;
            }
        }
        Ok(())
    })?;
    let keys = samplers.iter().zip(COLOURS).map(|(sampler, colour)| {
        let of_sampler: Vec<f64> =
            gains.iter().filter(|gain| gain.1 == *sampler).map(|(_, _, gain)| gain.value).collect();
        let mean = of_sampler.iter().sum::<f64>() / of_sampler.len() as f64;
        let label = format!("{sampler}, on average {}", format::signed(mean, 1));
        key("dot", colour, label)
    });
    Ok(Some(Figure {
        drawing,
        title: "MTL-ALL by sampler".to_owned(),
        caption: "Gain of training on all tasks at once over single, with its 95 % interval: left of the dashed line the \
                  target is better off alone."
            .to_owned(),
        keys: keys.collect(),
    }))
}
