//! What it takes to write rows, for whichever run has such.

use mtlift_schedule::Infilling;
use mtlift_train::Rehearsal;

/// To write a row that is as long as these on average, in tokens that go forward through the encoder.
pub(super) fn tokens_to_write(infilling: &Infilling, texts: &Rehearsal) -> f64 {
    let of_row = texts.tokens as f64 / texts.rows as f64;
    let tokens = of_row.round() as usize;
    let guesses = (infilling.sweeps * infilling.count(tokens)) as f64;
    infilling.passes(tokens) as f64 * of_row + guesses * texts.masked.guess
}
