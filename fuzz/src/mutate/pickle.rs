//! Mutations of a pickle by its instructions: left out, doubled, moved, given other arguments. A pickle of random bytes ends at its
//! first instruction; one of genuine instructions in another order goes far.

use mtlift_nn::random::Generator;

use super::below;
use super::bytes::{self, NUMBERS};

/// A few mutations.
pub(super) fn mutate(random: &mut Generator, pickle: &[u8]) -> Vec<u8> {
    let mut all: Vec<Vec<u8>> = instructions(pickle).map(<[u8]>::to_vec).collect();
    for _ in 0..=below(random, 3) {
        if all.is_empty() {
            break;
        }
        once(random, &mut all);
    }
    all.concat()
}

fn once(random: &mut Generator, all: &mut Vec<Vec<u8>>) {
    let (at, other) = (below(random, all.len()), below(random, all.len()));
    let number = NUMBERS[below(random, NUMBERS.len())];
    match below(random, 9) {
        0 => drop(all.remove(at)),
        1 => all.swap(at, other),
        2 => all[at] = all[other].clone(),
        3 => {
            // A run of instructions at another place, mostly once.
            let end = (at + 1 + below(random, 12)).min(all.len());
            let run = all[at..end].to_vec();
            let times = if below(random, 8) == 0 { 1 << below(random, 9) } else { 1 };
            for _ in 0..times {
                all.splice(other..other, run.iter().cloned());
            }
        }
        4 => all[at][0] = all[other][0],
        5 => {
            all[at] = bytes::mutate(random, &all[at], &all[other]);
            all.retain(|one| !one.is_empty());
        }
        6 => all[at] = [b"\x8a\x08".as_slice(), &number.to_le_bytes()].concat(),
        // The next number, if there is one: a size, an offset, a stride.
        7 => {
            if let Some(place) = all[at..].iter_mut().find(|one| matches!(one[0], b'K' | b'M' | b'J')) {
                *place = [b"J".as_slice(), &(number as u32).to_le_bytes()].concat();
            }
        }
        _ => all[at] = vec![b'K', below(random, 9) as u8],
    }
}

/// The instructions of a pickle with their arguments; what cannot be told apart any more is one.
fn instructions(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (&code, arguments) = rest.split_first()?;
        let length = argument_bytes(code, arguments).filter(|&length| length <= arguments.len());
        let (one, more) = rest.split_at(1 + length.unwrap_or(arguments.len()));
        rest = more;
        Some(one)
    })
}

/// By CPython's `pickletools`.
fn argument_bytes(code: u8, arguments: &[u8]) -> Option<usize> {
    // A length of so many bytes, and as many bytes after it.
    let counted = |width: usize| {
        let mut length = [0; 8];
        length[..width].copy_from_slice(arguments.get(..width)?);
        usize::try_from(u64::from_le_bytes(length)).ok()?.checked_add(width)
    };
    let lines =
        |count: usize| arguments.split_inclusive(|&byte| byte == b'\n').take(count).map(<[u8]>::len).sum();
    match code {
        0x80 | b'K' | b'q' | b'h' => Some(1),
        b'M' => Some(2),
        b'J' | b'r' | b'j' => Some(4),
        0x95 | b'G' => Some(8),
        0x8a | 0x8c | b'U' | b'C' => counted(1),
        b'X' | b'T' | b'B' => counted(4),
        0x8d | 0x8e => counted(8),
        b'c' => Some(lines(2)),
        _ => Some(0),
    }
}
