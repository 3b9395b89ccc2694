//! Texts to vectors: a model directory in use, from the tokenizer to one vector for each text. For training, and for whatever
//! else looks at hidden states, there are [`Encoder`] and [`Checkpoint`], of which this is made.

use std::path::Path;

use mtlift_nn::{Layout, Precision, Store, each_alone};
use mtlift_tokenizer::{Encoded, Tokenizer};
use ndarray::{Array1, Array2, ArrayView2, Axis, s};

use crate::{Checkpoint, Config, Encoder, Error, Input, Tokens, Want};

/// Tokens of a batch that a thread encodes by itself, unless a single text has more: with packed weights few are enough for the products, and
/// what one layer writes the next still finds in the thread's own cache. They are whole tiles of the products.
pub const TOKENS_ALONE: usize = 240;

/// How the hidden states of a text's tokens become one vector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pooling {
    /// Their mean, special tokens included, as sentence-transformers takes it.
    #[default]
    Mean,
    /// The state of the first token, `[CLS]` or `<s>`.
    FirstToken,
}

/// An encoder with its tokenizer, ready to make vectors of texts.
#[derive(Clone, Debug)]
pub struct TextEncoder {
    config: Config,
    tokenizer: Tokenizer,
    encoder: Encoder,
    params: Store<f32>,
    pooling: Pooling,
}

impl TextEncoder {
    /// Reads configuration, tokenizer and weights of the model in a directory. Its vectors are means over tokens; see
    /// [`TextEncoder::pooled_by`].
    ///
    /// # Errors
    /// If one of the three is not there, cannot be read or does not fit the others.
    pub fn open(directory: impl AsRef<Path>) -> Result<Self, Error> {
        let directory = directory.as_ref();
        let config = Config::read(directory)?;
        let tokenizer = Tokenizer::open(directory, config.max_tokens())?;
        let mut layout = Layout::default();
        let encoder = Encoder::new(&mut layout, &config);
        let checkpoint = Checkpoint::open(directory)?;
        let (params, _) = checkpoint.read(config.family.prefix(), &layout, |_| Want::Required)?;
        Ok(Self { config, tokenizer, encoder, params, pooling: Pooling::default() }.packed())
    }

    /// The same encoder with another pooling.
    #[must_use]
    pub fn pooled_by(self, pooling: Pooling) -> Self {
        Self { pooling, ..self }.packed()
    }

    /// The same encoder with matrix products of this precision, whatever the processor is made for: see
    /// [`Precision::is_fast`].
    #[must_use]
    pub fn in_precision(mut self, precision: Precision) -> Self {
        self.config.precision = precision;
        self.packed()
    }

    /// The encoder that configuration and pooling ask for, its weights packed.
    fn packed(mut self) -> Self {
        let tokens = match self.pooling {
            Pooling::Mean => Tokens::All,
            Pooling::FirstToken => Tokens::First,
        };
        self.encoder = Encoder::new(&mut Layout::default(), &self.config).wanting(tokens);
        self.encoder.pack(&mut self.params);
        self
    }

    /// The model's configuration; `hidden` is the width of the vectors.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// A vector for each text, `[B, H]`, without dropout. A text longer than the model's positions is cut at its end. A
    /// text has the same vector, to the bit, whatever it is encoded with.
    ///
    /// # Errors
    /// If a text cannot be tokenised or has no token, or the tokenizer gives one that the model does not have.
    pub fn encode_texts(&self, texts: &[impl AsRef<str>]) -> Result<Array2<f32>, Error> {
        let encoded = self.tokenizer.encode(texts)?;
        let Encoded { ids, segments, offsets, .. } = &encoded;
        if let Some(text) = offsets.windows(2).position(|ends| ends[0] == ends[1]) {
            return Err(Error::NoToken { text });
        }
        Input { ids, segments, offsets, dropout: None }.check(&self.config)?;

        let batches = encoded.batches(TOKENS_ALONE);
        let cache = || self.encoder.inference_cache();
        let parts = each_alone(batches.len(), cache, |at, cache| {
            let batch = &batches[at];
            let tokens = offsets[batch.start]..offsets[batch.end];
            let ends: Vec<usize> =
                offsets[batch.start..=batch.end].iter().map(|at| at - tokens.start).collect();
            let input = Input {
                ids: &ids[tokens.clone()],
                segments: &segments[tokens],
                offsets: &ends,
                dropout: None,
            };
            self.encoder.forward(&self.params, &input, cache);
            let hidden = self.encoder.hidden_states(cache).view();
            let states = ends.windows(2).map(|ends| hidden.slice(s![ends[0]..ends[1], ..]));
            states.map(|states| self.pooling.of(states)).collect::<Vec<_>>()
        });
        let mut vectors = Array2::zeros((texts.len(), self.config.hidden));
        for (mut row, vector) in vectors.rows_mut().into_iter().zip(parts.iter().flatten()) {
            row.assign(vector);
        }
        Ok(vectors)
    }
}

impl Pooling {
    /// The vector `[H]` of a text whose tokens have these hidden states, `[T, H]`.
    fn of(self, states: ArrayView2<'_, f32>) -> Array1<f32> {
        match self {
            Pooling::Mean => states.sum_axis(Axis(0)) / states.nrows() as f32,
            Pooling::FirstToken => states.row(0).to_owned(),
        }
    }
}
