//! Heads that say something of each other's labels: every row goes through both, and they learn from how far they disagree.
//!
//! A row is its own task's in everything else: what the disagreement adds is part of its task's loss, and its other heads' dropout is that of
//! the row. In evaluation nothing of it counts.

use mtlift_heads::{Head, HeadCache, HeadInput, Known, Relation};
use mtlift_nn::{Buffer, Gradients, Real, Store};
use ndarray::Array2;

use crate::batch::Group;

/// What the labels of one task say of those of another.
#[derive(Clone, Debug, PartialEq)]
pub struct RelatedTasks {
    /// The task whose label is given, and the one of whose label something is said.
    pub tasks: (usize, usize),
    /// `[A, B]`: p(b | a), in the order of the heads' logits.
    pub table: Array2<f64>,
    /// `[A]`: how frequent the first task's labels are.
    pub prior: Vec<f64>,
}

/// How heads are matched.
#[derive(Clone, Debug)]
pub(super) struct Matching {
    /// What it counts beside a row's own loss.
    pub(super) weight: f64,
    pub(super) related: Vec<RelatedTasks>,
}

impl Matching {
    /// The heads of other tasks that are run on the rows of a task, by their places, with what each keeps.
    fn others<'a, F>(
        &'a self,
        task: usize,
        caches: &'a mut [HeadCache<F>],
    ) -> impl Iterator<Item = (usize, &'a mut HeadCache<F>)> {
        let runs = |other: usize| {
            self.related.iter().any(|RelatedTasks { tasks: (a, b), .. }| *a == other || *b == other)
        };
        caches.iter_mut().enumerate().filter(move |&(other, _)| other != task && runs(other))
    }

    /// Runs the other heads on the rows of a task. `others` has a place for each head.
    pub(super) fn forward<F: Real>(
        &self,
        params: &Store<F>,
        heads: &[Head],
        task: usize,
        input: HeadInput<'_, F>,
        others: &mut [HeadCache<F>],
    ) {
        for (other, cache) in self.others(task, others) {
            heads[other].forward(params, input, cache);
        }
    }

    /// How far the heads disagree on the rows of a task, times what that counts; its gradient times `weight` is added to that of the
    /// task's logits, which its own loss has left, and left for the other heads'.
    pub(super) fn add<F: Real>(
        &self,
        task: usize,
        group: &Group,
        own: &mut HeadCache<F>,
        others: &mut [HeadCache<F>],
        weight: f64,
    ) -> f64 {
        for (_, cache) in self.others(task, others) {
            cache.logits_and_gradient().1.fill(F::zero());
        }
        // While they are compared the task's own head has its place among them.
        std::mem::swap(own, &mut others[task]);
        let mut total = 0.0;
        for RelatedTasks { tasks: (first, second), table, prior } in &self.related {
            let relation = Relation { table: table.view(), prior };
            let known = match &group.classes[..] {
                [] => Known::Neither,
                classes if task == *first => Known::First(classes),
                classes if task == *second => Known::Second(classes),
                _ => Known::Neither,
            };
            let both = others.get_disjoint_mut([*first, *second]).expect("two tasks of the network");
            let [a, b] = both;
            total += relation.add(a, b, known, weight * self.weight);
        }
        std::mem::swap(own, &mut others[task]);
        self.weight * total
    }

    /// Adds the gradients of the other heads, after [`Matching::add`].
    pub(super) fn backward<F: Real>(
        &self,
        params: &Store<F>,
        heads: &[Head],
        task: usize,
        input: HeadInput<'_, F>,
        others: &mut [HeadCache<F>],
        dhidden: &mut Buffer<F>,
        grads: &mut Gradients<F>,
    ) {
        for (other, cache) in self.others(task, others) {
            heads[other].backward(params, input, cache, dhidden, grads);
        }
    }
}
