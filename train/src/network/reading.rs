//! What a task's head reads of other tasks' heads, run on the same rows: their features or their predictions.
//!
//! Features are data to the head that reads them: no gradient goes through them to the other task. The loss is that of the steepest point of a
//! small ball around them, a ball for each row: the radius means the same however a batch is cut. Predictions are part of the
//! network: the head that is read learns from the loss of the one that reads it.

use mtlift_heads::{Head, HeadCache, HeadInput, Side};
use mtlift_nn::{Buffer, Gradients, Layout, Real, Store, softmax_backward_rows, softmax_rows};
use serde::{Deserialize, Serialize};

/// What a head reads beside the encoder.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reads {
    /// Every head the others' features, in training at the steepest point of a ball of this radius around them.
    Features {
        /// 0 or more.
        radius: f64,
    },
    /// The first task's head what the others predict: probabilities, or a value.
    Predictions,
    /// Every head features of its own, kept apart from the shared ones.
    Private {
        /// What the adversary's gradient counts in the encoder, turned round; 0 or more.
        adversary: f64,
        /// What the penalty of features that are not orthogonal counts; 0 or more.
        orthogonality: f64,
    },
}

/// A task's reading of others.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    /// Of features the radius of the ball around them; none where predictions are read.
    radius: Option<f64>,
    side: Side,
    /// The heads that are read, in the order of their tasks.
    others: Vec<Head>,
}

/// What it needs for a batch, of the `S` rows of the task that reads.
#[derive(Clone, Debug, Default)]
pub(super) struct ReadingCache<F> {
    /// One for each head that is read.
    others: Vec<HeadCache<F>>,
    /// `[S, X]`: what is read.
    x: Buffer<F>,
    /// `[S, X]`: its gradient, or the way to the steepest point.
    dx: Buffer<F>,
}

impl Reading {
    /// Lays out what the `place`th head, `own`, reads of others over `hidden` values.
    pub(super) fn new(
        layout: &mut Layout,
        radius: Option<f64>,
        place: usize,
        own: Head,
        others: Vec<Head>,
        hidden: usize,
    ) -> Self {
        let inputs = match radius {
            Some(_) => others.len() * hidden,
            None => others.iter().map(|head| head.labels()).sum(),
        };
        Self {
            radius,
            side: Side::new(layout, place, &format!("task.{place}.side"), inputs, own.labels()),
            others,
        }
    }

    pub(super) fn cache<F: Real>(&self) -> ReadingCache<F> {
        ReadingCache { others: vec![HeadCache::default(); self.others.len()], ..ReadingCache::default() }
    }

    /// Adds what the task reads to its logits.
    pub(super) fn forward<F: Real>(
        &self,
        params: &Store<F>,
        input: HeadInput<'_, F>,
        own: &mut HeadCache<F>,
        cache: &mut ReadingCache<F>,
    ) {
        let (rows, width) = (input.sequences.len(), self.side.inputs());
        let x = cache.x.shape(rows, width).slice_mut();
        let mut from = 0;
        for (head, other) in self.others.iter().zip(&mut cache.others) {
            head.forward(params, input, other);
            let read = if self.radius.is_some() { other.features() } else { other.logits() };
            for (x, read) in x.chunks_exact_mut(width).zip(read.rows()) {
                let x = &mut x[from..from + read.len()];
                x.iter_mut().zip(read).for_each(|(x, &read)| *x = read);
                if self.radius.is_none() && x.len() > 1 {
                    softmax_rows(x, x.len(), F::one());
                }
            }
            from += read.ncols();
        }
        self.side.forward(params, cache.x.view(), own);
    }

    /// Moves what was read to the steepest point of its ball, and the logits with it; after the loss. Whether it moved.
    pub(super) fn climb<F: Real>(
        &self,
        params: &Store<F>,
        own: &mut HeadCache<F>,
        cache: &mut ReadingCache<F>,
    ) -> bool {
        let Some(radius) = self.radius else { return false };
        if radius == 0.0 {
            return false;
        }
        let (rows, width) = (cache.x.rows(), self.side.inputs());
        self.side.backward_input(params, own, cache.dx.shape(rows, width).view_mut());
        for row in cache.dx.slice_mut().chunks_exact_mut(width) {
            let length = row.iter().map(|d| d.wide() * d.wide()).sum::<f64>().sqrt();
            let scale = if length > 0.0 { radius / length } else { 0.0 };
            row.iter_mut().for_each(|d| *d *= F::of(scale));
        }
        self.side.forward(params, cache.dx.view(), own);
        mtlift_nn::add(cache.x.slice_mut(), cache.dx.slice());
        true
    }

    /// Adds the gradients of what the task reads, before the head's own backward, which uses up the gradient of its logits.
    pub(super) fn backward<F: Real>(
        &self,
        params: &Store<F>,
        input: HeadInput<'_, F>,
        own: &HeadCache<F>,
        cache: &mut ReadingCache<F>,
        dhidden: &mut Buffer<F>,
        grads: &mut Gradients<F>,
    ) {
        let (rows, width) = (input.sequences.len(), self.side.inputs());
        self.side.backward_params(grads, cache.x.view(), own);
        if self.radius.is_some() {
            return;
        }
        self.side.backward_input(params, own, cache.dx.shape(rows, width).view_mut());
        let (x, dx) = (cache.x.slice(), cache.dx.slice());
        let mut from = 0;
        for (head, other) in self.others.iter().zip(&mut cache.others) {
            let columns = from..from + head.labels();
            let (_, mut dlogits) = other.logits_and_gradient();
            let rows = x.chunks_exact(width).zip(dx.chunks_exact(width));
            for (d, (x, dx)) in dlogits.rows_mut().into_iter().zip(rows) {
                let d = d.into_slice().expect("logits are contiguous");
                d.copy_from_slice(&dx[columns.clone()]);
                if d.len() > 1 {
                    softmax_backward_rows(&x[columns.clone()], d, d.len(), F::one());
                }
            }
            head.backward(params, input, other, dhidden, grads);
            from = columns.end;
        }
    }
}
