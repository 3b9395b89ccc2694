//! What sizes alone would have said: the rules' records, and the line through the cells.

use mtlift_eval::{Rule, RuleCell, Strategy, linear_fit, score_rules};

use super::LEVEL;
use crate::{Cell, Error, Estimate, Regression, RuleRecord, Sizes};

/// How the size rule and the trivial rules do on the decided cells, by each test.
pub(super) fn rules(cells: &[Cell]) -> Result<Vec<RuleRecord>, Error> {
    let tasks: Vec<&String> = cells.iter().map(|cell| &cell.target).collect();
    let row = |target: &String| tasks.iter().position(|task| *task == target).unwrap_or_default();
    let mut records = Vec::new();
    let corrected = |cell: &Cell| cell.winner.clone().filter(|_| cell.mtl_minus_stilts.p_bh < 1.0 - LEVEL);
    for (test, winner) in [
        ("mixed model", (|cell: &Cell| cell.winner.clone()) as fn(&Cell) -> Option<String>),
        ("mixed model, BH", corrected),
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

/// A rule as tables have it.
fn rule_name(rule: Rule) -> &'static str {
    match rule {
        Rule::Size => "size rule",
        Rule::AlwaysMtl => "always MTL",
        Rule::AlwaysStilts => "always STILTs",
        Rule::RowMajority => "majority of the row",
    }
}

/// The cells' t-score on the logarithm of the ratio of sizes.
pub(super) fn regression(cells: &[Cell]) -> Option<Regression> {
    let points: Vec<(String, String, f64, f64)> = cells
        .iter()
        .filter_map(|cell| {
            let x = (cell.sizes.target as f64 / cell.sizes.support as f64).log2();
            Some((cell.target.clone(), cell.support.clone(), x, cell.mtl_minus_stilts.paper_t?))
        })
        .collect();
    let (x, y): (Vec<f64>, Vec<f64>) = points.iter().map(|point| (point.2, point.3)).unzip();
    let fit = linear_fit(&x, &y, LEVEL).ok()?;
    let (low, high) = fit.slope_interval;
    let slope = Estimate { value: fit.slope, low, high };
    Some(Regression { points, slope, intercept: fit.intercept, r: fit.r, p_value: fit.p_value })
}
