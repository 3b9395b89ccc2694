//! BERT-family encoders by hand: configuration, weights, forward and backward.
//!
//! [`TextEncoder`] makes vectors of texts. It is made of the parts that training uses one by one:
//!
//! ```
//! use std::path::Path;
//!
//! use mtlift_encoder::{Config, Encoder, Error, Input};
//! use mtlift_nn::{Layout, Store, check};
//!
//! fn main() -> Result<(), Error> {
//!     let json = r#"{"model_type": "bert", "vocab_size": 30, "hidden_size": 8, "num_attention_heads": 2,
//!         "num_hidden_layers": 1, "intermediate_size": 16, "max_position_embeddings": 12}"#;
//!     let json = serde_json::from_str(json).expect("the text above is JSON");
//!     let config = Config::from_json(json, Path::new("config.json"))?; // Config::read(directory) for a real one
//!
//!     let mut layout = Layout::default();
//!     let encoder = Encoder::new(&mut layout, &config);
//!     let params: Store<f32> = check::random_store(&layout, "params"); // Checkpoint::open(directory)?.load(..)
//!
//!     // Two sequences end to end, of 4 and 3 tokens: no padding, no mask.
//!     let input = Input { ids: &[2, 7, 5, 3, 2, 9, 3], segments: &[0; 7], offsets: &[0, 4, 7], dropout: None };
//!     input.check(&config)?;
//!     let mut cache = encoder.cache();
//!     encoder.forward(&params, &input, &mut cache);
//!     assert_eq!(encoder.hidden_states(&cache).view().dim(), (7, 8));
//!     Ok(())
//! }
//! ```

mod block;
mod checkpoint;
mod config;
mod elsewhere;
mod embeddings;
mod encoder;
mod error;
mod family;
mod first_tokens;
mod input;
mod residual;
mod text_encoder;

pub use checkpoint::{Checkpoint, LoadReport, Want, save, save_as, weight_files};
pub use config::{Config, Labels, ProblemType};
pub use elsewhere::no_config;
pub use encoder::{Cache, Encoder};
pub use error::Error;
pub use family::Family;
pub use first_tokens::Tokens;
pub use input::Input;
pub use text_encoder::{Pooling, TOKENS_ALONE, TextEncoder};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
