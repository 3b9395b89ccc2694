//! What `torch.save` writes: a zip archive with a pickle that describes the tensors, and a file for the values of each
//! storage. The archive is not compressed, so a tensor's values lie in it as they would in a safetensors file, and only
//! the pickle is taken out. Nothing in it is run; see `pickle` for what is understood.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use safetensors::Dtype;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::pickle::{self, Storage, Tensor};
use super::table::{Fault, Table, TensorInfo};

const ZIP: &[u8] = b"PK\x03\x04";
const PICKLE: &[u8] = b"\x80";

/// The longest pickle that is read; those of models have some hundred bytes for each tensor.
const LONGEST: u64 = 1 << 22;

/// How many times its length a file's tensors may take.
const MOST_SHARED: u64 = 16;

/// Whether a file is to be read as `torch.save`'s, by its first bytes or, if these say nothing, by its name.
pub(super) fn is_one(path: &Path, start: &[u8]) -> bool {
    let named =
        path.extension().is_some_and(|extension| ["bin", "pt", "pth"].iter().any(|x| extension == *x));
    start.starts_with(ZIP) || start.starts_with(PICKLE) || named
}

/// The table of a file of `size` bytes that begins with `start`; allocates no more than the pickle in it takes.
pub(super) fn read(path: &Path, file: &File, start: &[u8], size: u64) -> Result<Table, Fault> {
    if size == 0 {
        return Err(format("the file is empty"));
    }
    if start.starts_with(PICKLE) {
        return Err(Fault::Format(format!(
            "it has the form before PyTorch 1.6, a pickle without an archive; where torch is installed, this converts it:\n\
             python -c \"import torch; f = '{}'; torch.save(torch.load(f, weights_only=True), f)\"",
            path.display()
        )));
    }
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|fault| match fault {
        ZipError::Io(source) => Fault::Io(source),
        fault => Fault::Format(format!("it is no whole zip archive ({fault}): download or save it again")),
    })?;
    let files = Files::of(&mut archive, size)?;
    if let Some(order) = files.text(&mut archive, "byteorder")?
        && order != b"little"
    {
        return Err(format("its numbers are big-endian: save it again on a little-endian machine"));
    }
    let pickle = files.text(&mut archive, "data.pkl")?;
    let pickle = pickle.ok_or_else(|| format("the archive has no data.pkl"))?;
    let pickle::StateDict { tensors, nested } = pickle::read(&pickle).map_err(Fault::Format)?;
    let mut table = Table { nested, ..Table::default() };
    for (name, tensor) in tensors {
        let info =
            files.place(&tensor).map_err(|reason| Fault::Format(format!("tensor `{name}`: {reason}")))?;
        table.tensors.insert(name.to_owned(), info);
    }
    check_shared(&table, size)?;
    Ok(table)
}

/// A storage can be that of many tensors, such as tied embeddings, which are one in memory when torch reads them. Here each is one
/// of its own.
fn check_shared(table: &Table, size: u64) -> Result<(), Fault> {
    let bytes = |info: &TensorInfo| info.values() as u64 * bytes_of(info.dtype);
    let together = table.tensors.values().map(bytes).fold(0, u64::saturating_add);
    if together / MOST_SHARED > size {
        return Err(Fault::Format(format!(
            "its tensors share their values: they take {together} bytes, more than {MOST_SHARED} times the file's {size}"
        )));
    }
    Ok(())
}

fn format(reason: &str) -> Fault {
    Fault::Format(reason.to_owned())
}

/// The files of an archive by their names below its one folder.
struct Files(BTreeMap<String, Stored>);

struct Stored {
    number: usize,
    start: u64,
    bytes: u64,
    compressed: bool,
}

