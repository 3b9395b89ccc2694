//! The encoder: embeddings and a stack of blocks over a packed batch.
//!
//! Parameters carry the names that they have in a checkpoint of transformers' `…ForSequenceClassification` classes, so
//! that loading and saving are lookups by name.

use mtlift_nn::{Buffer, Gradients, Layout, Real, Store, Table};

use crate::block::{self, Block, BlockCache, Working};
use crate::embeddings::{Embeddings, EmbeddingsCache};
use crate::{Config, Input};

/// An encoder's structure: handles and dimensions; the values are in a [`Store`].
#[derive(Clone, Debug)]
pub struct Encoder {
    embeddings: Embeddings,
    blocks: Vec<Block>,
}

/// What a forward pass leaves for the backward pass, and the memory both work in. Reused from batch to batch, it
/// grows to the largest.
#[derive(Clone, Debug)]
pub struct Cache<F> {
    embeddings: EmbeddingsCache<F>,
    blocks: Vec<BlockCache<F>>,
    working: Working<F>,
}

impl Encoder {
    /// Lays out the parameters of an encoder of this configuration.
    pub fn new(layout: &mut Layout, config: &Config) -> Self {
        Self {
            embeddings: Embeddings::new(layout, config),
            blocks: (0..config.layers).map(|index| Block::new(layout, config, index)).collect(),
        }
    }

    /// The word embedding, to which the output of a masked-language-modelling head is tied.
    pub fn words(&self) -> Table {
        self.embeddings.words().table()
    }

    /// Whether a parameter is the bias of attention's keys. It shifts all scores of a query alike, which softmax does
    /// not see: hidden states do not depend on it.
    pub fn is_key_bias(name: &str) -> bool {
        block::is_key_bias(name)
    }

    /// An empty cache for this encoder.
    pub fn cache<F: Real>(&self) -> Cache<F> {
        Cache {
            embeddings: EmbeddingsCache::default(),
            blocks: vec![BlockCache::default(); self.blocks.len()],
            working: Working::default(),
        }
    }

    /// Encodes a batch; see [`Encoder::hidden_states`] for the result.
    ///
    /// # Panics
    /// If the batch would not pass [`Input::check`].
    pub fn forward<F: Real>(&self, params: &Store<F>, input: &Input<'_>, cache: &mut Cache<F>) {
        self.embeddings.forward(params, input, &mut cache.embeddings);
        for (index, &block) in self.blocks.iter().enumerate() {
            let (below, own) = cache.blocks.split_at_mut(index);
            let x = below.last().map_or(cache.embeddings.output(self.embeddings), |below| &below.output);
            block.forward(params, input, x.view(), &mut own[0], &mut cache.working);
        }
    }

    /// Adds the gradients of all parameters to `grads`. To be called once after `forward` with the same batch.
    ///
    /// # Shapes
    /// - d: `[T, H]`, the gradient of the hidden states; used as working memory
    pub fn backward<F: Real>(
        &self,
        params: &Store<F>,
        input: &Input<'_>,
        cache: &mut Cache<F>,
        d: &mut Buffer<F>,
        grads: &mut Gradients<F>,
    ) {
        for (index, &block) in self.blocks.iter().enumerate().rev() {
            let (below, own) = cache.blocks.split_at_mut(index);
            let x = below.last().map_or(cache.embeddings.output(self.embeddings), |below| &below.output);
            block.backward(params, input, x.view(), &mut own[0], &mut cache.working, d, grads);
        }
        let working = &mut cache.working.dbranch;
        self.embeddings.backward(params, input, &mut cache.embeddings, d, working, grads);
    }

    /// The hidden states that [`Encoder::forward`] left, `[T, H]`.
    pub fn hidden_states<'a, F: Real>(&self, cache: &'a Cache<F>) -> &'a Buffer<F> {
        cache.blocks.last().map_or(cache.embeddings.output(self.embeddings), |block| &block.output)
    }
}
