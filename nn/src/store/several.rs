//! Several gradients at once: their inner products and their weighted sum, each in one walk over memory. A gradient is larger than
//! any cache, and two of them at a time would be read again for every pair. The bits are those of one after the other.

use super::gradients::{Gradients, add_scaled};
use super::layout::Entry;
use crate::Real;
use crate::reduce::inner_products;

/// Values handled by one task.
const CHUNK: usize = 1 << 14;

impl<F: Real> Gradients<F> {
    /// `[K, K]`, row by row: what [`Gradients::dot`] gives for every two of `all`, which are of one layout.
    pub fn products(all: &[&Self], of: impl Fn(&Entry) -> bool) -> Vec<f64> {
        let k = all.len();
        let Some(first) = all.first() else { return Vec::new() };
        let pairs: Vec<(usize, usize)> = (0..k).flat_map(|i| (i..k).map(move |j| (i, j))).collect();
        let of_entries: Vec<Vec<f64>> = first
            .layout
            .entries()
            .iter()
            .filter(|entry| of(entry))
            .map(|entry| match entry.table {
                None => inner_products(&all.iter().map(|own| own.range(entry)).collect::<Vec<_>>()),
                Some(index) => pairs.iter().map(|&(i, j)| all[i].dot_of_table(all[j], index)).collect(),
            })
            .collect();
        let mut products = vec![0.0; k * k];
        for (at, &(i, j)) in pairs.iter().enumerate() {
            let product: f64 = of_entries.iter().map(|of_pairs| of_pairs[at]).sum();
            (products[i * k + j], products[j * k + i]) = (product, product);
        }
        products
    }

    /// Adds each of `others`, gradients of the same layout, times its scale, for the parameters that `of` takes: as
    /// [`Gradients::add_scaled`] of one after the other.
    pub fn add_all(&mut self, others: &[(&Self, f64)], of: impl Fn(&Entry) -> bool) {
        let Self { layout, values, touched, .. } = self;
        for entry in layout.entries().iter().filter(|entry| of(entry)) {
            match entry.table {
                Some(index) => {
                    let table = layout.tables()[index];
                    for (other, scale) in others {
                        for &row in other.touched[index].rows() {
                            touched[index].insert(row);
                            add_scaled(
                                values.row_mut(table, row),
                                other.values.row(table, row),
                                F::of(*scale),
                            );
                        }
                    }
                }
                None => {
                    let parts: Vec<(&[F], F)> =
                        others.iter().map(|(other, scale)| (other.range(entry), F::of(*scale))).collect();
                    add_parts(&mut values.values_mut()[entry.range.clone()], &parts);
                }
            }
        }
    }
}

fn add_parts<F: Real>(sum: &mut [F], parts: &[(&[F], F)]) {
    if sum.len() <= CHUNK {
        return parts.iter().for_each(|(part, scale)| add_scaled(sum, part, *scale));
    }
    let middle = sum.len() / 2;
    let (left, right) = sum.split_at_mut(middle);
    let (lefts, rights): (Vec<_>, Vec<_>) = parts
        .iter()
        .map(|&(part, scale)| {
            let (left, right) = part.split_at(middle);
            ((left, scale), (right, scale))
        })
        .unzip();
    rayon::join(|| add_parts(left, &lefts), || add_parts(right, &rights));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::random_store;
    use crate::{Layout, Role};

    /// Parameters below and above what one thread handles, a table, and a head.
    fn gradients(name: &str, rows: &[usize]) -> Gradients<f32> {
        let mut layout = Layout::default();
        let dense = layout.matrix("dense", 211, 307);
        let bias = layout.vector("bias", 307);
        let table = layout.table("table", 6, 30);
        let head = layout.with_role(Role::Projection(0), |layout| layout.matrix("classifier", 2, 5));
        let drawn = random_store::<f32>(&layout, name);
        let mut grads = layout.gradients();
        for mat in [dense, head] {
            grads.mat_mut(mat).assign(&drawn.mat(mat));
        }
        grads.vector_mut(bias).copy_from_slice(drawn.vector(bias));
        for &row in rows {
            grads.row_mut(table, row).copy_from_slice(drawn.row(table.mat(), row));
        }
        grads
    }

    #[test]
    fn several_at_once_are_as_one_after_the_other() {
        let all = [gradients("a", &[4, 1]), gradients("b", &[1, 5]), gradients("c", &[2, 1, 5])];
        let encoder = |entry: &Entry| entry.role == Role::Encoder;
        let products = Gradients::products(&all.each_ref(), encoder);
        for (i, one) in all.iter().enumerate() {
            for (j, other) in all.iter().enumerate() {
                assert_eq!(
                    products[i * 3 + j].to_bits(),
                    all[i.min(j)].dot(&all[i.max(j)], encoder).to_bits()
                );
                assert!((one.dot(other, encoder) - products[i * 3 + j]).abs() < 1e-9);
            }
        }
        let scales = [2.0, -0.3, 0.7];
        let (mut at_once, mut in_turn) = (gradients("sum", &[0]), gradients("sum", &[0]));
        let scaled: Vec<_> = all.iter().zip(scales).collect();
        at_once.add_all(&scaled, encoder);
        scaled.iter().for_each(|(other, scale)| in_turn.add_scaled(other, *scale, encoder));
        assert_eq!(at_once.store(), in_turn.store());
        at_once.clear();
        assert!(at_once.store().values().iter().all(|&x| x == 0.0), "the rows of the others are known");
        assert_eq!(Gradients::<f32>::products(&[], encoder), []);
    }
}
