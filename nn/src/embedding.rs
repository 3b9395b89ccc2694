//! Lookup: a row of a table for each token, added to what the other tables gave.

use crate::linear::add;
use crate::{Gradients, Layout, Real, Store, Table};

/// A table `[entries, width]`.
#[derive(Clone, Copy, Debug)]
pub struct Embedding {
    table: Table,
}

impl Embedding {
    /// Lays out `{name}.weight`.
    pub fn new(layout: &mut Layout, name: &str, entries: usize, width: usize) -> Self {
        Self { table: layout.table(format!("{name}.weight"), entries, width) }
    }

    /// Number of rows of the table.
    pub fn entries(self) -> usize {
        self.table.mat().rows()
    }

    /// The table itself, for an output that is tied to it.
    pub fn table(self) -> Table {
        self.table
    }

    /// Adds the row of each id to its row of `y`.
    ///
    /// # Shapes
    /// - ids: `[T]`, each below `entries`
    /// - y: `[T, width]`, row after row
    ///
    /// # Panics
    /// If an id has no row.
    #[track_caller]
    pub fn forward<F: Real>(self, params: &Store<F>, ids: impl IntoIterator<Item = u32>, y: &mut [F]) {
        let table = self.table.mat();
        for (id, y) in ids.into_iter().zip(y.chunks_exact_mut(table.columns())) {
            add(y, params.row(table, id as usize));
        }
    }

    /// Adds each row of `dy` to the gradient of its table row. On one thread, in the order of the tokens: ids
    /// repeat, and the additions are few.
    ///
    /// # Shapes
    /// As in `forward`.
    #[track_caller]
    pub fn backward<F: Real>(self, grads: &mut Gradients<F>, ids: impl IntoIterator<Item = u32>, dy: &[F]) {
        for (id, dy) in ids.into_iter().zip(dy.chunks_exact(self.table.mat().columns())) {
            add(grads.row_mut(self.table, id as usize), dy);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Problem;

    #[test]
    fn gradient() {
        let mut layout = Layout::default();
        let embedding = Embedding::new(&mut layout, "words", 5, 3);
        let ids = [4, 0, 4, 2];
        Problem::random(&layout, &[4, 3], &[4, 3]).check(
            |params, x, mut y| {
                y.assign(x);
                embedding.forward(params, ids, y.as_slice_mut().unwrap());
            },
            |_, _, dy, mut dx, grads| {
                dx.assign(dy);
                embedding.backward(grads, ids, dy.as_slice().unwrap());
            },
        );
    }

    #[test]
    fn clearing_gradients_clears_every_row_that_was_touched() {
        let mut layout = Layout::default();
        let embedding = Embedding::new(&mut layout, "words", 5, 2);
        let mut grads = layout.gradients::<f32>();
        embedding.backward(&mut grads, [3, 1, 3], &[1.0; 6]);
        assert_eq!(grads.store().values(), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 2.0, 2.0, 0.0, 0.0]);
        grads.clear();
        assert!(grads.store().values().iter().all(|&g| g == 0.0));
    }
}
