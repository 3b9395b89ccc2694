//! Files of tensors in the format of safetensors.

mod header;
mod read;
mod write;

pub use read::TensorFile;
pub use write::{FloatType, save_tensors, save_tensors_as};
