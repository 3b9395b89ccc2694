//! Which files hold a model's weights. An index says in which shard each tensor is; it is believed only as far as it
//! agrees with the shards, and it cannot name a file elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use mtlift_files::{TensorFile, read_bytes};
use serde::Deserialize;

use crate::Error;

const WHOLE: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";
const PICKLES: [&str; 2] = ["pytorch_model.bin", "pytorch_model.bin.index.json"];

#[derive(Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

/// Opens the files of the weights in `directory`, each once.
pub(super) fn open(directory: &Path) -> Result<Vec<TensorFile>, Error> {
    let holds = |name: &str| directory.join(name).is_file();
    if holds(WHOLE) {
        Ok(vec![TensorFile::open(&directory.join(WHOLE))?])
    } else if holds(INDEX) {
        open_sharded(directory)
    } else if let Some(found) = PICKLES.into_iter().find(|name| holds(name)) {
        Err(Error::OnlyPickle { directory: directory.to_owned(), found })
    } else {
        Err(Error::NoWeights { directory: directory.to_owned() })
    }
}

fn open_sharded(directory: &Path) -> Result<Vec<TensorFile>, Error> {
    let file = directory.join(INDEX);
    let wrong = |reason| Error::Index { file: file.clone(), reason };
    let bytes = read_bytes(&file)?;
    let Index { weight_map } = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;

    let names: BTreeSet<_> = weight_map.values().collect();
    let mut shards = BTreeMap::new();
    for name in names {
        if !is_file_name(name) {
            return Err(wrong(format!(
                "a shard is called `{name}`, expected the name of a file in the same directory"
            )));
        }
        shards.insert(name, TensorFile::open(&directory.join(name))?);
    }
    for (tensor, shard) in &weight_map {
        if !shards[shard].contains(tensor) {
            return Err(wrong(format!(
                "it says that tensor `{tensor}` is in {shard}, which does not have it"
            )));
        }
    }
    for (&shard, file) in &shards {
        if let Some(tensor) = file.names().find(|&tensor| weight_map.get(tensor) != Some(shard)) {
            return Err(wrong(format!("it does not say that tensor `{tensor}` is in {shard}")));
        }
    }
    Ok(shards.into_values().collect())
}

fn is_file_name(name: &str) -> bool {
    let mut components = Path::new(name).components();
    matches!((components.next(), components.next()), (Some(Component::Normal(only)), None) if only == name)
}
