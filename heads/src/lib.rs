//! Heads for sequence classification, regression and masked-language modelling, and their losses.
//!
//! Every family's head is the same two layers over the first token's hidden state (dropout, dense, activation, dropout,
//! projection); what differs, names and the dropouts, is data: see [`Form`]. This crate does not know the encoder: it takes
//! hidden states `[T, H]` and gives their gradient. [`MaskedHead`] guesses the tokens at masked places in the same way, its
//! output tied to the word embedding.
//!
//! Dimensions are those of `mtlift-nn`: `T` tokens, `B` sequences, `H` hidden, `L` labels.

mod consistency;
mod form;
mod head;
mod loss;
mod masked_form;
mod masked_head;
mod matching;
mod side;

pub use consistency::Sharpened;
pub use form::Form;
pub use head::{Head, HeadCache, HeadInput};
pub use loss::{Targets, loss};
pub use masked_form::MaskedForm;
pub use masked_head::{MaskedCache, MaskedHead};
pub use matching::{Known, Relation};
pub use side::Side;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
