//! The gradient of a weight over a batch that comes in parts, to the bit that of the whole batch.
//!
//! A product adds up its terms in blocks, and then the blocks. So the tokens of a part behind its last whole block wait for the next part, which
//! has the rest of the block: whatever the parts are, the blocks are the same.

use std::ops::Range;

use ndarray::{ArrayView2, s};

use super::handle::Mat;
use super::values::Store;
use crate::buffer::room;
use crate::gemm::{Init, gemm_in, terms_of_a_block};
use crate::{Precision, Real};

/// What a weight's gradient is made of: `dyᵀ·x`, a term for each row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms<'a, F> {
    pub(super) weight: Mat,
    pub(super) precision: Precision,
    /// `[R, outputs]`
    pub(super) dy: ArrayView2<'a, F>,
    /// `[R, inputs]`
    pub(super) x: ArrayView2<'a, F>,
    /// `[R]`, ascending: which rows of so many they are; without, they are all.
    pub(super) places: Option<(&'a [usize], usize)>,
}

/// How far the batch has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts<F> {
    weights: Vec<Weight<F>>,
    /// Where a block that parts share is put together.
    block: Rows<F>,
}

#[derive(Clone, Debug)]
struct Weight<F> {
    weight: Mat,
    precision: Precision,
    /// Rows of the parts before.
    before: usize,
    /// Those of a block that may have more in the next part.
    waiting: Rows<F>,
    /// Which block that is.
    block: usize,
}

#[derive(Clone, Debug, Default)]
struct Rows<F> {
    count: usize,
    /// `[count, outputs]`
    dy: Vec<F>,
    /// `[count, inputs]`
    x: Vec<F>,
}

impl<F: Real> Terms<'_, F> {
    /// Adds them, as a batch by themselves.
    pub(super) fn add(self, grads: &mut Store<F>) {
        match self.places {
            None => self.add_rows(0..self.x.nrows(), grads),
            Some(_) => self.for_each_block(0, |rows, _, _| self.add_rows(rows, grads)),
        }
    }

    /// Calls `work` with the rows that are added up together; the number of their block, the first of those that follow each other without a gap;
    /// and whether there may be more of it behind these rows. `before` rows came before.
    fn for_each_block(self, before: usize, mut work: impl FnMut(Range<usize>, usize, bool)) {
        let depth = terms_of_a_block::<F>(self.precision);
        let Some((places, all)) = self.places else {
            let (rows, end) = (self.x.nrows(), before + self.x.nrows());
            let first = before.next_multiple_of(depth).min(end) - before;
            let last = (end / depth * depth).max(before + first) - before;
            for range in [0..first, first..last, last..rows].into_iter().filter(|range| !range.is_empty()) {
                let block = (before + range.start) / depth;
                let is_open = !(before + range.end).is_multiple_of(depth);
                work(range, block, is_open);
            }
            return;
        };
        let (mut from, block) = (0, |place: usize| (before + place) / depth);
        for group in places.chunk_by(|&a, &b| block(a) == block(b)) {
            let to = from + group.len();
            work(from..to, block(group[0]), block(group[0]) == block(all));
            from = to;
        }
    }

    fn add_rows(self, rows: Range<usize>, grads: &mut Store<F>) {
        let [dy, x] = [self.dy, self.x].map(|matrix| matrix.slice_move(s![rows.clone(), ..]));
        add(self.weight, self.precision, [dy, x], grads);
    }
}

impl<F: Real> Parts<F> {
    /// Adds a part's terms, but for those that wait for the next part.
    pub(super) fn add(&mut self, terms: Terms<'_, F>, grads: &mut Store<F>) {
        let Terms { weight, precision, dy, x, places } = terms;
        let place = self.weights.iter().position(|other| other.weight == weight).unwrap_or_else(|| {
            let waiting = Rows::default();
            self.weights.push(Weight { weight, precision, before: 0, waiting, block: 0 });
            self.weights.len() - 1
        });
        let own = &mut self.weights[place];
        terms.for_each_block(own.before, |rows, block, is_open| {
            if own.block != block {
                own.add_waiting(grads);
            }
            let here = [dy, x].map(|matrix| matrix.slice_move(s![rows.clone(), ..]));
            match (is_open, own.waiting.count) {
                (true, _) => {
                    own.waiting.push(here);
                    own.block = block;
                }
                (false, 0) => terms.add_rows(rows, grads),
                (false, _) => {
                    self.block.push(own.waiting.views());
                    self.block.push(here);
                    add(weight, precision, self.block.views(), grads);
                    self.block.clear();
                    own.waiting.clear();
                }
            }
        });
        own.before += places.map_or(x.nrows(), |(_, all)| all);
    }

