//! Writing safetensors files, as a stream: values go from where they are to the disk through a small buffer.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};

use crate::{Error, write_atomically};

/// Writes a safetensors file of float32 tensors: names, shapes and values, row by row.
///
/// # Errors
/// If the file cannot be written; one that was there is then unchanged.
///
/// # Panics
/// If a tensor has not as many values as its shape says, or two have the same name.
pub fn save_tensors(path: &Path, tensors: &[(&str, &[usize], &[f32])]) -> Result<(), Error> {
    let header = header(tensors);
    write_atomically(path, |file| {
        file.write_all(&(header.len() as u64).to_le_bytes())?;
        file.write_all(&header)?;
        tensors.iter().try_for_each(|(_, _, values)| write_values(file, values))
    })
}

/// The header's JSON, padded with spaces so that the data begin at a multiple of 8.
fn header(tensors: &[(&str, &[usize], &[f32])]) -> Vec<u8> {
    let mut end = 0;
    let mut infos = Vec::with_capacity(tensors.len());
    for &(name, shape, values) in tensors {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "the values of {name} {shape:?}");
        let from = end;
        end += size_of_val(values);
        infos.push((
            name.to_owned(),
            TensorInfo { dtype: Dtype::F32, shape: shape.to_vec(), data_offsets: (from, end) },
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

fn write_values(file: &mut BufWriter<File>, values: &[f32]) -> io::Result<()> {
    const CHUNK: usize = 1 << 14;
    let mut buffer = Vec::with_capacity(size_of::<f32>() * CHUNK.min(values.len()));
    for chunk in values.chunks(CHUNK) {
        buffer.clear();
        buffer.extend(chunk.iter().flat_map(|value| value.to_le_bytes()));
        file.write_all(&buffer)?;
    }
    Ok(())
}
