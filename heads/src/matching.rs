//! Two heads on the same rows whose labels say something of each other: what one predicts, carried over by a table p(label of the second |
//! label of the first), should be what the other predicts, whatever the rows' own labels are; and a row's label under one head is a soft
//! label under the other.
//!
//! After the idea of distribution matching and soft co-annotation (Kollias et al., arXiv 2401.01219, AAAI 2024). Its equations are not public;
//! these are a reconstruction.

use mtlift_nn::Real;
use ndarray::ArrayView2;

use crate::HeadCache;

/// What the labels of a first head say of those of a second.
#[derive(Clone, Copy, Debug)]
pub struct Relation<'a> {
    /// `[A, B]`: p(b | a), each row 1 in sum.
    pub table: ArrayView2<'a, f64>,
    /// `[A]`: how frequent the labels of the first are.
    pub prior: &'a [f64],
}

/// Under which head rows have labels.
#[derive(Clone, Copy, Debug)]
pub enum Known<'a> {
    /// `[S]`: under the first, each below `A`.
    First(&'a [usize]),
    /// `[S]`: under the second, each below `B`.
    Second(&'a [usize]),
    /// Under neither.
    Neither,
}

impl Relation<'_> {
    /// The loss of all rows; its gradient times `weight` is added to that of both heads' logits.
    ///
    /// With `p_a` and `p_b` the heads' probabilities of a row and `q_b = Σ_a p_a · table[a, b]`, it is `KL(q ‖ p_b)` and, where a label is
    /// known, the cross-entropy of the other head with what the label says: `table[y_a]` of the second, and of the first
    /// `s_a ∝ prior[a] · table[a, y_b]`. A label that no `a` can give says nothing.
    ///
    /// # Panics
    /// If tables, rows or labels do not fit.
    #[track_caller]
    pub fn add<F: Real>(
        &self,
        first: &mut HeadCache<F>,
        second: &mut HeadCache<F>,
        known: Known<'_>,
        weight: f64,
    ) -> f64 {
        let (first_logits, mut dfirst) = first.logits_and_gradient();
        let (second_logits, mut dsecond) = second.logits_and_gradient();
        let (labels, rows) = ((first_logits.ncols(), second_logits.ncols()), first_logits.nrows());
        assert!(labels == self.table.dim() && rows == second_logits.nrows(), "a relation: shapes");
        let mut total = 0.0;
        for row in 0..rows {
            let a = log_softmax(first_logits.row(row).iter().map(|x| x.wide()));
            let b = log_softmax(second_logits.row(row).iter().map(|x| x.wide()));
            let Divergence { loss, mut da, mut db } = self.divergence(&a, &b);
            total += loss;
            total += match known {
                Known::First(classes) => towards(&self.table.row(classes[row]).to_vec(), &b, &mut db),
                Known::Second(classes) => {
                    self.back(classes[row]).map_or(0.0, |wanted| towards(&wanted, &a, &mut da))
                }
                Known::Neither => 0.0,
            };
            dfirst.row_mut(row).iter_mut().zip(da).for_each(|(to, d)| *to += F::of(weight * d));
            dsecond.row_mut(row).iter_mut().zip(db).for_each(|(to, d)| *to += F::of(weight * d));
        }
        total
    }

    /// `KL(q ‖ p_b)` and its gradients, by the logarithms of both heads' probabilities.
    fn divergence(&self, a: &[f64], b: &[f64]) -> Divergence {
        let p: Vec<f64> = a.iter().map(|&log| libm::exp(log)).collect();
        let q: Vec<f64> =
            (0..b.len()).map(|to| p.iter().zip(self.table.column(to)).map(|(p, m)| p * m).sum()).collect();
        // 0 · ln 0 is 0, and so is what a probability that is too small to be told from 0 adds.
        let log_ratio: Vec<f64> =
            q.iter().zip(b).map(|(&q, b)| libm::log(q.max(f64::MIN_POSITIVE)) - b).collect();
        let loss = q.iter().zip(&log_ratio).map(|(q, ratio)| q * ratio).sum();
        // dKL/dq_b is this + 1, whose sum over the table's rows is the same for all a and goes with the softmax.
        let slope: Vec<f64> = self
            .table
            .rows()
            .into_iter()
            .map(|row| row.iter().zip(&log_ratio).map(|(m, r)| m * r).sum())
            .collect();
        let mean: f64 = p.iter().zip(&slope).map(|(p, slope)| p * slope).sum();
        let da = p.iter().zip(&slope).map(|(p, slope)| p * (slope - mean)).collect();
        let db = q.iter().zip(b).map(|(q, &log)| libm::exp(log) - q).collect();
        Divergence { loss, da, db }
    }

    /// What a label of the second head says of the first's.
    fn back(&self, label: usize) -> Option<Vec<f64>> {
        let joint: Vec<f64> = self.prior.iter().zip(self.table.column(label)).map(|(p, m)| p * m).collect();
        let sum: f64 = joint.iter().sum();
        (sum > 0.0).then(|| joint.iter().map(|p| p / sum).collect())
    }
}

/// A loss, and its gradients with respect to the logits of both heads.
struct Divergence {
    loss: f64,
    da: Vec<f64>,
    db: Vec<f64>,
}

/// The cross-entropy with a distribution, by the logarithms of probabilities; its gradient is added to `d`.
fn towards(wanted: &[f64], log: &[f64], d: &mut [f64]) -> f64 {
    d.iter_mut().zip(wanted.iter().zip(log)).for_each(|(d, (wanted, &log))| *d += libm::exp(log) - wanted);
    wanted.iter().zip(log).filter(|(wanted, _)| **wanted != 0.0).map(|(wanted, log)| -wanted * log).sum()
}

