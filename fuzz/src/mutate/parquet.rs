//! Mutations of a Parquet file that leave it framed: its footer with the length kept true, or its pages. Both are in Thrift's
//! compact protocol, where a number is a varint and a length stands before what it is of.

use mtlift_nn::random::Generator;

use super::below;
use super::bytes::NUMBERS;

const MAGIC: &[u8] = b"PAR1";

/// A mutation; none if the file's footer cannot be found any more.
pub(super) fn mutate(random: &mut Generator, input: &[u8]) -> Option<Vec<u8>> {
    let body = input.strip_prefix(MAGIC)?.strip_suffix(MAGIC)?;
    let (body, length) = body.split_last_chunk::<4>()?;
    let start = body.len().checked_sub(u32::from_le_bytes(*length) as usize)?;
    let (mut pages, mut footer) = (body[..start].to_vec(), body[start..].to_vec());
    let part = if below(random, 3) == 0 { &mut pages } else { &mut footer };
    for _ in 0..=below(random, 3) {
        once(random, part);
    }
    let length = (footer.len() as u32).to_le_bytes();
    Some([MAGIC, &pages, &footer, &length, MAGIC].concat())
}

fn once(random: &mut Generator, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    let at = below(random, bytes.len());
    match below(random, 7) {
        0 => bytes[at] = bytes[at].wrapping_add(1),
        1 => bytes[at] = bytes[at].wrapping_sub(1),
        2 => bytes[at] ^= 1 << below(random, 8),
        3 => drop(bytes.remove(at)),
        4 => bytes[at] = bytes[below(random, bytes.len())],
        5 => {
            // A part again, such as a column or a group of rows: the list's length, before it, stays.
            let end = (at + 1 + below(random, 64)).min(bytes.len());
            let part = bytes[at..end].to_vec();
            bytes.splice(at..at, part);
        }
        _ => {
            let end =
                bytes[at..].iter().position(|byte| byte & 0x80 == 0).map_or(bytes.len(), |end| at + end + 1);
            bytes.splice(at..end, varint(NUMBERS[below(random, NUMBERS.len())]));
        }
    }
}

/// Seven bits a byte, the least first.
fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}
