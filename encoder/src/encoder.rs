//! The encoder: embeddings and a stack of blocks over a packed batch.
//!
//! Parameters carry the names that they have in a checkpoint of transformers' `…ForSequenceClassification` classes, so
//! that loading and saving are lookups by name.

use mtlift_nn::{Buffer, Gradients, Layout, Linear, Real, Store, Table};
use ndarray::{ArrayView2, s};

use crate::block::{self, Block, BlockCache, Working};
use crate::embeddings::{Embeddings, EmbeddingsCache};
use crate::{Config, Input, Tokens};

/// An encoder's structure: handles and dimensions; the values are in a [`Store`].
#[derive(Clone, Debug)]
pub struct Encoder {
    embeddings: Embeddings,
    blocks: Vec<Block>,
    /// Where in the layout each block begins, and where the last ends.
    borders: Vec<usize>,
    /// Of which tokens the hidden states are wanted.
    tokens: Tokens,
}

/// What a forward pass leaves for the backward pass, and the memory both work in. Reused from batch to batch, it
/// grows to the largest. One for inference takes the memory of two blocks, which all use in turn.
#[derive(Clone, Debug)]
pub struct Cache<F> {
    embeddings: EmbeddingsCache<F>,
    blocks: Vec<BlockCache<F>>,
    /// How many of them take turns.
    turns: usize,
    working: Working<F>,
}

/// Blocks that take turns where no backward pass follows.
const TURNS: usize = 2;

impl<F> Cache<F> {
    /// Whether the next forward pass keeps what a backward pass needs. If not, all blocks take turns at the memory of two, as in an
    /// inference cache.
    pub fn keep(&mut self, keep: bool) {
        let all = self.blocks.len();
        self.turns = if keep { all } else { all.min(TURNS) };
    }
}

impl Encoder {
    /// Lays out the parameters of an encoder of this configuration.
    pub fn new(layout: &mut Layout, config: &Config) -> Self {
        let embeddings = Embeddings::new(layout, config);
        let mut borders = vec![layout.len()];
        let blocks = (0..config.layers).map(|index| {
            let block = Block::new(layout, config, index);
            borders.push(layout.len());
            block
        });
        let blocks = blocks.collect();
        Self { embeddings, blocks, borders, tokens: Tokens::All }
    }

    /// The same encoder, of whose hidden states those of these tokens are wanted; of all, if not said. In a forward pass in part, this holds
    /// for the last block that is run.
    #[must_use]
    pub fn wanting(self, tokens: Tokens) -> Self {
        Self { tokens, ..self }
    }

