//! What a run is: `run.json`, written before the run begins. Two runs of the same description end with the same bits,
//! so a run goes on only if its description is the one that was asked for. The program's version is recorded and not
//! compared: [`numerics`] says when a run's bits change.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use mtlift_encoder::weight_files;
use mtlift_files::{read_record, write_record};
use mtlift_schedule::Weighs;
use mtlift_tokenizer::Tokenizer;
use serde_json::{Value, json};

use super::job::Job;
use super::part::Part;
use super::text_sets::TextSets;
use crate::differences::differences;
use crate::{Error, Identity, Mixing, Rows};

/// Part of every description: to be raised whenever a change makes the same run end with other bits.
pub const NUMERICS: u32 = 1;
/// That of runs that weigh several tasks' losses: 2 since they take one gradient in place of one for each task.
pub const OF_WEIGHED_LOSSES: u32 = 2;

/// The numerics of a training run over so many tasks.
pub fn numerics(mixing: &Mixing, tasks: usize) -> u32 {
    let combine = &mixing.combine;
    let weighs_losses = combine.rule().weighs == Weighs::Losses && !combine.is_sum();
    if tasks > 1 && weighs_losses { OF_WEIGHED_LOSSES } else { NUMERICS }
}

/// The key under which the version is recorded.
const VERSION: &str = "mtlift";

/// Everything that a run's outcome depends on.
#[derive(Clone, Debug)]
pub(crate) struct Description {
    json: Value,
}

impl Description {
    pub(crate) fn new(
        job: Job<'_>,
        parts: &[Part<'_>],
        texts: &TextSets,
        tokenizer: &Tokenizer,
        total_steps: u64,
    ) -> Result<Self, Error> {
        let settings = job.settings;
        let rows = |rows: &Rows| json!({"split": rows.split, "rows": rows.encoded.rows(), "file": rows.hash});
        let task = |part: &Part<'_>| {
            let splits: Vec<Value> =
                [&part.train, &part.watched].into_iter().chain(&part.dev).map(rows).collect();
            let mut description = json!({
                "task": part.task.name,
                "labels": part.head.labels.names,
                "head": part.head.origin,
                "metrics": part.task.metrics,
                "positive": part.task.labels.get(part.task.positive),
                "rows": splits,
            });
            // Only where they are given, so that a run of before goes on.
            if let Some(rule) = part.task.groups() {
                description["groups"] = json!(rule);
            }
            if part.task.head_of.is_some() {
                description["one_of_several_heads"] = true.into();
            }
            if let Some(taught) = part.taught {
                description["taught"] = taught.fingerprint().into();
            }
            if let Some(unused) = &part.unused {
                description["score_rows"] = rows(unused);
            }
            description
        };
        let mut json = json!({
            "model": hash_model(job.model)?,
            "tokenizer": tokenizer.fingerprint(),
            "max_tokens": tokenizer.max_tokens(),
            "tasks": parts.iter().map(task).collect::<Vec<_>>(),
            "steps": total_steps,
            "settings": settings.identity(),
        });
        if parts.len() > 1 {
            json["mixing"] = job.mixing.identity();
        }
        let shared: Vec<&[usize]> = texts.shared().collect();
        if !shared.is_empty() {
            json["tasks_of_the_same_texts"] = json!(shared);
        }
        Ok(Self::of(json, numerics(job.mixing, parts.len())))
    }

    /// Of a run that is described by these keys, to which the version and the numerics are added.
    ///
    /// # Panics
    /// If it is no object.
    pub(crate) fn of(mut json: Value, numerics: u32) -> Self {
        json[VERSION] = env!("CARGO_PKG_VERSION").into();
        json["numerics"] = numerics.into();
        Self { json }
    }

    /// Adds what the outcome depends on beside the job.
    pub(crate) fn add(&mut self, key: &str, value: Value) {
        self.json[key] = value;
    }

    /// Writes it.
    pub(crate) fn write(&self, file: &Path) -> Result<(), Error> {
        Ok(write_record(file, &self.json)?)
    }

    /// In what the description in a file differs from this one, the version aside.
    pub(crate) fn differs_from(&self, file: &Path) -> Result<Vec<String>, Error> {
        let versionless = |mut json: Value| {
            if let Value::Object(fields) = &mut json {
                fields.remove(VERSION);
            }
            json
        };
        Ok(differences(&versionless(read_record(file)?), &versionless(self.json.clone())))
    }
}

/// blake3 of the files that make the model: configuration and weights. All safetensors files of the directory count, and
/// those of PyTorch where they are what is read.
///
/// # Errors
/// If a file cannot be read.
pub fn hash_model(directory: &Path) -> Result<String, Error> {
    let unreadable = |file: &Path| {
        let file = file.to_owned();
        move |source| mtlift_files::Error::Unreadable { file, source }
    };
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable(directory))? {
        let path = entry.map_err(unreadable(directory))?.path();
        let is_weights = path.extension().is_some_and(|extension| extension == "safetensors");
        if is_weights || path.file_name().is_some_and(|name| name == "config.json") {
            files.push(path);
        }
    }
    files.extend(weight_files(directory)?);
    files.sort();
    files.dedup();
    let mut hasher = blake3::Hasher::new();
    for file in files {
        hasher.update_reader(File::open(&file).map_err(unreadable(&file))?).map_err(unreadable(&file))?;
    }
    Ok(hasher.finalize().to_hex().to_string())
}
