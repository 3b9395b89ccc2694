//! Mutations of an entry of the token cache with its checksum made anew: whoever can write the file can do that.

use mtlift_nn::random::Generator;

use super::below;
use super::bytes::NUMBERS;

const HASH: usize = 32;

/// A mutation; none if the file is too short for its key and checksum.
pub(super) fn mutate(random: &mut Generator, input: &[u8]) -> Option<Vec<u8>> {
    let (key, body) = (input.get(..HASH)?, input.get(2 * HASH..)?);
    let mut body = body.to_vec();
    for _ in 0..=below(random, 3) {
        let at = below(random, body.len().max(1)) & !3;
        // Counts have 8 bytes, the rest 4.
        let width = if at < 24 { 8 } else { 4 };
        let number = match below(random, 2) {
            0 => NUMBERS[below(random, NUMBERS.len())],
            _ => below(random, 40) as u64,
        };
        match below(random, 4) {
            0 => body.truncate(at),
            1 => body.extend_from_slice(&number.to_le_bytes()[..4]),
            _ => {
                if let Some(place) = body.get_mut(at..at + width) {
                    place.copy_from_slice(&number.to_le_bytes()[..width]);
                }
            }
        }
    }
    Some([key, blake3::hash(&body).as_bytes(), &body].concat())
}
