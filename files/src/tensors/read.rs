//! One file of tensors. Its table is read when it is opened; values are read where and when they are wanted, through
//! a small buffer, so that a model is never in memory twice.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use half::{bf16, f16};
use safetensors::Dtype;

use super::table::{Fault, Table, TensorInfo};
use super::{header, torch};
use crate::{Error, other_format};

/// Values converted at a time.
const CHUNK: usize = 1 << 16;

/// How much of a file tells what it is.
const FIRST_BYTES: u64 = 64;

/// What can be read as f32.
const FLOATS: &str = "F32, F16, BF16 or F64";

/// A file of tensors, open for reading.
#[derive(Debug)]
pub struct TensorFile {
    path: PathBuf,
    /// Kept open, so that the table stays that of these bytes even when the file is replaced.
    file: Mutex<File>,
    table: Table,
}

impl TensorFile {
    /// Opens a safetensors file, or one that `torch.save` wrote, and checks where its tensors are.
    ///
    /// # Errors
    /// If it cannot be read or is not a valid file of these two kinds.
    pub fn open(path: &Path) -> Result<TensorFile, Error> {
        let unreadable = |source| Error::Unreadable { file: path.to_owned(), source };
        let mut file = File::open(path).map_err(unreadable)?;
        let size = file.metadata().map_err(unreadable)?.len();
        let mut start = Vec::new();
        file.by_ref().take(FIRST_BYTES).read_to_end(&mut start).map_err(unreadable)?;
        file.rewind().map_err(unreadable)?;
        // First of all, because the number before it can begin like anything.
        let has_header = header::follows(&start);
        if let Some(what) = other_format(&start).filter(|_| !has_header) {
            return Err(Error::OtherFormat { file: path.to_owned(), what });
        }
        let is_torch = !has_header && torch::is_one(path, &start);
        let table = match is_torch {
            true => torch::read(path, &file, &start, size),
            false => header::read(&mut file, size),
        };
        let table = table.map_err(|fault| match fault {
            Fault::Io(source) => unreadable(source),
            Fault::Format(reason) if is_torch => Error::Torch { file: path.to_owned(), reason },
            Fault::Format(reason) => Error::SafeTensors { file: path.to_owned(), reason },
        })?;
        Ok(TensorFile { path: path.to_owned(), file: Mutex::new(file), table })
    }

    /// The key under which the tensors are, where the file holds more than them: `state_dict` of a training checkpoint.
    pub fn nested(&self) -> Option<&'static str> {
        self.table.nested
    }

    /// The names of all tensors, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.table.tensors.keys().map(String::as_str)
    }

    /// Whether there is a tensor called `name`.
    pub fn contains(&self, name: &str) -> bool {
        self.table.tensors.contains_key(name)
    }

    /// Shape and values, row by row, of a tensor of type F32, F16, BF16 or F64.
    ///
    /// # Errors
    /// If there is no such tensor, it is of another type, or it cannot be read.
    pub fn f32(&self, name: &str) -> Result<(Vec<usize>, Vec<f32>), Error> {
        let info = self.info(name)?;
        self.check_floats(name)?;
        let mut values = vec![0.0; info.values()];
        self.read_floats(name, &mut values)?;
        Ok((info.shape.clone(), values))
    }

    /// The values of a tensor of type F32, F16, BF16 or F64, read into `values`.
    ///
    /// # Errors
    /// If there is no such tensor, it has another number of values or another type, or it cannot be read.
    pub fn read_into(&self, name: &str, values: &mut [f32]) -> Result<(), Error> {
        let info = self.info(name)?;
        if info.values() != values.len() {
            return Err(Error::Shape {
                file: self.path.clone(),
                tensor: name.to_owned(),
                found: info.shape.clone(),
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
        let mut values = Vec::with_capacity(info.values());
        self.each(info, i64::from_le_bytes, |value| values.push(value))?;
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
        self.table
            .tensors
            .get(name)
            .ok_or_else(|| Error::NoTensor { file: self.path.clone(), tensor: name.to_owned() })
    }

    /// Whether a tensor can be read as f32.
    ///
    /// # Errors
    /// If there is no such tensor, or it is of another type than F32, F16, BF16 and F64.
    pub fn check_floats(&self, name: &str) -> Result<(), Error> {
        match self.info(name)?.dtype {
            Dtype::F32 | Dtype::F16 | Dtype::BF16 | Dtype::F64 => Ok(()),
            found => Err(self.wrong_type(name, found, FLOATS)),
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
        let mut places = values.iter_mut();
        self.each_float(name, |value| *places.next().expect("a place for each value") = value)
    }

    /// Shows all values of a tensor, row by row.
    pub(super) fn each_float(&self, name: &str, show: impl FnMut(f32)) -> Result<(), Error> {
        let info = self.info(name)?;
        match info.dtype {
            Dtype::F32 => self.each(info, f32::from_le_bytes, show),
            Dtype::F16 => self.each(info, |bytes| f16::from_le_bytes(bytes).to_f32(), show),
            Dtype::BF16 => self.each(info, |bytes| bf16::from_le_bytes(bytes).to_f32(), show),
            Dtype::F64 => self.each(info, |bytes| f64::from_le_bytes(bytes) as f32, show),
            found => Err(self.wrong_type(name, found, FLOATS)),
        }
    }

    /// Shows all values of a tensor, row by row, each of which is decoded from `W` bytes.
    fn each<const W: usize, T: Copy>(
        &self,
        info: &TensorInfo,
        decode: impl Fn([u8; W]) -> T,
        mut show: impl FnMut(T),
    ) -> Result<(), Error> {
        let Some(strides) = &info.strides else {
            return self.each_in_order(info.start, info.values(), decode, show);
        };
        let mut span = Vec::with_capacity(info.span());
        self.each_in_order(info.start, info.span(), decode, |value| span.push(value))?;
        info.places(strides).for_each(|place| show(span[place]));
        Ok(())
    }

    /// Shows `count` values as they lie in the file from byte `start` on.
    fn each_in_order<const W: usize, T>(
        &self,
        start: u64,
        count: usize,
        decode: impl Fn([u8; W]) -> T,
        mut show: impl FnMut(T),
    ) -> Result<(), Error> {
        let unreadable = |source| Error::Unreadable { file: self.path.clone(), source };
        // Every read begins with a seek, so a position left behind by a thread that panicked does no harm.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(start)).map_err(unreadable)?;
        let mut buffer = vec![0; W * CHUNK.min(count)];
        for done in (0..count).step_by(CHUNK) {
            let bytes = &mut buffer[..W * CHUNK.min(count - done)];
            file.read_exact(bytes).map_err(unreadable)?;
            bytes.as_chunks().0.iter().for_each(|bytes| show(decode(*bytes)));
        }
        Ok(())
    }

    fn wrong_type(&self, name: &str, found: Dtype, expected: &'static str) -> Error {
        Error::Dtype { file: self.path.clone(), tensor: name.to_owned(), found: found.to_string(), expected }
    }
}
