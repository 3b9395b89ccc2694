//! A checkpoint's weights written again with another encoder in them. Whatever else the checkpoint has, a head of whichever kind,
//! stays as it is: nobody has to know which model it is of.

use std::path::Path;

use mtlift_files::save_tensors;
use mtlift_nn::{Layout, Store};

use super::Checkpoint;
use super::fit::{Fit, Want};
use super::names;
use crate::Error;

impl Checkpoint {
    /// Writes `model.safetensors` in `directory`, in float32: the parameters of `layout` with the values of `store`, under the
    /// names that they have here, and every other tensor of numbers as it is here. Buffers of whole numbers are left out, which
    /// transformers makes anew, and so are tensors of an encoder for which the layout has no place.
    ///
    /// # Errors
    /// If a parameter of the layout is not here, or a file cannot be read or written.
    ///
    /// # Panics
    /// If the store is not of this layout.
    pub fn save_replaced(
        &self,
        directory: &Path,
        prefix: &str,
        layout: &Layout,
        store: &Store<f32>,
    ) -> Result<(), Error> {
        let fit = Fit::check(&self.shards, prefix, layout, |_| Want::Required)?;
        let is_head = |name: &&String| {
            !names::belongs_to_encoder(prefix, name) && self.shards.file_of(name).check_floats(name).is_ok()
        };
        let kept: Vec<(String, Vec<usize>, Vec<f32>)> = fit
            .report
            .unused
            .iter()
            .filter(is_head)
            .map(|name| {
                let (shape, values) = self.shards.file_of(name).f32(name)?;
                Ok((names::current(name), shape, values))
            })
            .collect::<Result<_, Error>>()?;
        let called: Vec<String> = fit.plan.iter().map(|(tensor, _)| names::current(tensor)).collect();
        let replaced = called.iter().zip(&fit.plan).map(|(name, (_, entry))| {
            (name.as_str(), entry.shape.as_slice(), &store.values()[entry.range.clone()])
        });
        let kept =
            kept.iter().map(|(name, shape, values)| (name.as_str(), shape.as_slice(), values.as_slice()));
        let tensors: Vec<_> = replaced.chain(kept).collect();
        Ok(save_tensors(&directory.join("model.safetensors"), &tensors)?)
    }
}
