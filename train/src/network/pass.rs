//! Forward and backward of a batch through a network.
//!
//! Generic over the scalar: the same code that trains in f32 is checked by differences in f64.

use mtlift_encoder::{Cache, Input};
use mtlift_heads::{HeadCache, HeadInput, Targets};
use mtlift_nn::{Buffer, DropoutStep, Gradients, Linear, Real, Store};
use ndarray::ArrayView2;

use super::Network;
use super::reading::{Reading, ReadingCache};
use super::shared_private::{Separation, SharedPrivate, SharedPrivateCache};
use crate::PackedBatch;
use crate::batch::Group;
use crate::shrinking::begin_gradient;

/// Activations and gradients of a batch, reused from batch to batch.
#[derive(Clone, Debug)]
pub struct Workspace<F> {
    encoder: Cache<F>,
    heads: Vec<HeadCache<F>>,
    readings: Vec<Option<ReadingCache<F>>>,
    /// One for each task, where there are private features.
    apart: Vec<SharedPrivateCache<F>>,
    /// For each task a place for every head, run on its rows; empty where none is.
    others: Vec<Vec<HeadCache<F>>>,
    dhidden: Buffer<F>,
}

impl Network {
    /// An empty workspace.
    pub fn workspace<F: Real>(&self) -> Workspace<F> {
        let others = if self.matching.is_some() { self.heads.len() } else { 0 };
        Workspace {
            encoder: self.encoder.cache(),
            heads: vec![HeadCache::default(); self.heads.len()],
            readings: self.readings.iter().map(|reading| reading.as_ref().map(Reading::cache)).collect(),
            apart: self.shared_private.as_ref().map_or(Vec::new(), SharedPrivate::caches),
            others: vec![vec![HeadCache::default(); others]; self.heads.len()],
            dhidden: Buffer::new(),
        }
    }

    /// One for forward passes alone, over rows of one task: see [`Encoder::inference_cache`](mtlift_encoder::Encoder::inference_cache).
    pub fn inference_workspace<F: Real>(&self) -> Workspace<F> {
        Workspace { encoder: self.encoder.inference_cache(), ..self.workspace() }
    }

    /// Packs the encoder's weights: see [`Encoder::pack`](mtlift_encoder::Encoder::pack).
    pub fn pack<F: Real>(&self, params: &mut Store<F>) {
        self.encoder.pack(params);
    }

    /// The logits of every task's rows, see [`Workspace::logits`].
    ///
    /// # Panics
    /// If the batch's rows are not in the order of [`Network::depths`].
    pub fn forward<F: Real>(
        &self,
        params: &Store<F>,
        batch: &PackedBatch,
        dropout: Option<DropoutStep<'_>>,
        workspace: &mut Workspace<F>,
    ) {
        let entering = |block| self.entering(batch, block);
        let Workspace { encoder, heads, readings, apart, others, .. } = workspace;
        self.encoder.forward_in_part(params, &input(batch, dropout), entering, encoder);
        for (task, (head, cache)) in self.heads.iter().zip(heads).enumerate() {
            let sequences = &batch.groups()[task].sequences;
            if !sequences.is_empty() {
                let hidden = self.encoder.hidden_states_after(self.layers[task], encoder).view();
                let input = head_input(hidden, batch, sequences, dropout);
                head.forward(params, input, cache);
                if let (Some(reading), Some(read)) = (&self.readings[task], &mut readings[task]) {
                    reading.forward(params, input, cache, read);
                }
                if let (Some(parts), Some(own)) = (&self.shared_private, apart.get_mut(task)) {
                    parts.forward(params, input, cache, own);
                }
                if let Some(matching) = &self.matching {
                    matching.forward(params, &self.heads, task, input, &mut others[task]);
                }
            }
        }
    }

    /// How many of a batch's sequences enter a block: those of the tasks whose heads read above it.
    fn entering(&self, batch: &PackedBatch, block: usize) -> usize {
        let groups = self.layers.iter().zip(batch.groups());
        let above = groups.filter(|(layers, _)| **layers > block).map(|(_, group)| &group.sequences);
        let count = above.clone().filter_map(|sequences| sequences.last()).max().map_or(0, |last| last + 1);
        let is_above = |sequence: usize| above.clone().any(|own| own.binary_search(&sequence).is_ok());
        let are_first = (0..count).all(is_above);
        assert!(are_first, "rows that go through more blocks stand before those that go through fewer");
        count
    }

