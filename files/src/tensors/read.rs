//! One safetensors file. Its header is read when it is opened; values are read where and when they are wanted, through
//! a small buffer, so that a model is never in memory twice.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use half::{bf16, f16};
use safetensors::Dtype;
use safetensors::tensor::TensorInfo;

use super::header::{Fault, Header};
use crate::Error;

/// Values converted at a time.
const CHUNK: usize = 1 << 16;

/// A safetensors file, open for reading.
#[derive(Debug)]
pub struct TensorFile {
    path: PathBuf,
    /// Kept open, so that the header stays that of these bytes even when the file is replaced.
    file: Mutex<File>,
    header: Header,
}

impl TensorFile {
    /// Opens a file and checks its header.
    ///
    /// # Errors
    /// If it cannot be read or is not a valid safetensors file.
    pub fn open(path: &Path) -> Result<TensorFile, Error> {
        let unreadable = |source| Error::Unreadable { file: path.to_owned(), source };
        let mut file = File::open(path).map_err(unreadable)?;
        let size = file.metadata().map_err(unreadable)?.len();
        let header = Header::read(&mut file, size).map_err(|fault| match fault {
            Fault::Io(source) => unreadable(source),
            Fault::Format(reason) => Error::SafeTensors { file: path.to_owned(), reason },
        })?;
        Ok(TensorFile { path: path.to_owned(), file: Mutex::new(file), header })
    }

    /// The names of all tensors, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.header.tensors.keys().map(String::as_str)
    }

    /// Whether there is a tensor called `name`.
    pub fn contains(&self, name: &str) -> bool {
        self.header.tensors.contains_key(name)
    }

    /// Shape and values, row by row, of a tensor of type F32, F16 or BF16.
    ///
    /// # Errors
    /// If there is no such tensor, it is of another type, or it cannot be read.
    pub fn f32(&self, name: &str) -> Result<(Vec<usize>, Vec<f32>), Error> {
        let info = self.info(name)?;
        self.check_floats(name)?;
        let mut values = vec![0.0; info.shape.iter().product()];
        self.read_floats(name, &mut values)?;
        Ok((info.shape.clone(), values))
    }

    /// The values of a tensor of type F32, F16 or BF16, read into `values`.
    ///
    /// # Errors
    /// If there is no such tensor, it has another number of values or another type, or it cannot be read.
    pub fn read_into(&self, name: &str, values: &mut [f32]) -> Result<(), Error> {
        let shape = &self.info(name)?.shape;
        if shape.iter().product::<usize>() != values.len() {
            return Err(Error::Shape {
                file: self.path.clone(),
                tensor: name.to_owned(),
                found: shape.clone(),
                expected: vec![values.len()],
            });
        }
        self.read_floats(name, values)
    }

    /// Shape and values, row by row, of a tensor of type I64.
    ///
    /// # Errors
    /// If there is no such tensor, it is of another type, or it cannot be read.
    pub fn i64(&self, name: &str) -> Result<(Vec<usize>, Vec<i64>), Error> {
        let info = self.info(name)?;
        if info.dtype != Dtype::I64 {
            return Err(self.wrong_type(name, info.dtype, "I64"));
        }
        let mut values = vec![0; info.shape.iter().product()];
        self.read(info, &mut values, i64::from_le_bytes)?;
        Ok((info.shape.clone(), values))
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Type, shape and place of a tensor.
    ///
    /// # Errors
    /// If there is no such tensor.
    pub fn info(&self, name: &str) -> Result<&TensorInfo, Error> {
        self.header
            .tensors
            .get(name)
            .ok_or_else(|| Error::NoTensor { file: self.path.clone(), tensor: name.to_owned() })
    }

    /// Whether a tensor can be read as f32.
    ///
    /// # Errors
    /// If there is no such tensor, or it is of another type than F32, F16 and BF16.
    pub fn check_floats(&self, name: &str) -> Result<(), Error> {
        match self.info(name)?.dtype {
            Dtype::F32 | Dtype::F16 | Dtype::BF16 => Ok(()),
            found => Err(self.wrong_type(name, found, "F32, F16 or BF16")),
        }
    }

    /// Reads all of a tensor into `values`.
    ///
    /// # Errors
    /// As [`TensorFile::read_into`].
    ///
    /// # Panics
    /// If `values` has not its length.
    pub fn read_floats(&self, name: &str, values: &mut [f32]) -> Result<(), Error> {
        let info = self.info(name)?;
        match info.dtype {
            Dtype::F32 => self.read(info, values, f32::from_le_bytes),
            Dtype::F16 => self.read(info, values, |bytes| f16::from_le_bytes(bytes).to_f32()),
            Dtype::BF16 => self.read(info, values, |bytes| bf16::from_le_bytes(bytes).to_f32()),
            found => Err(self.wrong_type(name, found, "F32, F16 or BF16")),
        }
    }

    /// Reads all values of a tensor, each of which is decoded from `W` bytes.
    fn read<const W: usize, T>(
        &self,
        info: &TensorInfo,
        values: &mut [T],
        decode: impl Fn([u8; W]) -> T,
    ) -> Result<(), Error> {
        let unreadable = |source| Error::Unreadable { file: self.path.clone(), source };
        // Every read begins with a seek, so a position left behind by a thread that panicked does no harm.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let from = self.header.data + info.data_offsets.0 as u64;
        file.seek(SeekFrom::Start(from)).map_err(unreadable)?;
        let mut buffer = vec![0; W * CHUNK.min(values.len())];
        for chunk in values.chunks_mut(CHUNK) {
            let bytes = &mut buffer[..W * chunk.len()];
            file.read_exact(bytes).map_err(unreadable)?;
            for (value, bytes) in chunk.iter_mut().zip(bytes.as_chunks().0) {
                *value = decode(*bytes);
            }
        }
        Ok(())
    }

    fn wrong_type(&self, name: &str, found: Dtype, expected: &'static str) -> Error {
        Error::Dtype { file: self.path.clone(), tensor: name.to_owned(), found: found.to_string(), expected }
    }
}