impl Files {
    fn of(archive: &mut ZipArchive<BufReader<&File>>, size: u64) -> Result<Self, Fault> {
        let damaged = |fault| Fault::Format(format!("the archive is damaged: {fault}"));
        let mut files = BTreeMap::new();
        for number in 0..archive.len() {
            let file = archive.by_index_raw(number).map_err(damaged)?;
            let Some((_, name)) = file.name().split_once('/') else { continue };
            let start = file.data_start().unwrap_or(size);
            if start.checked_add(file.compressed_size()).is_none_or(|end| end > size) {
                return Err(Fault::Format(format!("the archive is damaged: {} ends after it", file.name())));
            }
            let compressed = file.encrypted() || file.compression() != CompressionMethod::Stored;
            let bytes = file.compressed_size();
            files.insert(name.to_owned(), Stored { number, start, bytes, compressed });
        }
        Ok(Self(files))
    }

    /// The whole of a small file.
    fn text(&self, archive: &mut ZipArchive<BufReader<&File>>, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        let Some(file) = self.0.get(name) else { return Ok(None) };
        let damaged = |fault: &dyn std::fmt::Display| Fault::Format(format!("{name} is damaged: {fault}"));
        let mut bytes = Vec::new();
        let entry = archive.by_index(file.number).map_err(|fault| damaged(&fault))?;
        entry.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|fault| damaged(&fault))?;
        if bytes.len() as u64 > LONGEST {
            return Err(Fault::Format(format!(
                "{name} takes more than {LONGEST} bytes, which no model's does"
            )));
        }
        Ok(Some(bytes))
    }

    /// Where a tensor is, if its storage has all of it.
    fn place(&self, tensor: &Tensor) -> Result<TensorInfo, String> {
        let Tensor { storage: Storage { dtype, key, values: stored }, offset, shape, strides } = tensor;
        let file =
            self.0.get(&format!("data/{key}")).ok_or_else(|| format!("the archive has no data/{key}"))?;
        if file.compressed {
            return Err(format!("data/{key} is compressed, which torch.save never does"));
        }
        let width = bytes_of(*dtype);
        let (needed, there) = (stored.checked_mul(width), file.bytes);
        if needed.is_none_or(|needed| needed > there) {
            return Err(format!(
                "data/{key} is said to hold {stored} values of type {dtype}, but has {there} bytes"
            ));
        }
        let beyond = || format!("its shape {shape:?} goes beyond the {stored} values of data/{key}");
        let fits = |count: &u64| count <= stored;
        let product = |sizes: &[u64]| sizes.iter().try_fold(1_u64, |all, &size| all.checked_mul(size));
        let values = product(shape).filter(fits).ok_or_else(beyond)?;
        if values > 0 {
            let step = |(&size, &stride): (&u64, &u64)| (size - 1).checked_mul(stride);
            let mut steps = shape.iter().zip(strides).map(step);
            let last = steps.try_fold(*offset, |all, step| all.checked_add(step?));
            last.and_then(|last| last.checked_add(1)).filter(fits).ok_or_else(beyond)?;
        }
        // What fits into the file fits into memory's size type, but for sizes beside a zero.
        let whole = |sizes: &[u64]| {
            let sizes = sizes.iter().map(|&size| usize::try_from(size).map_err(|_| beyond()));
            sizes.collect::<Result<Vec<usize>, String>>()
        };
        let (shape, strides) = (whole(shape)?, whole(strides)?);
        let in_rows = values == 0 || lie_in_rows(&shape, &strides);
        let start = file.start + if values == 0 { 0 } else { offset * width };
        Ok(TensorInfo { dtype: *dtype, shape, start, strides: (!in_rows).then_some(strides) })
    }
}

fn bytes_of(dtype: Dtype) -> u64 {
    dtype.bitsize() as u64 / 8
}

/// Whether values lie row by row; the stride of a dimension with one place says nothing.
fn lie_in_rows(shape: &[usize], strides: &[usize]) -> bool {
    let mut row = 1;
    shape.iter().zip(strides).rev().all(|(&size, &stride)| {
        let fits = size == 1 || stride == row;
        row *= size;
        fits
    })
}
