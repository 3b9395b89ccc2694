//! Merging models on the disk: their encoders become one, and all else is the first model's.
//!
//! The one decision: what is merged is the encoder, because that is what models of different tasks have in common. A pooler or a
//! head was trained for one task's labels, and stays with it.

mod cost;
mod drawn;
mod sources;
mod statistics;
mod tokens;

use std::path::{Path, PathBuf};

use mtlift_files::{make_directory, names_in, write_atomically};
use mtlift_glue_data::Task;
use mtlift_nn::Store;
use mtlift_schedule::{Look, Merge, Statistics};
use serde::Serialize;

use crate::model::copy_companions;
use crate::run::hash_parameters;
use crate::threshold::KEY;
use crate::{Error, TrainedModel};
pub use cost::GramCost;
pub(crate) use drawn::{drawn, draws};
pub(crate) use sources::{Merging, Sources};
pub use statistics::{fisher, input_grams};

/// Models to be merged, and where to.
#[derive(Clone, Copy, Debug)]
pub struct MergeJob<'a> {
    /// Their directories; the first gives its head, its configuration and its tokenizer.
    pub models: &'a [PathBuf],
    /// The model that all of them started from, where the rule looks at it.
    pub base: Option<&'a Path>,
    /// How.
    pub merge: Merge,
    /// The task of each model, for a rule that looks at rows: their training rows; else empty.
    pub tasks: &'a [Task],
    /// Of the draws, for a rule that draws or looks at rows.
    pub seed: u64,
    /// The directory of the merged model, which is empty or not there.
    pub out: &'a Path,
}

/// What came of a merge.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MergeOutcome {
    /// The rule with its parameters.
    pub method: Merge,
    /// Each model.
    pub models: Vec<MergedModel>,
    /// Parameters that were merged: the encoder's.
    pub merged: usize,
    /// blake3 of them.
    pub parameters: String,
}

/// A model's part in a merge.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MergedModel {
    /// Its directory.
    pub model: PathBuf,
    /// What it counts, where one number says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coefficient: Option<f64>,
    /// How far its encoder is from the base, ‖τ‖, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<f64>,
    /// How many rows of its own task were looked at, of a rule that looks at rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<usize>,
}

/// Merges models of one architecture and writes a directory that transformers loads.
///
/// `warn` hears of what stands out in rows that are looked at.
///
/// # Errors
/// If a model or rows cannot be read, models differ in architecture or in the tokens that their ids stand for, the rule takes other
/// models, a model is none of its task, the merged values are not finite, or the directory is not empty or cannot be written.
pub fn merge(job: MergeJob<'_>, warn: &mut dyn FnMut(&str)) -> Result<MergeOutcome, Error> {
    let MergeJob { models, base, merge, tasks, seed, out } = job;
    if let Some(entry) = names_in(out).unwrap_or_default().into_iter().next() {
        return Err(Error::NotEmpty { directory: out.to_owned(), entry });
    }
    let models: Vec<&Path> = models.iter().map(PathBuf::as_path).collect();
    let sources = Sources::read(&models, base)?;
    let seen = merge.looks_at().map(|look| look_at(look, &models, tasks, seed, warn)).transpose()?;
    let (rows, statistics): (Vec<usize>, Vec<Statistics>) = seen.unwrap_or_default().into_iter().unzip();
    let sources = sources.with_statistics(statistics);
    let Merging { params, coefficients } = sources.merge(&merge, seed)?;
    write(out, models[0], &sources, &params)?;
    let changes = sources.changes();
    let part = |(place, model): (usize, &&Path)| MergedModel {
        model: model.to_path_buf(),
        coefficient: coefficients.get(place).copied(),
        change: changes.get(place).copied(),
        rows: rows.get(place).copied(),
    };
    Ok(MergeOutcome {
        method: merge,
        models: models.iter().enumerate().map(part).collect(),
        merged: sources.layout().len(),
        parameters: hash_parameters(&params),
    })
}

/// What training rows of its own task say of each model, and how many they are.
fn look_at(
    Look { at, rows }: Look,
    models: &[&Path],
    tasks: &[Task],
    seed: u64,
    warn: &mut dyn FnMut(&str),
) -> Result<Vec<(usize, Statistics)>, Error> {
    let of_model = |(place, (&model, task)): (usize, (&&Path, &Task))| {
        let model = TrainedModel::open(model, task, None, None)?;
        let rows = model.read_some_labelled(task, "train", rows, draws(seed, place), warn)?;
        Ok((rows.encoded.rows(), model.statistics(at, &rows)))
    };
    models.iter().zip(tasks).enumerate().map(of_model).collect()
}

/// Writes the first model with another encoder. Its configuration comes last: without one the directory is no model.
fn write(out: &Path, first: &Path, sources: &Sources, params: &Store<f32>) -> Result<(), Error> {
    make_directory(out)?;
    copy_companions(first, out)?;
    let config = sources.config();
    sources.first().save_replaced(out, config.family.prefix(), sources.layout(), params)?;
    let mut json = config.to_json_as_it_is();
    // It was chosen for other weights.
    json.remove(KEY);
    write_atomically(&out.join("config.json"), |file| Ok(serde_json::to_writer_pretty(file, &json)?))?;
    Ok(())
}
