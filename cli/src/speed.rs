//! How fast rows went through a model: the time of the forward passes alone, without reading, tokenising and scoring, and the
//! tokens that the rows have. A batch is packed, so none of them is padding.

use std::time::Instant;

use mtlift_train::Rows;
use serde::Serialize;

/// What forward passes took.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Speed {
    tokens: usize,
    seconds: f64,
    tokens_per_s: f64,
}

impl Speed {
    /// Runs the passes over rows, and times them.
    pub(crate) fn of<'a, T>(
        rows: impl IntoIterator<Item = &'a Rows>,
        passes: impl FnOnce() -> T,
    ) -> (T, Self) {
        let start = Instant::now();
        let result = passes();
        let seconds = start.elapsed().as_secs_f64();
        let tokens = rows.into_iter().map(|rows| rows.encoded.ids.len()).sum();
        (result, Self { tokens, seconds, tokens_per_s: tokens as f64 / seconds })
    }
}

impl std::fmt::Display for Speed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} tokens in {:.1} s, {:.0} tokens/s", self.tokens, self.seconds, self.tokens_per_s)
    }
}
