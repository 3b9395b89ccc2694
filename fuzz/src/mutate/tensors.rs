//! Mutations of a safetensors file: its header as JSON, with its length kept true for the most part, or the data behind it.

use mtlift_nn::random::Generator;
use serde_json::Value;

use super::{below, bytes, values};

/// A mutation; none if the file's header cannot be read any more.
pub(super) fn mutate(random: &mut Generator, input: &[u8]) -> Option<Vec<u8>> {
    let length = u64::from_le_bytes(input.get(..8)?.try_into().ok()?);
    let end = usize::try_from(length).ok()?.checked_add(8)?;
    let (header, data) = (input.get(8..end)?, &input[end..]);
    if below(random, 3) == 0 {
        let mut data = data.to_vec();
        for _ in 0..=below(random, 4) {
            let place = below(random, data.len().max(1)) & !7;
            let number =
                [0u64, 1, u64::MAX, 0x7ff8_0000_7fc0_0000, 0x7f7f_ffff_7f7f_ffff, 1000][below(random, 6)];
            if let Some(place) = data.get_mut(place..place + 8) {
                place.copy_from_slice(&number.to_le_bytes());
            }
        }
        return Some([&input[..end], &data].concat());
    }
    let mut json: Value = serde_json::from_slice(header).ok()?;
    values::mutate(random, &mut json);
    let header = json.to_string().into_bytes();
    let length = header.len() as u64;
    let file = [&length.to_le_bytes()[..], &header, data].concat();
    Some(if below(random, 8) == 0 { bytes::mutate(random, &file, input) } else { file })
}
