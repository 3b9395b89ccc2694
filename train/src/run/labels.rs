//! What a trained model says of rows without labels: a label each, how sure it is, and how often it says so with dropout.
//!
//! The one decision: dropout's masks are those of (pass, row), so what is said of the rows is a function of model, rows and seed, and a
//! run that was killed labels them again to the bit.

use std::path::Path;

use mtlift_glue_data::Task;
use mtlift_nn::random::Stream;
use mtlift_schedule::LabelledRow;

use super::prepare::read_config;
use crate::predict::logits_in_pass;
use crate::{Error, Model, PackedBatch, Predictions, Rows, Settings, TaskHead, probabilities};

/// The labels that a model gives rows.
#[derive(Debug)]
pub(super) struct Labels {
    /// A label each, by its place in the head that is to be trained.
    pub(super) labels: Vec<usize>,
    /// Its probability.
    confidence: Vec<f64>,
    /// The share of the passes with dropout that give the same label.
    agreement: Vec<f64>,
}

impl Labels {
    /// The labels of the model in `directory`, trained on `task`, for rows of its tokenizer. `head` is the one that is to be trained;
    /// `passes` are made with dropout as in training.
    ///
    /// # Errors
    /// If the model cannot be read, is none of the task, or a logit is not finite.
    pub(super) fn of(
        directory: &Path,
        task: &Task,
        rows: &Rows,
        head: &TaskHead,
        settings: &Settings,
        passes: usize,
    ) -> Result<Self, Error> {
        let config = read_config(directory, settings)?;
        let own = TaskHead::trained(directory, &config, task, None)?;
        let (Model { network, params, .. }, _) = Model::read(directory, config, &own, 0)?;
        let (mut workspace, mut batch) = (network.workspace(), PackedBatch::default());
        let outputs = own.outputs();
        let mut predict = |pass| {
            let logits =
                logits_in_pass(&network, &params, 0, &rows.encoded, pass, &mut workspace, &mut batch);
            rows.check_logits(&logits, outputs)?;
            Ok::<_, Error>(logits)
        };
        let logits = predict(None)?;
        let said = classes(&logits, outputs);
        let confidence = probabilities(&logits, outputs);
        let confidence =
            confidence.chunks_exact(outputs).zip(&said).map(|(row, &label)| row[label]).collect();
        let mut agreeing = vec![0_usize; said.len()];
        let stream = Stream::new(settings.seed, "agreement");
        for pass in 0..passes {
            let again = classes(&predict(Some((stream, pass as u64)))?, outputs);
            for ((count, label), again) in agreeing.iter_mut().zip(&said).zip(again) {
                *count += usize::from(*label == again);
            }
        }
        let share = |count: usize| if passes == 0 { 1.0 } else { count as f64 / passes as f64 };
        let agreement = agreeing.into_iter().map(share).collect();
        let place = |name: &String| head.labels.names.iter().position(|other| other == name);
        let places: Vec<usize> = own.labels.names.iter().filter_map(place).collect();
        let labels = said.into_iter().map(|label| places[label]).collect();
        Ok(Self { labels, confidence, agreement })
    }

    /// What filters look at.
    pub(super) fn of_rows<'a>(&self, rows: &'a Rows) -> Vec<LabelledRow<'a>> {
        let said = self.labels.iter().zip(&self.confidence).zip(&self.agreement);
        let row = |(tokens, ((&label, &confidence), &agreement))| LabelledRow {
            tokens,
            label,
            confidence,
            agreement,
            origin: None,
        };
        rows.tokens().zip(said).map(row).collect()
    }
}

fn classes(logits: &[f32], outputs: usize) -> Vec<usize> {
    match Predictions::from_logits(logits, outputs) {
        Predictions::Classes(classes) => classes,
        Predictions::Values(_) => unreachable!("a classification has several logits"),
    }
}
