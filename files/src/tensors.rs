//! Files of tensors in the format of safetensors.

mod header;
mod read;
mod write;

pub use read::TensorFile;
pub use write::save_tensors;
