//! The findings for a terminal: what to do first, then a table for each target, at most as wide as asked for. A table that is
//! too wide loses columns from the right; those are in the page.

use crate::findings::{ArmFindings, Estimate, Findings, SizeCurve};
use crate::format::{self, none};
use crate::scored_on::scored_on;
use crate::size_line::size_line;
use crate::spending_line::spending_line;

/// Characters of the narrowest terminal that is laid out for.
const NARROWEST: usize = 40;
/// Characters of an arm's name.
const NAME: usize = 28;
/// Between two columns.
const GAP: &str = "  ";

/// A summary in plain text, lines of at most `width` characters (40 where it is less; paths and commands stay whole): the verdicts, the warnings, a table of
/// arms for each target, for several pairs the map of MTL minus STILTs, for a sweep what ways to choose score, and the size
/// experiment. Ends with a line break.
pub fn terminal(findings: &Findings, width: usize) -> String {
    let width = width.max(NARROWEST);
    let mut blocks = vec![verdicts(findings, width)];
    blocks.push(warnings(findings, width));
    blocks.extend(findings.tasks.iter().map(|task| arms(findings, &task.name, width)));
    blocks.push(map(findings, width));
    blocks.push(choices(findings, width));
    blocks.extend(findings.size_curve.as_ref().map(|curve| sizes(curve, width)));
    blocks.retain(|block| !block.is_empty());
    blocks.join("\n")
}

fn verdicts(findings: &Findings, width: usize) -> String {
    let mut text = wrapped(&findings.title, "", width);
    if findings.progress.0 == 0 {
        text += &wrapped("No run is finished yet: there is nothing to compare.", "", width);
    }
    // Otherwise it is dev alone, as everyone expects.
    for task in findings.tasks.iter().filter(|task| task.score_rows > 0) {
        text += &wrapped(&format!("{} is scored on {}.", task.name, scored_on(task)), "", width);
    }
    for verdict in &findings.verdicts {
        let decided = if verdict.decided { "decided" } else { "not decided" };
        text += &wrapped(&format!("{}: {} ({decided})", verdict.target, verdict.arm()), "", width);
        for line in &verdict.lines {
            text += &wrapped(line, "  ", width);
        }
        let next = verdict.next.as_ref().map(|next| (&next.note, [next.command.as_ref(), None]));
        let run = verdict.run.as_ref();
        let run = run.map(|run| (&run.note, [Some(&run.directory), run.predict.as_ref()]));
        for (note, lines) in next.into_iter().chain(run) {
            text += &wrapped(note, "  ", width);
            // To be copied: not broken, however long.
            text.extend(lines.into_iter().flatten().map(|line| format!("    {}\n", printable(line))));
        }
    }
    if let Some(spending) = &findings.spending {
        text += &wrapped(&spending_line(spending), "", width);
    }
    text
}

fn warnings(findings: &Findings, width: usize) -> String {
    let (finished, total) = findings.progress;
    let unfinished = (finished < total).then(|| format!("{finished} of {total} runs are finished"));
    let warnings = unfinished.iter().chain(&findings.warnings);
    warnings.map(|warning| wrapped(&format!("warning: {warning}"), "", width)).collect()
}

fn arms(findings: &Findings, target: &str, width: usize) -> String {
    let arms: Vec<&ArmFindings> =
        findings.arms.iter().filter(|arm| arm.target == target && !arm.scores.is_empty()).collect();
    if arms.is_empty() {
        return String::new();
    }
    let mut header =
        [&*format::short(target, NAME), "mean ± sd", "gain [95 %]", "p", "P(best)", "shrunken", "minutes"]
            .map(str::to_owned)
            .to_vec();
    let has_groups = arms.iter().any(|arm| arm.groups.is_some());
    if has_groups {
        // Which of the two is compared, the verdict says.
        header.splice(1..2, ["average ± sd".to_owned(), "worst group ± sd".to_owned()]);
    }
    let at_equal_compute = arms.iter().any(|arm| arm.over_single_steps.is_some());
    header.extend(at_equal_compute.then(|| "over single:steps".to_owned()));
    let rows = arms.iter().map(|arm| {
        let over_steps =
            || arm.over_single_steps.as_ref().map_or_else(none, |gain| format::difference(&gain.difference));
        let mut row = vec![
            format::short(&arm.label, NAME),
            with_deviation(arm.mean.map(|mean| mean.value), arm.deviation),
            arm.gain.as_ref().map_or_else(none, |gain| format::difference(&gain.difference)),
            format::p_or_none(arm.gain.as_ref().and_then(|gain| gain.p_value)),
            arm.best.map_or_else(none, format::percent),
            arm.expected_gain().map_or_else(none, |gain| format::gain(gain.value)),
            arm.cost.map_or_else(none, |cost| format::amount(cost.minutes)),
        ];
        if has_groups {
            let of_groups = arm.groups.as_ref().map_or([none(), none()], |groups| {
                [
                    with_deviation(Some(groups.average), groups.average_deviation),
                    with_deviation(groups.worst, groups.worst_deviation),
                ]
            });
            row.splice(1..2, of_groups);
        }
        row.extend(at_equal_compute.then(over_steps));
        row
    });
    table([header].into_iter().chain(rows).collect(), width)
}

