//! Work over the sequences of a packed batch, spread over threads without copying or allocating; and over whole batches.
//!
//! The rows of a sequence are contiguous in every matrix of the batch, so halving the list of sequences halves
//! each matrix at one point: safe disjoint borrows, and rayon's stealing evens out unequal lengths.

use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::{ArrayView2, ArrayViewMut2};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

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

/// What `work` gives for each of `count` items, in their order. Each thread of the pool takes whole items and is alone with one: what is
/// parallel inside waits for nobody. A single item has all threads for itself.
///
/// `memory` makes what a thread works in, from item to item.
pub fn each_alone<M, R: Send>(
    count: usize,
    memory: impl Fn() -> M + Sync,
    work: impl Fn(usize, &mut M) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let take_turns = || {
        let mut memory = memory();
        let items = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        items.take_while(|&item| item < count).map(|item| (item, work(item, &mut memory))).collect()
    };
    let alone = |_| match ThreadPoolBuilder::new().num_threads(1).build() {
        Ok(thread) => thread.install(take_turns),
        // The system has no thread to give: the items are as well done here.
        Err(_) => take_turns(),
    };
    let mut done: Vec<(usize, R)> = match rayon::current_num_threads().min(count) {
        0 | 1 => take_turns(),
        threads => (0..threads).into_par_iter().with_max_len(1).flat_map_iter(alone).collect(),
    };
    done.sort_unstable_by_key(|(item, _)| *item);
    done.into_iter().map(|(_, result)| result).collect()
}

/// The rows of sequence `b` in a `[T, _]` matrix.
pub(crate) fn rows_of<'a, F>(matrix: ArrayView2<'a, F>, offsets: &[usize], b: usize) -> ArrayView2<'a, F> {
    matrix.slice_move(ndarray::s![offsets[b]..offsets[b + 1], ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_done_once_each_by_a_thread_that_is_alone_and_results_are_in_their_order() {
        for (threads, count) in [(1, 3), (3, 0), (3, 1), (3, 2), (3, 40)] {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let memories = AtomicUsize::new(0);
            let memory = || memories.fetch_add(1, Ordering::Relaxed);
            let done =
                pool.install(|| each_alone(count, memory, |item, _| (item, rayon::current_num_threads())));
            let alone = if count == 1 { threads } else { 1 };
            assert_eq!(done, (0..count).map(|item| (item, alone)).collect::<Vec<_>>());
            assert!(memories.into_inner() <= threads);
        }
    }
}
