//! Weights in a model's directory. Loading first finds a tensor for every parameter and checks all of them, then reads:
//! a store is not touched by a checkpoint that does not fit, and the model is in memory once.

mod names;
mod report;
mod save;
mod shards;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mtlift_files::TensorFile;
use mtlift_nn::{Entry, Layout, Store};

pub use report::LoadReport;
pub use save::{save, save_as};

use crate::Error;

/// The weights in a model's directory: `model.safetensors`, or shards with an index.
#[derive(Debug)]
pub struct Checkpoint {
    directory: PathBuf,
    shards: Vec<TensorFile>,
    /// In which shard each tensor is.
    shard_of: BTreeMap<String, usize>,
}

/// What to do about a parameter when loading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// It is an error if the checkpoint does not have it.
    Required,
    /// It is read if the checkpoint has it.
    Optional,
    /// It is not looked for, and counts as missing: a head that is to be fresh, whatever the checkpoint has.
    Skipped,
}

impl Checkpoint {
    /// Opens the weights in `model_dir` and checks the headers of their files; no values are read yet.
    ///
    /// # Errors
    /// If there are none, only a pickle, or a file is not valid.
    pub fn open(model_dir: &Path) -> Result<Checkpoint, Error> {
        let shards = shards::open(model_dir)?;
        let numbered = shards.iter().enumerate();
        let shard_of =
            numbered.flat_map(|(i, shard)| shard.names().map(move |name| (name.to_owned(), i))).collect();
        Ok(Checkpoint { directory: model_dir.to_owned(), shards, shard_of })
    }

    /// The names of all tensors, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.shard_of.keys().map(String::as_str)
    }

    /// Reads the parameters of `layout` into `store`, from F32, F16 or BF16.
    ///
    /// A parameter is looked for under its name in the layout, then without `prefix` and its dot (as in the checkpoint
    /// of an encoder alone), each also with the old names `LayerNorm.gamma` and `LayerNorm.beta`. `want` says what
    /// becomes of one that is not there; the values of what is not read stay as they are.
    ///
    /// # Errors
    /// If a required parameter is missing, or a tensor has another shape or type; the store is then unchanged. If a
    /// file cannot be read; the store may then be partly overwritten.
    ///
    /// # Panics
    /// If the store is not of this layout.
    pub fn load(
        &self,
        prefix: &str,
        layout: &Layout,
        store: &mut Store<f32>,
        want: impl Fn(&Entry) -> Want,
    ) -> Result<LoadReport, Error> {
        let (mut report, mut required) = (LoadReport::default(), Vec::new());
        let mut plan = Vec::with_capacity(layout.entries().len());
        for entry in layout.entries() {
            if want(entry) == Want::Skipped {
                report.missing.push(entry.name.clone());
                continue;
            }
            let Some((tensor, shard)) = self.find(prefix, &entry.name) else {
                if want(entry) == Want::Required {
                    required.push(&entry.name);
                }
                report.missing.push(entry.name.clone());
                continue;
            };
            let file = &self.shards[shard];
            file.check_floats(tensor)?;
            let info = file.info(tensor)?;
            if info.shape != entry.shape {
                return Err(mtlift_files::Error::Shape {
                    file: file.path().to_owned(),
                    tensor: tensor.to_owned(),
                    found: info.shape.clone(),
                    expected: entry.shape.clone(),
                }
                .into());
            }
            plan.push((shard, info.data_offsets, tensor, entry));
        }
        report.missing.sort();
        required.sort();
        self.refuse_missing(&required)?;

        // In the order of the files, which spares the disk.
        plan.sort_by_key(|&(shard, offsets, ..)| (shard, offsets));
        for &(shard, _, tensor, entry) in &plan {
            self.shards[shard].read_floats(tensor, &mut store.values_mut()[entry.range.clone()])?;
        }

        report.applied = plan.iter().map(|(.., entry)| entry.name.clone()).collect();
        report.applied.sort();
        let mut used: Vec<_> = plan.iter().map(|&(_, _, tensor, _)| tensor).collect();
        used.sort_unstable();
        report.unused =
            self.names().filter(|name| used.binary_search(name).is_err()).map(str::to_owned).collect();
        let of_encoder = |name: &&String| names::belongs_to_encoder(prefix, name);
        report.unexpected = report.unused.iter().filter(of_encoder).cloned().collect();
        Ok(report)
    }

    /// The tensor of a parameter, and its shard.
    fn find(&self, prefix: &str, name: &str) -> Option<(&str, usize)> {
        let mut found = names::candidates(prefix, name).filter_map(|name| self.shard_of.get_key_value(&name));
        found.next().map(|(name, &shard)| (name.as_str(), shard))
    }

    fn refuse_missing(&self, names: &[&String]) -> Result<(), Error> {
        let Some(first) = names.first() else { return Ok(()) };
        let more = match names.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        Err(Error::Missing { directory: self.directory.clone(), tensor: (*first).clone(), more })
    }
}