/// A mean over seeds, and how far seeds deviate from it.
fn with_deviation(mean: Option<f64>, deviation: Option<f64>) -> String {
    let deviation = deviation.map_or_else(none, format::score);
    mean.map_or_else(none, |mean| format!("{} ± {deviation}", format::score(mean)))
}

/// MTL minus STILTs; a mark where it is decided. Supports that do not fit in a line go into a further table.
fn map(findings: &Findings, width: usize) -> String {
    let names = || findings.tasks.iter().map(|task| &*task.name);
    let rows: Vec<&str> =
        names().filter(|name| findings.cells.iter().any(|cell| cell.target == *name)).collect();
    let columns: Vec<&str> =
        names().filter(|name| findings.cells.iter().any(|cell| cell.support == *name)).collect();
    if findings.cells.len() < 2 {
        return String::new();
    }
    let number = |target: &str, support: &str| {
        let cell = findings.cells.iter().find(|cell| cell.target == target && cell.support == support)?;
        let star = match (cell.winner.is_some(), cell.is_corrected()) {
            (_, true) => "*",
            (true, false) => "'",
            (false, false) => " ",
        };
        Some(format::gain(cell.mtl_minus_stilts.difference.value) + star)
    };
    const CELL: usize = 8;
    let room = width.saturating_sub(CELL) / (CELL + GAP.len());
    let mut text = wrapped(
        "MTL minus STILTs, points: a row is a target, a column its support; ' is decided, * after correction for the number of \
         pairs too (BH)",
        "",
        width,
    );
    for columns in columns.chunks(room.max(1)) {
        let header = ["target"].into_iter().chain(columns.iter().copied());
        let header = header.map(|name| format::short(name, CELL)).collect();
        let rows = rows.iter().map(|target| {
            let cells = columns.iter().map(|support| number(target, support).unwrap_or_default());
            [format::short(target, CELL)].into_iter().chain(cells).collect()
        });
        text += &table([header].into_iter().chain(rows).collect(), width);
    }
    text
}

/// The mean over targets of each way to choose; the targets are in the page.
fn choices(findings: &Findings, width: usize) -> String {
    if findings.choices.is_empty() {
        return String::new();
    }
    let header = ["a way to choose", "mean ± sd"].map(str::to_owned).to_vec();
    let rows = findings.choices.iter().map(|choice| {
        let deviation = choice.deviation.map_or_else(none, format::score);
        vec![format::short(&choice.way, NAME), format!("{} ± {deviation}", format::score(choice.mean))]
    });
    table([header].into_iter().chain(rows).collect(), width)
}

/// Both arms and their difference by the ratio of sizes, and what the line through the differences says.
fn sizes(curve: &SizeCurve, width: usize) -> String {
    let header = ["support / target", "stilts", "mtl", "mtl − stilts [95 %]", "p"];
    let rows = curve.points.iter().map(|point| {
        let mean = |mean: Option<Estimate>| mean.map_or_else(none, |mean| format::score(mean.value));
        let difference = point.difference.as_ref();
        vec![
            format::fixed(point.ratio, 2),
            mean(point.stilts),
            mean(point.mtl),
            difference.map_or_else(none, |against| format::difference(&against.difference)),
            format::p_or_none(difference.and_then(|against| against.p_value)),
        ]
    });
    let mut text = table([header.map(str::to_owned).to_vec()].into_iter().chain(rows).collect(), width);
    text += &wrapped(&size_line(curve), "", width);
    text
}

/// Columns aligned: the first to the left, the others to the right.
fn table(mut rows: Vec<Vec<String>>, width: usize) -> String {
    rows.iter_mut().flatten().for_each(|cell| *cell = printable(cell));
    let length = |text: &String| text.chars().count();
    let mut widths: Vec<usize> = (0..rows[0].len())
        .map(|column| rows.iter().map(|row| length(&row[column])).max().unwrap_or(0))
        .collect();
    while widths.len() > 1 && widths.iter().sum::<usize>() + GAP.len() * (widths.len() - 1) > width {
        widths.pop();
    }
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
            let air = " ".repeat(width - length(cell));
            if column == 0 { cell.clone() + &air } else { air + cell }
        });
        text += cells.collect::<Vec<_>>().join(GAP).trim_end();
        text.push('\n');
    }
    text
}

/// A text in lines that end between words, all with the same indent; a word that is longer than a line is cut.
fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let width = width - indent.len();
    let mut lines = vec![String::new()];
    for word in printable(text).split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for part in letters.chunks(width) {
            let (part, line) = (part.iter().collect::<String>(), lines.last_mut().expect("there is a line"));
            if line.is_empty() {
                *line = part;
            } else if line.chars().count() + 1 + part.chars().count() <= width {
                *line = format!("{line} {part}");
            } else {
                lines.push(part);
            }
        }
    }
    lines.iter().map(|line| format!("{indent}{line}\n")).collect()
}

/// A text without control characters: a terminal does not obey what stands in a task's name.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}
