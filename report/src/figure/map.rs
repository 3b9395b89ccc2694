//! Targets by supports, a cell for each pair: which of MTL and STILTs is better, whether the better one beats single, and how
//! much of the target MTL sees. The colour says what is decided, the number how much; so the map is read without its colours too.

use mtlift_eval::Strategy;
use mtlift_schedule::Arm;

use super::drawn::{Drawn, Figure, key};
use crate::canvas::{Drawing, DrawingError, LINE, Side, WIDTH, draw, text_width};
use crate::findings::{Against, ArmFindings, Cell, Findings};
use crate::format;
use crate::palette::{
    BETTER_CELL, Colour, INK, MTL_CELL, MUTED, STILTS_CELL, UNDECIDED_CELL, UNEVEN_CELL, WORSE_CELL,
};

/// Letters of the longest name that is written out.
const NAME: usize = 16;
/// The least width of a cell: that of a bold `−12.3` and air.
const CELL: i32 = 58;
/// The greatest.
const WIDEST: i32 = 96;
/// Pixels of a row.
const ROW: i32 = 40;

/// The paper's map: MTL minus STILTs.
pub(crate) fn mtl_or_stilts(findings: &Findings) -> Drawn {
    let fill = |cell: &Cell| match cell.winner {
        Some(Strategy::Mtl) => MTL_CELL,
        Some(Strategy::Stilts) => STILTS_CELL,
        None => UNDECIDED_CELL,
    };
    let shown = |cell: &Cell| {
        let number = gain(cell.mtl_minus_stilts.difference.value)?;
        let says = measured(&cell.mtl_minus_stilts);
        Some(Shown { number, says, fill: fill(cell), bold: cell.is_corrected() })
    };
    let decided = findings.cells.iter().filter(|cell| cell.winner.is_some()).count();
    let corrected = findings.cells.iter().filter(|cell| cell.is_corrected()).count();
    let Some(drawing) = map(findings, shown)? else { return Ok(None) };
    Ok(Some(Figure {
        drawing,
        title: "MTL minus STILTs for every pair of tasks".to_owned(),
        caption: format!(
            "A row is a target, a column its support; the number is MTL minus STILTs, in points. A cell has a colour where the \
             difference is decided by the test of one look: {decided} of {}, {corrected} of them (bold) after correction for their number too (BH).",
            findings.cells.len()
        ),
        keys: vec![
            key("cell", STILTS_CELL, "STILTs is better"),
            key("cell", MTL_CELL, "MTL is better"),
            key("cell", UNDECIDED_CELL, "undecided"),
        ],
    }))
}

/// The better of MTL and STILTs, minus single.
pub(crate) fn better_than_single(findings: &Findings) -> Drawn {
    let shown = |cell: &Cell| {
        let over = cell.over_single.as_ref()?;
        let better = findings.sign(&cell.target) * over.difference.value > 0.0;
        let fill = match (over.decided, better) {
            (false, _) => UNDECIDED_CELL,
            (true, true) => BETTER_CELL,
            (true, false) => WORSE_CELL,
        };
        let bold = over.decided && over.p_bh.is_some_and(|p| p < 0.05);
        Some(Shown { number: gain(over.difference.value)?, says: measured(over), fill, bold })
    };
    let Some(drawing) = map(findings, shown)? else { return Ok(None) };
    Ok(Some(Figure {
        drawing,
        title: "The better of MTL and STILTs minus single for every pair of tasks".to_owned(),
        caption: "Whether the support helps at all: the better of STILTs and MTL minus single, in points. These numbers are \
                  somewhat too high, because the better one is chosen; the test at the study's looks is corrected for that. Bold: \
                  decided after correction for the number of pairs too (BH)."
            .to_owned(),
        keys: vec![
            key("cell", BETTER_CELL, "better than single"),
            key("cell", WORSE_CELL, "worse than single"),
            key("cell", UNDECIDED_CELL, "undecided"),
        ],
    }))
}

