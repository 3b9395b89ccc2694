//! The token sequences of one step end to end, never padded.

use mtlift_tokenizer::Encoded;

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
