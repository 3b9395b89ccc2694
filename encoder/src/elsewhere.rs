//! What to say of a directory that holds no model, or none that is read: it is often the right one's neighbour.

use std::path::Path;

use mtlift_files::names_in;

use crate::Error;

/// The error of a directory without `config.json`: says where a model is, if it is not far.
pub fn no_config(directory: &Path) -> Error {
    let there = |name: &str| directory.join(name).is_file();
    let hint = match &models_below(directory)[..] {
        _ if there("adapter_config.json") => {
            "it holds an adapter, a change to another model: merge the two first (`merge_and_unload()` in peft) and save the whole"
                .to_owned()
        }
        [] if directory.parent().is_some_and(|parent| parent.join("config.json").is_file()) => {
            format!("the directory above it is a model: give {}", shown(directory.parent().unwrap_or(directory)))
        }
        [] if there("params.json") || there("consolidated.00.pth") => {
            "it is in another form than transformers': convert the model first".to_owned()
        }
        [] => "expected the directory of a model, with config.json, its weights and its tokenizer".to_owned(),
        [one] => format!("the model is {one}; give that directory"),
        several => format!("give the directory of one model: {}", several.join(", ")),
    };
    Error::NoConfig { directory: directory.to_owned(), hint }
}

/// The error of a directory without weights that are read.
pub(crate) fn no_weights(directory: &Path) -> Error {
    let names = names_in(directory).unwrap_or_default();
    let is_foreign = |name: &&String| {
        let name = name.to_ascii_lowercase();
        FOREIGN.iter().any(|ending| name.ends_with(ending))
    };
    let found = match names.iter().find(is_foreign) {
        _ if names.iter().any(|name| name == "adapter_config.json") => {
            "; it holds an adapter, a change to another model: merge the two first (`merge_and_unload()` in peft)".to_owned()
        }
        Some(name) => format!(
            "; it has {name}, which is not read: get the model in safetensors form, or load it with transformers and \
             `save_pretrained` it"
        ),
        None => match &models_below(directory)[..] {
            [] => String::new(),
            below => format!("; there is a model below: {}", below.join(", ")),
        },
    };
    Error::NoWeights { directory: directory.to_owned(), found }
}

/// How the names of weights end that other programs read.
const FOREIGN: [&str; 13] = [
    ".gguf",
    ".onnx",
    ".h5",
    ".msgpack",
    ".ckpt",
    ".ckpt.index",
    ".tflite",
    ".ot",
    ".pt",
    ".pth",
    ".bin",
    ".safetensors",
    ".mlmodel",
];

/// The directories with a `config.json` one or two levels below, as they would be given to a command.
fn models_below(directory: &Path) -> Vec<String> {
    const MOST: usize = 4;
    let below = |directory: &Path| -> Vec<_> {
        let names = names_in(directory).unwrap_or_default().into_iter();
        names.map(|name| directory.join(name)).filter(|path| path.is_dir()).collect()
    };
    let first = below(directory);
    let second: Vec<_> = first.iter().flat_map(|path| below(path)).collect();
    let models = first.iter().chain(&second).filter(|path| path.join("config.json").is_file());
    models.take(MOST).map(|path| shown(path)).collect()
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
