//! What a pretraining run is asked to do, and what it comes to.

use std::path::Path;

use mtlift_files::FloatType;
use mtlift_glue_data::Text;
use mtlift_tokenizer::TokenizerKind;
use serde::Serialize;

use super::ModelShape;
use crate::record::{PretrainingResult, Timing};
use crate::{Protocol, Settings};

/// What to pretrain on what, and where.
#[derive(Clone, Copy, Debug)]
pub struct PretrainingJob<'a> {
    /// The texts, at least one.
    pub texts: &'a [Text],
    /// From what.
    pub start: PretrainingStart<'a>,
    /// How. Of these, `protocol`, `patience` and `max_train` are not used.
    pub settings: &'a Settings,
    /// How the model's weights are written.
    pub float: FloatType,
    /// The run's directory, made if need be.
    pub out: &'a Path,
    /// Whether to go on with a run that is there already.
    pub resume: bool,
}

/// What pretraining starts from.
#[derive(Clone, Copy, Debug)]
pub enum PretrainingStart<'a> {
    /// Fresh weights, and a tokenizer trained on the same texts.
    Fresh {
        /// The model's sizes.
        shape: ModelShape,
        /// The tokenizer, which also decides the family: BERT for WordPiece, RoBERTa for byte-level BPE.
        tokenizer: TokenizerKind,
        /// The most tokens of its vocabulary.
        vocabulary: usize,
    },
    /// A model's weights and its tokenizer.
    Model(&'a Path),
}

/// What a run came to, and what it took.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PretrainingOutcome {
    /// Losses and counts: the same bits however often the run was interrupted.
    #[serde(flatten)]
    pub result: PretrainingResult,
    /// Seconds, speed and memory of the process that finished it.
    #[serde(flatten)]
    pub timing: Timing,
}

impl PretrainingJob<'_> {
    /// The settings that are used where nothing else is asked for: more epochs, larger batches and a greater rate than
    /// fine-tuning has, and fewer documents held out, because there are many.
    pub fn default_settings() -> Settings {
        Settings {
            protocol: Protocol::Fixed,
            epochs: 10,
            batch: 128,
            micro_batch: Some(32),
            learning_rate: 1e-3,
            evaluate_every: 1.0,
            held_out: 0.02,
            ..Settings::default()
        }
    }
}
