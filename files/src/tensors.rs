//! Files of tensors. Two containers are read, told by their first bytes: safetensors, and what `torch.save` writes. Both
//! become one table of where each tensor's values lie in the file, so that whoever reads values need not know which it is.

mod count;
mod header;
mod pickle;
mod read;
mod table;
mod torch;
mod write;

pub use read::TensorFile;
pub use table::TensorInfo;
pub use write::{FloatType, save_tensors, save_tensors_as};
