//! Weights in a model's directory. Loading first finds a tensor for every parameter and checks all of them, then reads:
//! a store is not touched by a checkpoint that does not fit, and the model is in memory once.

mod fit;
mod names;
mod replaced;
mod report;
mod save;
mod shards;

use std::path::Path;

use mtlift_nn::{Entry, Layout, Store};

pub use fit::Want;
pub use report::LoadReport;
pub use save::{save, save_as};
pub use shards::weight_files;

use crate::Error;
use fit::Fit;
use shards::Shards;

/// The weights in a model's directory: `model.safetensors` or `pytorch_model.bin`, or shards of either with an index.
#[derive(Debug)]
pub struct Checkpoint {
    shards: Shards,
}

impl Checkpoint {
    /// Opens the weights in `model_dir` and checks the headers of their files; no values are read yet.
    ///
    /// # Errors
    /// If there are none, or a file is not valid.
    pub fn open(model_dir: &Path) -> Result<Checkpoint, Error> {
        Ok(Checkpoint { shards: Shards::open(model_dir)? })
    }

    /// The names of all tensors, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.shards.names()
    }

    /// A store of `layout` with the parameters that the checkpoint has, from F32, F16, BF16 or F64; the others are zero.
    ///
    /// A parameter is looked for under its name in the layout, then without `prefix` and its dot (as in the checkpoint
    /// of an encoder alone), each also with the old names `LayerNorm.gamma` and `LayerNorm.beta`. `want` says what
    /// becomes of one that is not there.
    ///
    /// # Errors
    /// If a required parameter is missing, or a tensor has another shape or type: all are checked before anything of the
    /// layout's size is allocated. If a file cannot be read, or a value of any of the checkpoint's tensors, wanted or not,
    /// is not finite.
    pub fn read(
        &self,
        prefix: &str,
        layout: &Layout,
        want: impl Fn(&Entry) -> Want,
    ) -> Result<(Store<f32>, LoadReport), Error> {
        let fit = Fit::check(&self.shards, prefix, layout, want)?;
        let mut store = layout.zeros();
        fit.read(&mut store)?;
        Ok((store, fit.report))
    }

    /// The names of those parameters of `layout` that it does not have, sorted. No values are read.
    ///
    /// # Errors
    /// If a tensor has another shape or type.
    pub fn missing(&self, prefix: &str, layout: &Layout) -> Result<Vec<String>, Error> {
        Ok(Fit::check(&self.shards, prefix, layout, |_| Want::Optional)?.report.missing)
    }

    /// As [`Checkpoint::read`], into `store`; the values of what is not read stay as they are.
    ///
    /// # Errors
    /// As [`Checkpoint::read`]. If the checkpoint does not fit, the store is unchanged; if a value is at fault or cannot be
    /// read, it may be partly overwritten.
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
        let fit = Fit::check(&self.shards, prefix, layout, want)?;
        fit.read(store)?;
        Ok(fit.report)
    }
}
