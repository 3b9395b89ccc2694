//! The paper's advice, "train together where the target is the smaller set, else one after the other", beside the trivial
//! rules that it has to beat. Rules are scored on decided cells alone, as in the paper.

use crate::error::Error;
use crate::statistics::options::check_share;
use crate::statistics::wilson::wilson_of;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a support task is used for a target task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// `stilts`: trained on the support first, then on the target.
    Stilts,
    /// `mtl`: trained on both at once.
    Mtl,
}

/// The rule of Weller, Seppi and Gardner (ACL 2022): MTL if the target has fewer training rows than the support, else
/// STILTs.
pub fn size_rule(target_rows: usize, support_rows: usize) -> Strategy {
    if target_rows < support_rows { Strategy::Mtl } else { Strategy::Stilts }
}

/// A pair of tasks for which one strategy was found to be better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleCell {
    /// The row of the heat map: which task is the target.
    pub target: usize,
    /// Training rows of the target.
    pub target_rows: usize,
    /// Training rows of the support.
    pub support_rows: usize,
    /// The better strategy.
    pub winner: Strategy,
}

/// A way to choose a strategy; printed and serialised by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// `size`: [`size_rule`].
    Size,
    /// `always-mtl`.
    AlwaysMtl,
    /// `always-stilts`.
    AlwaysStilts,
    /// `row-majority`: what won most of the other cells of the same target. It knows results, not sizes.
    RowMajority,
}

impl Rule {
    /// Every rule, in the order in which they are reported.
    pub const ALL: [Rule; 4] = [Rule::Size, Rule::AlwaysMtl, Rule::AlwaysStilts, Rule::RowMajority];

    /// The name used in results.
    pub fn name(self) -> &'static str {
        match self {
            Rule::Size => "size",
            Rule::AlwaysMtl => "always-mtl",
            Rule::AlwaysStilts => "always-stilts",
            Rule::RowMajority => "row-majority",
        }
    }

    /// What the rule says of `cells[cell]`; `None` where the majority is a tie, as without other cells of the row.
    fn choice(self, cells: &[RuleCell], cell: usize) -> Option<Strategy> {
        let RuleCell { target, target_rows, support_rows, .. } = cells[cell];
        match self {
            Rule::Size => Some(size_rule(target_rows, support_rows)),
            Rule::AlwaysMtl => Some(Strategy::Mtl),
            Rule::AlwaysStilts => Some(Strategy::Stilts),
            Rule::RowMajority => {
                let others = || {
                    let row = cells.iter().enumerate().filter(move |(_, other)| other.target == target);
                    row.filter(move |&(index, _)| index != cell)
                };
                let mtl = others().filter(|(_, other)| other.winner == Strategy::Mtl).count();
                match (2 * mtl).cmp(&others().count()) {
                    std::cmp::Ordering::Greater => Some(Strategy::Mtl),
                    std::cmp::Ordering::Equal => None,
                    std::cmp::Ordering::Less => Some(Strategy::Stilts),
                }
            }
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How often a rule names the winner.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleScore {
    /// The rule.
    pub rule: Rule,
    /// Cells it is right about; one that it cannot choose for counts half, as a coin would.
    pub right: f64,
    /// Cells in all.
    pub of: usize,
    /// Wilson's interval of the share, as if cells were independent, which cells of one target are not.
    pub interval: (f64, f64),
}

/// Scores every rule on the same decided cells, in the order of [`Rule::ALL`].
///
/// # Errors
/// [`Error::Share`] for a level outside `(0, 1)`.
pub fn score_rules(cells: &[RuleCell], level: f64) -> Result<Vec<RuleScore>, Error> {
    check_share("level", level)?;
    let score = |rule: Rule| {
        let credit = |cell: usize| match rule.choice(cells, cell) {
            Some(choice) => f64::from(u8::from(choice == cells[cell].winner)),
            None => 0.5,
        };
        // The sum of nothing is −0.
        let right = (0..cells.len()).map(credit).sum::<f64>().abs();
        RuleScore { rule, right, of: cells.len(), interval: wilson_of(right, cells.len() as f64, level) }
    };
    Ok(Rule::ALL.map(score).to_vec())
}
