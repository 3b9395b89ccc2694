//! Mutations of bytes: flipped, cut, doubled, mixed with another file's, and numbers at which arithmetic breaks, in binary and in
//! decimals.

use mtlift_nn::random::Generator;

use super::below;

/// What breaks parsers of text.
const WORDS: [&[u8]; 24] = [
    b"0",
    b"-1",
    b"1e999",
    b"-0.0",
    b"NaN",
    b"18446744073709551615",
    b"18446744073709551616",
    b"9223372036854775807",
    b"4294967295",
    b"null",
    b"true",
    b"\"",
    b"\"\"",
    b"{",
    b"[",
    b"}",
    b"\t",
    b"\n",
    b"\r\n",
    b"\r",
    b",",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\0",
];

/// Lengths and counts at which arithmetic breaks.
pub(super) const NUMBERS: [u64; 12] = [
    0,
    1,
    0x7f,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    u64::MAX,
    u64::MAX - 7,
    1 << 40,
];

/// A few mutations of `input`.
pub(super) fn mutate(random: &mut Generator, input: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=below(random, 3) {
        once(random, &mut bytes, other);
    }
    bytes
}

fn once(random: &mut Generator, bytes: &mut Vec<u8>, other: &[u8]) {
    let (from, to) = range(random, bytes.len());
    match below(random, 9) {
        0 if !bytes.is_empty() => bytes[from.min(to - 1)] ^= 1 << below(random, 8),
        1 => drop(bytes.drain(from..to)),
        2 => bytes.truncate(from),
        3 => {
            let part = bytes[from..to].to_vec();
            bytes.splice(to..to, part);
        }
        4 => {
            let (start, end) = range(random, other.len());
            bytes.splice(from..to, other[start..end].iter().copied());
        }
        5 => {
            let word = WORDS[below(random, WORDS.len())];
            bytes.splice(from..from, word.iter().copied());
        }
        6 => number(random, bytes, from),
        7 => {
            let width = [2, 4, 8][below(random, 3)];
            let number = NUMBERS[below(random, NUMBERS.len())].to_le_bytes();
            if let Some(place) = bytes.get_mut(from..from + width) {
                place.copy_from_slice(&number[..width]);
            }
        }
        // Deeper than any parser should follow.
        _ => {
            let opening = [b'[', b'{', b'('][below(random, 3)];
            bytes.splice(from..from, std::iter::repeat_n(opening, 1 << below(random, 13)));
        }
    }
}

/// Puts a word in the place of the next number in decimals.
fn number(random: &mut Generator, bytes: &mut Vec<u8>, from: usize) {
    let Some(start) = bytes[from..].iter().position(u8::is_ascii_digit).map(|place| from + place) else {
        return;
    };
    let end = bytes[start..]
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .map_or(bytes.len(), |more| start + more);
    let word = WORDS[below(random, 9)];
    bytes.splice(start..end, word.iter().copied());
}

/// A range inside of `length` bytes, mostly a short one, never empty where there is a byte.
fn range(random: &mut Generator, length: usize) -> (usize, usize) {
    if length == 0 {
        return (0, 0);
    }
    let from = below(random, length);
    let most = if below(random, 4) == 0 { length - from } else { (length - from).min(8) };
    (from, from + 1 + below(random, most))
}
