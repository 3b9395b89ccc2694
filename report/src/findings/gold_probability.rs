//! A second outcome of a classification: how much probability a model gives to the right label. It is another question than how
//! often the model is right, and decides nothing.

use serde::{Deserialize, Serialize};

use super::comparison::Against;

/// The mean probability of the rows' own labels, of one arm, on the rows that score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GoldProbability {
    /// Over seeds and rows, in `[0, 1]`.
    pub mean: f64,
    /// The standard deviation over seeds (ddof 1); none below two seeds.
    pub deviation: Option<f64>,
    /// Minus that of `single`, at the planned looks, corrected among the arms of the target as gains of the score are, and apart from
    /// them; none for single itself.
    pub gain: Option<Against>,
}
