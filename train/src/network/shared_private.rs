//! What tasks share and what is their own: private features beside the encoder's, an adversary that tells the tasks by the shared ones,
//! and a penalty where both kinds say the same.
//!
//! The one decision: the penalty is of unit rows, a task by itself (‖SᵀP‖² of its rows over their number squared, so from 0 to 1): its
//! weight means the same for any width and batch, and a task's gradient is that of its own rows alone.

mod units;

use mtlift_heads::{HeadCache, HeadInput, Side};
use mtlift_nn::{
    Activation, Buffer, Gradients, Init, Layout, Linear, Real, Role, Store, cross_entropy, gemm,
};

use units::Units;

/// Private features are a quarter as many as the encoder's.
const NARROWER: usize = 4;

/// The parts beside encoder and heads.
#[derive(Clone, Debug)]
pub(super) struct SharedPrivate {
    /// What the adversary's gradient counts in the encoder, turned round.
    adversary_weight: f64,
    orthogonality: f64,
    /// A linear layer from the shared features to the tasks, as in Liu et al. (2017).
    adversary: Linear,
    /// `P` features of each task's own.
    own: Vec<Own>,
}

#[derive(Clone, Copy, Debug)]
struct Own {
    dense: Linear,
    side: Side,
}

/// What a batch's `S` rows of a task need; `K` tasks.
#[derive(Clone, Debug, Default)]
pub(super) struct SharedPrivateCache<F> {
    /// The task.
    task: usize,
    /// `[S, H]`: the first tokens' hidden states.
    shared: Buffer<F>,
    /// `[S, P]`: the input of tanh.
    dense: Buffer<F>,
    /// `[S, P]`
    private: Buffer<F>,
    /// `[S, K]`: the adversary's logits.
    logits: Buffer<F>,
    /// `[S, K]`
    dlogits: Buffer<F>,
    /// `[S]`: the task, for each row.
    targets: Vec<usize>,
    units: [Units<F>; 2],
    /// `[H, P]`: the product of the unit rows.
    product: Buffer<F>,
    /// `[S, H]`
    dshared: Buffer<F>,
    /// `[S, P]`
    dprivate: Buffer<F>,
    /// What the gradient of the squared product counts.
    scale: f64,
    separation: Separation,
}

/// How well the shared features of a task's rows in a batch are kept from its private ones, and from telling the task.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Separation {
    /// Rows whose task the adversary told.
    pub told: usize,
    /// The adversary's cross-entropy, each row times its task's weight.
    pub adversary_loss: f64,
    /// What is added to the step's loss for features that are not orthogonal, its weight and the task's included.
    pub penalty: f64,
}

impl SharedPrivate {
    /// Lays out the parts of heads with `labels[i]` logits over `hidden` values.
    pub(super) fn new(
        layout: &mut Layout,
        adversary_weight: f64,
        orthogonality: f64,
        labels: &[usize],
        hidden: usize,
    ) -> Self {
        let width = hidden.div_ceil(NARROWER);
        let own = labels.iter().enumerate().map(|(task, &labels)| Own {
            dense: layout.with_role(Role::Private(task), |layout| {
                Linear::new(layout, &format!("task.{task}.private"), hidden, width)
            }),
            side: Side::new(layout, task, &format!("task.{task}.side"), width, labels),
        });
        let own = own.collect();
        let adversary = layout
            .with_role(Role::Adversary, |layout| Linear::new(layout, "adversary", hidden, labels.len()));
        Self { adversary_weight, orthogonality, adversary, own }
    }

    /// An empty cache for each task.
    pub(super) fn caches<F: Real>(&self) -> Vec<SharedPrivateCache<F>> {
        let of_task = |task| SharedPrivateCache { task, ..SharedPrivateCache::default() };
        (0..self.own.len()).map(of_task).collect()
    }

    /// Adds what a task's head reads of its private features to its logits, and lets the adversary guess.
    pub(super) fn forward<F: Real>(
        &self,
        params: &Store<F>,
        input: HeadInput<'_, F>,
        head: &mut HeadCache<F>,
        cache: &mut SharedPrivateCache<F>,
    ) {
        let (rows, hidden, Own { dense, side }) =
            (input.sequences.len(), self.adversary.inputs(), self.own[cache.task]);
        let shared = cache.shared.shape(rows, hidden);
        for (row, &b) in shared.slice_mut().chunks_exact_mut(hidden).zip(input.sequences) {
            input.hidden.row(input.offsets[b]).iter().zip(row).for_each(|(&x, to)| *to = x);
        }
        dense.forward(params, shared.view(), cache.dense.shape(rows, dense.outputs()).view_mut());
        let private = cache.private.shape(rows, dense.outputs());
        Activation::Tanh.forward(cache.dense.slice(), private.slice_mut());
        side.forward(params, private.view(), head);
        let logits = cache.logits.shape(rows, self.own.len());
        self.adversary.forward(params, shared.view(), logits.view_mut());
    }

