//! The readers, by name. Each makes its genuine files in a temporary folder and reads them as the program's commands do.

mod cache;
mod model;
mod references;
mod run;
mod study;
mod task;
mod tensors;
mod world;

use crate::target::Target;

/// A name, and what makes the reader.
type Line = (&'static str, fn() -> Target);

const TABLE: [Line; 27] = [
    ("safetensors", tensors::file),
    ("shard-index", tensors::shard_index),
    ("config", model::config),
    ("vocabulary", model::vocabulary),
    ("tokenizer", model::tokenizer),
    ("merges", model::merges),
    ("task", task::description),
    ("tsv", task::tsv),
    ("csv", task::csv),
    ("json-lines", task::json_lines),
    ("token-cache", cache::entry),
    ("run", run::description),
    ("checkpoint-state", run::checkpoint_state),
    ("checkpoint-tensors", run::checkpoint_tensors),
    ("best-model", run::best_model),
    ("steps", run::steps),
    ("evaluations", run::evaluations),
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
