//! Writing safetensors files, as a stream: values go from where they are to the disk through a small buffer.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use half::f16;
use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};

use crate::{Error, write_atomically};

/// How values are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FloatType {
    /// In 32 bits, exactly.
    #[default]
    F32,
    /// In 16 bits (IEEE binary16), to the nearest: half the size, three digits.
    F16,
}

impl FloatType {
    /// Every type.
    pub const ALL: [FloatType; 2] = [FloatType::F32, FloatType::F16];

    /// Its name in flags.
    pub fn name(self) -> &'static str {
        match self {
            FloatType::F32 => "f32",
            FloatType::F16 => "f16",
        }
    }

    /// Its name in PyTorch, and so in a `config.json`.
    pub fn torch_name(self) -> &'static str {
        match self {
            FloatType::F32 => "float32",
            FloatType::F16 => "float16",
        }
    }

    fn bytes(self) -> usize {
        match self {
            FloatType::F32 => 4,
            FloatType::F16 => 2,
        }
    }

    fn dtype(self) -> Dtype {
        match self {
            FloatType::F32 => Dtype::F32,
            FloatType::F16 => Dtype::F16,
        }
    }
}

/// As [`save_tensors_as`], in float32.
///
/// # Errors
/// As [`save_tensors_as`].
///
/// # Panics
/// As [`save_tensors_as`].
pub fn save_tensors(path: &Path, tensors: &[(&str, &[usize], &[f32])]) -> Result<(), Error> {
    save_tensors_as(path, FloatType::F32, tensors)
}

/// Writes a safetensors file: names, shapes and values of its tensors, row by row.
///
/// # Errors
/// If the file cannot be written; one that was there is then unchanged.
///
/// # Panics
/// If a tensor has not as many values as its shape says, or two have the same name.
pub fn save_tensors_as(
    path: &Path,
    float: FloatType,
    tensors: &[(&str, &[usize], &[f32])],
) -> Result<(), Error> {
    let header = header(float, tensors);
    write_atomically(path, |file| {
        file.write_all(&(header.len() as u64).to_le_bytes())?;
        file.write_all(&header)?;
        tensors.iter().try_for_each(|(_, _, values)| write_values(file, float, values))
    })
}

/// The header's JSON, padded with spaces so that the data begin at a multiple of 8.
fn header(float: FloatType, tensors: &[(&str, &[usize], &[f32])]) -> Vec<u8> {
    let mut end = 0;
    let mut infos = Vec::with_capacity(tensors.len());
    for &(name, shape, values) in tensors {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "the values of {name} {shape:?}");
        let from = end;
        end += float.bytes() * values.len();
        infos.push((
            name.to_owned(),
            TensorInfo { dtype: float.dtype(), shape: shape.to_vec(), data_offsets: (from, end) },
        ));
    }
    // transformers refuses a file that does not say which framework's conventions it follows.
    let format = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    let metadata = Metadata::new(Some(format), infos).expect("the ranges follow each other");
    assert_eq!(metadata.tensors().len(), tensors.len(), "two tensors have the same name");
    let mut json = serde_json::to_vec(&metadata).expect("its keys are strings");
    json.resize(json.len().next_multiple_of(8), b' ');
    json
}

fn write_values(file: &mut BufWriter<File>, float: FloatType, values: &[f32]) -> io::Result<()> {
    const CHUNK: usize = 1 << 14;
    let mut buffer = Vec::with_capacity(float.bytes() * CHUNK.min(values.len()));
    for chunk in values.chunks(CHUNK) {
        buffer.clear();
        match float {
            FloatType::F32 => buffer.extend(chunk.iter().flat_map(|value| value.to_le_bytes())),
            FloatType::F16 => {
                buffer.extend(chunk.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()))
            }
        }
        file.write_all(&buffer)?;
    }
    Ok(())
}