/// How often an epoch of MTL shows a row of the target; none where it is once everywhere.
pub(crate) fn target_passes(findings: &Findings) -> Drawn {
    let passes = |cell: &Cell| {
        let is_mtl = |arm: &&ArmFindings| {
            arm.arm == Arm::Mtl && arm.target == cell.target && arm.support.as_ref() == Some(&cell.support)
        };
        let (_, passes) = findings.arms.iter().find(is_mtl)?.passes.first()?;
        passes.is_finite().then_some(*passes)
    };
    let differs = |passes: f64| (passes - 1.0).abs() >= 0.01;
    if !findings.cells.iter().filter_map(passes).any(differs) {
        return Ok(None);
    }
    let shown = |cell: &Cell| {
        let passes = passes(cell)?;
        let fill = if differs(passes) { UNEVEN_CELL } else { UNDECIDED_CELL };
        let number = format::fixed(passes, 2);
        Some(Shown { says: number.clone(), number, fill, bold: false })
    };
    let Some(drawing) = map(findings, shown)? else { return Ok(None) };
    Ok(Some(Figure {
        drawing,
        title: "Passes over the target in an epoch of MTL for every pair of tasks".to_owned(),
        caption: "How often an epoch of MTL shows a row of its target, on average; STILTs shows each once. Where it is not \
                  once, MTL and STILTs differ in more than the order of their data."
            .to_owned(),
        keys: vec![key("cell", UNEVEN_CELL, "not once"), key("cell", UNDECIDED_CELL, "once")],
    }))
}

/// A difference in points; none where it is no number.
fn gain(share: f64) -> Option<String> {
    share.is_finite().then(|| format::gain(share))
}

/// `−2.3 [−5.4, +0.8], p 0.031`
fn measured(against: &Against) -> String {
    format!("{}, p {}", format::difference(&against.difference), format::p_or_none(against.p_value))
}

/// What is shown of a cell.
struct Shown {
    number: String,
    /// What is said of it under the pointer.
    says: String,
    fill: Colour,
    bold: bool,
}

/// The map of what is shown of each cell.
fn map(findings: &Findings, shown: impl Fn(&Cell) -> Option<Shown>) -> Result<Option<Drawing>, DrawingError> {
    let cells: Vec<(&str, &str, Shown)> = findings
        .cells
        .iter()
        .filter_map(|cell| Some((&*cell.target, &*cell.support, shown(cell)?)))
        .collect();
    let names = || findings.tasks.iter().map(|task| &*task.name);
    let rows: Vec<&str> = names().filter(|name| cells.iter().any(|cell| cell.0 == *name)).collect();
    let columns: Vec<&str> = names().filter(|name| cells.iter().any(|cell| cell.1 == *name)).collect();
    // One pair is a line of a table.
    if rows.len() * columns.len() < 2 {
        return Ok(None);
    }
    let widest = |names: &[&str]| names.iter().map(|name| text_width(&format::short(name, NAME))).max();
    let left = widest(&rows).unwrap_or(0).max(text_width("support")) + 12;
    let side = ((WIDTH as i32 - left) / columns.len() as i32).clamp(CELL, WIDEST);
    let heading = widest(&columns).unwrap_or(0);
    let turned = heading > side;
    let top = (2 * LINE).max(if turned { heading + 6 } else { 0 }) + 6;
    let width = left + side * columns.len() as i32;
    let middle = |index: usize| left + side * index as i32 + side / 2;

    let drawing = draw(width as u32, (top + ROW * rows.len() as i32 + 2) as u32, |canvas| {
        canvas.text("target", (left - 10, top - 14), Side::Left, MUTED)?;
        canvas.text("support", (left - 10, top - 14 - LINE), Side::Left, MUTED)?;
        for (column, name) in columns.iter().enumerate() {
            let name = format::short(name, NAME);
            let (y, side) = if turned { (top - 6, Side::Up) } else { (top - 14, Side::Centre) };
            canvas.text(&name, (middle(column), y), side, INK)?;
        }
        for (row, name) in rows.iter().enumerate() {
            let y = top + ROW * row as i32;
            canvas.text(&format::short(name, NAME), (left - 10, y + ROW / 2), Side::Left, INK)?;
            for (column, support) in columns.iter().enumerate() {
                let Some((_, _, shown)) = cells.iter().find(|cell| (cell.0, cell.1) == (*name, *support))
                else {
                    continue;
                };
                let x = left + side * column as i32;
                canvas.rectangle([(x + 1, y + 1), (x + side - 1, y + ROW - 1)], shown.fill)?;
                let at = (middle(column), y + ROW / 2);
                if shown.bold {
                    canvas.bold(&shown.number, at, Side::Centre, INK)?;
                } else {
                    canvas.text(&shown.number, at, Side::Centre, INK)?;
                }
                let cell = [(x + 1, y + 1), (x + side - 1, y + ROW - 1)];
                canvas.says(cell, &format!("{name} with {support}: {}", shown.says));
            }
        }
        Ok(())
    })?;
    Ok(Some(drawing))
}
