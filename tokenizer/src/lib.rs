#![doc = include_str!("../README.md")]

mod added;
mod byte_level_bpe;
mod cut;
mod encoded;
mod error;
mod files;
mod frame;
mod guard;
mod kind;
mod texts;
mod tokenizer;
mod training;
mod wordpiece;

pub use encoded::Encoded;
pub use error::Error;
pub use frame::Frame;
pub use texts::Texts;
pub use tokenizer::Tokenizer;
pub use training::{TokenizerKind, TrainedTokenizer};
