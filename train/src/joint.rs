//! A model whose head reads more than the encoder, on the disk: the encoder and all heads, and which of them is meant.
//!
//! transformers has no such network. Loaded as one that it has, the model would lose what its head reads and answer all the same; so
//! its weights have a name of their own, by which transformers finds none and says so.

use std::io::Write;
use std::path::Path;

use mtlift_encoder::Config;
use mtlift_files::{TensorFile, read_json, save_tensors, write_atomically};
use mtlift_nn::Store;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::head::TaskHead;
use crate::model::{JOINT_WEIGHTS, copy_companions, write_config};
use crate::threshold::Threshold;
use crate::{Design, Error, HeadSharing, Model, Network, Reads};

/// Its key in `config.json`.
const KEY: &str = "mtlift";
/// The most heads, and the most logits of one: what is beyond is a damaged file.
const MOST_HEADS: usize = 1 << 10;
/// See [`MOST_HEADS`].
const MOST_LABELS: usize = 1 << 16;

/// What the configuration says of the heads.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Joint {
    reads: Reads,
    /// Logits of each head.
    outputs: Vec<usize>,
    /// Whose head is meant.
    task: usize,
}

/// Writes the model of a task whose head reads more than the encoder, as trained together.
///
/// # Errors
/// If a file cannot be read or written.
pub(crate) fn export_joint(
    directory: &Path,
    source: &Path,
    trained: (&Config, &Network, &Store<f32>),
    reads: Reads,
    heads: &[&TaskHead],
    task: usize,
    threshold: Option<&Threshold>,
) -> Result<(), Error> {
    let (config, network, params) = trained;
    copy_companions(source, directory)?;
    let joint = Joint { reads, outputs: heads.iter().map(|head| head.outputs()).collect(), task };
    write_config(directory, config, heads[task], threshold, Some((KEY, serde_json::json!(joint))))?;
    let values = params.values();
    let entries = network.layout().entries().iter();
    let tensors: Vec<_> =
        entries.map(|entry| (&*entry.name, &*entry.shape, &values[entry.range.clone()])).collect();
    save_tensors(&directory.join(JOINT_WEIGHTS), &tensors)?;
    let card = format!(
        "# A model of mtlift\n\nIts head reads more than the encoder: what the heads of the tasks that it was trained with make of a text, or \
         features of its own. So it is no plain\nsequence classifier: transformers does not load it (the weights are in `{JOINT_WEIGHTS}`, with all heads). Use it with\n\n    \
         mtlift predict --model DIRECTORY --task TASK\n\nand `mtlift evaluate`. Nothing can be trained from it.\n"
    );
    Ok(write_atomically(&directory.join("README.md"), |file| file.write_all(card.as_bytes()))?)
}

/// Reads such a model, and which head is meant.
///
/// # Errors
/// If the configuration does not say what the heads are, or the weights do not fit it.
pub(crate) fn read_joint_export(
    directory: &Path,
    config: Config,
    head: &TaskHead,
) -> Result<(Model, usize), Error> {
    let file = directory.join("config.json");
    let wrong = |what: &str| mtlift_files::Error::Record { file: file.clone(), what: what.to_owned() };
    let mut json: Map<String, Value> = read_json(&file)?;
    let value = json.remove(KEY).unwrap_or(Value::Null);
    let joint: Joint = serde_json::from_value(value).map_err(|error| wrong(&format!("`{KEY}`: {error}")))?;
    let Joint { reads, outputs, task } = joint;
    let is_possible = (2..=MOST_HEADS).contains(&outputs.len())
        && outputs.iter().all(|labels| (1..=MOST_LABELS).contains(labels))
        && outputs.get(task) == Some(&head.outputs());
    if !is_possible {
        return Err(wrong(&format!("`{KEY}` has no head for the labels of the model")).into());
    }
    let design =
        Design { sharing: HeadSharing::PerTask, layers: Vec::new(), reads: Some(reads), matching: None };
    let network = design.network(&config, &outputs);
    let weights = TensorFile::open(&directory.join(JOINT_WEIGHTS))?;
    for entry in network.layout().entries() {
        let found = &weights.info(&entry.name)?.shape;
        if *found != entry.shape {
            let what = format!("{} has the shape {found:?}, expected {:?}", entry.name, entry.shape);
            return Err(mtlift_files::Error::Record { file: directory.join(JOINT_WEIGHTS), what }.into());
        }
    }
    let mut params = network.layout().zeros();
    for entry in network.layout().entries() {
        weights.read_into(&entry.name, &mut params.values_mut()[entry.range.clone()])?;
    }
    Ok((Model { config, network, params }, task))
}
