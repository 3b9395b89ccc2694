//! A trained model in use: rows in, logits out.

use std::path::Path;

use mtlift_encoder::Config;
use mtlift_eval::Scores;
use mtlift_glue_data::{Task, TokenCache};
use mtlift_nn::Precision;
use mtlift_nn::random::Stream;
use mtlift_schedule::{LooksAt, Statistics};
use mtlift_tokenizer::Tokenizer;

use crate::joint::read_joint_export;
use crate::merging::{fisher, input_grams};
use crate::model::is_joint;
use crate::precision::check_processor;
use crate::run::open_tokenizer;
use crate::{Error, Model, Predictions, Reader, Rows, TaskHead, Threshold, logits_of_packed};

/// A model with a trained head, and its tokenizer.
#[derive(Debug)]
pub struct TrainedModel {
    model: Model,
    /// The place of its head, of several that it reads.
    place: usize,
    head: TaskHead,
    tokenizer: Tokenizer,
    threshold: Option<Threshold>,
}

impl TrainedModel {
    /// Reads the model in `directory` to use it on `task`. `labels` says what its outputs mean, in their order,
    /// where its configuration does not; `max_tokens` is the longest row, as in training.
    ///
    /// # Errors
    /// If a file cannot be read, or the model's labels are not the task's.
    pub fn open(
        directory: &Path,
        task: &Task,
        labels: Option<&[String]>,
        max_tokens: Option<usize>,
    ) -> Result<Self, Error> {
        Self::open_in(directory, task, labels, max_tokens, Precision::Float32)
    }

    /// The same, with matrix products of a precision.
    ///
    /// # Errors
    /// As [`Self::open`], and if the processor has no instructions for it.
    pub fn open_in(
        directory: &Path,
        task: &Task,
        labels: Option<&[String]>,
        max_tokens: Option<usize>,
        precision: Precision,
    ) -> Result<Self, Error> {
        check_processor(precision)?;
        let mut config = Config::read(directory)?;
        config.precision = precision;
        let tokenizer = open_tokenizer(directory, &config, max_tokens)?;
        let head = TaskHead::trained(directory, &config, task, labels)?;
        let (mut model, place) = if is_joint(directory) {
            read_joint_export(directory, config, &head)?
        } else {
            (Model::read(directory, config, &head, 0)?.0, 0)
        };
        model.network.pack(&mut model.params);
        Ok(Self { model, place, head, tokenizer, threshold: Threshold::of_model(directory)? })
    }

    /// The head: what the logits mean.
    pub fn head(&self) -> &TaskHead {
        &self.head
    }

    /// The threshold that was chosen when the model was trained, if one was.
    pub fn threshold(&self) -> Option<&Threshold> {
        self.threshold.as_ref()
    }

    /// What logits predict: the greatest, or what a threshold says.
    ///
    /// # Errors
    /// If there is a threshold and the model does not tell two labels apart, or does not have the threshold's.
    pub fn predictions(&self, logits: &[f32], threshold: Option<&Threshold>) -> Result<Predictions, Error> {
        let names = &self.head.labels.names;
        let Some(Threshold { label, probability }) = threshold else {
            return Ok(Predictions::from_logits(logits, names.len()));
        };
        match names.iter().position(|name| name == label) {
            Some(positive) if names.len() == 2 => {
                Ok(Predictions::from_threshold(logits, positive, *probability))
            }
            _ => {
                let (value, expected) = (names.join(", "), "two, of which the threshold's is one");
                Err(Error::Setting { name: "list of the model's labels with --threshold", value, expected })
            }
        }
    }

    /// The rows of a split of `task`.
    ///
    /// # Errors
    /// If there is no such split, or it cannot be read.
    pub fn read(
        &self,
        task: &Task,
        split: &str,
        cache: Option<&TokenCache>,
        warn: &mut dyn FnMut(&str),
    ) -> Result<Rows, Error> {
        self.checked(self.reader(task, cache).read(split, warn)?)
    }

    /// The same, of rows that must have labels; of a head of several, the rows that have one for it.
    ///
    /// # Errors
    /// As [`Self::read`], and if they have none.
    pub fn read_labelled(
        &self,
        task: &Task,
        split: &str,
        cache: Option<&TokenCache>,
        warn: &mut dyn FnMut(&str),
    ) -> Result<Rows, Error> {
        self.checked(self.reader(task, cache).labelled(split, warn)?)
    }

    /// At most `count` labelled rows of a split of `task`, each as likely.
    ///
    /// # Errors
    /// As [`Self::read_labelled`].
    pub(crate) fn read_some_labelled(
        &self,
        task: &Task,
        split: &str,
        count: usize,
        draws: Stream,
        warn: &mut dyn FnMut(&str),
    ) -> Result<Rows, Error> {
        self.checked(self.reader(task, None).some_labelled(split, count, draws, warn)?)
    }

    fn reader<'a>(&'a self, task: &'a Task, cache: Option<&'a TokenCache>) -> Reader<'a> {
        Reader { task, head: &self.head, tokenizer: &self.tokenizer, cache }
    }

    fn checked(&self, rows: Rows) -> Result<Rows, Error> {
        rows.check(&self.model.config)?;
        Ok(rows)
    }

    /// The logits of all rows, `[rows, L]`.
    ///
    /// # Errors
    /// If one is not finite.
    pub fn logits(&self, rows: &Rows) -> Result<Vec<f32>, Error> {
        let Model { network, params, .. } = &self.model;
        let logits = logits_of_packed(network, params, self.place, &rows.encoded);
        rows.check_logits(&logits, self.head.outputs())?;
        Ok(logits)
    }

    /// What rows say of the model, at least one, for a rule of merging that looks at it.
    pub(crate) fn statistics(&self, at: LooksAt, rows: &Rows) -> Statistics {
        let (Model { network, params, .. }, encoded) = (&self.model, &rows.encoded);
        match at {
            LooksAt::Fisher => Statistics::Fisher(fisher(network, params, self.place, encoded)),
            LooksAt::Grams => Statistics::Grams(input_grams(network, params, self.place, encoded)),
        }
    }

    /// The scores of predictions against the rows' targets.
    ///
    /// # Errors
    /// If the rows have no targets.
    pub fn score(&self, task: &Task, rows: &Rows, predictions: &Predictions) -> Result<Scores, Error> {
        let no_labels = || Error::NoLabels { task: task.name.clone(), split: rows.split.clone() };
        let targets = rows.targets.as_deref().ok_or_else(no_labels)?;
        self.head.score(predictions, targets)
    }
}
