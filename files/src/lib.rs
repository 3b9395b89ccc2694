#![doc = include_str!("../README.md")]

mod atomic;
mod directory;
mod error;
mod json;
mod kind;
mod lock;
mod log;
mod output;
mod own;
mod place;
mod tensors;

pub use atomic::{UNFINISHED, rename_atomically, write_atomically};
pub use directory::{bytes_in, copy_directory, make_directory, names_in, remove_if_there};
pub use error::Error;
pub use json::{read_bytes, read_json, read_record, read_text, write_record};
pub use kind::{is_lfs_pointer, other_format};
pub use lock::Lock;
pub use log::{Log, read_log};
pub use output::{check_output, is_standard_output, write_output};
pub use own::{check_own, check_own_directory};
pub use place::{are_same_file, is_inside};
pub use tensors::{FloatType, TensorFile, TensorInfo, save_tensors, save_tensors_as};
