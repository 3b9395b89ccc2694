//! How the tasks of a mixed arm went together along training: what each counted, the norms of their gradients, the cosines
//! between them, and how often an adversary told them apart. A figure for each, small, since an arm is read by itself; the tables have what
//! does not fit.

use super::drawn::{Drawn, Figure};
use super::lines::{Line, MOST, finite, keys, last_epoch, paint};
use crate::canvas::{Axes, DrawingError, WIDTH, draw};
use crate::findings::{Along, ArmFindings, GradientPair, Gradients, TaskGradient};
use crate::format;
use crate::palette::{self, SINGLE};

/// The figures of an arm, those that have something to show.
pub(crate) fn gradients(arm: &ArmFindings) -> Result<Vec<Figure>, DrawingError> {
    let Some(of) = &arm.gradients else { return Ok(Vec::new()) };
    let figures = [weights(arm, of)?, norms(arm, of)?, cosines(arm, of)?, told_apart(arm, of)?];
    Ok(figures.into_iter().flatten().collect())
}

/// A line to be.
struct Shown<'a> {
    label: String,
    /// What the legend adds.
    note: String,
    along: &'a Along,
}

/// None where no weight moves.
fn weights(arm: &ArmFindings, of: &Gradients) -> Drawn {
    let weights = named(of, |task| task.weight.as_ref());
    let moves = |along: &Along| along.points.iter().any(|point| point.mean != along.mean);
    if !weights.iter().any(|shown| moves(shown.along)) {
        return Ok(None);
    }
    let caption = "What the arm’s method made each task’s gradient, or its loss, count beside the others’. A line is the mean over seeds \
                   in a fortieth of the phase; its band goes from the least seed to the greatest.";
    figure(arm, "weights of the tasks", "weight", of_first(caption, &weights), &weights, 0.0)
}

fn norms(arm: &ArmFindings, of: &Gradients) -> Drawn {
    let norms = named(of, |task| task.norm.as_ref());
    let caption =
        "Before any method: where gradients are added, the task with the longest one moves the encoder most.";
    let caption = of_first(caption, &norms);
    figure(arm, "norms of the tasks’ gradients", "norm over the encoder", caption, &norms, 0.0)
}

/// Where there is room for some, those that oppose each other most.
fn cosines(arm: &ArmFindings, of: &Gradients) -> Drawn {
    let mut pairs: Vec<&GradientPair> = of.pairs.iter().collect();
    pairs.sort_by(|a, b| a.cosine.mean.total_cmp(&b.cosine.mean));
    let note = |pair: &GradientPair| {
        let (mean, opposed) = (format::signed(pair.cosine.mean, 2), format::percent(pair.opposed));
        format!(", on average {mean}, below 0 in {opposed} of steps")
    };
    let caption = "Above the dashed line a small step for one task helps the other too, below it the two conflict. At 0 they have nothing \
                   to do with each other.";
    let caption = match pairs.len() {
        0..=MOST => caption.to_owned(),
        all => {
            format!("{caption} Of {all} pairs these have the least mean; tables/cosines.csv has all.")
        }
    };
    let lines: Vec<Shown<'_>> = pairs
        .iter()
        .map(|pair| Shown { label: pair.tasks.join(" and "), note: note(pair), along: &pair.cosine })
        .collect();
    figure(arm, "cosines of the tasks’ gradients", "cosine", caption, &lines, 0.0)
}

fn told_apart(arm: &ArmFindings, of: &Gradients) -> Drawn {
    let told = named(of, |task| task.adversary_accuracy.as_ref());
    let tasks = told.len() as f64;
    let mean = told.iter().map(|shown| shown.along.mean).sum::<f64>() / tasks;
    let caption = format!(
        "The share of each task’s rows whose task the adversary named by the shared features. Whoever cannot tell the tasks apart names          the right one in {} of rows on average over the tasks, the dashed line, and may be right in many rows of one task and in few of          another. Here that average is {}.",
        format::percent(1.0 / tasks),
        format::percent(mean)
    );
    figure(arm, "tasks told by the adversary", "share of rows", of_first(&caption, &told), &told, 1.0 / tasks)
}

/// A number of each task that has it.
fn named(of: &Gradients, number: fn(&TaskGradient) -> Option<&Along>) -> Vec<Shown<'_>> {
    let numbers = of.tasks.iter().filter_map(|task| Some((task, number(task)?)));
    numbers.map(|(task, along)| Shown { label: task.task.clone(), note: String::new(), along }).collect()
}

fn of_first(caption: &str, tasks: &[Shown<'_>]) -> String {
    match tasks.len() {
        0..=MOST => caption.to_owned(),
        all => format!("{caption} These are the first {MOST} of {all} tasks; tables/gradients.csv has all."),
    }
}

/// Lines from 0 on and beside a dashed one at `level`; none where there is none.
fn figure(
    arm: &ArmFindings,
    what: &str,
    y_title: &str,
    caption: String,
    lines: &[Shown<'_>],
    level: f64,
) -> Drawn {
    let colours = palette::several(palette::of_arm(arm.arm.shape), MOST);
    let lines: Vec<Line> = lines
        .iter()
        .zip(colours)
        .map(|(Shown { label, note, along }, colour)| Line {
            label: label.clone(),
            note: note.clone(),
            colour,
            points: finite(&along.points),
        })
        .filter(|line| line.points.len() > 1)
        .collect();
    if lines.is_empty() {
        return Ok(None);
    }
    let points = || lines.iter().flat_map(|line| &line.points);
    let low = points().map(|point| point.low).fold(0.0, f64::min);
    let high = points().map(|point| point.high).fold(level, f64::max);
    let air = 0.06 * (high - low);
    let axes = Axes {
        x: 0.0..last_epoch(&lines),
        y: if low < 0.0 { low - air } else { 0.0 }..high + air,
        x_labels: 6,
        y_labels: 4,
        x_title: "epochs of the mixed phase".to_owned(),
        y_title: y_title.to_owned(),
        left: 50,
        right: 16,
    };
    let drawing = draw(WIDTH, 240, |canvas| {
        let scale = canvas.axes(&axes)?;
        let [left, right] = scale.sides();
        canvas.dashes((left, scale.y(level)), (right, scale.y(level)), SINGLE)?;
        paint(canvas, &scale, &lines, 1, 3)
    })?;
    Ok(Some(Figure {
        drawing,
        title: format!("{} on {}: {what}", arm.label, arm.target),
        caption,
        keys: keys(&lines),
    }))
}
