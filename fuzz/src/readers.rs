//! The readers, by name. Each makes its genuine files in a temporary folder and reads them as the program's commands do.

mod cache;
mod hub;
mod model;
mod parquet;
mod record;
mod references;
mod run;
mod study;
mod task;
mod tensors;
mod text;
mod torch;
mod world;

use crate::target::Target;

/// A name, and what makes the reader.
type Line = (&'static str, fn() -> Target);

const TABLE: [Line; 41] = [
    ("safetensors", tensors::file),
    ("shard-index", tensors::shard_index),
    ("torch", torch::file),
    ("torch-index", torch::index),
    ("config", model::config),
    ("vocabulary", model::vocabulary),
    ("tokenizer", model::tokenizer),
    ("byte-level-bpe", model::byte_level_bpe),
    ("model", model::directory),
    ("torch-model", model::pickled_directory),
    ("joint-model", model::joint_directory),
    ("task", task::description),
    ("tsv", task::tsv),
    ("csv", task::csv),
    ("json-lines", task::json_lines),
    ("tsv-gzip", task::tsv_gzip),
    ("json-lines-gzip", task::json_lines_gzip),
    ("parquet", parquet::rows),
    ("glue-parquet", parquet::glue),
    ("text", text::file),
    ("token-cache", cache::entry),
    ("hub-cache", hub::cache),
    ("hub-settings", hub::settings),
    ("run", run::description),
    ("checkpoint-state", run::checkpoint_state),
    ("checkpoint-tensors", run::checkpoint_tensors),
    ("best-model", run::best_model),
    ("steps", run::steps),
    ("evaluations", run::evaluations),
    ("run-records", record::alone),
    ("study-records", record::of_a_study),
    ("trajectory", references::trajectory),
    ("trajectory-tensors", references::trajectory_tensors),
    ("golden-tensors", references::golden_tensors),
    ("reference", references::reference),
    ("reference-tensors", references::reference_tensors),
    ("study-file", study::file),
    ("study", study::question),
    ("findings", study::findings),
    ("run-result", study::result),
    ("predictions", study::predictions),
];

/// The names of all readers.
pub const NAMES: [&str; TABLE.len()] = {
    let mut names = [""; TABLE.len()];
    let mut place = 0;
    while place < names.len() {
        names[place] = TABLE[place].0;
        place += 1;
    }
    names
};

/// A reader by its name.
pub fn target(name: &str) -> Option<Target> {
    TABLE.iter().find(|(known, _)| *known == name).map(|(_, make)| make())
}
