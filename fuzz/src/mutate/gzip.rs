//! Mutations of what is compressed: the compressed file is a whole one.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use mtlift_nn::random::Generator;

use super::{Form, below, bytes, in_form};

/// The most bytes before they are compressed.
const MOST: usize = 1 << 20;

/// A mutation; none if a file cannot be decompressed any more.
pub(super) fn mutate(random: &mut Generator, inner: Form, input: &[u8], other: &[u8]) -> Option<Vec<u8>> {
    let (input, other) = (decompressed(input)?, decompressed(other)?);
    let is_in_form = below(random, 4) > 0;
    let mutated = if is_in_form { in_form(random, inner, &input, &other) } else { None };
    let mut mutated = mutated.unwrap_or_else(|| bytes::mutate(random, &input, &other));
    if below(random, 64) == 0 {
        // What repeats takes next to nothing.
        mutated = mutated.repeat((1 << below(random, 14)).min(MOST / mutated.len().max(1)));
    }
    Some(compressed(&mutated))
}

pub(crate) fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes all that is written")
}

fn decompressed(input: &[u8]) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    MultiGzDecoder::new(input).take(MOST as u64).read_to_end(&mut content).ok()?;
    Some(content)
}
