//! The numerics of mtlift: kernels, layers, parameters, optimiser and the gradient check.
//!
//! A layer is a small copyable value: handles into a flat parameter store and its dimensions, no data. Its
//! `forward` and `backward` stand together; parameter gradients accumulate, input gradients overwrite.
//! Nothing here knows of tasks, files or model families.
//!
//! # The alphabet of dimensions
//!
//! `T` tokens of all sequences of a batch, `B` sequences, `H` hidden width, `N` heads, `D` width of a head
//! (`H = N·D`), `F` feed-forward width, `L` labels. A batch is packed: the rows of its sequences lie end to
//! end, sequence `b` occupying rows `offsets[b]..offsets[b + 1]` of every `[T, _]` matrix.
//!
//! # The same bits everywhere
//!
//! Work is split over outputs only and every sum has a fixed shape (16 lanes, then their tree), so a result
//! depends neither on the number of threads nor on the instruction set: AVX-512, AVX2 with FMA and the portable
//! code agree to the bit.

mod activation;
mod adamw;
mod attention;
mod buffer;
pub mod check;
mod dropout;
mod embedding;
mod gemm;
mod init;
mod layer_norm;
mod linear;
mod loss;
mod parallel;
mod precision;
pub mod random;
mod real;
mod reduce;
pub mod simd;
mod softmax;
mod store;

pub use activation::Activation;
pub use adamw::{AdamW, AdamWConfig};
pub use attention::{Attention, AttentionCache, AttentionScratch, Spans};
pub use buffer::Buffer;
pub use dropout::{Dropout, DropoutStep};
pub use embedding::Embedding;
pub use gemm::{Init, gemm, gemm_in};
pub use init::draw_normal;
pub use layer_norm::{LayerNorm, LayerNormCache};
pub use linear::{Linear, add};
pub use loss::{
    absolute_sum, cross_entropy, mean_squared_error, soft_cross_entropy, vocabulary_cross_entropy,
};
pub use parallel::{PerSequence, Segments, Split, each_alone, for_each_sequence};
pub use precision::Precision;
pub use real::Real;
pub use softmax::{softmax_backward_rows, softmax_rows};
pub use store::{Entry, Gradients, Layout, Mat, Role, Store, Table, Vector};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
