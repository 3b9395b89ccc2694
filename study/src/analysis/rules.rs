//! What sizes alone would have said: the rules' records, and the line through the cells.

use mtlift_eval::{RuleCell, Strategy, clustered_slope, linear_fit, score_rules};
use mtlift_report::{Cell, CellTest, Estimate, LEVEL, Regression, RuleRecord, Sizes, TaskFacts};

use crate::error::Error;

/// How the size rule and the trivial rules do on the decided cells, by each test.
pub(super) fn rules(cells: &[Cell]) -> Result<Vec<RuleRecord>, Error> {
    let tasks: Vec<&String> = cells.iter().map(|cell| &cell.target).collect();
    let row = |target: &String| tasks.iter().position(|task| *task == target).unwrap_or_default();
    let mut records = Vec::new();
    for test in CellTest::ALL {
        let decided: Vec<RuleCell> = cells
            .iter()
            .filter_map(|cell| {
                let winner = winner(cell, test)?;
                let Sizes { target, support } = cell.sizes;
                Some(RuleCell {
                    target: row(&cell.target),
                    target_rows: target,
                    support_rows: support,
                    winner,
                })
            })
            .collect();
        for score in score_rules(&decided, LEVEL)? {
            let share = (score.of > 0).then(|| Estimate {
                value: score.right / score.of as f64,
                low: score.interval.0,
                high: score.interval.1,
            });
            records.push(RuleRecord { rule: score.rule, test, right: score.right, of: score.of, share });
        }
    }
    Ok(records)
}

/// Which strategy is better in a cell that a test decides.
fn winner(cell: &Cell, test: CellTest) -> Option<Strategy> {
    match test {
        CellTest::MixedModel => cell.winner,
        CellTest::Corrected => cell.winner.filter(|_| cell.is_corrected()),
        CellTest::SizesUnlike => cell.winner.filter(|_| cell.is_corrected() && !cell.sizes.are_alike()),
        CellTest::Paper => cell.paper_winner,
    }
}

/// The cells' t-score on the logarithm of the ratio of sizes; above 0 MTL is better. Cells of one target share its dev set and its runs,
/// so the slope's interval and p take targets, not cells, as independent. None for cells of one target.
pub(super) fn regression(cells: &[Cell], tasks: &[TaskFacts]) -> Option<Regression> {
    let sign = |cell: &Cell| tasks.iter().find(|task| task.name == cell.target).map_or(1.0, TaskFacts::sign);
    let points: Vec<(String, String, f64, f64)> = cells
        .iter()
        .filter_map(|cell| {
            let x = (cell.sizes.target as f64 / cell.sizes.support as f64).log2();
            Some((cell.target.clone(), cell.support.clone(), x, sign(cell) * cell.mtl_minus_stilts.paper_t?))
        })
        .collect();
    let (x, y): (Vec<f64>, Vec<f64>) = points.iter().map(|point| (point.2, point.3)).unzip();
    let fit = linear_fit(&x, &y, LEVEL).ok()?;
    let row = |target: &String| tasks.iter().position(|task| task.name == *target).unwrap_or_default();
    let clusters: Vec<usize> = points.iter().map(|point| row(&point.0)).collect();
    let known = clustered_slope(&fit, &x, &y, &clusters, LEVEL).ok()?;
    let (low, high) = known.interval;
    let slope = Estimate { value: fit.slope, low, high };
    Some(Regression { points, slope, intercept: fit.intercept, r: fit.r, p_value: known.p_value })
}
