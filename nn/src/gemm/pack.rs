//! Copies of the operands in the order in which the kernel reads them.
//!
//! B always goes to `[block of DEPTH][panel of COLUMNS][k, COLUMNS]`, padded with zeros on the right. A is
//! copied only where its rows are not contiguous, or where a panel is not full.

use std::cell::Cell;
use std::thread::LocalKey;

use ndarray::{ArrayView1, ArrayView2, Axis, s};
use rayon::prelude::*;

use super::packing::Packing;
use super::tile::{COLUMNS, DEPTH, Panel, ROWS, WALK};
use crate::Real;

/// The least memory for a packed B: enough for a head of attention over any usual sequence, so that which thread meets
/// the longest does not decide when memory grows.
const LEAST: usize = 1 << 16;

/// Runs `body` with the thread's memory for a packed B of `k` rows and `n` columns.
pub(super) fn with_columns<F: Real>(k: usize, n: usize, body: impl FnOnce(&mut [F])) {
    with(F::packing(), |packing| &packing.columns, k * n.next_multiple_of(COLUMNS), body);
}

/// Runs `body` with the thread's memory for one block of A.
pub(super) fn with_rows<F: Real>(body: impl FnOnce(&mut [F])) {
    with(F::packing(), |packing| &packing.rows, WALK * DEPTH, body);
}

fn with<F: Real>(
    packing: &'static LocalKey<Packing<F>>,
    part: fn(&Packing<F>) -> &Cell<Vec<F>>,
    len: usize,
    body: impl FnOnce(&mut [F]),
) {
    let mut memory = packing.with(|packing| part(packing).take());
    if memory.len() < len {
        memory.resize(len.max(LEAST), F::zero());
    }
    body(&mut memory[..len]);
    packing.with(|packing| part(packing).set(memory));
}

/// Packs all of B, over the threads of the pool if `parallel`.
pub(super) fn columns<F: Real>(b: ArrayView2<'_, F>, packed: &mut [F], parallel: bool) {
    let padded = b.ncols().next_multiple_of(COLUMNS);
    for from in (0..b.nrows()).step_by(DEPTH) {
        let block = b.slice(s![from..(from + DEPTH).min(b.nrows()), ..]);
        let to = &mut packed[from * padded..][..block.nrows() * padded];
        let pack = |(panel, to): (usize, &mut [F])| {
            let left = panel * COLUMNS;
            columns_panel(block.slice(s![.., left..(left + COLUMNS).min(block.ncols())]), to);
        };
        let panel = block.nrows() * COLUMNS;
        if parallel {
            to.par_chunks_mut(panel).enumerate().with_min_len(2).for_each(pack);
        } else {
            to.chunks_mut(panel).enumerate().for_each(pack);
        }
    }
}

/// One panel: `from [k, at most COLUMNS]` to `to [k, COLUMNS]`.
fn columns_panel<F: Real>(from: ArrayView2<'_, F>, to: &mut [F]) {
    let (to, _) = to.as_chunks_mut::<COLUMNS>();
    let width = from.ncols();
    if width == 1 || from.strides()[1] == 1 {
        for (row, to) in from.rows().into_iter().zip(to) {
            copy(row, &mut to[..width]);
            to[width..].fill(F::zero());
        }
    } else {
        // Columns are contiguous instead (a weight matrix, transposed): a square at a time, so that the lines
        // being written stay in the first-level cache.
        for (to, from) in to.chunks_mut(16).zip(from.axis_chunks_iter(Axis(0), 16)) {
            for (j, column) in from.columns().into_iter().enumerate() {
                to.iter_mut().zip(column).for_each(|(to, &x)| to[j] = x);
            }
            to.iter_mut().for_each(|to| to[width..].fill(F::zero()));
        }
    }
}

fn copy<F: Real>(from: ArrayView1<'_, F>, to: &mut [F]) {
    match from.to_slice() {
        Some(from) => to.copy_from_slice(from),
        None => to.iter_mut().zip(from).for_each(|(to, &x)| *to = x),
    }
}

/// A block of A as the kernel takes it: in place where possible, packed where not.
pub(super) struct Rows<'a, F> {
    block: ArrayView2<'a, F>,
    packed: &'a [F],
    in_place: bool,
}

impl<'a, F: Real> Rows<'a, F> {
    /// Packs into `memory` what cannot be read in place.
    pub(super) fn new(block: ArrayView2<'a, F>, memory: &'a mut [F]) -> Self {
        let (m, k) = block.dim();
        let in_place = block.ncols() <= 1 || block.strides()[1] == 1;
        let full = if in_place { m - m % ROWS } else { 0 };
        for top in (full..m).step_by(ROWS) {
            let rows = block.slice(s![top..(top + ROWS).min(m), ..]);
            rows_panel(rows, &mut memory[top * k..][..ROWS * k]);
        }
        Self { block, packed: memory, in_place }
    }

    /// The rows from `top`, a multiple of `ROWS`, zeros below the last.
    pub(super) fn panel(&self, top: usize) -> Panel<'a, F> {
        let (m, k) = self.block.dim();
        if self.in_place && top + ROWS <= m {
            let row = |i| self.block.index_axis_move(Axis(0), top + i).to_slice();
            Panel::Rows(std::array::from_fn(|i| row(i).expect("in_place: rows are contiguous")))
        } else {
            Panel::Packed(&self.packed[top * k..][..ROWS * k])
        }
    }
}

/// One panel: `from [at most ROWS, k]` to `to [k, ROWS]`.
fn rows_panel<F: Real>(from: ArrayView2<'_, F>, to: &mut [F]) {
    let height = from.nrows();
    for (column, to) in from.columns().into_iter().zip(to.as_chunks_mut::<ROWS>().0) {
        copy(column, &mut to[..height]);
        to[height..].fill(F::zero());
    }
}
