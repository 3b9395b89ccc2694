//! `mtlift fetch`: models and data from the hub into the cache that all programs share.

mod glue;
mod model;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use indicatif::DecimalBytes;
use mtlift_hub::Snapshot;
use serde_json::{Value, json};

/// Fetch models and GLUE by name from the Hugging Face hub
#[derive(Subcommand)]
#[command(after_help = "\
Examples:
  mtlift fetch model distilroberta-base
  mtlift fetch glue RTE MRPC

Files go into the cache that Python's huggingface_hub uses, and are found
there. HF_ENDPOINT, HF_TOKEN, HF_HOME, HF_HUB_CACHE and HF_HUB_OFFLINE are
read as it reads them: see docs/hub.md.")]
pub(crate) enum Command {
    Model(model::Arguments),
    Glue(glue::Arguments),
}

pub(crate) fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::Model(arguments) => model::run(arguments),
        Command::Glue(arguments) => glue::run(arguments),
    }
}

/// What came, and where it is.
fn in_words(id: &str, snapshot: &Snapshot) -> String {
    let all: u64 = snapshot.files.iter().map(|file| file.bytes).sum();
    let new: u64 = snapshot.files.iter().filter(|file| file.downloaded).map(|file| file.bytes).sum();
    format!(
        "{id} at commit {}: {} files, {}, of which {} came now\n{}",
        snapshot.commit,
        snapshot.files.len(),
        DecimalBytes(all),
        DecimalBytes(new),
        snapshot.directory.display()
    )
}

/// The same as fields.
fn in_fields(id: &str, revision: &str, snapshot: &Snapshot) -> Value {
    let file = |file: &mtlift_hub::FetchedFile| json!({"name": file.name, "bytes": file.bytes, "downloaded": file.downloaded});
    json!({
        "repository": id,
        "revision": revision,
        "commit": snapshot.commit,
        "directory": snapshot.directory,
        "files": snapshot.files.iter().map(file).collect::<Vec<_>>(),
    })
}
