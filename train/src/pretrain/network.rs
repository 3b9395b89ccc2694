//! An encoder with a head that guesses masked tokens, and the batches that it takes.

use mtlift_encoder::{Cache, Config, Encoder, Input, Tokens};
use mtlift_glue_data::Batch;
use mtlift_heads::{MaskedCache, MaskedForm, MaskedHead};
use mtlift_nn::{Buffer, DropoutStep, Gradients, Layout, Real, Store};
use mtlift_tokenizer::Encoded;
use ndarray::ArrayView2;

use super::Masking;
use crate::shrinking::begin_gradient;

/// The structure of a model for masked-language modelling: handles into a [`Store`] of its layout.
#[derive(Clone, Debug)]
pub struct MaskedNetwork {
    layout: Layout,
    encoder: Encoder,
    head: MaskedHead,
}

/// Activations and gradients of a batch, reused from batch to batch.
#[derive(Clone, Debug)]
pub struct MaskedWorkspace<F> {
    encoder: Cache<F>,
    head: MaskedCache<F>,
    dhidden: Buffer<F>,
}

/// Sequences with some tokens masked. Refilled, it allocates nothing once grown.
#[derive(Clone, Debug, Default)]
pub struct MaskedBatch {
    tokens: Batch,
    keys: Vec<u64>,
    places: Vec<usize>,
    targets: Vec<u32>,
}

impl MaskedNetwork {
    /// A network of this configuration; its parameters have the names of a transformers checkpoint.
    pub fn new(config: &Config) -> Self {
        let mut layout = Layout::default();
        let encoder = Encoder::new(&mut layout, config);
        Self::on(&mut layout, encoder, 0, config)
    }

    /// The same on an encoder that is laid out already, its head being the layout's `place`th.
    pub(crate) fn on(layout: &mut Layout, encoder: Encoder, place: usize, config: &Config) -> Self {
        let form = MaskedForm::of(config.family.head()).expect("a test looks for a form for every family");
        let (words, activation) = (encoder.words(), config.activation);
        let head =
            MaskedHead::new(layout, place, form, config.hidden, words, activation, config.layer_norm_eps)
                .in_precision(config.precision);
        Self { layout: layout.clone(), encoder: encoder.wanting(Tokens::All), head }
    }

    /// Where the parameters lie.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// An empty workspace.
    pub fn workspace<F: Real>(&self) -> MaskedWorkspace<F> {
        MaskedWorkspace {
            encoder: self.encoder.cache(),
            head: MaskedCache::default(),
            dhidden: Buffer::new(),
        }
    }

    /// The logits of the masked places, left in the workspace.
    pub fn forward<F: Real>(
        &self,
        params: &Store<F>,
        batch: &MaskedBatch,
        dropout: Option<DropoutStep<'_>>,
        workspace: &mut MaskedWorkspace<F>,
    ) {
        let MaskedWorkspace { encoder, head, .. } = workspace;
        self.encoder.forward(params, &batch.input(dropout), encoder);
        self.head.forward(params, self.encoder.hidden_states(encoder).view(), &batch.places, head);
    }

    /// Adds the gradients of all parameters to `grads`, after [`MaskedWorkspace::loss`] with the same batch and dropout, and those of
    /// `shrink` times the sum of the hidden states' absolute values, which it gives.
    pub fn backward<F: Real>(
        &self,
        params: &Store<F>,
        batch: &MaskedBatch,
        dropout: Option<DropoutStep<'_>>,
        shrink: f64,
        workspace: &mut MaskedWorkspace<F>,
        grads: &mut Gradients<F>,
    ) -> f64 {
        let MaskedWorkspace { encoder, head, dhidden } = workspace;
        let shrunken = begin_gradient(self.encoder.hidden_states(encoder), shrink, dhidden);
        self.head.backward(params, &batch.places, head, dhidden, grads);
        self.encoder.backward(params, &batch.input(dropout), encoder, dhidden, grads);
        shrunken
    }
}

impl<F: Real> MaskedWorkspace<F> {
    /// `[M, V]`: the logits of the masked tokens, before [`MaskedWorkspace::loss`].
    pub fn logits(&self) -> ArrayView2<'_, F> {
        self.head.logits()
    }

    /// How many of the batch's masked tokens are guessed right, before [`MaskedWorkspace::loss`].
    pub fn hits(&self, batch: &MaskedBatch) -> usize {
        self.head.hits(&batch.targets)
    }

    /// The cross-entropy summed over the batch's masked tokens; its gradient is taken times `weight`.
    pub fn loss(&mut self, batch: &MaskedBatch, weight: f64) -> f64 {
        self.head.loss(&batch.targets, weight)
    }
}

impl MaskedBatch {
    /// Empties the batch, keeping its memory.
    pub fn clear(&mut self) {
        self.tokens.clear();
        self.keys.clear();
        self.places.clear();
        self.targets.clear();
    }

    /// Adds a row, masked as `epoch` masks it. Its dropout masks are its own too, wherever it stands.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn push(&mut self, encoded: &Encoded, row: usize, masking: &Masking, epoch: u64) {
        let from = self.push_plain(encoded, row);
        let (places, targets) = (&mut self.places, &mut self.targets);
        masking.apply(epoch, row as u64, &mut self.tokens.ids[from..], |place, id| {
            places.push(from + place);
            targets.push(id);
        });
    }

    /// Adds a row whose tokens are masked already; `masked` are the places in it that are to be guessed, and the tokens that
    /// stood there.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn push_masked(&mut self, encoded: &Encoded, row: usize, masked: &[(usize, u32)]) {
        let from = self.push_plain(encoded, row);
        self.places.extend(masked.iter().map(|&(place, _)| from + place));
        self.targets.extend(masked.iter().map(|&(_, target)| target));
    }

    /// Adds a row whose tokens are masked already, of which those at `places` are to be guessed and nothing is known.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn push_guessed(&mut self, encoded: &Encoded, row: usize, places: &[usize]) {
        let from = self.push_plain(encoded, row);
        self.places.extend(places.iter().map(|place| from + place));
    }

    /// Adds a row as it is, and gives where it begins.
    fn push_plain(&mut self, encoded: &Encoded, row: usize) -> usize {
        let from = self.tokens.tokens();
        self.tokens.push(encoded, row);
        self.keys.push(row as u64);
        from
    }

    /// The packed tokens, masked.
    pub fn tokens(&self) -> &Batch {
        &self.tokens
    }

    /// A key for each sequence, by which dropout knows it.
    pub fn keys(&self) -> &[u64] {
        &self.keys
    }

    /// `M`, the tokens to be guessed.
    pub fn masked(&self) -> usize {
        self.places.len()
    }

    fn input<'a>(&'a self, dropout: Option<DropoutStep<'a>>) -> Input<'a> {
        let Batch { ids, segments, offsets } = &self.tokens;
        Input { ids, segments, offsets, dropout }
    }
}
