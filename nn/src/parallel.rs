//! Work over the sequences of a packed batch, spread over threads without copying or allocating.
//!
//! The rows of a sequence are contiguous in every matrix of the batch, so halving the list of sequences halves
//! each matrix at one point: safe disjoint borrows, and rayon's stealing evens out unequal lengths.

use ndarray::{ArrayView2, ArrayViewMut2};

/// Something that can be cut before a sequence, counted from its own first.
pub trait Split: Sized + Send {
    /// The parts before and from `sequence`.
    fn split(self, sequence: usize) -> (Self, Self);
}

/// A `[T, width]` matrix (or anything else that lists its sequences end to end), to be written sequence by
/// sequence. `bounds[b]..bounds[b + 1]` times `width` are the values of sequence `b`, counted from `bounds[0]`.
#[derive(Debug)]
pub struct Segments<'a, F> {
    values: &'a mut [F],
    bounds: &'a [usize],
    width: usize,
}

impl<'a, F> Segments<'a, F> {
    /// # Panics
    /// If `bounds` and `width` do not add up to the number of values.
    #[track_caller]
    pub fn new(values: &'a mut [F], bounds: &'a [usize], width: usize) -> Self {
        let total = (bounds[bounds.len() - 1] - bounds[0]) * width;
        assert_eq!(values.len(), total, "the bounds do not add up to the values");
        Self { values, bounds, width }
    }

    /// The first sequence's values.
    pub fn first(self) -> &'a mut [F] {
        &mut self.values[..(self.bounds[1] - self.bounds[0]) * self.width]
    }

    /// The first sequence's values as `[rows, width]`.
    pub fn first_matrix(self) -> ArrayViewMut2<'a, F> {
        let shape = (self.bounds[1] - self.bounds[0], self.width);
        ArrayViewMut2::from_shape(shape, self.first()).expect("first() has this size")
    }
}

impl<F: Send> Split for Segments<'_, F> {
    fn split(self, sequence: usize) -> (Self, Self) {
        let at = (self.bounds[sequence] - self.bounds[0]) * self.width;
        let (left, right) = self.values.split_at_mut(at);
        let width = self.width;
        (
            Segments { values: left, bounds: &self.bounds[..=sequence], width },
            Segments { values: right, bounds: &self.bounds[sequence..], width },
        )
    }
}

/// A `[B, width]` matrix, to be written sequence by sequence.
#[derive(Debug)]
pub struct PerSequence<'a, F> {
    values: &'a mut [F],
    width: usize,
}

impl<'a, F> PerSequence<'a, F> {
    /// Rows of `width` values.
    pub fn new(values: &'a mut [F], width: usize) -> Self {
        Self { values, width }
    }

    /// The first sequence's row.
    pub fn first(self) -> &'a mut [F] {
        &mut self.values[..self.width]
    }
}

impl<F: Send> Split for PerSequence<'_, F> {
    fn split(self, sequence: usize) -> (Self, Self) {
        let (left, right) = self.values.split_at_mut(sequence * self.width);
        (PerSequence { values: left, width: self.width }, PerSequence { values: right, width: self.width })
    }
}

impl<A: Split, B: Split> Split for (A, B) {
    fn split(self, sequence: usize) -> (Self, Self) {
        let ((a, c), (b, d)) = (self.0.split(sequence), self.1.split(sequence));
        ((a, b), (c, d))
    }
}

impl<A: Split, B: Split, C: Split> Split for (A, B, C) {
    fn split(self, sequence: usize) -> (Self, Self) {
        let ((a, d), (b, e), (c, f)) =
            (self.0.split(sequence), self.1.split(sequence), self.2.split(sequence));
        ((a, b, c), (d, e, f))
    }
}

/// Runs `work(b, outputs of sequence b)` for each of `count` sequences, in parallel.
pub fn for_each_sequence<S: Split>(count: usize, outputs: S, work: impl Fn(usize, S) + Sync) {
    fn halve<S: Split>(from: usize, to: usize, outputs: S, work: &(impl Fn(usize, S) + Sync)) {
        match to - from {
            0 => {}
            1 => work(from, outputs),
            count => {
                let (left, right) = outputs.split(count / 2);
                let middle = from + count / 2;
                rayon::join(|| halve(from, middle, left, work), || halve(middle, to, right, work));
            }
        }
    }
    halve(0, count, outputs, &work);
}

/// The rows of sequence `b` in a `[T, _]` matrix.
pub(crate) fn rows_of<'a, F>(matrix: ArrayView2<'a, F>, offsets: &[usize], b: usize) -> ArrayView2<'a, F> {
    matrix.slice_move(ndarray::s![offsets[b]..offsets[b + 1], ..])
}
