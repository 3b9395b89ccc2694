//! What sizes alone would have said: the rules' records, and the line through the cells.

use mtlift_eval::{Rule, RuleCell, Strategy, linear_fit, score_rules};

use super::LEVEL;
use crate::{Cell, Error, Estimate, Regression, RuleRecord, Sizes, TaskFacts};

/// How the size rule and the trivial rules do on the decided cells, by each test.
pub(super) fn rules(cells: &[Cell]) -> Result<Vec<RuleRecord>, Error> {
    let tasks: Vec<&String> = cells.iter().map(|cell| &cell.target).collect();
    let row = |target: &String| tasks.iter().position(|task| *task == target).unwrap_or_default();
    let mut records = Vec::new();
    for (test, winner) in [
        ("mixed model", (|cell: &Cell| cell.winner.clone()) as fn(&Cell) -> Option<String>),
        ("mixed model, BH", corrected),
        ("mixed model, BH, sizes unlike", unlike),
        ("paper", |cell: &Cell| cell.paper_winner.clone()),
    ] {
        let decided: Vec<RuleCell> = cells
            .iter()
            .filter_map(|cell| {
                let winner = if winner(cell)? == "mtl" { Strategy::Mtl } else { Strategy::Stilts };
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
            let (rule, test) = (rule_name(score.rule).to_owned(), test.to_owned());
            records.push(RuleRecord { rule, test, right: score.right, of: score.of, share });
        }
    }
    Ok(records)
}

/// The winner of a cell that is decided after correction for the number of cells.
fn corrected(cell: &Cell) -> Option<String> {
    cell.winner.clone().filter(|_| cell.is_corrected())
}

/// The winner of such a cell where the sizes say something.
fn unlike(cell: &Cell) -> Option<String> {
    corrected(cell).filter(|_| !cell.sizes.are_alike())
}

/// A rule as tables have it.
fn rule_name(rule: Rule) -> &'static str {
    match rule {
        Rule::Size => "size rule",
        Rule::AlwaysMtl => "always MTL",
        Rule::AlwaysStilts => "always STILTs",
        Rule::RowMajority => "majority of the row",
    }
}

/// The cells' t-score on the logarithm of the ratio of sizes; above 0 MTL is better.
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
    let (low, high) = fit.slope_interval;
    let slope = Estimate { value: fit.slope, low, high };
    Some(Regression { points, slope, intercept: fit.intercept, r: fit.r, p_value: fit.p_value })
}
