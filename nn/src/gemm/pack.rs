//! Copies of the operands in the order in which the kernel reads them.
//!
//! B always goes to `[block of DEPTH][panel of COLUMNS][k, COLUMNS]`, padded with zeros on the right. A is copied only where the
//! kernel cannot read it in place: where its rows are not contiguous, or where its values are rounded. k counts units of the operand, of
//! one value or more.

use std::cell::Cell;
use std::thread::LocalKey;

use ndarray::{ArrayView2, Axis, s};
use rayon::prelude::*;

use super::kernel::transpose::SQUARE;
use super::operand::Operand;
use super::packing::Packing;
use super::tile::{COLUMNS, DEPTH, ROWS, Rows, WALK};
use crate::simd::{prefetch, prefetch_row};

/// The least memory for a packed B: enough for a head of attention over any usual sequence, so that which thread meets
/// the longest does not decide when memory grows.
const LEAST: usize = 1 << 16;

/// Panels that are packed together, at most.
const TOGETHER: usize = 8;

/// How many steps of k ahead rows are asked for, of which a few panels read a part.
const AHEAD: usize = 8;

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
    if !has_contiguous_rows(b) && !has_contiguous_rows(b.reversed_axes()) {
        return columns(b.as_standard_layout().view(), packed, parallel);
    }
    let panels = b.ncols().div_ceil(COLUMNS);
    let parts = if parallel { 2 * rayon::current_num_threads() } else { 1 };
    let together = panels.div_ceil(parts).clamp(1, TOGETHER);
    for (block, to) in
        b.axis_chunks_iter(Axis(0), DEPTH * U::STEP).zip(packed.chunks_mut(DEPTH * panels * COLUMNS))
    {
        let depth = block.nrows().div_ceil(U::STEP);
        let pack = |(part, to): (usize, &mut [U])| {
            let (left, right) = (part * together * COLUMNS, (part + 1) * together * COLUMNS);
            match has_contiguous_rows(block) {
                true => across(block.slice(s![.., left..right.min(block.ncols())]), depth, to),
                false => turned(block, left, depth, to),
            }
        };
        let part = together * depth * COLUMNS;
        if parallel {
            to.par_chunks_mut(part).enumerate().for_each(pack);
        } else {
            to.chunks_mut(part).enumerate().for_each(pack);
        }
    }
}

fn has_contiguous_rows<F>(matrix: ArrayView2<'_, F>) -> bool {
    matrix.ncols() <= 1 || matrix.strides()[1] == 1
}

/// Panels from `[k, n]` with contiguous rows. Row after row for all of them, in the order in which the processor fetches ahead.
fn across<U: Operand>(from: ArrayView2<'_, U::Value>, depth: usize, to: &mut [U]) {
    for step in 0..depth {
        let next = (step + AHEAD) * U::STEP;
        (next..next + U::STEP).for_each(|next| prefetch_row(from, next));
        let (first, second) = rows_of_a_step::<U>(from, step);
        for (panel, first) in first.chunks(COLUMNS).enumerate() {
            let second = second.map(|second| &second[panel * COLUMNS..][..first.len()]);
            let to = &mut to[(panel * depth + step) * COLUMNS..][..COLUMNS];
            if first.len() == COLUMNS {
                // A copy of a known length is no call.
                U::across(first, second, to);
            } else {
                U::across(first, second, &mut to[..first.len()]);
                to[first.len()..].fill(U::default());
            }
        }
    }
}

/// The row of a step of k, and the next where a unit has two and there is one: of `[k, n]` with contiguous rows.
fn rows_of_a_step<U: Operand>(
    from: ArrayView2<'_, U::Value>,
    step: usize,
) -> (&[U::Value], Option<&[U::Value]>) {
    let row = |k: usize| from.index_axis_move(Axis(0), k).to_slice().expect("rows are contiguous");
    let at = step * U::STEP;
    (row(at), (1 < U::STEP && at + 1 < from.nrows()).then(|| row(at + 1)))
}

/// Panels from column `left` on of `[k, n]` with contiguous columns, as a transposed weight has them: in squares, of which each asks for the one
/// beside it, because so many columns are more than the processor fetches ahead.
fn turned<U: Operand>(from: ArrayView2<'_, U::Value>, left: usize, depth: usize, to: &mut [U]) {
    let columns = |left: usize| {
        let mut columns: [&[U::Value]; SQUARE] = [&[]; SQUARE];
        for (at, column) in (left..from.ncols()).zip(&mut columns) {
            *column = from.index_axis_move(Axis(1), at).to_slice().expect("columns are contiguous");
        }
        columns
    };
    let (to, _) = to.as_chunks_mut::<COLUMNS>();
    for (panel, to) in to.chunks_mut(depth).enumerate() {
        for half in (0..COLUMNS).step_by(SQUARE) {
            let left = left + panel * COLUMNS + half;
            let (own, next) = (columns(left), columns(left + SQUARE));
            let mut square = [[U::default(); SQUARE]; SQUARE];
            for (at, to) in to.chunks_mut(SQUARE).enumerate() {
                let k = at * SQUARE * U::STEP..((at + 1) * SQUARE * U::STEP).min(from.nrows());
                for ((own, next), units) in own.iter().zip(next).zip(&mut square) {
                    if let Some(values) = next.get(k.clone()) {
                        prefetch(values);
                    }
                    match own.get(k.clone()) {
                        Some(values) if to.len() == SQUARE => U::along(values, units),
                        Some(values) => U::along(values, &mut units[..to.len()]),
                        None => {}
                    }
                }
                U::transpose(&square, to, half);
            }
        }
    }
}

/// A block of A as the kernel takes it: in place where possible, copied to `memory` where not.
pub(super) fn rows<'a, U: Operand>(block: ArrayView2<'a, U::Value>, memory: &'a mut [U]) -> Rows<'a, U> {
    let (m, depth) = (block.nrows(), block.ncols().div_ceil(U::STEP));
    if !has_contiguous_rows(block) {
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

/// Panels of `ROWS` rows: `from [m, k]` to `[panel][k, ROWS]`.
fn panels_of<U: Operand>(from: ArrayView2<'_, U::Value>, to: &mut [U]) {
    let columns = from.reversed_axes();
    if !has_contiguous_rows(columns) {
        return panels_of(columns.as_standard_layout().view().reversed_axes(), to);
    }
    let (m, depth) = (from.nrows(), from.ncols().div_ceil(U::STEP));
    let mut square = [[U::default(); WALK]; SQUARE];
    for from in (0..depth).step_by(SQUARE) {
        let steps = from..(from + SQUARE).min(depth);
        for (step, units) in steps.clone().zip(&mut square) {
            let next = (step + SQUARE) * U::STEP;
            (next..next + U::STEP).for_each(|next| prefetch_row(columns, next));
            let (first, second) = rows_of_a_step::<U>(columns, step);
            U::across(first, second, &mut units[..m]);
        }
        for panel in 0..m.div_ceil(ROWS) {
            let to = &mut to[(panel * depth + from) * ROWS..][..steps.len() * ROWS];
            for (to, units) in to.as_chunks_mut::<ROWS>().0.iter_mut().zip(&square) {
                to.copy_from_slice(&units[panel * ROWS..][..ROWS]);
            }
        }
    }
}
