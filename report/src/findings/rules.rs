//! What sizes alone would have said, on all pairs: the rules' records and the line through the cells; and what ways to choose
//! an arm score.

use mtlift_eval::Rule;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::comparison::Estimate;

/// How a rule does on the decided cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleRecord {
    /// Written as tables have it: `size rule`, `always MTL`, `always STILTs`, `majority of the row`.
    #[serde(serialize_with = "write_rule", deserialize_with = "read_rule")]
    pub rule: Rule,
    /// By which test the cells are decided.
    #[serde(serialize_with = "write_test", deserialize_with = "read_test")]
    pub test: CellTest,
    /// Cells in which it is right; halves are possible where a rule ties.
    pub right: f64,
    /// Decided cells.
    pub of: usize,
    /// The share, with Wilson's interval; none without a decided cell.
    pub share: Option<Estimate>,
}

/// A test by which cells are decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellTest {
    /// `mixed model`
    MixedModel,
    /// `mixed model, BH`: the same, corrected by Benjamini and Hochberg for the number of cells.
    Corrected,
    /// `mixed model, BH, sizes unlike`: of those the cells whose sizes differ by a tenth or more.
    SizesUnlike,
    /// `paper`: the paper's at p < 0.1.
    Paper,
}

impl CellTest {
    /// Every test, in the order in which they are reported.
    pub const ALL: [CellTest; 4] =
        [CellTest::MixedModel, CellTest::Corrected, CellTest::SizesUnlike, CellTest::Paper];

    /// The name used in results.
    pub fn name(self) -> &'static str {
        match self {
            CellTest::MixedModel => "mixed model",
            CellTest::Corrected => "mixed model, BH",
            CellTest::SizesUnlike => "mixed model, BH, sizes unlike",
            CellTest::Paper => "paper",
        }
    }
}

/// A rule as tables have it.
pub(crate) fn rule_name(rule: Rule) -> &'static str {
    match rule {
        Rule::Size => "size rule",
        Rule::AlwaysMtl => "always MTL",
        Rule::AlwaysStilts => "always STILTs",
        Rule::RowMajority => "majority of the row",
    }
}

fn write_rule<S: Serializer>(rule: &Rule, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(rule_name(*rule))
}

fn read_rule<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Rule, D::Error> {
    named(deserializer, &Rule::ALL, rule_name)
}

fn write_test<S: Serializer>(test: &CellTest, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(test.name())
}

fn read_test<'de, D: Deserializer<'de>>(deserializer: D) -> Result<CellTest, D::Error> {
    named(deserializer, &CellTest::ALL, CellTest::name)
}

/// The one of `all` whose name is read.
fn named<'de, D: Deserializer<'de>, T: Copy>(
    deserializer: D,
    all: &[T],
    name: fn(T) -> &'static str,
) -> Result<T, D::Error> {
    let word = String::deserialize(deserializer)?;
    all.iter().copied().find(|&value| name(value) == word).ok_or_else(|| {
        let expected: Vec<&str> = all.iter().map(|&value| name(value)).collect();
        D::Error::custom(format!("unknown name `{word}`, expected one of: {}", expected.join("; ")))
    })
}

/// A straight line through the cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Regression {
    /// The cells whose seeds differ: target, support, log2 of target rows over support rows, the paper's t-score of MTL minus STILTs,
    /// above 0 where MTL is better.
    pub points: Vec<(String, String, f64, f64)>,
    /// Change of the t-score for a doubling of target over support; its interval and `p_value` take targets as independent, not cells.
    pub slope: Estimate,
    /// At equal sizes.
    pub intercept: f64,
    /// Correlation.
    pub r: f64,
    /// Of the slope.
    pub p_value: f64,
}

/// What a way to choose an arm for each target scores: a row of the paper's table 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// `single`, `mtl-all`, `size rule, average support`, `best on dev (oracle)`.
    pub way: String,
    /// For each target the mean over seeds, and over supports where the way chooses none.
    pub scores: Vec<(String, f64)>,
    /// The mean over targets.
    pub mean: f64,
    /// The standard deviation of that mean over seeds (ddof 1); none below two seeds.
    pub deviation: Option<f64>,
}
