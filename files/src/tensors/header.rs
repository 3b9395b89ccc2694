//! The header of a safetensors file, checked before anything is believed. The format is that of the safetensors crate;
//! the checks are our own, because the crate's need the whole file in memory and do not name the tensor at fault.

use std::collections::BTreeMap;
use std::io::Read;

use safetensors::tensor::TensorInfo;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::table::{self, Fault, Table};

/// Bytes of the number that a file starts with: the length of its header.
const LENGTH: u64 = 8;

/// The longest header that the safetensors crate accepts, too.
const LONGEST: u64 = 100_000_000;

#[derive(Deserialize)]
struct Json {
    #[serde(rename = "__metadata__")]
    _metadata: Option<IgnoredAny>,
    #[serde(flatten)]
    tensors: BTreeMap<String, TensorInfo>,
}

/// Whether what follows the header's length in a file that begins with `start` can be a header.
pub(super) fn follows(start: &[u8]) -> bool {
    start.get(LENGTH as usize) == Some(&b'{')
}

/// The table of a file of `size` bytes, whose ranges cover its data without gap or overlap; allocates no more than the
/// file is long.
pub(super) fn read(file: &mut impl Read, size: u64) -> Result<Table, Fault> {
    if size < LENGTH {
        return Err(Fault::Format(match size {
            0 => "the file is empty".to_owned(),
            _ => format!("the file has {size} bytes, fewer than the {LENGTH} that give the header's length"),
        }));
    }
    let mut length = [0; LENGTH as usize];
    file.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    let rest = size - LENGTH;
    if length > rest.min(LONGEST) {
        return Err(Fault::Format(match length > rest {
            true => format!("the header is said to take {length} bytes, but only {rest} follow"),
            false => format!("the header takes {length} bytes, more than the {LONGEST} the format allows"),
        }));
    }
    let mut json = vec![0; length as usize];
    file.read_exact(&mut json)?;
    let Json { tensors, .. } = serde_json::from_slice(&json)
        .map_err(|error| Fault::Format(format!("the header cannot be understood: {error}")))?;
    check(&tensors, rest - length).map_err(Fault::Format)?;
    let placed = |info: TensorInfo| table::TensorInfo {
        dtype: info.dtype,
        shape: info.shape,
        start: LENGTH + length + info.data_offsets.0 as u64,
        strides: None,
    };
    let tensors = tensors.into_iter().map(|(name, info)| (name, placed(info))).collect();
    Ok(Table { tensors, nested: None })
}

/// Checks that each tensor takes the bytes its shape needs, and that together they take all `size` bytes of the data.
fn check(tensors: &BTreeMap<String, TensorInfo>, size: u64) -> Result<(), String> {
    let mut in_order: Vec<_> = tensors.iter().collect();
    in_order.sort_by_key(|(_, info)| info.data_offsets);
    let (mut end, mut before) = (0, "");
    for (name, info) in in_order {
        let (from, to) = info.data_offsets;
        if from < end {
            return Err(format!(
                "the data of `{name}` begin at byte {from}, before those of `{before}` end at {end}"
            ));
        }
        if from > end {
            return Err(format!("bytes {end} to {from} of the data belong to no tensor"));
        }
        let needed =
            bytes(info).ok_or_else(|| format!("the size of `{name}`, {}, overflows", described(info)))?;
        if from.checked_add(needed) != Some(to) {
            return Err(format!(
                "`{name}` is {}, which takes {needed} bytes, but its data are bytes {from} to {to}",
                described(info)
            ));
        }
        (end, before) = (to, name);
    }
    let end = end as u64;
    match end.cmp(&size) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => {
            Err(format!("the file is cut short: its tensors take {end} bytes, but {size} follow the header"))
        }
        std::cmp::Ordering::Less => Err(format!("bytes {end} to {size} of the data belong to no tensor")),
    }
}

/// The bytes that a tensor takes, if that is a whole number that can be counted.
fn bytes(info: &TensorInfo) -> Option<usize> {
    let bits = info.shape.iter().try_fold(info.dtype.bitsize(), |bits, &size| bits.checked_mul(size))?;
    bits.is_multiple_of(8).then_some(bits / 8)
}

fn described(info: &TensorInfo) -> String {
    format!("{} {:?}", info.dtype, info.shape)
}