fn log_softmax(logits: impl Iterator<Item = f64> + Clone) -> Vec<f64> {
    let greatest = logits.clone().fold(f64::NEG_INFINITY, f64::max);
    let log_sum = libm::log(logits.clone().map(|x| libm::exp(x - greatest)).sum::<f64>()) + greatest;
    logits.map(|x| x - log_sum).collect()
}

#[cfg(test)]
mod tests {
    use mtlift_nn::check;
    use ndarray::{Array2, array};

    use super::*;

    /// MNLI's entailment, neutral and contradiction, and RTE's entailment or not.
    fn mnli_to_rte() -> Array2<f64> {
        array![[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]
    }

    fn cache(logits: &Array2<f64>) -> HeadCache<f64> {
        let mut cache = HeadCache::default();
        cache.logits.shape(logits.nrows(), logits.ncols()).view_mut().assign(logits);
        cache.logits_and_gradient().1.fill(0.0);
        cache
    }

    fn run(
        relation: Relation<'_>,
        a: &Array2<f64>,
        b: &Array2<f64>,
        known: Known<'_>,
    ) -> (f64, Vec<f64>, Vec<f64>) {
        let (mut a, mut b) = (cache(a), cache(b));
        let loss = relation.add(&mut a, &mut b, known, 1.0);
        (loss, a.dlogits().iter().copied().collect(), b.dlogits().iter().copied().collect())
    }

    #[track_caller]
    fn assert_close(found: &[f64], wanted: &[f64]) {
        let close = found.iter().zip(wanted).all(|(found, wanted)| (found - wanted).abs() < 1e-7);
        assert!(close && found.len() == wanted.len(), "{found:?} and {wanted:?}");
    }

    /// p_a = (.6, .3, .1), p_b = (.5, .5): q = (.6, .4).
    #[test]
    fn a_worked_value() {
        let (table, a) = (mnli_to_rte(), array![[0.6f64.ln(), 0.3f64.ln(), 0.1f64.ln()]]);
        let relation = Relation { table: table.view(), prior: &[0.3, 0.3, 0.4] };
        let (loss, da, db) = run(relation, &a, &array![[0.0, 0.0]], Known::Neither);
        assert_close(&[loss], &[0.0201355]);
        assert_close(&da, &[0.0973116, -0.0729837, -0.0243279]);
        assert_close(&db, &[-0.1, 0.1]);
        // The cross-entropy, of which the divergence is a part, is ln 2.
        let entropy = -(0.6 * 0.6f64.ln() + 0.4 * 0.4f64.ln());
        assert_close(&[loss + entropy], &[std::f64::consts::LN_2]);
    }

    /// Not entailed is neutral or contradicted, 3 to 4; and what MNLI says of RTE is one label.
    #[test]
    fn soft_co_annotation_by_hand() {
        let (table, a) = (mnli_to_rte(), array![[0.2, -0.4, 1.1]]);
        let relation = Relation { table: table.view(), prior: &[0.3, 0.3, 0.4] };
        let b = array![[0.5, -0.25]];
        let (without, da, db) = run(relation, &a, &b, Known::Neither);
        let log = |logits: &Array2<f64>| log_softmax(logits.iter().copied());
        let (loss, with, _) = run(relation, &a, &b, Known::Second(&[1]));
        let p = log(&a);
        assert_close(&[loss - without], &[-(3.0 / 7.0) * p[1] - (4.0 / 7.0) * p[2]]);
        let gradient = [p[0].exp(), p[1].exp() - 3.0 / 7.0, p[2].exp() - 4.0 / 7.0];
        assert_close(&with.iter().zip(&da).map(|(with, d)| with - d).collect::<Vec<_>>(), &gradient);
        let (loss, _, with) = run(relation, &a, &b, Known::First(&[2]));
        let p = log(&b);
        assert_close(&[loss - without], &[-p[1]]);
        assert_close(
            &with.iter().zip(&db).map(|(with, d)| with - d).collect::<Vec<_>>(),
            &[p[0].exp(), p[1].exp() - 1.0],
        );
        // A label of no frequency says nothing.
        let unknown = Relation { prior: &[0.3, 0.0, 0.0], ..relation };
        assert_eq!(run(unknown, &a, &b, Known::Second(&[1])).0, run(unknown, &a, &b, Known::Neither).0);
    }

    #[test]
    fn a_head_agrees_with_itself() {
        let (table, a) = (Array2::eye(3), array![[0.2, -0.4, 1.1], [30.0, -800.0, 0.0]]);
        let relation = Relation { table: table.view(), prior: &[1.0; 3] };
        let (loss, da, db) = run(relation, &a, &a, Known::Neither);
        assert!(loss.abs() < 1e-12, "{loss}");
        assert_close(&da, &[0.0; 6]);
        assert_close(&db, &[0.0; 6]);
    }

    #[test]
    fn gradients() {
        let table = array![[0.7, 0.3], [0.0, 1.0], [0.45, 0.55]];
        let relation = Relation { table: table.view(), prior: &[0.5, 0.3, 0.2] };
        let (a, b) = (check::random("a", &[4, 3]), check::random("b", &[4, 2]));
        for known in [Known::Neither, Known::First(&[0, 2, 1, 1]), Known::Second(&[1, 0, 0, 1])] {
            let (_, da, db) = run(relation, &a, &b, known);
            check::gradient(a.as_slice().unwrap(), &da, |values| {
                run(relation, &Array2::from_shape_vec((4, 3), values.to_vec()).unwrap(), &b, known).0
            });
            check::gradient(b.as_slice().unwrap(), &db, |values| {
                run(relation, &a, &Array2::from_shape_vec((4, 2), values.to_vec()).unwrap(), known).0
            });
        }
    }
}