    /// Where in the layout the values end that have a part in the hidden states after `layers` blocks; the encoder's others follow them.
    ///
    /// # Panics
    /// If there are fewer blocks.
    pub fn values_below(&self, layers: usize) -> usize {
        self.borders[layers]
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
            turns: self.blocks.len(),
            working: Working::default(),
        }
    }

    /// A cache for forward passes alone: of a batch it has the hidden states of the last block that was run, and of the one below it. What a
    /// block leaves is then still in the processor's cache where the next one writes.
    pub fn inference_cache<F: Real>(&self) -> Cache<F> {
        let mut cache = self.cache();
        cache.keep(false);
        cache
    }

    /// Packs the weights for many forward passes, until a value of `params` is written; in int8, quantises them. No result
    /// changes.
    pub fn pack<F: Real>(&self, params: &mut Store<F>) {
        self.embeddings.pack(params);
        for (index, block) in self.blocks.iter().enumerate() {
            let is_last = index + 1 == self.blocks.len();
            block.pack(if is_last { self.tokens } else { Tokens::All }, params);
        }
    }

    /// Encodes a batch; see [`Encoder::hidden_states`] for the result.
    ///
    /// # Panics
    /// If the batch would not pass [`Input::check`].
    pub fn forward<F: Real>(&self, params: &Store<F>, input: &Input<'_>, cache: &mut Cache<F>) {
        self.forward_in_part(params, input, |_| input.sequences(), cache);
    }

    /// As [`Encoder::forward`], where block `l`, from 0, is entered by the first `entering(l)` sequences alone: no more than entered the
    /// block below. A block that none enters is not run. [`Encoder::hidden_states_after`] has the result.
    ///
    /// # Panics
    /// As [`Encoder::forward`], or if more sequences enter a block than the one below.
    pub fn forward_in_part<F: Real>(
        &self,
        params: &Store<F>,
        input: &Input<'_>,
        entering: impl Fn(usize) -> usize,
        cache: &mut Cache<F>,
    ) {
        let Cache { embeddings, blocks, turns, working } = cache;
        self.embeddings.forward(params, input, embeddings);
        let mut input = *input;
        for (index, &block) in self.blocks.iter().enumerate() {
            let entering_now = entering(index);
            if entering_now == 0 {
                break;
            }
            input = input.first(entering_now);
            let is_last = index + 1 == self.blocks.len() || entering(index + 1) == 0;
            let tokens = if is_last { self.tokens } else { Tokens::All };
            let place = index % *turns;
            let mut own = std::mem::take(&mut blocks[place]);
            let x = match index.checked_sub(1) {
                None => embeddings.output(self.embeddings),
                Some(below) => blocks[below % *turns].output(),
            };
            block.forward(params, &input, tokens, first(x, &input), &mut own, working);
            blocks[place] = own;
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
        self.backward_in_part(params, input, |_| input.sequences(), cache, d, grads);
    }

    /// As [`Encoder::backward`], after [`Encoder::forward_in_part`] with the same sequences.
    ///
    /// # Shapes
    /// - d: `[T, H]`, of each sequence the gradient of its hidden states after the last block that it entered; used as working memory
    pub fn backward_in_part<F: Real>(
        &self,
        params: &Store<F>,
        input: &Input<'_>,
        entering: impl Fn(usize) -> usize,
        cache: &mut Cache<F>,
        d: &mut Buffer<F>,
        grads: &mut Gradients<F>,
    ) {
        assert_eq!(cache.turns, self.blocks.len(), "forward kept what all blocks gave");
        for (index, &block) in self.blocks.iter().enumerate().rev() {
            let entering = entering(index);
            if entering == 0 {
                continue;
            }
            let input = input.first(entering);
            let (below, own) = cache.blocks.split_at_mut(index);
            let x = below.last().map_or(cache.embeddings.output(self.embeddings), BlockCache::output);
            // The rows behind have their own gradient already: their sequences ended below.
            d.set_rows(input.ids.len());
            block.backward(params, &input, first(x, &input), &mut own[0], &mut cache.working, d, grads);
        }
        d.set_rows(input.ids.len());
        let working = &mut cache.working.dbranch;
        self.embeddings.backward(params, input, &mut cache.embeddings, d, working, grads);
    }

    /// Calls `visit` with each linear layer and what [`Encoder::forward`] gave it, `[T, inputs]`, before any backward pass. Queries, keys and
    /// values are one layer, whose weights lie together.
    ///
    /// # Panics
    /// If hidden states of first tokens alone are wanted.
    pub fn visit_linear_inputs<F: Real>(
        &self,
        cache: &mut Cache<F>,
        mut visit: impl FnMut(Linear, ArrayView2<'_, F>),
    ) {
        let Cache { embeddings, blocks, working, .. } = cache;
        self.embeddings.visit_linear_input(embeddings, &mut visit);
        let mut x = embeddings.output(self.embeddings);
        for (&block, cache) in self.blocks.iter().zip(blocks) {
            block.visit_linear_inputs(x.view(), cache, working, &mut visit);
            x = cache.output();
        }
    }

    /// The hidden states that [`Encoder::forward`] left, `[T, H]`; zero for tokens whose are not wanted.
    pub fn hidden_states<'a, F: Real>(&self, cache: &'a Cache<F>) -> &'a Buffer<F> {
        self.hidden_states_after(self.blocks.len(), cache)
    }

    /// The hidden states after `layers` blocks, `[T, H]` of the sequences that entered the last of them; with 0 those of the embeddings.
    ///
    /// # Panics
    /// If there are fewer blocks.
    pub fn hidden_states_after<'a, F: Real>(&self, layers: usize, cache: &'a Cache<F>) -> &'a Buffer<F> {
        match layers.checked_sub(1) {
            None => cache.embeddings.output(self.embeddings),
            Some(last) => cache.blocks[last % cache.turns].output(),
        }
    }
}

/// The rows of a batch's first sequences.
fn first<'a, F: Real>(x: &'a Buffer<F>, input: &Input<'_>) -> ArrayView2<'a, F> {
    x.view().slice_move(s![..input.ids.len(), ..])
}
