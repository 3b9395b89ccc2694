//! An encoder with a head for each task: the parameters' layout, forward and backward of a batch.
//!
//! Generic over the scalar: the same code that trains in f32 is checked by differences in f64.

use mtlift_encoder::{Cache, Config, Encoder, Input};
use mtlift_heads::{Form, Head, HeadCache, HeadInput, Targets};
use mtlift_nn::{Buffer, DropoutStep, Entry, Gradients, Layout, Real, Store};
use ndarray::ArrayView2;

use crate::PackedBatch;

/// The structure of a model: handles into a [`Store`] of its layout.
#[derive(Clone, Debug)]
pub struct Network {
    layout: Layout,
    encoder: Encoder,
    /// One for each task; tasks that share one hold the same handles.
    heads: Vec<Head>,
    /// Which of the layout's heads a task's is, in the order in which they lie there.
    place: Vec<usize>,
}

/// Activations and gradients of a batch, reused from batch to batch.
#[derive(Clone, Debug)]
pub struct Workspace<F> {
    encoder: Cache<F>,
    heads: Vec<HeadCache<F>>,
    dhidden: Buffer<F>,
}

impl Network {
    /// A network of this configuration with a head of `outputs[i]` logits for task `i`. With one task, parameters
    /// have the names of a transformers checkpoint; with several, those of a head begin with `task.{i}.`.
    pub fn new(config: &Config, outputs: &[usize]) -> Self {
        Self::with_heads(config, outputs, (0..outputs.len()).collect())
    }

    /// As [`Network::new`], but tasks with the same number of logits share one head, as in the code of Weller et al.
    /// (2022): the classifier of one task goes on as that of the next.
    pub fn sharing_heads(config: &Config, outputs: &[usize]) -> Self {
        let mut counts: Vec<usize> = Vec::new();
        let place = outputs.iter().map(|&labels| {
            counts.iter().position(|&count| count == labels).unwrap_or_else(|| {
                counts.push(labels);
                counts.len() - 1
            })
        });
        let place = place.collect();
        Self::with_heads(config, &counts, place)
    }

    fn with_heads(config: &Config, outputs: &[usize], place: Vec<usize>) -> Self {
        let mut layout = Layout::default();
        let encoder = Encoder::new(&mut layout, config);
        let form = Form::of(config.family.head()).expect("a test looks for a form for every family");
        let heads: Vec<Head> = outputs
            .iter()
            .enumerate()
            .map(|(head, &labels)| {
                let prefix = if place.len() == 1 { String::new() } else { format!("task.{head}.") };
                Head::placed(
                    &mut layout,
                    head,
                    &prefix,
                    form,
                    config.hidden,
                    labels,
                    config.classifier_dropout,
                )
            })
            .collect();
        let heads = place.iter().map(|&head| heads[head]).collect();
        Self { layout, encoder, heads, place }
    }

    /// The parameters that one task uses, in the order of a network of that task alone.
    pub(crate) fn entries(&self, task: usize) -> impl Iterator<Item = &Entry> {
        let own = self.place[task];
        self.layout.entries().iter().filter(move |entry| entry.role.head().is_none_or(|head| head == own))
    }

    /// Where the parameters lie.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The number of tasks.
    pub fn tasks(&self) -> usize {
        self.heads.len()
    }

    /// An empty workspace.
    pub fn workspace<F: Real>(&self) -> Workspace<F> {
        Workspace {
            encoder: self.encoder.cache(),
            heads: vec![HeadCache::default(); self.heads.len()],
            dhidden: Buffer::new(),
        }
    }

    /// The logits of every task's rows, see [`Workspace::logits`].
    pub fn forward<F: Real>(
        &self,
        params: &Store<F>,
        batch: &PackedBatch,
        dropout: Option<DropoutStep<'_>>,
        workspace: &mut Workspace<F>,
    ) {
        self.encoder.forward(params, &input(batch, dropout), &mut workspace.encoder);
        for ((head, cache), group) in self.heads.iter().zip(&mut workspace.heads).zip(batch.groups()) {
            if !group.sequences.is_empty() {
                let hidden = self.encoder.hidden_states(&workspace.encoder).view();
                head.forward(params, head_input(hidden, batch, &group.sequences, dropout), cache);
            }
        }
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
        workspace.heads.iter_mut().zip(batch.groups()).zip(weights).map(move |((cache, group), &weight)| {
            let targets = match (&group.classes[..], &group.weights[..], &group.values[..]) {
                ([], _, []) => return 0.0,
                (classes, [], []) => Targets::Classes(classes),
                (classes, row_weights, []) => Targets::WeightedClasses(classes, row_weights),
                (_, _, values) => Targets::Values(values),
            };
            mtlift_heads::loss(cache, targets, weight)
        })
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
        let Workspace { encoder, heads, dhidden } = workspace;
        let hidden = self.encoder.hidden_states(encoder).view();
        dhidden.shape(hidden.nrows(), hidden.ncols()).slice_mut().fill(F::zero());
        for ((head, cache), group) in self.heads.iter().zip(heads).zip(batch.groups()) {
            if !group.sequences.is_empty() {
                let input = head_input(hidden, batch, &group.sequences, dropout);
                head.backward(params, input, cache, dhidden, grads);
            }
        }
        self.encoder.backward(params, &input(batch, dropout), encoder, dhidden, grads);
    }

    /// The last hidden states, `[T, H]`, after [`Network::forward`].
    pub fn hidden_states<'a, F: Real>(&self, workspace: &'a Workspace<F>) -> ArrayView2<'a, F> {
        self.encoder.hidden_states(&workspace.encoder).view()
    }
}

impl<F: Real> Workspace<F> {
    /// The logits of a task's rows, `[S, L]`, in the order in which they stand in the batch.
    pub fn logits(&self, task: usize) -> ArrayView2<'_, F> {
        self.heads[task].logits()
    }
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