    /// The loss of each task's rows, each times the row's weight, summed over them, after [`Network::forward`]; `weights`, one for each task,
    /// multiply its gradient.
    ///
    /// # Panics
    /// If the batch has rows without targets.
    pub fn losses<'a, F: Real>(
        &'a self,
        batch: &'a PackedBatch,
        weights: &'a [f64],
        workspace: &'a mut Workspace<F>,
    ) -> impl Iterator<Item = f64> + 'a {
        self.losses_after(batch, weights, std::iter::repeat(0.0), workspace)
    }

    /// As [`Network::losses`], where each task's goes on from what it came to `before`, over earlier rows of the step.
    ///
    /// # Panics
    /// As there.
    pub(crate) fn losses_after<'a, F: Real>(
        &'a self,
        batch: &'a PackedBatch,
        weights: &'a [f64],
        before: impl Iterator<Item = f64> + 'a,
        workspace: &'a mut Workspace<F>,
    ) -> impl Iterator<Item = f64> + 'a {
        let Workspace { heads, apart, others, .. } = workspace;
        if let Some(parts) = &self.shared_private {
            for ((group, own), &weight) in batch.groups().iter().zip(apart).zip(weights) {
                match group.sequences[..] {
                    [] => own.clear(),
                    _ => parts.compare(weight, own),
                }
            }
        }
        let tasks =
            heads.iter_mut().zip(others).zip(batch.groups()).zip(weights.iter().zip(before)).enumerate();
        tasks.map(move |(task, (((cache, others), group), (&weight, before)))| {
            let Some(targets) = targets(group) else { return before };
            let own = mtlift_heads::loss(cache, targets, weight, before);
            match &self.matching {
                None => own,
                Some(matching) => own + matching.add(task, group, cache, others, weight),
            }
        })
    }

    /// Moves what heads read of others' features to the steepest point nearby, where they do, after [`Network::losses`] with the same
    /// weights: [`Network::backward`] then adds the gradients there.
    pub fn climb<F: Real>(
        &self,
        params: &Store<F>,
        batch: &PackedBatch,
        weights: &[f64],
        workspace: &mut Workspace<F>,
    ) {
        let Workspace { heads, readings, .. } = workspace;
        for (task, (group, &weight)) in batch.groups().iter().zip(weights).enumerate() {
            if let (Some(reading), Some(read), Some(targets)) =
                (&self.readings[task], &mut readings[task], targets(group))
                && reading.climb(params, &mut heads[task], read)
            {
                mtlift_heads::loss(&mut heads[task], targets, weight, 0.0);
            }
        }
    }

    /// Adds the gradients of all parameters to `grads`, after [`Network::losses`] with the same batch and dropout.
    pub fn backward<F: Real>(
        &self,
        params: &Store<F>,
        batch: &PackedBatch,
        dropout: Option<DropoutStep<'_>>,
        workspace: &mut Workspace<F>,
        grads: &mut Gradients<F>,
    ) {
        let first = self.encoder.hidden_states_after(0, &workspace.encoder);
        begin_gradient(first, 0.0, &mut workspace.dhidden);
        self.backward_from(params, batch, dropout, workspace, grads);
    }

    /// As [`Network::backward`], with the gradients of `shrink` times the sum of the last hidden states' absolute values, which it gives:
    /// of those that are [wanted](Network::wanting).
    ///
    /// # Panics
    /// If rows do not go through all blocks.
    pub fn backward_shrinking<F: Real>(
        &self,
        params: &Store<F>,
        batch: &PackedBatch,
        dropout: Option<DropoutStep<'_>>,
        shrink: f64,
        workspace: &mut Workspace<F>,
        grads: &mut Gradients<F>,
    ) -> f64 {
        let last = self.encoder.hidden_states(&workspace.encoder);
        assert_eq!(last.rows(), batch.tokens().tokens(), "all rows go through all blocks");
        let shrunken = begin_gradient(last, shrink, &mut workspace.dhidden);
        self.backward_from(params, batch, dropout, workspace, grads);
        shrunken
    }

    /// The rest of backward, once the gradient of the hidden states is begun.
    fn backward_from<F: Real>(
        &self,
        params: &Store<F>,
        batch: &PackedBatch,
        dropout: Option<DropoutStep<'_>>,
        workspace: &mut Workspace<F>,
        grads: &mut Gradients<F>,
    ) {
        let Workspace { encoder, heads, readings, apart, others, dhidden } = workspace;
        for (task, (head, cache)) in self.heads.iter().zip(heads).enumerate() {
            let sequences = &batch.groups()[task].sequences;
            if !sequences.is_empty() {
                let hidden = self.encoder.hidden_states_after(self.layers[task], encoder).view();
                let input = head_input(hidden, batch, sequences, dropout);
                if let (Some(reading), Some(read)) = (&self.readings[task], &mut readings[task]) {
                    reading.backward(params, input, cache, read, dhidden, grads);
                }
                if let (Some(parts), Some(own)) = (&self.shared_private, apart.get_mut(task)) {
                    parts.backward(params, input, cache, own, dhidden, grads);
                }
                head.backward(params, input, cache, dhidden, grads);
                if let Some(matching) = &self.matching {
                    let others = &mut others[task];
                    matching.backward(params, &self.heads, task, input, others, dhidden, grads);
                }
            }
        }
        let entering = |block| self.entering(batch, block);
        self.encoder.backward_in_part(params, &input(batch, dropout), entering, encoder, dhidden, grads);
    }

    /// Calls `visit` with each linear layer of the encoder and what [`Network::forward`] gave it, `[T, inputs]`, before any backward pass.
    ///
    /// # Panics
    /// If not the hidden states of all tokens are [wanted](Network::wanting).
    pub fn visit_linear_inputs<F: Real>(
        &self,
        workspace: &mut Workspace<F>,
        visit: impl FnMut(Linear, ArrayView2<'_, F>),
    ) {
        self.encoder.visit_linear_inputs(&mut workspace.encoder, visit);
    }

    /// The last hidden states, `[T, H]`, zero for tokens whose are not [wanted](Network::wanting), after [`Network::forward`].
    pub fn hidden_states<'a, F: Real>(&self, workspace: &'a Workspace<F>) -> ArrayView2<'a, F> {
        self.encoder.hidden_states(&workspace.encoder).view()
    }
}