    /// Adds what waits, because the batch is whole.
    pub(super) fn end(&mut self, grads: &mut Store<F>) {
        for own in &mut self.weights {
            own.add_waiting(grads);
            own.before = 0;
        }
    }
}

impl<F: Real> Weight<F> {
    fn add_waiting(&mut self, grads: &mut Store<F>) {
        if self.waiting.count > 0 {
            add(self.weight, self.precision, self.waiting.views(), grads);
            self.waiting.clear();
        }
    }
}

impl<F: Real> Rows<F> {
    fn push(&mut self, [dy, x]: [ArrayView2<'_, F>; 2]) {
        self.count += x.nrows();
        let push = |values: &mut Vec<F>, more: ArrayView2<'_, F>| {
            // Twice what it takes, as a vector grows by itself, is much: there is one of these for each weight.
            values.reserve_exact(room(values.len() + more.len()) - values.len());
            for row in more.rows() {
                match row.to_slice() {
                    Some(row) => values.extend_from_slice(row),
                    None => values.extend(row),
                }
            }
        };
        rayon::join(|| push(&mut self.dy, dy), || push(&mut self.x, x));
    }

    fn views(&self) -> [ArrayView2<'_, F>; 2] {
        [&self.dy, &self.x].map(|values| {
            let shape = (self.count, values.len() / self.count);
            ArrayView2::from_shape(shape, values).expect("rows of one length")
        })
    }

    fn clear(&mut self) {
        self.count = 0;
        self.dy.clear();
        self.x.clear();
    }
}

fn add<F: Real>(weight: Mat, precision: Precision, [dy, x]: [ArrayView2<'_, F>; 2], grads: &mut Store<F>) {
    gemm_in(precision, dy.reversed_axes(), x, Init::Accumulate, grads.mat_mut(weight));
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, Axis};
    use proptest::prelude::*;

    use super::*;
    use crate::{Gradients, Layout, check};

    const MOST: usize = 2000;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn parts_have_the_bits_of_the_whole(mut cuts in prop::collection::vec(0..=MOST, 1..6), bf16: bool, every in 1..400usize) {
            let precision = if bf16 { Precision::Bf16 } else { Precision::Float32 };
            cuts.sort_unstable();
            let rows = cuts[cuts.len() - 1];
            let mut layout = Layout::default();
            let (all, some) = (layout.matrix("all", 5, 3), layout.matrix("some", 2, 5));
            let values = |name| check::random(name, &[MOST, 5]).mapv(|x| x as f32).into_dimensionality().unwrap();
            let (dy, x): (Array2<f32>, Array2<f32>) = (values("dy"), values("x"));
            let add = |grads: &mut Gradients<f32>, part: Range<usize>| {
                let (dy, x) = (dy.slice(s![part.clone(), ..]), x.slice(s![part.clone(), ..]));
                grads.add_product(all, precision, dy, x.slice(s![.., ..3]));
                let places: Vec<usize> = (0..part.len()).filter(|place| (part.start + place).is_multiple_of(every)).collect();
                let [dy, x] = [dy, x].map(|matrix| matrix.select(Axis(0), &places));
                let of = (&places[..], part.len());
                grads.add_product_of_rows(some, precision, dy.slice(s![.., ..2]), x.view(), of);
            };
            let (mut whole, mut parts) = (layout.gradients(), layout.gradients());
            for round in 0..2 {
                add(&mut whole, 0..rows);
                parts.begin_parts();
                let from = [0].into_iter().chain(cuts.iter().copied());
                from.zip(&cuts).for_each(|(from, &to)| add(&mut parts, from..to));
                parts.end_parts();
                prop_assert_eq!(whole.store(), parts.store(), "{}", round);
            }
        }
    }
}
