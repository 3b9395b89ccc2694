//! Which files hold a model's weights. An index says in which shard each tensor is; it is believed only as far as it
//! agrees with the shards, and it cannot name a file elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use mtlift_files::{TensorFile, read_bytes};
use serde::Deserialize;

use crate::Error;
use crate::elsewhere::no_weights;

/// The names of the weights in one file and of the index of those in several, in the order in which they are looked for.
const FORMS: [(&str, &str); 2] = [
    ("model.safetensors", "model.safetensors.index.json"),
    ("pytorch_model.bin", "pytorch_model.bin.index.json"),
];

#[derive(Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

/// The files that hold the weights in `directory`, each once.
///
/// # Errors
/// If there are none, or an index is not usable.
pub fn weight_files(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    match find(directory)? {
        Found::Whole(file) => Ok(vec![file]),
        Found::Sharded(index) => {
            let names: BTreeSet<String> = read_index(&index)?.into_values().collect();
            Ok(names.into_iter().map(|name| directory.join(name)).collect())
        }
    }
}

/// The open files of a model's weights.
#[derive(Debug)]
pub(super) struct Shards {
    pub(super) directory: PathBuf,
    files: Vec<TensorFile>,
    /// In which file each tensor is.
    number_of: BTreeMap<String, usize>,
}

impl Shards {
    /// Opens the files of the weights in `directory`, each once.
    pub(super) fn open(directory: &Path) -> Result<Self, Error> {
        let files = match find(directory)? {
            Found::Whole(file) => vec![TensorFile::open(&file)?],
            Found::Sharded(index) => open_sharded(directory, &index)?,
        };
        let numbered = files.iter().enumerate();
        let number_of =
            numbered.flat_map(|(i, file)| file.names().map(move |name| (name.to_owned(), i))).collect();
        Ok(Self { directory: directory.to_owned(), files, number_of })
    }

    /// The names of all tensors, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.number_of.keys().map(String::as_str)
    }

    /// The first of these tensors that is there, and the number of its file.
    pub(super) fn find(&self, mut names: impl Iterator<Item = String>) -> Option<(&str, usize)> {
        let (name, &number) = names.find_map(|name| self.number_of.get_key_value(&name))?;
        Some((name, number))
    }

    /// The file of a number.
    pub(super) fn file(&self, number: usize) -> &TensorFile {
        &self.files[number]
    }

    /// The file of a tensor that is there.
    pub(super) fn file_of(&self, tensor: &str) -> &TensorFile {
        self.file(self.number_of[tensor])
    }

    /// The key under which the tensors are, where the files hold more than them.
    pub(super) fn nested(&self) -> Option<&'static str> {
        self.files.iter().find_map(TensorFile::nested)
    }
}

enum Found {
    Whole(PathBuf),
    Sharded(PathBuf),
}

fn find(directory: &Path) -> Result<Found, Error> {
    let there = |name: &str| Some(directory.join(name)).filter(|file| file.is_file());
    let mut forms = FORMS.iter();
    forms
        .find_map(|(whole, index)| {
            there(whole).map(Found::Whole).or_else(|| there(index).map(Found::Sharded))
        })
        .ok_or_else(|| no_weights(directory))
}

fn open_sharded(directory: &Path, file: &Path) -> Result<Vec<TensorFile>, Error> {
    let wrong = |reason| Error::Index { file: file.to_owned(), reason };
    let weight_map = read_index(file)?;
    let names: BTreeSet<_> = weight_map.values().collect();
    let mut shards = BTreeMap::new();
    for name in names {
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

/// In which file each tensor is said to be; all names are those of files in the same directory.
fn read_index(file: &Path) -> Result<BTreeMap<String, String>, Error> {
    let wrong = |reason| Error::Index { file: file.to_owned(), reason };
    let bytes = read_bytes(file)?;
    let Index { weight_map } = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
    if let Some(name) = weight_map.values().find(|name| !is_file_name(name)) {
        return Err(wrong(format!(
            "a shard is called `{name}`, expected the name of a file in the same directory"
        )));
    }
    Ok(weight_map)
}

fn is_file_name(name: &str) -> bool {
    let mut components = Path::new(name).components();
    matches!((components.next(), components.next()), (Some(Component::Normal(only)), None) if only == name)
}