impl<F: Real> Workspace<F> {
    /// Whether the next forward pass keeps what a backward pass needs.
    pub(crate) fn keep(&mut self, keep: bool) {
        self.encoder.keep(keep);
    }

    /// The logits of a task's rows, `[S, L]`, in the order in which they stand in the batch.
    pub fn logits(&self, task: usize) -> ArrayView2<'_, F> {
        self.heads[task].logits()
    }

    /// How well shared and private features of a task's rows are kept apart, after [`Network::losses`]; none without private ones.
    pub fn separation(&self, task: usize) -> Option<Separation> {
        self.apart.get(task).map(SharedPrivateCache::separation)
    }
}

/// What a task's rows should come to; none without rows.
fn targets(group: &Group) -> Option<Targets<'_>> {
    let weights = Some(&group.weights[..]).filter(|weights| !weights.is_empty());
    if !group.distributions.is_empty() {
        let rows = group.sequences.len();
        let shape = (rows, group.distributions.len() / rows);
        let wanted = ArrayView2::from_shape(shape, &group.distributions).expect("rows of one length");
        return Some(Targets::Distributions(wanted, group.temperature, weights));
    }
    Some(match (&group.classes[..], &group.weights[..], &group.values[..]) {
        ([], _, []) => return None,
        (classes, [], []) => Targets::Classes(classes),
        (classes, row_weights, []) => Targets::WeightedClasses(classes, row_weights),
        (_, _, values) => Targets::Values(values),
    })
}

fn input<'a>(batch: &'a PackedBatch, dropout: Option<DropoutStep<'a>>) -> Input<'a> {
    let tokens = batch.tokens();
    Input { ids: &tokens.ids, segments: &tokens.segments, offsets: &tokens.offsets, dropout }
}

fn head_input<'a, F>(
    hidden: ArrayView2<'a, F>,
    batch: &'a PackedBatch,
    sequences: &'a [usize],
    dropout: Option<DropoutStep<'a>>,
) -> HeadInput<'a, F> {
    HeadInput { hidden, offsets: &batch.tokens().offsets, sequences, dropout }
}
