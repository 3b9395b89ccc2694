//! Token sequences end to end, never padded: a whole split as [`Encoded`], one step's rows as [`Batch`].

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

    /// The number of tokens of each row.
    pub fn lengths(&self) -> impl Iterator<Item = usize> + '_ {
        self.offsets.windows(2).map(|ends| ends[1] - ends[0])
    }
}

/// The rows of one step, packed. Made once and refilled: after it has grown to the largest batch it allocates nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Token ids `[T]`.
    pub ids: Vec<u32>,
    /// Segments `[T]`.
    pub segments: Vec<u32>,
    /// `[B + 1]`, beginning with 0: sequence `i` is `offsets[i]..offsets[i + 1]`.
    pub offsets: Vec<usize>,
}

impl Default for Batch {
    fn default() -> Self {
        Batch { ids: Vec::new(), segments: Vec::new(), offsets: vec![0] }
    }
}

impl Batch {
    /// Replaces the content by the given rows, in that order.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn pack(&mut self, encoded: &Encoded, rows: &[usize]) {
        self.clear();
        rows.iter().for_each(|&row| self.push(encoded, row));
    }

    /// Removes all sequences and keeps the memory.
    pub fn clear(&mut self) {
        self.ids.clear();
        self.segments.clear();
        self.offsets.truncate(1);
    }

    /// Adds one row, so that a batch may mix rows of several splits or tasks.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn push(&mut self, encoded: &Encoded, row: usize) {
        let range = encoded.range(row);
        self.ids.extend_from_slice(&encoded.ids[range.clone()]);
        self.segments.extend_from_slice(&encoded.segments[range]);
        self.offsets.push(self.ids.len());
    }

    /// `B`, the number of sequences.
    pub fn sequences(&self) -> usize {
        self.offsets.len() - 1
    }

    /// `T`, the number of tokens.
    pub fn tokens(&self) -> usize {
        self.ids.len()
    }
}