    /// How well the last forward's features are told apart, of rows that weigh `weight` each in the step's loss.
    pub(super) fn compare<F: Real>(&self, weight: f64, cache: &mut SharedPrivateCache<F>) {
        let (rows, tasks, task) = (cache.shared.rows(), self.own.len(), cache.task);
        cache.targets.clear();
        cache.targets.resize(rows, task);
        let logits = cache.logits.view();
        let dlogits = cache.dlogits.shape(rows, tasks).view_mut();
        let adversary_loss =
            weight * cross_entropy(logits, &cache.targets, None, F::of(weight), dlogits, 0.0);
        let is_told = |logits: &ndarray::ArrayView1<'_, F>| {
            logits.iter().enumerate().all(|(other, logit)| other == task || *logit < logits[task])
        };
        let told = logits.rows().into_iter().filter(is_told).count();
        cache.scale = self.orthogonality * weight / rows as f64;
        let mut squares = 0.0;
        if self.orthogonality > 0.0 {
            let [shared, private] = &mut cache.units;
            shared.forward(&cache.shared);
            private.forward(&cache.private);
            let product = cache.product.shape(self.adversary.inputs(), self.own[task].dense.outputs());
            let shared = shared.rows.view().reversed_axes();
            gemm(shared, private.rows.view(), Init::Zero, product.view_mut());
            squares = product.slice().iter().map(|x| x.wide() * x.wide()).sum();
        }
        cache.separation = Separation { told, adversary_loss, penalty: cache.scale * squares };
    }

    /// Adds the gradients of a task's part, before its head's own backward, which uses up the gradient of its logits: the adversary's
    /// falls in the adversary and rises in the encoder.
    pub(super) fn backward<F: Real>(
        &self,
        params: &Store<F>,
        input: HeadInput<'_, F>,
        head: &HeadCache<F>,
        cache: &mut SharedPrivateCache<F>,
        dhidden: &mut Buffer<F>,
        grads: &mut Gradients<F>,
    ) {
        let (rows, hidden, Own { dense, side }) =
            (input.sequences.len(), self.adversary.inputs(), self.own[cache.task]);
        side.backward_params(grads, cache.private.view(), head);
        let dprivate = cache.dprivate.shape(rows, dense.outputs());
        side.backward_input(params, head, dprivate.view_mut());
        let dshared = cache.dshared.shape(rows, hidden);
        dshared.slice_mut().fill(F::zero());
        if self.orthogonality > 0.0 {
            let [shared, private] = &mut cache.units;
            let product = cache.product.view();
            let d = private.d.shape(rows, dense.outputs());
            gemm(shared.rows.view(), product, Init::Zero, d.view_mut());
            let d = shared.d.shape(rows, hidden);
            gemm(private.rows.view(), product.reversed_axes(), Init::Zero, d.view_mut());
            shared.backward(2.0 * cache.scale, dshared);
            private.backward(2.0 * cache.scale, dprivate);
        }
        Activation::Tanh.backward(cache.dense.slice_mut(), dprivate.slice_mut());
        dense.backward_params(grads, cache.shared.view(), dprivate.view());
        dense.backward_input(params, dprivate.view(), Init::Accumulate, dshared.view_mut());
        self.adversary.backward_params(grads, cache.shared.view(), cache.dlogits.view());
        let reversed = F::of(-self.adversary_weight);
        cache.dlogits.slice_mut().iter_mut().for_each(|d| *d *= reversed);
        self.adversary.backward_input(params, cache.dlogits.view(), Init::Accumulate, dshared.view_mut());
        for (row, &b) in dshared.slice().chunks_exact(hidden).zip(input.sequences) {
            mtlift_nn::add(&mut dhidden.slice_mut()[input.offsets[b] * hidden..], row);
        }
    }
}

impl<F: Real> SharedPrivateCache<F> {
    /// Of the last comparison.
    pub(super) fn separation(&self) -> Separation {
        self.separation
    }

    /// Forgets the last comparison: the batch has no rows of the task.
    pub(super) fn clear(&mut self) {
        self.separation = Separation::default();
    }
}
