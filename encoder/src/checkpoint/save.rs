//! Writing a model's weights under the names of its layout.

use std::path::Path;

use mtlift_files::save_tensors;
use mtlift_nn::{Layout, Store};

use crate::Error;

/// Writes `model.safetensors` in `directory`: every parameter by its name in the layout, in float32.
///
/// # Errors
/// If the file cannot be written; one that was there is then unchanged.
///
/// # Panics
/// If the store is shorter than the layout.
pub fn save(directory: &Path, layout: &Layout, store: &Store<f32>) -> Result<(), Error> {
    let values = store.values();
    let tensors: Vec<_> = layout
        .entries()
        .iter()
        .map(|entry| (entry.name.as_str(), entry.shape.as_slice(), &values[entry.range.clone()]))
        .collect();
    Ok(save_tensors(&directory.join("model.safetensors"), &tensors)?)
}
