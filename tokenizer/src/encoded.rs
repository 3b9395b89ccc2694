//! The token sequences of many rows end to end, never padded.

use std::ops::Range;

/// The token sequences of many rows, packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// Token ids `[T]`.
    pub ids: Vec<u32>,
    /// Segments `[T]`: 0 for the first text, and whatever the tokenizer gives the second (BERT 1, RoBERTa 0).
    pub segments: Vec<u32>,
    /// `[rows + 1]`: row `i` is `offsets[i]..offsets[i + 1]`.
    pub offsets: Vec<usize>,
    /// How many rows were cut to the limit.
    pub truncated: usize,
}

impl Default for Encoded {
    fn default() -> Self {
        Encoded { ids: Vec::new(), segments: Vec::new(), offsets: vec![0], truncated: 0 }
    }
}

impl Encoded {
    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Where a row stands in `ids` and `segments`.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn range(&self, row: usize) -> Range<usize> {
        self.offsets[row]..self.offsets[row + 1]
    }

    /// The rows in batches of at most so many tokens, in order, one range after the other; a longer row is a batch by itself.
    pub fn batches(&self, tokens: usize) -> Vec<Range<usize>> {
        let mut batches: Vec<Range<usize>> = Vec::new();
        for row in 0..self.rows() {
            match batches.last_mut() {
                Some(batch) if self.offsets[row + 1] - self.offsets[batch.start] <= tokens => batch.end += 1,
                _ => batches.push(row..row + 1),
            }
        }
        batches
    }

    /// The number of tokens of each row.
    pub fn lengths(&self) -> impl Iterator<Item = usize> + '_ {
        self.offsets.windows(2).map(|ends| ends[1] - ends[0])
    }
}
