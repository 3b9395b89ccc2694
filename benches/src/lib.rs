//! What the benches share: shapes of real models, lengths of real sentences, random inputs, and how work is counted.
//!
//! The one decision behind it: a kernel is measured on the shapes and the ragged lengths at which it runs in training, never
//! on a round square matrix. Letters are those of `mtlift-nn`: `T` tokens, `B` sequences, `H` hidden, `N` heads, `F`
//! feed-forward.

mod inputs;
mod work;

use std::time::Duration;

use criterion::Criterion;

pub use inputs::{encoded, parameters, values};
pub use work::{attention_flops, encoder_flops, first_tokens_flops};

/// The sizes of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The model's name in the benches' ids.
    pub name: &'static str,
    /// transformers' name of its type.
    pub model_type: &'static str,
    /// `H`.
    pub hidden: usize,
    /// `N`.
    pub heads: usize,
    /// `F`.
    pub feed_forward: usize,
    /// Number of blocks.
    pub layers: usize,
    /// Rows of the word embedding.
    pub vocabulary: usize,
}

/// The models: sizes from the `config.json` of a two-layer BERT of width 128, of all-MiniLM-L6-v2, and of
/// distilroberta-base.
pub const SHAPES: [Shape; 3] = [
    Shape {
        name: "tiny",
        model_type: "bert",
        hidden: 128,
        heads: 2,
        feed_forward: 512,
        layers: 2,
        vocabulary: 30522,
    },
    Shape {
        name: "MiniLM",
        model_type: "bert",
        hidden: 384,
        heads: 12,
        feed_forward: 1536,
        layers: 6,
        vocabulary: 30522,
    },
    Shape {
        name: "DistilRoBERTa",
        model_type: "roberta",
        hidden: 768,
        heads: 12,
        feed_forward: 3072,
        layers: 6,
        vocabulary: 50265,
    },
];

/// The lengths of a batch's sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lengths {
    /// The task's name in the benches' ids.
    pub name: &'static str,
    /// Tokens of each sequence, special ones included.
    pub tokens: [usize; 32],
}

/// Batches of 32: the first 32 rows of each task's `train.tsv`, in the file's order, counted with the tokenizer of
/// all-MiniLM-L6-v2, special tokens included and nothing cut off. A test counts them again where the data is.
///
/// Over all of train, RTE (pairs) has 70 tokens in the mean and 289 at most, CoLA (single sentences) 11 and 47.
pub const LENGTHS: [Lengths; 2] = [
    Lengths {
        name: "RTE",
        tokens: [
            21, 52, 59, 64, 108, 51, 107, 65, 120, 70, 128, 98, 48, 17, 52, 116, 108, 52, 182, 43, 130, 57,
            55, 37, 44, 52, 37, 37, 44, 43, 47, 124,
        ],
    },
    Lengths {
        name: "CoLA",
        tokens: [
            19, 14, 14, 15, 13, 10, 8, 11, 10, 8, 11, 7, 9, 9, 8, 10, 8, 8, 7, 11, 7, 7, 6, 7, 9, 6, 9, 10,
            11, 10, 10, 9,
        ],
    },
];

impl Lengths {
    /// `T`: the tokens of the batch.
    pub fn total(&self) -> usize {
        self.tokens.iter().sum()
    }

    /// `[B + 1]`: where each sequence begins.
    pub fn offsets(&self) -> Vec<usize> {
        running_sums(self.tokens)
    }

    /// `[B + 1]`: where each sequence's `[length, length]` matrix begins.
    pub fn squares(&self) -> Vec<usize> {
        running_sums(self.tokens.map(|tokens| tokens * tokens))
    }
}

/// Every model with every task's lengths, and the end of the id that names both.
pub fn cases() -> impl Iterator<Item = (Shape, Lengths, String)> {
    SHAPES.into_iter().flat_map(|shape| {
        LENGTHS.into_iter().map(move |lengths| (shape, lengths, format!("{}/{}", shape.name, lengths.name)))
    })
}

/// How long the benches measure, unless the command line says otherwise: all of them take about ten minutes.
pub fn config() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(20)
}

fn running_sums(values: [usize; 32]) -> Vec<usize> {
    let sums = values.into_iter().scan(0, |sum, value| {
        *sum += value;
        Some(*sum)
    });
    std::iter::once(0).chain(sums).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use mtlift_glue_data::Task;
    use mtlift_tokenizer::Tokenizer;

    use super::*;

    #[test]
    #[ignore = "needs the data home: set MTLIFT_HOME and run with --include-ignored"]
    fn lengths_are_those_of_the_data() {
        let home = std::env::var_os("MTLIFT_HOME").map(PathBuf::from);
        let home = home.expect("set MTLIFT_HOME to the absolute path of a folder with glue/ and models/");
        let tokenizer = Tokenizer::open(&home.join("models/all-MiniLM-L6-v2"), 512).unwrap();
        for lengths in LENGTHS {
            let train = Task::find(lengths.name, Some(&home)).unwrap().read("train").unwrap();
            assert_eq!(tokenizer.lengths(&train.examples[..32]).unwrap(), lengths.tokens, "{}", lengths.name);
        }
    }

    #[test]
    fn sequences_lie_end_to_end() {
        for lengths in LENGTHS {
            let (offsets, squares) = (lengths.offsets(), lengths.squares());
            assert_eq!((offsets[0], offsets[32]), (0, lengths.total()));
            for b in 0..32 {
                let tokens = offsets[b + 1] - offsets[b];
                assert_eq!((tokens, tokens * tokens), (lengths.tokens[b], squares[b + 1] - squares[b]));
            }
        }
    }
}
