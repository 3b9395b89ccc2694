//! A pair of target and support: STILTs against MTL, and what their sizes say.

use mtlift_eval::Strategy;
use serde::{Deserialize, Serialize};

use super::comparison::Against;

/// One target with one support: STILTs against pairwise MTL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The target: a row of the heat map.
    pub target: String,
    /// The support: a column.
    pub support: String,
    /// Rows of the two.
    pub sizes: Sizes,
    /// MTL minus STILTs, by the test of one look.
    pub mtl_minus_stilts: Against,
    /// The better one where the difference is decided.
    pub winner: Option<Strategy>,
    /// The same by the paper's test at p < 0.1.
    pub paper_winner: Option<Strategy>,
    /// The better of the two against single; its p-values are corrected for having chosen between the two.
    pub over_single: Option<Against>,
}

impl Cell {
    /// Whether the difference is decided after Benjamini and Hochberg's correction for the number of cells too.
    pub fn is_corrected(&self) -> bool {
        self.winner.is_some() && self.mtl_minus_stilts.p_bh.is_some_and(|p| p < 0.05)
    }
}

/// Training rows of a target and its support.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sizes {
    /// Of the target.
    pub target: usize,
    /// Of the support.
    pub support: usize,
}

impl Sizes {
    /// Whether they differ by less than a tenth: then a rule of sizes has nothing to go by.
    pub fn are_alike(&self) -> bool {
        let (small, large) = (self.target.min(self.support), self.target.max(self.support));
        10 * large < 11 * small
    }
}
