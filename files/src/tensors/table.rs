//! What lies where in a file of tensors, whichever its container.

use std::collections::BTreeMap;
use std::io;

use safetensors::Dtype;

/// A tensor's type, shape and place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorInfo {
    /// The type of its values.
    pub dtype: Dtype,
    /// Its dimensions.
    pub shape: Vec<usize>,
    /// Where in the file its first value begins, in bytes.
    pub start: u64,
    /// How many values each dimension steps over, where they do not lie row by row.
    pub(super) strides: Option<Vec<usize>>,
}

/// The tensors of a file.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) tensors: BTreeMap<String, TensorInfo>,
    /// The key under which they are, where the file holds more than them.
    pub(super) nested: Option<&'static str>,
}

/// Why a file has no valid table.
#[derive(Debug)]
pub(super) enum Fault {
    /// It cannot be read.
    Io(io::Error),
    /// It is not in the format.
    Format(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Fault::Io(error)
    }
}

impl TensorInfo {
    /// The number of values.
    pub fn values(&self) -> usize {
        self.shape.iter().product()
    }

    /// How many values lie between the first and the end of the last, in the file.
    pub(super) fn span(&self) -> usize {
        match &self.strides {
            Some(strides) if self.values() > 0 => {
                1 + self.shape.iter().zip(strides).map(|(size, stride)| (size - 1) * stride).sum::<usize>()
            }
            _ => self.values(),
        }
    }

    /// The place of each value in the span, row by row.
    pub(super) fn places(&self, strides: &[usize]) -> impl Iterator<Item = usize> {
        let (shape, mut index, mut place) = (&self.shape, vec![0; self.shape.len()], 0);
        (0..self.values()).map(move |_| {
            let here = place;
            for dimension in (0..shape.len()).rev() {
                index[dimension] += 1;
                place += strides[dimension];
                if index[dimension] < shape[dimension] {
                    break;
                }
                index[dimension] = 0;
                place -= shape[dimension] * strides[dimension];
            }
            here
        })
    }
}
