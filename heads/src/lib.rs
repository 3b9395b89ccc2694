//! Heads for sequence classification and regression, and their losses.
//!
//! Every family's head is the same two layers over the first token's hidden state (dropout, dense, activation, dropout,
//! projection); what differs, names and the dropouts, is data: see [`Form`]. This crate does not know the encoder: it takes
//! hidden states `[T, H]` and gives their gradient.
//!
//! Dimensions are those of `mtlift-nn`: `T` tokens, `B` sequences, `H` hidden, `L` labels.

mod form;
mod head;
mod loss;

pub use form::Form;
pub use head::{Head, HeadCache, HeadInput};
pub use loss::{Targets, loss};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
