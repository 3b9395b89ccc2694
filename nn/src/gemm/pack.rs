//! Copies of the operands in the order in which the kernel reads them.
//!
//! B always goes to `[block of DEPTH][panel of COLUMNS][k, COLUMNS]`, padded with zeros on the right. A is copied only where the
//! kernel cannot read it in place: where its rows are not contiguous, or where its values are rounded. k counts units of the operand, of
//! one value or more.

use std::cell::Cell;
use std::thread::LocalKey;

use ndarray::{ArrayView2, Axis, s};
use rayon::prelude::*;

use super::operand::Operand;
use super::packing::Packing;
use super::tile::{COLUMNS, DEPTH, ROWS, Rows, WALK};
use crate::simd::prefetch;

/// The least memory for a packed B: enough for a head of attention over any usual sequence, so that which thread meets
/// the longest does not decide when memory grows.
const LEAST: usize = 1 << 16;
/// Units that are packed at a time where k is contiguous, so that the lines being written stay in the first-level cache.
const SQUARE: usize = 16;

/// Runs `body` with the thread's memory for a packed B of `k` rows and `n` columns.
pub(super) fn with_columns<U: Operand>(k: usize, n: usize, body: impl FnOnce(&mut [U])) {
    with(U::packing(), |packing| &packing.columns, k.div_ceil(U::STEP) * n.next_multiple_of(COLUMNS), body);
}

/// Runs `body` with the thread's memory for one block of A.
pub(super) fn with_rows<U: Operand>(body: impl FnOnce(&mut [U])) {
    with(U::packing(), |packing| &packing.rows, WALK * DEPTH, body);
}

fn with<U: Operand>(
    packing: &'static LocalKey<Packing<U>>,
    part: fn(&Packing<U>) -> &Cell<Vec<U>>,
    len: usize,
    body: impl FnOnce(&mut [U]),
) {
    let mut memory = packing.with(|packing| part(packing).take());
    if memory.len() < len {
        memory.resize(len.max(LEAST), U::default());
    }
    body(&mut memory[..len]);
    packing.with(|packing| part(packing).set(memory));
}

/// Packs all of B, over the threads of the pool if `parallel`.
pub(super) fn columns<U: Operand>(b: ArrayView2<'_, U::Value>, packed: &mut [U], parallel: bool) {
    let padded = b.ncols().next_multiple_of(COLUMNS);
    for (block, to) in b.axis_chunks_iter(Axis(0), DEPTH * U::STEP).zip(packed.chunks_mut(DEPTH * padded)) {
        let pack = |(panel, to): (usize, &mut [U])| {
            let left = panel * COLUMNS;
            columns_panel(block.slice(s![.., left..(left + COLUMNS).min(block.ncols())]), to);
        };
        let panel = block.nrows().div_ceil(U::STEP) * COLUMNS;
        if parallel {
            to.par_chunks_mut(panel).enumerate().with_min_len(2).for_each(pack);
        } else {
            to.chunks_mut(panel).enumerate().for_each(pack);
        }
    }
}

/// One panel: `from [k, at most COLUMNS]` to `to [k, COLUMNS]`.
fn columns_panel<U: Operand>(from: ArrayView2<'_, U::Value>, to: &mut [U]) {
    let (to, _) = to.as_chunks_mut::<COLUMNS>();
    let width = from.ncols();
    if width == 1 || from.strides()[1] == 1 {
        for (rows, to) in from.axis_chunks_iter(Axis(0), U::STEP).zip(to) {
            U::across(rows, &mut to[..width]);
            to[width..].fill(U::default());
        }
        return;
    }
    // Columns are contiguous instead: a weight matrix, transposed.
    for (square, to) in to.chunks_mut(SQUARE).enumerate() {
        let [rows, next] = [square, square + 1].map(|at| {
            let from_row = (at * SQUARE * U::STEP).min(from.nrows());
            from_row..(from_row + SQUARE * U::STEP).min(from.nrows())
        });
        let mut units = [U::default(); SQUARE];
        for (j, column) in from.columns().into_iter().enumerate() {
            let units = &mut units[..to.len()];
            match column.to_slice() {
                Some(column) => {
                    prefetch(&column[next.clone()]);
                    U::along(&column[rows.clone()], units);
                }
                None => U::along(&column.slice(s![rows.clone()]).to_vec(), units),
            }
            to.iter_mut().zip(units).for_each(|(to, unit)| to[j] = *unit);
        }
        to.iter_mut().for_each(|to| to[width..].fill(U::default()));
    }
}

/// A block of A as the kernel takes it: in place where possible, copied to `memory` where not.
pub(super) fn rows<'a, U: Operand>(block: ArrayView2<'a, U::Value>, memory: &'a mut [U]) -> Rows<'a, U> {
    let (m, depth) = (block.nrows(), block.ncols().div_ceil(U::STEP));
    if block.ncols() > 1 && block.strides()[1] != 1 {
        let memory = &mut memory[..m.next_multiple_of(ROWS) * depth];
        panels_of(block, memory);
        return Rows::Panels(memory);
    }
    if let Some(rows) = U::in_place(block) {
        return Rows::Along(rows);
    }
    let memory = &mut memory[..m * depth];
    for (row, to) in block.rows().into_iter().zip(memory.chunks_exact_mut(depth)) {
        U::along(row.to_slice().expect("rows are contiguous"), to);
    }
    Rows::Along(ArrayView2::from_shape((m, depth), memory).expect("as many rows of this depth"))
}

/// Panels of `ROWS` rows: `from [m, k]` to `[panel][k, ROWS]`, with zeros below the last row.
fn panels_of<U: Operand>(from: ArrayView2<'_, U::Value>, to: &mut [U]) {
    let (m, depth) = (from.nrows(), from.ncols().div_ceil(U::STEP));
    let mut square = [[U::default(); WALK]; SQUARE];
    for (group, columns) in from.axis_chunks_iter(Axis(1), SQUARE * U::STEP).enumerate() {
        let mut filled = 0;
        for (columns, units) in columns.axis_chunks_iter(Axis(1), U::STEP).zip(&mut square) {
            let next = ((group + 1) * SQUARE + filled) * U::STEP;
            for at in (next..from.ncols()).take(U::STEP) {
                from.index_axis(Axis(1), at).to_slice().into_iter().for_each(prefetch);
            }
            U::across(columns.reversed_axes(), &mut units[..m]);
            filled += 1;
        }
        for panel in 0..m.div_ceil(ROWS) {
            let to = &mut to[(panel * depth + group * SQUARE) * ROWS..][..filled * ROWS];
            for (to, units) in to.as_chunks_mut::<ROWS>().0.iter_mut().zip(&square) {
                to.copy_from_slice(&units[panel * ROWS..][..ROWS]);
            }
        }
    }
}
