//! Writing a model's weights under the names of its layout.

use std::path::Path;

use mtlift_files::{FloatType, save_tensors_as};
use mtlift_nn::{Layout, Store};

use crate::Error;

/// As [`save_as`], in float32.
///
/// # Errors
/// As [`save_as`].
///
/// # Panics
/// As [`save_as`].
pub fn save(directory: &Path, layout: &Layout, store: &Store<f32>) -> Result<(), Error> {
    save_as(directory, FloatType::F32, layout, store)
}

/// Writes `model.safetensors` in `directory`: every parameter by its name in the layout.
///
/// # Errors
/// If the file cannot be written; one that was there is then unchanged.
///
/// # Panics
/// If the store is shorter than the layout.
pub fn save_as(directory: &Path, float: FloatType, layout: &Layout, store: &Store<f32>) -> Result<(), Error> {
    let values = store.values();
    let tensors: Vec<_> = layout
        .entries()
        .iter()
        .map(|entry| (entry.name.as_str(), entry.shape.as_slice(), &values[entry.range.clone()]))
        .collect();
    Ok(save_tensors_as(&directory.join("model.safetensors"), float, &tensors)?)
}
